//! The plugin side of HashiCorp's go-plugin: a process that a client starts, finds
//! through a handshake line on stdout, and calls over gRPC.
//!
//! This module is independent of the plugin's services, and its submodules are independent
//! of this file. [`serve`] uses them in this order:
//!
//! - `environment`: the client's environment variables, and version negotiation
//! - `unix_listener`, `tcp_listener`: the listener of the platform
//! - `tls`: mutual TLS with a pinned client certificate
//! - `handshake`: the handshake line
//! - `connections`: TLS on each connection, and the number of open connections
//! - `services`: the gRPC services of go-plugin
//! - `lifetime`: the conditions of a shutdown
//! - `logging`, `stderr`: log lines in the client's format
//! - `panics`: the end of the process at a panic
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
pub(crate) mod logging;
mod panics;
mod services;
#[cfg(unix)]
mod stale_sockets;
mod stderr;
#[cfg(any(not(unix), test))]
mod tcp_listener;
mod tls;
#[cfg(unix)]
mod unix_listener;

use std::io::{self, Write};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::time::Duration;

use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic_health::ServingStatus;

use connections::Connection;
use environment::ClientEnvironment;
use lifetime::Signals;
use listener::Listener;
#[cfg(not(unix))]
use tcp_listener as listener;
use tls::PinnedTls;
#[cfg(unix)]
use unix_listener as listener;

pub use connections::ConnectionState;
pub use error::StartError;
pub use lifetime::Mode;

/// The service name in go-plugin's health checks.
const HEALTH_NAME: &str = "plugin";

/// The time limit for responses in progress when the process shuts down. It only matters
/// for reads in progress, and if the client does not read its responses.
const SHUTDOWN_GRACE_PERIOD: Duration = Duration::from_millis(200);

/// The limit of concurrent calls per connection; the client queues further ones.
/// Terraform makes ten at a time by default (`-parallelism`).
const MAX_CONCURRENT_STREAMS: u32 = 1024;

/// The plugin's own gRPC services.
pub struct Service {
    /// The routes of the services.
    pub routes: Routes,
    /// Called at each Ctrl-C in the client's terminal. The client decides when to shut
    /// down, but not every client stops its calls: Terraform before 0.14 continues a
    /// refresh.
    pub interrupted: Box<dyn Fn() + Send>,
}

/// Serves a plugin until it has to shut down.
///
/// `protocols` are the supported protocol versions. `service` is called after the handshake
/// line has been written, so that the client need not wait for it. Each connection has its
/// own state `S`.
///
/// # Errors
///
/// If the plugin cannot start. Nothing has been written to stdout then.
pub fn serve<S: ConnectionState>(
    protocols: &[u32],
    mode: Mode,
    service: impl FnOnce() -> Service,
) -> Result<(), StartError> {
    let log = logging::start(logging::level(environment::variable));
    panics::end_process_at_panic(log.clone());
    core_dumps::disable_core_dumps();
    let served = serve_on_runtime::<S>(protocols, mode, service);
    if let Some(lines) = log {
        lines.finish(logging::FLUSH_TIMEOUT);
    }
    served
}

fn serve_on_runtime<S: ConnectionState>(
    protocols: &[u32],
    mode: Mode,
    service: impl FnOnce() -> Service,
) -> Result<(), StartError> {
    // tokio panics if it cannot open the sockets by which it learns of signals.
    #[cfg(unix)]
    drop(
        [(); 3]
            .map(|()| UnixStream::pair())
            .into_iter()
            .collect::<io::Result<Vec<_>>>()?,
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let served = runtime.block_on(start_and_serve::<S>(protocols, mode, service));
    // Does not wait for blocking DNS lookups.
    runtime.shutdown_background();
    served
}

async fn start_and_serve<S: ConnectionState>(
    protocols: &[u32],
    mode: Mode,
    service: impl FnOnce() -> Service,
) -> Result<(), StartError> {
    let client = match mode {
        Mode::Client => ClientEnvironment::read(protocols, environment::variable)?,
        Mode::Debug => ClientEnvironment::for_debugging(protocols),
    };
    let parent = lifetime::parent();
    let signals = Signals::listen()?;
    let certificate = client.certificate.clone();
    let tls = certificate.map(PinnedTls::accepting).transpose()?;
    if tls.is_none() && !Listener::IS_PRIVATE {
        return Err(StartError::Plaintext);
    }
    let (listener, address) = Listener::bind(&client).map_err(StartError::Listen)?;
    print_line(&match mode {
        Mode::Client => handshake::line(
            client.protocol,
            &address,
            tls.as_ref().map(|tls| &tls.certificate),
            client.multiplex_requested,
        ),
        Mode::Debug => debugging::reattach_variable(client.protocol, &address),
    })?;
    let (protocol, tls_requested) = (client.protocol, tls.is_some());
    tracing::debug!(protocol, tls = tls_requested, "waiting for the client");

    #[cfg(unix)]
    stale_sockets::sweep(&listener);
    let acceptor = tls.map(|tls| TlsAcceptor::from(tls.config));
    let (incoming, connections) = connections::accept(listener, acceptor);
    let (shutdown_requested, shutdown) = (CancellationToken::new(), CancellationToken::new());
    let (health, health_service) = tonic_health::server::health_reporter();
    health
        .set_service_status(HEALTH_NAME, ServingStatus::Serving)
        .await;
    let Service {
        routes,
        interrupted,
    } = service();
    let routes = routes.add_service(health_service);
    let routes = services::add(routes, shutdown_requested.clone(), shutdown.clone());
    let mut server = tokio::spawn(
        Server::builder()
            .max_concurrent_streams(MAX_CONCURRENT_STREAMS)
            .add_routes(routes)
            .serve_with_incoming_shutdown::<_, Connection<S>, _, _, _>(
                incoming,
                shutdown.clone().cancelled_owned(),
            ),
    );

    let reason = lifetime::ended(
        mode,
        shutdown_requested,
        connections,
        parent,
        signals,
        interrupted,
    )
    .await;
    tracing::debug!(reason, "shutting down");
    shutdown.cancel();
    // The end of the runtime ends the rest.
    let _ = tokio::time::timeout(SHUTDOWN_GRACE_PERIOD, &mut server).await;
    Ok(())
}

/// Prints the line that tells the client where this process listens.
fn print_line(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}
