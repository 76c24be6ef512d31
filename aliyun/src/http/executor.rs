//! Work on other threads, so that the thread that serves RPCs never blocks.

use std::future::pending;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Mutex, OnceLock, PoisonError, mpsc};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

type Job = Box<dyn FnOnce() + Send>;

/// The threads that wait for a job.
static IDLE: Mutex<Vec<mpsc::Sender<Job>>> = Mutex::new(Vec::new());

/// The maximum number of threads that wait for a job. Further ones end after theirs.
const MAX_IDLE: usize = 4;

/// Runs blocking or long work on another thread, one that waits or a new one. If the caller is
/// canceled, the work continues and its result is dropped.
///
/// Unlike tokio's `spawn_blocking`, this neither panics if no thread can be started nor
/// delays the end of the runtime.
///
/// # Errors
///
/// If the operating system starts no thread.
pub async fn run_on_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    let (sender, receiver) = oneshot::channel();
    let span = tracing::Span::current();
    let job = move || drop(sender.send(span.in_scope(work)));
    start(Box::new(job))
        .map_err(|error| io::Error::new(error.kind(), format!("cannot start a thread: {error}")))?;
    let result = receiver.await;
    result.map_err(|_| io::Error::other("a thread ended early"))
}

/// Starts a job on a thread that waits, or on a new one.
fn start(job: Job) -> io::Result<()> {
    let idle = || IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    let waiting = idle().pop();
    if let Some(thread) = waiting {
        // It waits until the process ends.
        return thread
            .send(job)
            .map_err(|_| io::ErrorKind::BrokenPipe.into());
    }
    let (sender, jobs) = mpsc::channel();
    let run = move || {
        let mut next = Ok(job);
        while let Ok(job) = next {
            job();
            let mut idle = idle();
            if idle.len() >= MAX_IDLE {
                return;
            }
            idle.push(sender.clone());
            drop(idle);
            next = jobs.recv();
        }
    };
    std::thread::Builder::new().spawn(run)?;
    Ok(())
}

/// Runs network I/O on a thread of its own, because a peer that sends without pause keeps
/// a thread busy. All network I/O shares the thread. Dropping the future cancels the work.
///
/// If the thread cannot be started, the work runs on the current one.
pub async fn spawn_on_io_thread<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> T {
    static IO_THREAD: OnceLock<Option<Handle>> = OnceLock::new();
    let Some(thread) = IO_THREAD.get_or_init(|| start_io_thread().ok()) else {
        return work.await;
    };
    let task = AbortOnDropHandle::new(thread.spawn(work.in_current_span()));
    // Its runtime ends with the process, and so does a panic.
    task.await.expect("a task that nothing else cancels")
}

fn start_io_thread() -> io::Result<Handle> {
    // The runtime is created on its thread. If the thread cannot be started, there is no
    // runtime to drop, which panics in async code.
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

/// A host name has no address, or none could be looked up.
#[derive(Debug, thiserror::Error)]
#[error("cannot resolve the host name: {0}")]
pub struct ResolveError(io::Error);

/// Resolves a host name with the operating system, which blocks a thread.
pub(super) async fn resolve(
    host: String,
    port: u16,
) -> io::Result<impl Iterator<Item = SocketAddr> + Send> {
    let addresses = run_on_thread(move || (host.as_str(), port).to_socket_addrs()).await?;
    addresses.map_err(|error| io::Error::other(ResolveError(error)))
}

/// The resolver of reqwest. Its own one panics if no thread can be started.
pub(super) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses = resolve(name.as_str().to_owned(), 0).await?;
            Ok(Box::new(addresses) as Addrs)
        })
    }
}
