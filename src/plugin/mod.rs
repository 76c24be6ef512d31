//! Being a plugin in the sense of HashiCorp's go-plugin: a process that a
//! client starts, meets through one line on stdout, and talks to over gRPC.
//!
//! Nothing in here knows what the plugin is for, and no part of it needs what
//! stands in this file. The order of events is that of [`serve`]:
//!
//! - `environment`: what the client asked for, and version negotiation
//! - `listener`, `socket`: a place to connect to
//! - `tls`: the one certificate that may connect
//! - `handshake`: the line that tells the client
//! - `connections`: TLS on each connection, and how many there are
//! - `services`, `reflection`: what go-plugin and debuggers call
//! - `lifetime`: when to end
//! - `logging`, `stderr`: log lines as the client reads them
//! - `core_dumps`, `stale_sockets`: what those leave behind that crash or are killed
//! - `debugging`: how a person starts it
//! - `error`: why it does not start

mod connections;
mod core_dumps;
mod debugging;
pub(crate) mod environment;
mod error;
#[doc(hidden)]
mod handshake;
mod lifetime;
mod listener;
pub(crate) mod logging;
mod reflection;
mod services;
#[cfg(unix)]
mod socket;
#[cfg(unix)]
mod stale_sockets;
mod stderr;
mod tls;

use std::time::Duration;

use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic_health::ServingStatus;

use connections::{Connection, ConnectionCount};
use environment::ClientEnvironment;
use handshake::Handshake;
use lifetime::{Parent, ShutdownReason, Signals};
use listener::Listener;
use tls::PinnedTls;

pub use connections::ConnectionState;
pub use debugging::Reattach;
pub use error::StartError;

/// The name under which go-plugin asks whether a plugin is healthy.
const HEALTH_NAME: &str = "plugin";

/// How long answers under way may take once the client has said goodbye. A
/// client that waits is answered at once; this bounds one that does not read.
const SHUTDOWN_GRACE_PERIOD: Duration = Duration::from_millis(200);

/// The most calls that a connection may have under way; more wait with the client.
/// Terraform makes ten at a time unless it is told otherwise.
const MOST_STREAMS: u32 = 1024;

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
    /// The crates whose events are logged.
    pub log_crates: &'static [&'static str],
    /// The file descriptor set of all services, for reflection.
    pub descriptors: &'static [u8],
    /// How a client finds a plugin that it did not start.
    pub reattach: Reattach,
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

/// Serves until it is time to end. `service` is made once the client knows where
/// to connect. Each connection gets a state `S` of its own.
///
/// # Errors
///
/// When serving could not begin. Nothing has been written to stdout then.
pub fn serve<S: ConnectionState>(
    plugin: &Plugin,
    mode: Mode,
    service: impl FnOnce() -> Service,
) -> Result<(), StartError> {
    let level = logging::level(plugin.log_variables, |name| std::env::var(name).ok());
    let log = logging::start(plugin.log_module, plugin.log_crates, level);
    logging::log_panics();
    core_dumps::disable_core_dumps();
    let served = serve_until_the_end::<S>(plugin, mode, service);
    log.finish();
    served
}

fn serve_until_the_end<S: ConnectionState>(
    plugin: &Plugin,
    mode: Mode,
    service: impl FnOnce() -> Service,
) -> Result<(), StartError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let served = runtime.block_on(async {
        match mode {
            Mode::Client => serve_client::<S>(plugin, service).await,
            Mode::Debug => serve_debugger::<S>(plugin, service).await,
        }
    });
    // Look-ups of host names may still be blocking threads: nobody waits for them.
    runtime.shutdown_background();
    served
}

async fn serve_client<S: ConnectionState>(
    plugin: &Plugin,
    service: impl FnOnce() -> Service,
) -> Result<(), StartError> {
    let client = ClientEnvironment::read(plugin.cookie, plugin.protocols, |name| {
        std::env::var_os(name)
    })?;
    let parent = Parent::now();
    let signals = Signals::listen()?;
    let tls = client
        .certificate
        .clone()
        .map(PinnedTls::accepting)
        .transpose()?;
    let listener = listen(&client)?;
    Handshake {
        protocol: client.protocol,
        address: &listener.address()?,
        certificate: tls.as_ref().map(|tls| &tls.certificate),
        answer_multiplexing: client.multiplex_requested,
    }
    .send()?;
    tracing::debug!(
        protocol = client.protocol,
        tls = tls.is_some(),
        "waiting for the client"
    );

    let acceptor = tls.map(|tls| TlsAcceptor::from(tls.config));
    let shutdown = CancellationToken::new();
    run::<S, _>(
        plugin,
        service,
        Some(shutdown.clone()),
        listener,
        acceptor,
        |connections, interrupted| {
            lifetime::started_by_client(shutdown, connections, parent, signals, interrupted)
        },
    )
    .await;
    Ok(())
}

async fn serve_debugger<S: ConnectionState>(
    plugin: &Plugin,
    service: impl FnOnce() -> Service,
) -> Result<(), StartError> {
    let signals = Signals::listen()?;
    let client = ClientEnvironment::for_reattach(plugin.protocols);
    let listener = listen(&client)?;
    let address = listener.address()?;
    plugin.reattach.announce(client.protocol, &address)?;
    run::<S, _>(plugin, service, None, listener, None, |_, _| {
        lifetime::started_for_debugging(signals)
    })
    .await;
    Ok(())
}

/// Without a certificate there is no TLS: then only a socket that others cannot reach
/// will do.
fn listen(client: &ClientEnvironment) -> Result<Listener, StartError> {
    if client.certificate.is_none() && !Listener::IS_PRIVATE {
        return Err(StartError::Plaintext);
    }
    Listener::bind(client).map_err(StartError::Listen)
}

async fn run<S: ConnectionState, E: Future<Output = ShutdownReason>>(
    plugin: &Plugin,
    service: impl FnOnce() -> Service,
    shutdown: Option<CancellationToken>,
    listener: Listener,
    tls: Option<TlsAcceptor>,
    lifetime: impl FnOnce(ConnectionCount, Box<dyn Fn() + Send>) -> E,
) {
    #[cfg(unix)]
    stale_sockets::sweep(&listener);
    let (incoming, connections) = connections::accept(listener, tls);
    let ending = CancellationToken::new();
    let (health, health_service) = tonic_health::server::health_reporter();
    health
        .set_service_status(HEALTH_NAME, ServingStatus::Serving)
        .await;
    let Service {
        routes,
        interrupted,
    } = service();
    let routes = routes.add_service(health_service);
    let routes = services::add(routes, shutdown, ending.clone());
    let routes = reflection::add(routes, plugin.descriptors);

    let mut server = tokio::spawn(
        Server::builder()
            .max_concurrent_streams(MOST_STREAMS)
            .add_routes(routes)
            .serve_with_incoming_shutdown::<_, Connection<S>, _, _, _>(
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
    if reason == ShutdownReason::Shutdown {
        let said = tokio::time::timeout(SHUTDOWN_GRACE_PERIOD, &mut server).await;
        // A task that has ended must not be waited for once more: that panics.
        if said.is_ok() {
            return;
        }
    }
    server.abort();
    let _ = server.await;
}
