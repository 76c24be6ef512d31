//! Responses that processes share through a directory, so that many runs at the same time
//! cost the quota of one.
//!
//! An entry holds what Alibaba Cloud publishes, and is used until it reaches its maximum
//! age. While one process requests it, others wait for the lock on it. Another kind of
//! entry tells for how long the API throttles an operation.
//!
//! - [`entry`]: keys and content of entries
//! - [`directory`]: files and locks

pub mod directory;
pub mod entry;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::gate::RateGate;
use crate::swas::operations::Share;
use aliyun::client::Operation;
use aliyun::http::client::MAX_BODY;
use aliyun::http::executor::run_on_thread;
use directory::{Directory, DirectoryError, Lock};
use entry::{Keys, decode};

/// Time limit for one access to the file system.
const FILE_TIMEOUT: Duration = Duration::from_secs(10);

/// The interval between attempts to get a lock.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Responses in a directory that processes share.
#[derive(Debug)]
pub struct SharedResponses {
    directory: Arc<Directory>,
    max_age: Duration,
    /// Time after which the process that holds a lock counts as stalled.
    stall_limit: Duration,
    /// The first fault, after which this process does not use the directory.
    fault: OnceLock<String>,
    is_reported: AtomicBool,
}

/// A request that other processes learn of: its response, and that it was throttled.
#[derive(Debug)]
pub struct Claim<'a> {
    responses: &'a SharedResponses,
    keys: Keys,
    /// Other processes wait for the lock. `None` if the response is not shared, or if another
    /// process has stalled.
    lock: Option<Lock>,
}

/// State of an entry.
enum State<T> {
    Fresh(T),
    /// The API throttles the operation for this time.
    Throttled(Duration),
    /// Another process requests the response, or waits because it is throttled.
    Locked {
        is_throttled: bool,
    },
    Free(Option<Lock>),
}

/// Looks at the entries. `patience` is how long the read can wait while the API throttles.
fn state<O: Operation>(
    operation: &O,
    keys: &Keys,
    directory: &Directory,
    max_age: Duration,
    patience: Duration,
) -> io::Result<State<O::Output>> {
    let fresh = || {
        let body = keys.response.as_ref();
        let body = body.and_then(|key| key.read(directory, max_age));
        body.and_then(|(_, body)| decode(operation, &body))
    };
    if let Some(output) = fresh() {
        return Ok(State::Fresh(output));
    }
    let throttled = || keys.throttle.throttled_for(directory);
    let lock = match &keys.response {
        Some(key) => {
            let lock = directory.try_lock(&key.digest)?;
            if lock.is_none() {
                let is_throttled = throttled().is_some();
                return Ok(State::Locked { is_throttled });
            }
            lock
        }
        None => None,
    };
    // The process that had the lock before may have written an entry.
    let known = fresh().map(State::Fresh);
    let throttled = || throttled().filter(|wait| *wait <= patience);
    let known = known.or_else(|| throttled().map(State::Throttled));
    Ok(known.unwrap_or(State::Free(lock)))
}

/// Accesses the file system on another thread.
async fn on_thread<T: Send + 'static>(
    access: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    let accessed = timeout(FILE_TIMEOUT, run_on_thread(access)).await;
    accessed.unwrap_or_else(|_| {
        let limit = FILE_TIMEOUT.as_secs();
        Err(io::Error::other(format!("no response for {limit} s")))
    })
}

impl SharedResponses {
    /// Shares responses that are at most `max_age` old, in the directory at `path`. Waits at
    /// most `stall_limit` for the response to another process.
    ///
    /// # Errors
    ///
    /// If others could change the files of the directory, or it cannot be opened.
    pub async fn open(
        path: PathBuf,
        max_age: Duration,
        stall_limit: Duration,
    ) -> Result<Self, DirectoryError> {
        Ok(Self {
            directory: Arc::new(on_thread(move || Directory::open(&path)).await??),
            max_age,
            stall_limit,
            fault: OnceLock::new(),
            is_reported: AtomicBool::new(false),
        })
    }

    /// Returns the fault of the directory the first time that this is called after it.
    pub fn take_fault(&self) -> Option<&str> {
        let fault = self.fault.get()?;
        let is_reported = self.is_reported.swap(true, Ordering::Relaxed);
        (!is_reported).then_some(fault)
    }

    /// Looks up the response to an operation. Without one, waits while another process
    /// requests it or the API throttles the operation, but not beyond the deadline.
    ///
    /// # Errors
    ///
    /// If the response has to be requested.
    pub async fn lookup<O: Share>(
        &self,
        operation: &O,
        keys: Keys,
        deadline: Instant,
        gate: &RateGate,
    ) -> Result<O::Output, Claim<'_>> {
        let stalls_at = || deadline.min(Instant::now() + self.stall_limit);
        let mut give_up = stalls_at();
        loop {
            let (query, wanted, max_age) = (operation.clone(), keys.clone(), self.max_age);
            let patience = deadline.saturating_duration_since(Instant::now());
            let state = move |directory: &_| state(&query, &wanted, directory, max_age, patience);
            let lock = match self.access(state).await {
                Some(State::Fresh(output)) => return Ok(output),
                Some(State::Free(lock)) => lock,
                Some(State::Throttled(wait)) => {
                    gate.close_for(wait);
                    sleep(wait).await;
                    give_up = stalls_at();
                    continue;
                }
                Some(State::Locked { is_throttled }) => {
                    if is_throttled {
                        give_up = stalls_at();
                    }
                    if Instant::now() < give_up {
                        sleep_until(give_up.min(Instant::now() + POLL_INTERVAL)).await;
                        continue;
                    }
                    None
                }
                None => None,
            };
            return Err(Claim {
                responses: self,
                keys,
                lock,
            });
        }
    }

    /// Accesses the directory on another thread. Returns `None` after a fault.
    async fn access<T: Send + 'static>(
        &self,
        access: impl FnOnce(&Directory) -> io::Result<T> + Send + 'static,
    ) -> Option<T> {
        if self.fault.get().is_some() {
            return None;
        }
        let directory = Arc::clone(&self.directory);
        let error = match on_thread(move || access(&directory)).await.flatten() {
            Ok(result) => return Some(result),
            Err(error) => error.to_string(),
        };
        tracing::debug!(error, "the cache directory is not used anymore");
        let _ = self.fault.set(error);
        None
    }
}

impl Claim<'_> {
    /// Returns true if other processes wait for the response.
    pub fn is_exclusive(&self) -> bool {
        self.lock.is_some()
    }

    /// Stores the public part of the response to a request that was sent at `sent`, if it has
    /// one.
    pub async fn store(mut self, body: Option<Vec<u8>>, sent: SystemTime) {
        if let Some(key) = self.keys.response.clone()
            && let Some(body) = body
            && let Some(lock) = self.lock.take()
        {
            let write = move |directory: &Directory| {
                let content = key.content(sent, &body)?;
                if content.len() > MAX_BODY {
                    return Ok(());
                }
                directory.write(&key.digest, &content, &lock)
            };
            self.responses.access(write).await;
        }
    }

    /// Makes all processes wait for this time before they request the operation.
    pub async fn throttle(&self, wait: Duration) {
        let (key, now) = (self.keys.throttle.clone(), SystemTime::now());
        let write = move |directory: &Directory| {
            if key.throttled_for(directory) < Some(wait)
                && let Some(lock) = directory.try_lock(&key.digest)?
            {
                let wait = wait.as_micros().div_ceil(1000).to_string();
                let content = key.content(now, wait.as_bytes())?;
                directory.write(&key.digest, &content, &lock)?;
            }
            Ok(())
        };
        self.responses.access(write).await;
    }

    /// Lets another process request the response.
    pub fn release(&mut self) {
        if let Some(lock) = self.lock.take() {
            // Closing can block on a network file system. Without a thread it closes here.
            let _ = std::thread::Builder::new().spawn(move || drop(lock));
        }
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.release();
    }
}
