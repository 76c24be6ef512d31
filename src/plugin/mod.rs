//! The plugin side of HashiCorp's go-plugin: a process that a client starts, finds
//! through a handshake line on stdout, and calls over gRPC.
//!
//! This module is independent of the plugin's purpose, and its submodules are independent
//! of this file. [`serve`] uses them in this order:
//!
//! - `environment`: the client's environment variables, and version negotiation
//! - `listener`, `socket`: the listener and its Unix socket
//! - `tls`: mutual TLS with a pinned client certificate
//! - `handshake`: the handshake line
//! - `connections`: TLS on each connection, and the number of open connections
//! - `services`: the gRPC services of go-plugin
//! - `lifetime`: the conditions of a shutdown
//! - `logging`, `stderr`: log lines in the client's format
//! - `core_dumps`, `stale_sockets`: no core dumps, and removal of stale sockets
//! - `debugging`: the reattach configuration
//! - `error`: the errors of starting

mod connections;
mod core_dumps;
mod debugging;
pub(crate) mod environment;
mod error;
mod handshake;
mod lifetime;
mod listener;
pub(crate) mod logging;
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

/// The service name in go-plugin's health checks.
const HEALTH_NAME: &str = "plugin";

/// The time limit for responses in progress after the client has called `Shutdown`. It
/// only matters if the client does not read them.
const SHUTDOWN_GRACE_PERIOD: Duration = Duration::from_millis(200);

/// The limit of concurrent calls per connection; the client queues further ones.
/// Terraform makes ten at a time by default (`-parallelism`).
const MAX_CONCURRENT_STREAMS: u32 = 1024;

/// The properties of a kind of plugin.
#[derive(Debug)]
pub struct Plugin {
    /// The magic cookie: an environment variable and its value, which clients set for
    /// this kind of plugin.
    pub cookie: (&'static str, &'static str),
    /// The supported protocol versions.
    pub protocols: &'static [u32],
    /// The environment variables that set the log level, in order of precedence.
    pub log_variables: &'static [&'static str],
    /// The `@module` of log lines.
    pub log_module: &'static str,
    /// The crates whose events are logged.
    pub log_crates: &'static [&'static str],
    /// The reattach configuration of [`Mode::Debug`].
    pub reattach: Reattach,
}

/// The plugin's own gRPC services.
pub struct Service {
    /// The routes of the services.
    pub routes: Routes,
    /// Called at each Ctrl-C in the client's terminal. The client decides when to shut
    /// down, but not every client stops its calls: Terraform before 0.14 continues a
    /// refresh.
    pub interrupted: Box<dyn Fn() + Send>,
}

/// Start mode of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Started by a client, which also shuts it down.
    Client,
    /// Started by a user, who passes the reattach configuration to a client.
    Debug,
}

/// Serves until the plugin has to shut down. `service` is called after the handshake
/// line is written, so that the client need not wait for it. Each connection has its own
/// state `S`.
///
/// # Errors
///
/// If the plugin cannot start. Nothing has been written to stdout then.
pub fn serve<S: ConnectionState>(
    plugin: &Plugin,
    mode: Mode,
    service: impl FnOnce() -> Service,
) -> Result<(), StartError> {
    let level = logging::level(plugin.log_variables, environment::variable);
    let log = logging::start(plugin.log_module, plugin.log_crates, level);
    logging::log_panics();
    core_dumps::disable_core_dumps();
    let served = serve_on_runtime::<S>(plugin, mode, service);
    log.finish();
    served
}

fn serve_on_runtime<S: ConnectionState>(
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
    // Does not wait for blocking DNS lookups.
    runtime.shutdown_background();
    served
}

async fn serve_client<S: ConnectionState>(
    plugin: &Plugin,
    service: impl FnOnce() -> Service,
) -> Result<(), StartError> {
    let client = ClientEnvironment::read(plugin.cookie, plugin.protocols, environment::variable)?;
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
        decline_multiplexing: client.multiplex_requested,
    }
    .send()?;
    tracing::debug!(
        protocol = client.protocol,
        tls = tls.is_some(),
        "waiting for the client"
    );

    let acceptor = tls.map(|tls| TlsAcceptor::from(tls.config));
    let shutdown_requested = CancellationToken::new();
    serve_connections::<S, _>(
        service,
        Some(shutdown_requested.clone()),
        listener,
        acceptor,
        |connections, interrupted| {
            lifetime::started_by_client(
                shutdown_requested,
                connections,
                parent,
                signals,
                interrupted,
            )
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
    serve_connections::<S, _>(service, None, listener, None, |_, _| {
        lifetime::started_for_debugging(signals)
    })
    .await;
    Ok(())
}

/// Opens the listener. Without a client certificate there is no TLS, and the listener has
/// to be private.
fn listen(client: &ClientEnvironment) -> Result<Listener, StartError> {
    if client.certificate.is_none() && !Listener::IS_PRIVATE {
        return Err(StartError::Plaintext);
    }
    Listener::bind(client).map_err(StartError::Listen)
}

async fn serve_connections<S: ConnectionState, E: Future<Output = ShutdownReason>>(
    service: impl FnOnce() -> Service,
    shutdown_requested: Option<CancellationToken>,
    listener: Listener,
    tls: Option<TlsAcceptor>,
    lifetime: impl FnOnce(ConnectionCount, Box<dyn Fn() + Send>) -> E,
) {
    #[cfg(unix)]
    stale_sockets::sweep(&listener);
    let (incoming, connections) = connections::accept(listener, tls);
    let shutdown = CancellationToken::new();
    let (health, health_service) = tonic_health::server::health_reporter();
    health
        .set_service_status(HEALTH_NAME, ServingStatus::Serving)
        .await;
    let Service {
        routes,
        interrupted,
    } = service();
    let routes = routes.add_service(health_service);
    let routes = services::add(routes, shutdown_requested, shutdown.clone());

    let mut server = tokio::spawn(
        Server::builder()
            .max_concurrent_streams(MAX_CONCURRENT_STREAMS)
            .add_routes(routes)
            .serve_with_incoming_shutdown::<_, Connection<S>, _, _, _>(
                incoming,
                shutdown.clone().cancelled_owned(),
            ),
    );
    let reason = tokio::select! {
        reason = lifetime(connections, interrupted) => reason,
        _ = &mut server => return,
    };
    tracing::debug!(?reason, "shutting down");
    shutdown.cancel();
    if reason == ShutdownReason::Requested {
        let finished = tokio::time::timeout(SHUTDOWN_GRACE_PERIOD, &mut server).await;
        // A finished task must not be awaited again: it would panic.
        if finished.is_ok() {
            return;
        }
    }
    server.abort();
    let _ = server.await;
}
