//! A cache for the credentials of a provider.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::error::CredentialsError;
use super::provider::{Context, ProvideCredentials};
use crate::access_key::Credentials;

/// Credentials are refreshed this long before they expire, or after three quarters of their
/// validity if that is later. A call that is signed just before the refresh arrives in time.
const REFRESH_BEFORE: Duration = Duration::from_mins(3);

/// Time for which a failure is cached. If a service does not respond, one of a hundred
/// reads waits for it.
const NEGATIVE_TTL: Duration = Duration::from_secs(10);

/// Caches the credentials of a provider and refreshes them before they expire. Concurrent
/// callers share one fetch.
#[derive(Debug)]
pub struct Cached<P> {
    provider: P,
    context: Context,
    /// Locked during a fetch, so that other callers wait for its result.
    entry: Mutex<CacheEntry>,
}

#[derive(Debug)]
enum CacheEntry {
    Empty,
    Credentials(Arc<Credentials>, Option<Expiry>),
    Failed(CredentialsError, Instant),
}

/// Times of refresh and expiration.
#[derive(Clone, Copy, Debug)]
struct Expiry {
    refresh: Instant,
    end: Instant,
}

impl Expiry {
    fn at(end: Instant) -> Self {
        let left = end.saturating_duration_since(Instant::now());
        let refresh = end - REFRESH_BEFORE.min(left / 4);
        Self { refresh, end }
    }

    fn of(credentials: &Credentials) -> Option<Self> {
        let end = credentials.expiration?;
        let left = end.duration_since(SystemTime::now()).unwrap_or_default();
        Some(Self::at(Instant::now() + left))
    }
}

impl<P: ProvideCredentials> Cached<P> {
    /// Creates an empty cache.
    pub fn new(provider: P, context: Context) -> Self {
        Self {
            provider,
            context,
            entry: Mutex::new(CacheEntry::Empty),
        }
    }

    /// Returns the cached credentials, or fetches them. If the caller is canceled during a
    /// fetch, the next caller fetches.
    ///
    /// # Errors
    ///
    /// If fetching fails, or failed within the last ten seconds.
    pub async fn get(&self) -> Result<Arc<Credentials>, CredentialsError> {
        self.get_locked(&mut *self.entry.lock().await).await
    }

    /// Returns credentials other than `rejected`, which the API did not accept. Of several
    /// callers with the same rejected credentials, one fetches.
    ///
    /// # Errors
    ///
    /// As [`Self::get`].
    pub async fn refresh_if_current(
        &self,
        rejected: &Arc<Credentials>,
    ) -> Result<Arc<Credentials>, CredentialsError> {
        let mut entry = self.entry.lock().await;
        if matches!(&*entry, CacheEntry::Credentials(current, _) if Arc::ptr_eq(current, rejected))
        {
            *entry = CacheEntry::Empty;
        }
        self.get_locked(&mut entry).await
    }

    async fn get_locked(
        &self,
        entry: &mut CacheEntry,
    ) -> Result<Arc<Credentials>, CredentialsError> {
        let now = Instant::now();
        let old = match entry {
            CacheEntry::Credentials(credentials, None) => return Ok(Arc::clone(credentials)),
            CacheEntry::Credentials(credentials, Some(expiry)) if now < expiry.refresh => {
                return Ok(Arc::clone(credentials));
            }
            CacheEntry::Failed(error, since) if now < *since + NEGATIVE_TTL => {
                return Err(error.clone());
            }
            CacheEntry::Credentials(credentials, Some(expiry)) => {
                Some((Arc::clone(credentials), expiry.end))
            }
            CacheEntry::Empty | CacheEntry::Failed(..) => None,
        };
        match (self.provider.provide(&self.context).await, old) {
            (Ok(fetched), _) => {
                let access_key_id = fetched.redacted_id();
                tracing::debug!(access_key_id, "fetched credentials");
                let expiry = Expiry::of(&fetched);
                let fetched = Arc::new(fetched);
                *entry = CacheEntry::Credentials(Arc::clone(&fetched), expiry);
                Ok(fetched)
            }
            // The old credentials have not expired.
            (Err(error), Some((old, end))) if Instant::now() < end => {
                tracing::warn!(%error, "refreshing credentials failed, using the old ones");
                *entry = CacheEntry::Credentials(Arc::clone(&old), Some(Expiry::at(end)));
                Ok(old)
            }
            (Err(error), _) => {
                *entry = CacheEntry::Failed(error.clone(), Instant::now());
                Err(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;
    use futures_util::future::join_all;
    use tokio::time::{advance, sleep, timeout};

    use super::*;
    use crate::credentials::source::CredentialsSource;
    use crate::fuzzing::context;

    /// Duration of a fetch.
    const FETCH: Duration = Duration::from_secs(1);

    /// Provides keys that are numbered from 0, and fails from `fails_from`.
    #[derive(Debug)]
    struct Numbered {
        validity: Option<Duration>,
        fails_from: usize,
        fetches: AtomicUsize,
    }

    #[async_trait]
    impl ProvideCredentials for Numbered {
        async fn provide(&self, _: &Context) -> Result<Credentials, CredentialsError> {
            let number = self.fetches.fetch_add(1, Ordering::SeqCst);
            sleep(FETCH).await;
            if number >= self.fails_from {
                return Err(failure());
            }
            Ok(Credentials {
                access_key_id: format!("key-{number}"),
                access_key_secret: "secret".into(),
                security_token: None,
                expiration: self.validity.map(|validity| SystemTime::now() + validity),
                source: CredentialsSource::Arguments,
            })
        }
    }

    fn failure() -> CredentialsError {
        CredentialsError::NotSet("it is not set")
    }

    fn cache(validity: Option<Duration>, fails_from: usize) -> Cached<Numbered> {
        let provider = Numbered {
            validity,
            fails_from,
            fetches: AtomicUsize::new(0),
        };
        Cached::new(provider, context())
    }

    impl Cached<Numbered> {
        async fn key(&self) -> String {
            self.get().await.unwrap().access_key_id.clone()
        }

        fn fetches(&self) -> usize {
            self.provider.fetches.load(Ordering::SeqCst)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn concurrent_gets_share_one_fetch() {
        let cache = cache(None, usize::MAX);
        let keys = join_all((0..50).map(|_| cache.key())).await;
        assert_eq!(keys, ["key-0"; 50]);
        assert_eq!(cache.key().await, "key-0");
        assert_eq!(cache.fetches(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn waiter_fetches_when_the_first_caller_is_canceled() {
        let cache = cache(None, usize::MAX);
        let (first, keys) = tokio::join!(
            timeout(FETCH / 2, cache.get()),
            join_all((0..50).map(|_| cache.key()))
        );
        assert!(first.is_err());
        assert_eq!(keys, ["key-1"; 50]);
        assert_eq!(cache.fetches(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn credentials_are_refreshed_before_they_expire() {
        let cache = cache(Some(Duration::from_hours(1)), usize::MAX);
        assert_eq!(cache.key().await, "key-0");
        advance(Duration::from_mins(56)).await;
        assert_eq!(cache.key().await, "key-0");
        advance(Duration::from_mins(2)).await;
        assert_eq!(cache.key().await, "key-1");
    }

    #[tokio::test(start_paused = true)]
    async fn old_credentials_are_used_until_they_expire_if_refresh_fails() {
        let cache = cache(Some(Duration::from_hours(1)), 1);
        cache.get().await.unwrap();
        advance(Duration::from_mins(58)).await;
        assert_eq!(cache.key().await, "key-0");
        assert_eq!(cache.fetches(), 2);
        // The next refresh is not immediate.
        assert_eq!(cache.key().await, "key-0");
        assert_eq!(cache.fetches(), 2);
        advance(Duration::from_mins(3)).await;
        assert_eq!(cache.get().await.unwrap_err(), failure());
    }

    #[tokio::test(start_paused = true)]
    async fn failure_is_cached_briefly() {
        let cache = cache(None, 0);
        let all = join_all((0..50).map(|_| cache.get())).await;
        assert!(all.iter().all(Result::is_err));
        assert_eq!(cache.get().await.unwrap_err(), failure());
        assert_eq!(cache.fetches(), 1);
        advance(NEGATIVE_TTL).await;
        assert_eq!(cache.get().await.unwrap_err(), failure());
        assert_eq!(cache.fetches(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn rejected_credentials_are_refreshed_once() {
        let cache = cache(None, usize::MAX);
        let rejected = cache.get().await.unwrap();
        let all = join_all((0..50).map(|_| cache.refresh_if_current(&rejected))).await;
        let keys = all.iter().map(|one| &one.as_ref().unwrap().access_key_id);
        assert!(keys.eq(["key-1"; 50].iter()));
        assert_eq!(cache.fetches(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn refresh_precedes_expiration_by_three_minutes_or_a_quarter() {
        let now = Instant::now();
        let refresh = |seconds| {
            let expiry = Expiry::at(now + Duration::from_secs(seconds));
            expiry.refresh.duration_since(now).as_secs()
        };
        assert_eq!(
            [refresh(3600), refresh(720), refresh(40), refresh(0)],
            [3420, 540, 30, 0]
        );
    }
}
