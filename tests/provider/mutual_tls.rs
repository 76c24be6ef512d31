//! Mutual TLS: the process serves only the client that started it.

use swas_testing::plugin_client::{
    ClientCertificate, Connect, ConnectError, PluginProcess, Signal,
};
use tempfile::TempDir;
use tokio::net::UnixStream;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::support::{PROTOCOLS, start_in, temp_dir, wait_for_exit};

async fn start_process() -> (PluginProcess, TempDir) {
    let folder = temp_dir();
    let start = start_in(&folder).env("TF_LOG", "warn");
    (PluginProcess::start(start).await.expect("a start"), folder)
}

async fn is_serving(process: &PluginProcess, connect: Connect) -> bool {
    let connection = process.connect_with(connect).await.expect("a connection");
    let health = connection.health("plugin").await.expect("a response");
    health == ServingStatus::Serving
}

/// Lists the calls that get a response over this kind of connection. An error response
/// of the provider counts.
async fn served_calls(process: &PluginProcess, connect: Connect) -> Vec<&'static str> {
    let connection = match process.connect_with(connect).await {
        Ok(connection) => connection,
        Err(ConnectError::Dial(source)) => panic!("the socket is gone: {source}"),
        Err(_) => return vec![],
    };
    let mut served_calls = vec![];
    if connection.health("plugin").await.is_ok() {
        served_calls.push("health");
    }
    for protocol in PROTOCOLS {
        if connection.provider_in(protocol).schema().await.is_ok() {
            served_calls.push("schema");
        }
    }
    if connection.stdio().await.is_ok() {
        served_calls.push("stdio");
    }
    if connection.shutdown().await.is_ok() {
        served_calls.push("shutdown");
    }
    served_calls
}

fn another() -> ClientCertificate {
    ClientCertificate::generate().expect("a certificate")
}

/// Connections that the process must reject.
fn untrusted_connections(process: &PluginProcess) -> Vec<(String, Connect)> {
    let own = process.client_certificate().expect("a certificate");
    let mut untrusted_connections = vec![("plaintext".to_owned(), Connect::new().plaintext())];
    let versions = ["TLS 1.2", "TLS 1.3"].into_iter();
    for (version, limit) in versions.zip([Connect::tls12, Connect::tls13]) {
        let tls = || limit(Connect::new());
        let stolen = own.stolen().expect("a key");
        for (kind, connect) in [
            ("no certificate", tls().without_client_certificate()),
            ("another certificate", tls().client_certificate(another())),
            ("no key of its own", tls().client_certificate(stolen)),
        ] {
            untrusted_connections.push((format!("{kind}, {version}"), connect));
        }
    }
    untrusted_connections
}

#[tokio::test]
async fn client_that_started_the_process_is_served_with_tls12_and_tls13() {
    let (process, _folder) = start_process().await;
    // The client trusts the certificate of the handshake line as its only root.
    for connect in [Connect::new().tls12(), Connect::new().tls13()] {
        assert!(is_serving(&process, connect).await);
    }
    assert_eq!(process.stderr(), "");
}

#[tokio::test]
async fn untrusted_clients_are_rejected_and_logged() {
    let (mut process, _folder) = start_process().await;
    let untrusted_connections = untrusted_connections(&process);
    let count = untrusted_connections.len();
    for (name, connect) in untrusted_connections {
        assert_eq!(served_calls(&process, connect).await, [""; 0], "{name}");
    }
    // stderr is complete only after the process has exited.
    process.signal(Signal::SIGTERM).expect("a signal");
    wait_for_exit(&mut process).await;
    let lines = process.stderr();
    assert_eq!(
        lines.matches("rejected a connection").count(),
        count,
        "{lines}"
    );
}

#[tokio::test]
async fn client_is_served_despite_rejected_and_idle_connections() {
    let (process, _folder) = start_process().await;
    for (_, connect) in untrusted_connections(&process) {
        served_calls(&process, connect).await;
    }
    let socket = process.handshake().socket.path();
    let _silent = UnixStream::connect(socket).await.expect("a connection");
    assert!(is_serving(&process, Connect::new()).await);
}

#[tokio::test]
async fn server_uses_its_own_certificate_and_http2_only() {
    let (process, _folder) = start_process().await;
    let (other, _other_folder) = start_process().await;
    let root = other
        .handshake()
        .certificate
        .clone()
        .expect("a certificate");
    for (connect, reason) in [
        (Connect::new().root(root), "invalid peer certificate"),
        (Connect::new().alpn(b"http/1.1"), "NoApplicationProtocol"),
    ] {
        let error = process
            .connect_with(connect)
            .await
            .expect_err("no connection");
        assert!(error.to_string().contains(reason), "{error}");
    }
}
