//! The errors of starting a plugin.

use std::io;

use aliyun::text::debug_quote;

/// The reason why the process cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The magic cookie is missing: a user started the program, and not a client.
    #[error("this program is a plugin and is started by its client")]
    StartedByHand,
    /// The client and this plugin have no protocol version in common.
    #[error("this program supports none of the protocol versions of the client: {}", debug_quote(.theirs))]
    NoCommonProtocol {
        /// The client's versions, as `PLUGIN_PROTOCOL_VERSIONS` lists them.
        theirs: String,
    },
    /// The client's certificate cannot be parsed.
    #[error("PLUGIN_CLIENT_CERT contains no certificate in PEM form")]
    ClientCertificate,
    /// TLS is off, and the platform has no private socket: every user of the computer
    /// could connect.
    #[error("without TLS, all users of this computer could connect to a TCP port")]
    Plaintext,
    /// No socket could be opened.
    #[error("cannot listen for the client: {0}")]
    Listen(#[source] io::Error),
    /// Another call of the operating system failed.
    #[error("cannot start: {0}")]
    Io(#[from] io::Error),
    /// The server certificate could not be generated.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// TLS could not be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
}
