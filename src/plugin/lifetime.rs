//! When this process ends.

use std::io;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::connections::ConnectionCount;

/// How long to wait for the first connection. Clients give up on a plugin that
/// takes a minute to start.
const FIRST_CONNECTION: Duration = Duration::from_secs(90);

/// How long to wait for another connection after the last one has closed.
const NEXT_CONNECTION: Duration = Duration::from_secs(5);

/// How often to look whether the parent is still there.
#[cfg(unix)]
const PARENT_CHECK: Duration = Duration::from_millis(250);

/// What brings the process to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShutdownReason {
    /// The client said goodbye: answers under way are finished.
    Shutdown,
    /// Nobody is there to answer to.
    Abandoned,
    /// The operating system or a person ended it.
    Signal,
}

/// Signals, from when they are first listened to: a signal that arrives before
/// anyone waits for it is not lost.
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
    /// Takes over the signals that would otherwise end this process and leave
    /// its socket behind.
    ///
    /// # Errors
    ///
    /// When the operating system refuses.
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

    /// Returns at the next signal.
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

    /// Returns at a signal that ends a plugin whose client decides what Ctrl-C
    /// means: a terminal sends it to the client and to this process alike.
    async fn ending(&mut self, interrupted: impl Fn()) {
        while self.next().await == Received::Interrupt {
            interrupted();
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Received {
    /// Ctrl-C.
    Interrupt,
    /// Anything else that asks to end.
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
    /// The parent now. To be called before the handshake line is written: a
    /// parent that died even earlier has closed the pipe the line goes to.
    pub(super) fn now() -> Self {
        Self {
            #[cfg(unix)]
            id: std::os::unix::process::parent_id(),
        }
    }

    /// Returns when the parent has died, which hands its children to another.
    async fn exited(&self) {
        #[cfg(unix)]
        loop {
            tokio::time::sleep(PARENT_CHECK).await;
            if std::os::unix::process::parent_id() != self.id {
                return;
            }
        }
        #[cfg(not(unix))]
        std::future::pending().await
    }
}

/// Returns when a plugin that a client started shall end. Calls `interrupted`
/// whenever Ctrl-C is pressed meanwhile.
pub(super) async fn started_by_client(
    shutdown: CancellationToken,
    connections: ConnectionCount,
    parent: Parent,
    mut signals: Signals,
    interrupted: impl Fn(),
) -> ShutdownReason {
    tokio::select! {
        () = shutdown.cancelled() => ShutdownReason::Shutdown,
        () = connections.idle(FIRST_CONNECTION, NEXT_CONNECTION) => ShutdownReason::Abandoned,
        () = parent.exited() => ShutdownReason::Abandoned,
        () = signals.ending(interrupted) => ShutdownReason::Signal,
    }
}

/// Returns when a plugin that a person started for debugging shall end.
pub(super) async fn started_for_debugging(mut signals: Signals) -> ShutdownReason {
    signals.next().await;
    ShutdownReason::Signal
}
