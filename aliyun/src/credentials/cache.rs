//! Credentials that are fetched when they are first needed and kept.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{Credentials, CredentialsError};

/// Credentials are fetched afresh when they have no more than this left, or a
/// quarter of their life if that is less. A call that begins before has its
/// time to arrive.
const MARGIN: Duration = Duration::from_mins(3);

/// For how long a failed fetch stands for the next ones: of a hundred reads, one
/// waits for a service that does not answer.
const FAILURE_KEPT: Duration = Duration::from_secs(10);

/// Something that credentials are fetched from.
pub trait FetchCredentials {
    fn fetch(&self) -> impl Future<Output = Result<Credentials, CredentialsError>> + Send;
}

/// Credentials, kept until shortly before they end. However many ask at one
/// time, they are fetched once for all.
#[derive(Debug)]
pub struct CredentialsCache<S> {
    source: S,
    /// Held while fetching, so that whoever else asks waits for what it brings.
    kept: Mutex<CacheEntry>,
}

#[derive(Debug)]
enum CacheEntry {
    Nothing,
    Credentials(Arc<Credentials>, Option<Life>),
    Failed(CredentialsError, Instant),
}

/// When credentials are to be fetched afresh, and when they end.
#[derive(Clone, Copy, Debug)]
struct Life {
    refresh: Instant,
    end: Instant,
}

impl Life {
    fn until(end: Instant) -> Self {
        let left = end.saturating_duration_since(Instant::now());
        let refresh = end - MARGIN.min(left / 4);
        Self { refresh, end }
    }

    fn of(credentials: &Credentials) -> Option<Self> {
        let end = credentials.expiration?;
        let left = end.duration_since(SystemTime::now()).unwrap_or_default();
        Some(Self::until(Instant::now() + left))
    }
}

impl<S: FetchCredentials> CredentialsCache<S> {
    /// Keeps what the source gives. Nothing is fetched yet.
    pub fn new(source: S) -> Self {
        Self {
            source,
            kept: Mutex::new(CacheEntry::Nothing),
        }
    }

    /// The credentials kept, or else fetched now.
    ///
    /// Who gives up while fetching leaves that to the next one who waits.
    ///
    /// # Errors
    ///
    /// When they cannot be fetched, or could not a moment ago.
    pub async fn get(&self) -> Result<Arc<Credentials>, CredentialsError> {
        self.current(&mut *self.kept.lock().await).await
    }

    /// Other credentials than `refused`, which the API does not take.
    ///
    /// # Errors
    ///
    /// When they cannot be fetched.
    pub async fn replace(
        &self,
        refused: &Arc<Credentials>,
    ) -> Result<Arc<Credentials>, CredentialsError> {
        let mut kept = self.kept.lock().await;
        // Otherwise somebody else has replaced them already.
        if matches!(&*kept, CacheEntry::Credentials(current, _) if Arc::ptr_eq(current, refused)) {
            *kept = CacheEntry::Nothing;
        }
        self.current(&mut kept).await
    }

    async fn current(&self, kept: &mut CacheEntry) -> Result<Arc<Credentials>, CredentialsError> {
        let now = Instant::now();
        let old = match kept {
            CacheEntry::Credentials(credentials, None) => return Ok(Arc::clone(credentials)),
            CacheEntry::Credentials(credentials, Some(life)) if now < life.refresh => {
                return Ok(Arc::clone(credentials));
            }
            CacheEntry::Failed(error, since) if now < *since + FAILURE_KEPT => {
                return Err(error.clone());
            }
            CacheEntry::Credentials(credentials, Some(life)) => {
                Some((Arc::clone(credentials), life.end))
            }
            CacheEntry::Nothing | CacheEntry::Failed(..) => None,
        };
        match (self.source.fetch().await, old) {
            (Ok(fetched), _) => {
                let access_key_id = fetched.redacted_id();
                tracing::debug!(access_key_id, "fetched credentials");
                let life = Life::of(&fetched);
                let fetched = Arc::new(fetched);
                *kept = CacheEntry::Credentials(Arc::clone(&fetched), life);
                Ok(fetched)
            }
            // They still are good for a while.
            (Err(error), Some((old, end))) if Instant::now() < end => {
                tracing::warn!(%error, "cannot fetch new credentials yet");
                *kept = CacheEntry::Credentials(Arc::clone(&old), Some(Life::until(end)));
                Ok(old)
            }
            (Err(error), _) => {
                *kept = CacheEntry::Failed(error.clone(), Instant::now());
                Err(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;
    use tokio::time::{advance, sleep, timeout};

    use super::*;
    use crate::credentials::{Place, Reason};

    /// How long a fetch takes.
    const FETCH: Duration = Duration::from_secs(1);

    /// Gives keys that are numbered from 0 until `fails_from`.
    struct Numbered {
        life: Option<Duration>,
        fails_from: usize,
        asked: AtomicUsize,
    }

    impl FetchCredentials for Numbered {
        async fn fetch(&self) -> Result<Credentials, CredentialsError> {
            let number = self.asked.fetch_add(1, Ordering::SeqCst);
            sleep(FETCH).await;
            if number >= self.fails_from {
                return Err(failure());
            }
            Ok(Credentials {
                access_key_id: format!("key-{number}"),
                access_key_secret: "secret".into(),
                security_token: None,
                expiration: self.life.map(|life| SystemTime::now() + life),
            })
        }
    }

    fn failure() -> CredentialsError {
        CredentialsError::Unusable {
            place: Place::Uri,
            reason: Reason::NotSet("it is not set"),
        }
    }

    fn cache(life: Option<Duration>, fails_from: usize) -> CredentialsCache<Numbered> {
        CredentialsCache::new(Numbered {
            life,
            fails_from,
            asked: AtomicUsize::new(0),
        })
    }

    impl CredentialsCache<Numbered> {
        async fn key(&self) -> String {
            self.get().await.unwrap().access_key_id.clone()
        }

        fn asked(&self) -> usize {
            self.source.asked.load(Ordering::SeqCst)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn everybody_waits_for_one_fetch() {
        let cache = cache(None, usize::MAX);
        let keys = join_all((0..50).map(|_| cache.key())).await;
        assert_eq!(keys, ["key-0"; 50]);
        assert_eq!(cache.key().await, "key-0");
        assert_eq!(cache.asked(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn one_who_waits_fetches_when_the_first_to_ask_gives_up() {
        let cache = cache(None, usize::MAX);
        let (first, keys) = tokio::join!(
            timeout(FETCH / 2, cache.get()),
            join_all((0..50).map(|_| cache.key()))
        );
        assert!(first.is_err());
        assert_eq!(keys, ["key-1"; 50]);
        assert_eq!(cache.asked(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn credentials_about_to_end_are_replaced_before() {
        let cache = cache(Some(Duration::from_hours(1)), usize::MAX);
        assert_eq!(cache.key().await, "key-0");
        advance(Duration::from_mins(56)).await;
        assert_eq!(cache.key().await, "key-0");
        advance(Duration::from_mins(2)).await;
        assert_eq!(cache.key().await, "key-1");
    }

    #[tokio::test(start_paused = true)]
    async fn credentials_serve_until_their_end_while_there_are_no_others() {
        let cache = cache(Some(Duration::from_hours(1)), 1);
        cache.get().await.unwrap();
        advance(Duration::from_mins(58)).await;
        assert_eq!(cache.key().await, "key-0");
        assert_eq!(cache.asked(), 2);
        // It is not asked again at once.
        assert_eq!(cache.key().await, "key-0");
        assert_eq!(cache.asked(), 2);
        advance(Duration::from_mins(3)).await;
        assert_eq!(cache.get().await.unwrap_err(), failure());
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_stands_for_those_who_wait_and_those_who_come_soon() {
        let cache = cache(None, 0);
        let all = join_all((0..50).map(|_| cache.get())).await;
        assert!(all.iter().all(Result::is_err));
        assert_eq!(cache.get().await.unwrap_err(), failure());
        assert_eq!(cache.asked(), 1);
        advance(FAILURE_KEPT).await;
        assert_eq!(cache.get().await.unwrap_err(), failure());
        assert_eq!(cache.asked(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn refused_credentials_are_replaced_once_for_all() {
        let cache = cache(None, usize::MAX);
        let refused = cache.get().await.unwrap();
        let all = join_all((0..50).map(|_| cache.replace(&refused))).await;
        let keys = all.iter().map(|one| &one.as_ref().unwrap().access_key_id);
        assert!(keys.eq(["key-1"; 50].iter()));
        assert_eq!(cache.asked(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn the_margin_is_three_minutes_or_a_quarter() {
        let now = Instant::now();
        let refresh = |seconds| {
            let life = Life::until(now + Duration::from_secs(seconds));
            life.refresh.duration_since(now).as_secs()
        };
        assert_eq!(
            [refresh(3600), refresh(720), refresh(40), refresh(0)],
            [3420, 540, 30, 0]
        );
    }
}
