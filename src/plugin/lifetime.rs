//! The conditions on which this process shuts down.

use std::future::poll_fn;
use std::io;
use std::task::Poll;
use std::time::Duration;

#[cfg(unix)]
use tokio::signal::unix::Signal;
#[cfg(windows)]
use tokio::signal::windows::CtrlC as Signal;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::connections::ConnectionCount;

/// The time limit for the first connection. Clients give up on a plugin that takes a
/// minute to start.
const FIRST_CONNECTION_TIMEOUT: Duration = Duration::from_secs(90);

/// The time limit for a new connection after the last one has closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

/// The interval at which the parent process is polled.
const PARENT_POLL_INTERVAL: Duration = Duration::from_millis(250);

/// Start mode of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Started by a client, which also shuts it down.
    Client,
    /// Started by a user, who passes the reattach configuration to a client.
    Debug,
}

/// Signal handlers. A signal between their installation and the first wait is not lost.
#[derive(Debug)]
pub(super) struct Signals {
    /// Ctrl-C.
    interrupt: Signal,
    /// The end of the terminal.
    hangup: Vec<Signal>,
    /// All others that end a process by default, except those of crashes.
    others: Vec<Signal>,
}

impl Signals {
    /// Installs handlers for the signals that would otherwise end this process without
    /// removing its socket and ending the commands of profiles.
    ///
    /// # Errors
    ///
    /// If the operating system rejects a handler.
    #[cfg(unix)]
    pub(super) fn listen() -> io::Result<Self> {
        use nix::sys::signal::Signal::{
            SIGALRM, SIGIO, SIGPROF, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU,
            SIGXFSZ,
        };
        use tokio::signal::unix::{SignalKind, signal};
        let others = [
            SIGALRM, SIGIO, SIGPROF, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU,
            SIGXFSZ,
        ];
        let others = others.map(|other| signal(SignalKind::from_raw(other as i32)));
        let mut others = others.into_iter().collect::<io::Result<Vec<_>>>()?;
        // SIGSTKFLT, SIGPWR and those without a name. C libraries reserve the first few.
        #[cfg(target_os = "linux")]
        others.extend(
            [16, 30]
                .into_iter()
                .chain(34..=64)
                .filter_map(|number| signal(SignalKind::from_raw(number)).ok()),
        );
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            hangup: vec![signal(SignalKind::hangup())?],
            others,
        })
    }

    #[cfg(windows)]
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: tokio::signal::windows::ctrl_c()?,
            hangup: Vec::new(),
            others: Vec::new(),
        })
    }
}

/// Waits for one of these signals.
async fn received(signals: &mut [Signal]) {
    poll_fn(|context| {
        let received = |signal: &mut Signal| signal.poll_recv(context).is_ready();
        if signals.iter_mut().any(received) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// Returns the process that started this one. Call this before the handshake line is
/// written: if the parent has exited even earlier, writing the line fails on its closed
/// pipe. Always 0 where a parent's death does not show.
pub(super) fn parent() -> u32 {
    #[cfg(unix)]
    return std::os::unix::process::parent_id();
    #[cfg(not(unix))]
    0
}

/// Waits until the parent has exited, which gives this process another parent.
async fn exited(original: u32) {
    while parent() == original {
        sleep(PARENT_POLL_INTERVAL).await;
    }
}

/// Waits until this process has to shut down, and returns the reason. Calls `interrupted` at
/// each Ctrl-C.
///
/// If a client started this process, neither Ctrl-C nor SIGHUP ends it: a terminal sends them to
/// the client too, which decides when to shut down its plugins, and ignores SIGHUP under nohup.
/// Otherwise, nothing but signals ends it.
pub(super) async fn ended(
    mode: Mode,
    shutdown_requested: CancellationToken,
    connections: ConnectionCount,
    parent: u32,
    Signals {
        mut interrupt,
        mut hangup,
        mut others,
    }: Signals,
    interrupted: impl Fn(),
) -> &'static str {
    let has_client = mode == Mode::Client;
    let ctrl_c = async {
        while interrupt.recv().await.is_some() && has_client {
            interrupted();
        }
    };
    let hung_up = async {
        loop {
            received(&mut hangup).await;
            if !has_client {
                break;
            }
        }
    };
    tokio::select! {
        () = shutdown_requested.cancelled(), if has_client => "the client requested it",
        () = connections.idle(FIRST_CONNECTION_TIMEOUT, IDLE_TIMEOUT), if has_client => {
            "no connection"
        }
        () = exited(parent), if has_client => "the parent process has exited",
        () = received(&mut others) => "signal",
        () = hung_up => "SIGHUP",
        () = ctrl_c => "Ctrl-C",
    }
}
