//! Being a plugin in the sense of HashiCorp's go-plugin: a process that a
//! client starts, meets through one line on stdout, and talks to over gRPC.
//!
//! Nothing in here knows what the plugin is for. The order of events is that of
//! [`serve`]:
//!
//! - [`environment`]: what the client asked for, and version negotiation
//! - [`listener`], [`socket`]: a place to connect to
//! - [`tls`]: the one certificate that may connect
//! - [`handshake`]: the line that tells the client
//! - [`connections`]: TLS on each connection, and how many there are
//! - [`services`], [`reflection`]: what go-plugin and debuggers call
//! - [`lifetime`]: when to end
//! - [`logging`]: log lines as the client reads them
//! - [`debugging`]: how a person starts it

pub mod connections;
pub mod debugging;
pub mod environment;
pub mod handshake;
pub mod lifetime;
pub mod listener;
pub mod logging;
pub mod reflection;
pub mod services;
#[cfg(unix)]
pub mod socket;
pub mod tls;

mod proto {
    #![allow(missing_docs, clippy::pedantic, reason = "generated code")]
    tonic::include_proto!("plugin");
}

use std::io;
use std::time::Duration;

use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic_health::ServingStatus;

use connections::{Connection, ConnectionCount};
use environment::ClientEnvironment;
use handshake::Handshake;
use lifetime::{Ending, Parent, Signals};
use listener::Listener;
use proto::grpc_broker_server::GrpcBrokerServer;
use proto::grpc_controller_server::GrpcControllerServer;
use proto::grpc_stdio_server::GrpcStdioServer;
use services::{Controller, SilentStreams};
use tls::PinnedTls;

/// The name under which go-plugin asks whether a plugin is healthy.
const HEALTH_NAME: &str = "plugin";

/// How long answers under way may take once the client has said goodbye. A
/// client that waits is answered at once; this bounds one that does not read.
const GOODBYE_LIMIT: Duration = Duration::from_millis(200);

/// What tells one kind of plugin from another.
#[derive(Debug)]
pub struct Plugin {
    /// The environment variable and its value by which a client shows that it
    /// knows what it starts.
    pub cookie: (&'static str, &'static str),
    /// The protocol versions that are served.
    pub protocols: &'static [u32],
    /// Environment variables that ask for log lines, first one first.
    pub log_variables: &'static [&'static str],
    /// The name under which log lines appear.
    pub log_module: &'static str,
    /// The file descriptor set of all services, for reflection.
    pub descriptors: &'static [u8],
    /// How a client finds a plugin that it did not start.
    pub reattach: debugging::Reattach,
}

/// What the plugin does.
pub struct Service {
    /// Its own gRPC services.
    pub routes: Routes,
    /// Called when a person presses Ctrl-C in the client's terminal. The client
    /// decides what ends, but not each one tells: Terraform before 0.14 lets a
    /// refresh go on.
    pub interrupted: Box<dyn Fn() + Send>,
}

/// How the process was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// By a client, which ends it too.
    Client,
    /// By a person, who tells a client where to find it.
    Debug,
}

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

/// Serves until it is time to end. `service` is made once the client knows where
/// to connect.
///
/// # Errors
///
/// When serving could not begin. Nothing has been written to stdout then.
pub fn serve(
    plugin: &Plugin,
    mode: Mode,
    service: impl FnOnce() -> Service,
) -> Result<(), StartError> {
    logging::start(
        plugin,
        logging::level(plugin, |name| std::env::var(name).ok()),
    );
    logging::log_panics();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let served = runtime.block_on(async {
        match mode {
            Mode::Client => serve_client(plugin, service).await,
            Mode::Debug => serve_debugger(plugin, service).await,
        }
    });
    // Look-ups of host names may still be blocking threads: nobody waits for them.
    runtime.shutdown_background();
    served
}

async fn serve_client(
    plugin: &Plugin,
    service: impl FnOnce() -> Service,
) -> Result<(), StartError> {
    let client = ClientEnvironment::read(plugin, |name| std::env::var_os(name))?;
    let parent = Parent::now();
    let signals = Signals::listen()?;
    let tls = client
        .certificate
        .clone()
        .map(PinnedTls::accepting)
        .transpose()?;
    let listener = Listener::bind(&client).map_err(StartError::Listen)?;
    Handshake {
        protocol: client.protocol,
        address: &listener.address()?,
        certificate: tls.as_ref().map(|tls| &tls.certificate),
        answer_multiplexing: client.asks_about_multiplexing,
    }
    .send()?;
    tracing::debug!(
        protocol = client.protocol,
        tls = tls.is_some(),
        "waiting for the client"
    );

    let acceptor = tls.map(|tls| TlsAcceptor::from(tls.config));
    let shutdown = CancellationToken::new();
    let controller = Controller {
        shutdown: Some(shutdown.clone()),
    };
    run(
        plugin,
        service,
        controller,
        listener,
        acceptor,
        |connections, interrupted| {
            lifetime::started_by_client(shutdown, connections, parent, signals, interrupted)
        },
    )
    .await;
    Ok(())
}

async fn serve_debugger(
    plugin: &Plugin,
    service: impl FnOnce() -> Service,
) -> Result<(), StartError> {
    let signals = Signals::listen()?;
    let listener =
        Listener::bind(&ClientEnvironment::of_a_debugger(plugin)).map_err(StartError::Listen)?;
    plugin.reattach.announce(plugin, &listener.address()?)?;
    let controller = Controller { shutdown: None };
    run(plugin, service, controller, listener, None, |_, _| {
        lifetime::started_for_debugging(signals)
    })
    .await;
    Ok(())
}

async fn run<E: Future<Output = Ending>>(
    plugin: &Plugin,
    service: impl FnOnce() -> Service,
    controller: Controller,
    listener: Listener,
    tls: Option<TlsAcceptor>,
    lifetime: impl FnOnce(ConnectionCount, Box<dyn Fn() + Send>) -> E,
) {
    let (incoming, connections) = connections::accept(listener, tls);
    let ending = CancellationToken::new();
    let streams = SilentStreams {
        ending: ending.clone(),
    };
    let (health, health_service) = tonic_health::server::health_reporter();
    health
        .set_service_status(HEALTH_NAME, ServingStatus::Serving)
        .await;
    let Service {
        routes,
        interrupted,
    } = service();
    let routes = routes
        .add_service(health_service)
        .add_service(GrpcControllerServer::new(controller))
        .add_service(GrpcStdioServer::new(streams.clone()))
        .add_service(GrpcBrokerServer::new(streams));
    let routes = reflection::add(routes, plugin.descriptors);

    let mut server = tokio::spawn(
        Server::builder()
            .add_routes(routes)
            .serve_with_incoming_shutdown::<_, Connection, _, _, _>(
                incoming,
                ending.clone().cancelled_owned(),
            ),
    );
    let reason = tokio::select! {
        reason = lifetime(connections, interrupted) => reason,
        _ = &mut server => return,
    };
    tracing::debug!(?reason, "ending");
    ending.cancel();
    if reason == Ending::Shutdown {
        let said = tokio::time::timeout(GOODBYE_LIMIT, &mut server).await;
        // A task that has ended must not be waited for once more: that panics.
        if said.is_ok() {
            return;
        }
    }
    server.abort();
    let _ = server.await;
}
