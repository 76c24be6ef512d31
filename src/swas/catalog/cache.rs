//! Cache of operations: one fetch at a time for each key, whose result all reads share.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::{Instant, sleep_until};

use super::calls::{Api, Calls};
use super::error::LoadError;
use super::reads::Read;
use crate::swas::operations::Share;

/// The key of a cached value.
pub trait Fetch: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    type Value: Clone + Send + Sync + 'static;

    /// Fetches the value for a read of this key. If the value can change during a run of
    /// Terraform, returns it with the time of its oldest request. It then expires, see
    /// [`Read::not_before`].
    fn fetch<A: Api>(
        read: &Read<Self>,
        calls: &Calls<A, Self>,
    ) -> impl Future<Output = Result<(Option<Instant>, Self::Value), Box<LoadError>>> + Send;
}

/// No run of Terraform can change what plans and regions there are. Their key is the
/// operation itself.
impl<O> Fetch for O
where
    O: Share + Debug + Eq + Hash,
    O::Output: Sync,
{
    type Value = Arc<O::Output>;

    async fn fetch<A: Api>(
        read: &Read<Self>,
        calls: &Calls<A, Self>,
    ) -> Result<(Option<Instant>, Self::Value), Box<LoadError>> {
        let key = &read.query;
        let plan = || (key.clone(), calls.reads.count(key));
        let called = calls.call(read.deadline, plan).await;
        Ok((None, Arc::new(called.result?)))
    }
}

/// Cached values of one operation. Concurrent reads of a key share one fetch.
#[derive(Debug)]
pub struct Cached<A, K: Fetch> {
    pub calls: Calls<A, K>,
    /// Locked during a fetch, so that other reads wait for its result. They get the lock, and
    /// reach their deadlines, in the order in which they began.
    entries: Mutex<HashMap<K, Arc<CacheEntry<K::Value>>>>,
}

/// The last value, with its time if it expires, or the last failure.
type CacheEntry<V> = tokio::sync::Mutex<Option<Result<(Option<Instant>, V), CachedFailure>>>;

impl<A: Api, K: Fetch> Cached<A, K> {
    pub fn new(calls: Calls<A, K>) -> Self {
        Self {
            calls,
            entries: Mutex::default(),
        }
    }

    /// Returns the cached value, or fetches it. If the caller is canceled during a fetch,
    /// the next caller fetches.
    ///
    /// # Errors
    ///
    /// If fetching fails, or has just failed.
    pub async fn get(&self, key: K) -> Result<K::Value, Box<LoadError>> {
        let read = self.calls.begin(key);
        let entry = entry(&self.entries, &read.query);
        let mut entry = entry.lock().await;
        match &*entry {
            Some(Ok((sent, value))) if sent.is_none_or(|sent| sent >= read.not_before) => {
                return Ok(value.clone());
            }
            Some(Err(failure)) => failure.check(&read).await?,
            Some(Ok(_)) | None => {}
        }
        let fetched = K::fetch(&read, &self.calls).await;
        *entry = Some(fetched.clone().map_err(CachedFailure::new));
        fetched.map(|(_, value)| value)
    }
}

/// Returns the entry of a cache, which is never removed.
pub fn entry<K: Clone + Eq + Hash, T: Default>(
    entries: &Mutex<HashMap<K, Arc<T>>>,
    key: &K,
) -> Arc<T> {
    let mut entries = entries.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(entries.entry(key.clone()).or_default())
}

/// A failure that later reads share while they accept responses of its time: of a hundred
/// reads without permission, not every one makes a call.
#[derive(Debug)]
pub struct CachedFailure {
    at: Instant,
    error: Box<LoadError>,
}

impl CachedFailure {
    pub fn new(error: Box<LoadError>) -> Self {
        let at = Instant::now();
        Self { at, error }
    }

    /// Returns when the read can make a call: at once if the failure is too old.
    ///
    /// # Errors
    ///
    /// Immediately, with the failure, if the read cannot retry before its deadline.
    pub async fn check<Q>(&self, read: &Read<Q>) -> Result<(), Box<LoadError>> {
        if self.at < read.not_before {
            return Ok(());
        }
        // `None` if a retry would fail again.
        let retry_at = self.error.history.next_wait.map(|wait| self.at + wait);
        match retry_at {
            Some(retry_at) if retry_at <= read.deadline => {
                sleep_until(retry_at).await;
                Ok(())
            }
            retry_at => {
                let mut error = self.error.clone();
                let wait = retry_at.map(|at| at.saturating_duration_since(Instant::now()));
                error.history.next_wait = wait;
                Err(error)
            }
        }
    }
}
