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
const PARENT_CHECK: Duration = Duration::from_millis(250);

/// What brings the process to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
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
pub struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hang_up: tokio::signal::unix::Signal,
}

impl Signals {
    /// Takes over the signals that would otherwise end this process and leave
    /// its socket behind.
    ///
    /// # Errors
    ///
    /// When the operating system refuses.
    pub fn listen() -> io::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                hang_up: signal(SignalKind::hangup())?,
            })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Returns at a signal that ends this process.
    ///
    /// Ctrl-C counts only where `interruptible`: a terminal sends it to the
    /// client and to this process alike, and the client then decides.
    #[cfg(unix)]
    async fn ending(&mut self, interruptible: bool) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.hang_up.recv() => return,
                _ = self.interrupt.recv() => if interruptible { return },
            }
        }
    }

    #[cfg(not(unix))]
    async fn ending(&mut self, interruptible: bool) {
        while tokio::signal::ctrl_c().await.is_ok() {
            if interruptible {
                return;
            }
        }
        std::future::pending().await
    }
}

/// The process that started this one.
#[derive(Debug)]
pub struct Parent {
    #[cfg(unix)]
    id: u32,
}

impl Parent {
    /// The parent now. To be called before the handshake line is written: a
    /// parent that died even earlier has closed the pipe the line goes to.
    pub fn now() -> Self {
        Self {
            #[cfg(unix)]
            id: std::os::unix::process::parent_id(),
        }
    }

    /// Returns when the parent has died, which hands its children to another.
    async fn gone(&self) {
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

/// Returns when a plugin that a client started shall end.
pub async fn started_by_client(
    shutdown: CancellationToken,
    connections: ConnectionCount,
    parent: Parent,
    mut signals: Signals,
) -> Ending {
    tokio::select! {
        () = shutdown.cancelled() => Ending::Shutdown,
        () = connections.idle(FIRST_CONNECTION, NEXT_CONNECTION) => Ending::Abandoned,
        () = parent.gone() => Ending::Abandoned,
        () = signals.ending(false) => Ending::Signal,
    }
}

/// Returns when a plugin that a person started for debugging shall end.
pub async fn started_for_debugging(mut signals: Signals) -> Ending {
    signals.ending(true).await;
    Ending::Signal
}
