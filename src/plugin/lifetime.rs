//! The conditions on which this process shuts down.

use std::io;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::connections::ConnectionCount;

/// The time limit for the first connection. Clients give up on a plugin that takes a
/// minute to start.
const FIRST_CONNECTION_TIMEOUT: Duration = Duration::from_secs(90);

/// The time limit for a new connection after the last one has closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

/// The interval at which the parent process is polled.
#[cfg(unix)]
const PARENT_POLL_INTERVAL: Duration = Duration::from_millis(250);

/// The reason for a shutdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShutdownReason {
    /// The client called `Shutdown`: responses in progress are completed.
    Requested,
    /// The client has exited or closed its connections.
    Abandoned,
    /// A signal that ends the process.
    Signal,
}

/// Signal handlers. A signal between their installation and the first wait is not lost.
#[derive(Debug)]
pub(super) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hang_up: tokio::signal::unix::Signal,
    #[cfg(unix)]
    quit: tokio::signal::unix::Signal,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
}

impl Signals {
    /// Installs handlers for the signals that would otherwise end this process without
    /// removing its socket.
    ///
    /// # Errors
    ///
    /// If the operating system rejects a handler.
    pub(super) fn listen() -> io::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                hang_up: signal(SignalKind::hangup())?,
                quit: signal(SignalKind::quit())?,
            })
        }
        #[cfg(windows)]
        Ok(Self {
            interrupt: tokio::signal::windows::ctrl_c()?,
        })
    }

    /// Waits for the next signal.
    #[cfg(unix)]
    async fn next(&mut self) -> Received {
        tokio::select! {
            _ = self.terminate.recv() => Received::Terminate,
            _ = self.hang_up.recv() => Received::Terminate,
            _ = self.quit.recv() => Received::Terminate,
            _ = self.interrupt.recv() => Received::Interrupt,
        }
    }

    #[cfg(windows)]
    async fn next(&mut self) -> Received {
        match self.interrupt.recv().await {
            Some(()) => Received::Interrupt,
            None => std::future::pending().await,
        }
    }

    /// Waits for a signal that ends the process, and calls `interrupted` at each Ctrl-C.
    ///
    /// Ctrl-C does not end the process: a terminal sends it to the client too, and the
    /// client decides when to shut down its plugins.
    async fn terminated(&mut self, interrupted: impl Fn()) {
        while self.next().await == Received::Interrupt {
            interrupted();
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Received {
    /// Ctrl-C.
    Interrupt,
    /// Any other signal that ends the process.
    #[cfg_attr(not(unix), allow(dead_code, reason = "Ctrl-C is all there is"))]
    Terminate,
}

/// The process that started this one.
#[derive(Debug)]
pub(super) struct Parent {
    #[cfg(unix)]
    id: u32,
}

impl Parent {
    /// The current parent. Call this before the handshake line is written: if the
    /// parent has exited even earlier, writing the line fails on its closed pipe.
    pub(super) fn now() -> Self {
        Self {
            #[cfg(unix)]
            id: std::os::unix::process::parent_id(),
        }
    }

    /// Waits until the parent has exited, which gives this process another parent.
    async fn exited(&self) {
        #[cfg(unix)]
        loop {
            tokio::time::sleep(PARENT_POLL_INTERVAL).await;
            if std::os::unix::process::parent_id() != self.id {
                return;
            }
        }
        #[cfg(not(unix))]
        std::future::pending().await
    }
}

/// Waits until a plugin that a client started has to shut down. Calls `interrupted` at
/// each Ctrl-C.
pub(super) async fn started_by_client(
    shutdown_requested: CancellationToken,
    connections: ConnectionCount,
    parent: Parent,
    mut signals: Signals,
    interrupted: impl Fn(),
) -> ShutdownReason {
    tokio::select! {
        () = shutdown_requested.cancelled() => ShutdownReason::Requested,
        () = connections.idle(FIRST_CONNECTION_TIMEOUT, IDLE_TIMEOUT) => ShutdownReason::Abandoned,
        () = parent.exited() => ShutdownReason::Abandoned,
        () = signals.terminated(interrupted) => ShutdownReason::Signal,
    }
}

/// Waits until a plugin that a user started for debugging has to shut down.
pub(super) async fn started_for_debugging(mut signals: Signals) -> ShutdownReason {
    signals.next().await;
    ShutdownReason::Signal
}
