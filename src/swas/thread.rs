//! Work that may take long, on a thread of its own. The one that serves has signals
//! to obey and a client to watch meanwhile.

use std::io;
use std::net::ToSocketAddrs;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::oneshot;

/// Does the work and returns what comes of it. Nobody waits for work that has
/// been given up.
///
/// # Errors
///
/// When the operating system starts no thread, or the work panicked.
pub(super) async fn on_its_own<T: Send + 'static>(
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

/// Looks up host names as the operating system does, which blocks a thread.
///
/// reqwest's own way panics where no thread can be started.
#[derive(Debug)]
pub(super) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let look_up = move || (name.as_str(), 0).to_socket_addrs();
            let addresses: Addrs = Box::new(on_its_own(look_up).await??);
            Ok(addresses)
        })
    }
}
