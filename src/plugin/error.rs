//! Why a plugin does not start.

use std::io;

/// Why the process could not begin to serve.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no client: somebody ran the program in a shell.
    #[error("this program is a plugin and is started by its client")]
    StartedByHand,
    /// The client speaks other versions of the protocol.
    #[error("the client speaks the protocol versions {theirs:?}, of which none is supported here")]
    NoCommonProtocol {
        /// As the client listed them.
        theirs: String,
    },
    /// The client's certificate is unreadable.
    #[error("PLUGIN_CLIENT_CERT holds no certificate in PEM form")]
    ClientCertificate,
    /// Whoever may use the computer could connect, and nothing would tell them from the
    /// client.
    #[error("without TLS, everyone on this computer could connect to a TCP port")]
    Plaintext,
    /// There is no place to listen.
    #[error("cannot listen for the client: {0}")]
    Listen(#[source] io::Error),
    /// The operating system refused something else.
    #[error("cannot start: {0}")]
    Io(#[from] io::Error),
    /// No certificate could be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// TLS could not be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
}
