//! Who may talk to the process: the client that started it, and nobody else on
//! the machine.

#[path = "../support/mod.rs"]
mod support;

mod peer;

use peer::{Identity, Peer};
use support::{BOTH, ended, folder, socket, start_in};
use swas_testing::plugin_client::{
    ClientCertificate, Connect, ConnectError, PluginProcess, Signal,
};
use tempfile::TempDir;
use tokio::net::UnixStream;
use tonic_health::pb::health_check_response::ServingStatus;

async fn started() -> (PluginProcess, TempDir) {
    let folder = folder();
    let start = start_in(&folder).env("TF_LOG", "warn");
    (PluginProcess::start(start).await.expect("a start"), folder)
}

async fn is_served(process: &PluginProcess, connect: Connect) -> bool {
    let connection = process.connect_with(connect).await.expect("a connection");
    let health = connection.health("plugin").await.expect("an answer");
    health == ServingStatus::Serving
}

/// The calls that a connection of this kind gets an answer to, be it an error
/// of the provider's own.
async fn answered(process: &PluginProcess, connect: Connect) -> Vec<&'static str> {
    let connection = match process.connect_with(connect).await {
        Ok(connection) => connection,
        Err(ConnectError::Dial { source, .. }) => panic!("the socket is gone: {source}"),
        Err(_) => return vec![],
    };
    let mut answered = vec![];
    if connection.health("plugin").await.is_ok() {
        answered.push("health");
    }
    for protocol in BOTH {
        if connection.provider_in(protocol).schema().await.is_ok() {
            answered.push("schema");
        }
    }
    if connection.stdio().await.is_ok() {
        answered.push("stdio");
    }
    if connection.shutdown().await.is_ok() {
        answered.push("shutdown");
    }
    answered
}

fn another() -> ClientCertificate {
    ClientCertificate::generate().expect("a certificate")
}

/// Every wrong way in.
fn strangers() -> Vec<(&'static str, Connect)> {
    vec![
        (
            "no certificate, TLS 1.2",
            Connect::new().tls12().without_client_certificate(),
        ),
        (
            "no certificate, TLS 1.3",
            Connect::new().tls13().without_client_certificate(),
        ),
        (
            "another certificate, TLS 1.2",
            Connect::new().tls12().client_certificate(another()),
        ),
        (
            "another certificate, TLS 1.3",
            Connect::new().tls13().client_certificate(another()),
        ),
        ("plaintext", Connect::new().plaintext()),
    ]
}

#[tokio::test]
async fn the_client_that_started_it_is_served_under_either_version_of_tls() {
    let (process, _folder) = started().await;
    // The client trusts the certificate of the handshake line as its only root.
    for connect in [Connect::new().tls12(), Connect::new().tls13()] {
        assert!(is_served(&process, connect).await);
    }
    assert_eq!(process.stderr(), "");
}

#[tokio::test]
async fn nobody_else_gets_any_answer() {
    let (process, _folder) = started().await;
    for (stranger, connect) in strangers() {
        assert_eq!(answered(&process, connect).await, [""; 0], "{stranger}");
    }
}

#[tokio::test]
async fn each_refusal_is_logged() {
    let (mut process, _folder) = started().await;
    let count = strangers().len();
    for (_, connect) in strangers() {
        answered(&process, connect).await;
    }
    // What it wrote is complete once it has ended.
    process.signal(Signal::SIGTERM).expect("a signal");
    ended(&mut process).await;
    let lines = process.stderr();
    assert_eq!(
        lines.matches("refused a connection").count(),
        count,
        "{lines}"
    );
}

#[tokio::test]
async fn the_client_is_served_after_strangers_and_beside_a_silent_one() {
    let (process, _folder) = started().await;
    for (_, connect) in strangers() {
        answered(&process, connect).await;
    }
    let socket = socket(process.handshake());
    let _silent = UnixStream::connect(socket).await.expect("a connection");
    assert!(is_served(&process, Connect::new()).await);
}

#[tokio::test]
async fn a_certificate_without_its_key_is_worth_nothing() {
    let (process, _folder) = started().await;
    let own = process.client_certificate().expect("a certificate");
    for version in rustls::ALL_VERSIONS {
        let thief = Peer {
            version,
            identity: Some(Identity::stolen(own.der())),
            ..Peer::default()
        };
        let error = thief.hears(process.handshake()).await.unwrap_err();
        let told = error.to_string();
        assert!(told.contains("received fatal alert"), "{version:?}: {told}");
    }
}

#[tokio::test]
async fn the_server_has_only_the_certificate_of_the_handshake_line() {
    let (process, _folder) = started().await;
    let (other, _other_folder) = started().await;
    let peer = Peer {
        root: other.handshake().certificate.clone(),
        ..Peer::default()
    };
    let error = peer.hears(process.handshake()).await.unwrap_err();
    let told = error.to_string();
    assert!(told.contains("invalid peer certificate"), "{told}");
}

#[tokio::test]
async fn only_http_2_is_spoken() {
    let (process, _folder) = started().await;
    let peer = Peer {
        alpn: b"http/1.1",
        ..Peer::default()
    };
    let error = peer.hears(process.handshake()).await.unwrap_err();
    let told = error.to_string();
    assert!(told.contains("NoApplicationProtocol"), "{told}");
}
