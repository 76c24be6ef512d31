//! Work that may take long, on another thread. The one that serves has signals to
//! obey and a client to watch meanwhile.

use std::future::pending;
use std::io;
use std::net::ToSocketAddrs;
use std::panic::resume_unwind;
use std::sync::{OnceLock, mpsc};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

/// Does the work and returns what comes of it. Nobody waits for work that has
/// been given up.
///
/// # Errors
///
/// When the operating system starts no thread, or the work panicked.
pub async fn on_its_own<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    let (sender, receiver) = oneshot::channel();
    let work = move || drop(sender.send(work()));
    std::thread::Builder::new()
        .spawn(work)
        .map_err(|error| io::Error::new(error.kind(), format!("cannot start a thread: {error}")))?;
    let done = receiver.await;
    done.map_err(|_| io::Error::other("a thread panicked"))
}

/// Does what talks to endpoints on the one thread that does so, since a peer that
/// sends without pause keeps a thread busy. It ends when nobody waits for it any
/// more.
///
/// Where that thread cannot be started it is done on this one.
pub async fn on_the_network<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> T {
    static NETWORK: OnceLock<Option<Handle>> = OnceLock::new();
    let Some(network) = NETWORK.get_or_init(|| start_network().ok()) else {
        return work.await;
    };
    let task = AbortOnDropHandle::new(network.spawn(work.in_current_span()));
    match task.await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The thread runs for as long as the process does.
            Err(_) => pending().await,
        },
    }
}

fn start_network() -> io::Result<Handle> {
    // Made over there: where there is no thread, it could not be dropped here.
    let (sender, receiver) = mpsc::sync_channel(1);
    let run = move || {
        let runtime = Builder::new_current_thread().enable_all().build();
        match runtime {
            Ok(runtime) => {
                let _ = sender.send(Ok(runtime.handle().clone()));
                runtime.block_on(pending::<()>());
            }
            Err(error) => drop(sender.send(Err(error))),
        }
    };
    std::thread::Builder::new()
        .name("network".to_owned())
        .spawn(run)?;
    receiver.recv().map_err(io::Error::other)?
}

/// Looks up host names as the operating system does, which blocks a thread.
///
/// reqwest's own way panics where no thread can be started.
#[derive(Debug)]
pub struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let look_up = move || (name.as_str(), 0).to_socket_addrs();
            let addresses: Addrs = Box::new(on_its_own(look_up).await??);
            Ok(addresses)
        })
    }
}
