//! Blocking and network work on other threads. The serving thread must react to signals and
//! to the client at any time.

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

/// Runs `work` on a new thread and returns its result. If the caller is canceled, the result
/// is dropped.
///
/// # Errors
///
/// If the operating system cannot start a thread, or `work` panics.
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

/// Runs `work` on the network thread, because a peer that sends without pause keeps a thread
/// busy. Cancels it if the caller is canceled.
///
/// If the network thread cannot be started, runs on the current one.
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
    // Created on the new thread: without one, the runtime could not be dropped here.
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

/// Resolves host names with the operating system, which blocks a thread.
///
/// reqwest's own resolver panics if no thread can be started.
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
