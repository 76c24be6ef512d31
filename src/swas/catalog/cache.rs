//! Cached entries of an operation, which are locked during a call.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::{Instant, sleep_until};

use super::error::CatalogError;
use super::reads::Read;

/// Entries of a cache, which are never removed.
#[derive(Debug)]
pub struct Entries<K, T>(Mutex<HashMap<K, Arc<T>>>);

impl<K, T> Default for Entries<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + Eq + Hash, T: Default> Entries<K, T> {
    pub fn entry(&self, key: &K) -> Arc<T> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(entries.entry(key.clone()).or_default())
    }
}

/// A failure that later reads share while they accept responses of its time: of a hundred
/// reads without permission, not every one makes a call.
#[derive(Debug)]
pub struct CachedFailure {
    at: Instant,
    error: CatalogError,
    /// When the next attempt was due. `None` if a retry would fail again.
    retry_at: Option<Instant>,
}

impl CachedFailure {
    pub fn new(error: CatalogError) -> Self {
        let at = Instant::now();
        let next_wait = match &error {
            CatalogError::Call(call) => call.retries.next_wait,
            CatalogError::Credentials(_) => None,
        };
        Self {
            at,
            error,
            retry_at: next_wait.map(|wait| at + wait),
        }
    }

    /// Returns when the read can make a call: at once if the failure is too old.
    ///
    /// # Errors
    ///
    /// Immediately, with the failure, if the read cannot retry before its deadline.
    pub async fn check<Q>(&self, read: &Read<Q>) -> Result<(), CatalogError> {
        if self.at < read.not_before {
            return Ok(());
        }
        match self.retry_at {
            Some(retry_at) if retry_at <= read.deadline => {
                sleep_until(retry_at).await;
                Ok(())
            }
            retry_at => {
                let mut error = self.error.clone();
                if let CatalogError::Call(call) = &mut error {
                    let now = Instant::now();
                    call.retries.next_wait = retry_at.map(|at| at.saturating_duration_since(now));
                }
                Err(error)
            }
        }
    }
}
