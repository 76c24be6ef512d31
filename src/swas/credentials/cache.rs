//! Credentials that are fetched when they are first needed and kept.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};

use super::{Credentials, CredentialsError};

/// Credentials are fetched afresh when they have no more than this left, or a
/// quarter of their life if that is less. A call that begins before has its
/// time to arrive.
const MARGIN: Duration = Duration::from_mins(3);

/// For how long a failed fetch stands for the next ones: of a hundred reads, one
/// waits for a service that does not answer.
const FAILURE_KEPT: Duration = Duration::from_secs(10);

type Fetched = Result<Arc<Credentials>, CredentialsError>;
type Fetch = Shared<BoxFuture<'static, Fetched>>;

/// What credentials are fetched with.
pub type Fetcher =
    Box<dyn Fn() -> BoxFuture<'static, Result<Credentials, CredentialsError>> + Send + Sync>;

/// Credentials, kept until shortly before they end. However many ask at one
/// time, they are fetched once for all.
pub struct CredentialsCache {
    fetcher: Fetcher,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Tells fetches apart.
    fetches: u64,
    kept: Kept,
}

#[derive(Default)]
enum Kept {
    #[default]
    Nothing,
    /// A fetch under way, by its number. Until it is done there may be others
    /// that are about to end.
    Fetch(u64, Fetch, Option<Arc<Credentials>>),
    Credentials(Arc<Credentials>, Option<SystemTime>),
    Failure(CredentialsError, Instant),
}

impl fmt::Debug for CredentialsCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsCache").finish_non_exhaustive()
    }
}

impl CredentialsCache {
    /// Keeps what `fetcher` fetches. Nothing is fetched yet.
    #[must_use]
    pub fn new(fetcher: Fetcher) -> Self {
        Self {
            fetcher,
            state: Mutex::default(),
        }
    }

    /// The credentials kept, or else fetched now.
    ///
    /// # Errors
    ///
    /// When they cannot be fetched, or could not a moment ago.
    pub async fn get(&self) -> Result<Arc<Credentials>, CredentialsError> {
        let (number, fetch) = {
            let mut state = self.state();
            let old = match &state.kept {
                Kept::Fetch(number, fetch, _) => Ok((*number, fetch.clone())),
                Kept::Credentials(credentials, refresh) => {
                    if refresh.is_none_or(|refresh| SystemTime::now() < refresh) {
                        return Ok(Arc::clone(credentials));
                    }
                    Err(Some(Arc::clone(credentials)))
                }
                Kept::Failure(error, since) if since.elapsed() < FAILURE_KEPT => {
                    return Err(error.clone());
                }
                Kept::Nothing | Kept::Failure(..) => Err(None),
            };
            old.unwrap_or_else(|old| self.start(&mut state, old))
        };
        // Whoever waits moves it on, so that it does not depend on the one who
        // started it.
        let fetched = fetch.await;
        self.settle(number, fetched)
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
        {
            let mut state = self.state();
            // Otherwise somebody else has replaced them already.
            if matches!(&state.kept, Kept::Credentials(kept, _) if Arc::ptr_eq(kept, refused)) {
                state.kept = Kept::Nothing;
            }
        }
        self.get().await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is made in one step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self, state: &mut State, old: Option<Arc<Credentials>>) -> (u64, Fetch) {
        let fetch = (self.fetcher)();
        let fetch = fetch.map(|fetched| fetched.map(Arc::new)).boxed().shared();
        state.fetches += 1;
        let number = state.fetches;
        state.kept = Kept::Fetch(number, fetch.clone(), old);
        (number, fetch)
    }

    /// Keeps what the fetch brought, if nobody has done it yet.
    fn settle(&self, number: u64, fetched: Fetched) -> Fetched {
        let mut state = self.state();
        let old = match &state.kept {
            Kept::Fetch(current, _, old) if *current == number => old.clone(),
            _ => return fetched,
        };
        let now = SystemTime::now();
        match (&fetched, old) {
            (Ok(credentials), _) => {
                tracing::debug!(
                    access_key_id = credentials.shown_id(),
                    "fetched credentials"
                );
                let refresh = credentials.expiration.map(|end| refresh_time(now, end));
                state.kept = Kept::Credentials(Arc::clone(credentials), refresh);
                fetched
            }
            // They still are good for a while.
            (Err(error), Some(old)) if old.expiration.is_some_and(|end| now < end) => {
                tracing::warn!(%error, "cannot fetch new credentials yet");
                let refresh = old.expiration.map(|end| refresh_time(now, end));
                state.kept = Kept::Credentials(Arc::clone(&old), refresh);
                Ok(old)
            }
            (Err(error), _) => {
                state.kept = Kept::Failure(error.clone(), Instant::now());
                fetched
            }
        }
    }
}

/// When to fetch afresh what ends at `end`.
fn refresh_time(now: SystemTime, end: SystemTime) -> SystemTime {
    let life = end.duration_since(now).unwrap_or_default();
    now + life - MARGIN.min(life / 4)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::swas::credentials::{Place, Reason};

    type Answer = Result<Credentials, CredentialsError>;

    fn credentials(number: usize, life: Option<Duration>) -> Credentials {
        Credentials {
            access_key_id: format!("key-{number}"),
            access_key_secret: "secret".into(),
            security_token: None,
            expiration: life.map(|life| SystemTime::now() + life),
        }
    }

    fn failure() -> CredentialsError {
        CredentialsError::Unusable {
            place: Place::Uri,
            reason: Reason::Expiration,
        }
    }

    /// Counts the fetches, each of which takes a moment.
    fn cache(
        answer: impl Fn(usize) -> Answer + Send + Sync + 'static,
    ) -> (CredentialsCache, Arc<AtomicUsize>) {
        let count = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&count);
        let cache = CredentialsCache::new(Box::new(move || {
            let answer = answer(counter.fetch_add(1, Ordering::SeqCst));
            async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                answer
            }
            .boxed()
        }));
        (cache, count)
    }

    #[tokio::test]
    async fn everybody_waits_for_one_fetch() {
        let (cache, count) = cache(|number| Ok(credentials(number, None)));
        let all = futures_util::future::join_all((0..50).map(|_| cache.get())).await;
        assert!(
            all.iter()
                .all(|one| one.as_ref().unwrap().access_key_id == "key-0")
        );
        assert_eq!(cache.get().await.unwrap().access_key_id, "key-0");
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_fetch_goes_on_when_the_first_to_ask_gives_up() {
        let (cache, count) = cache(|number| Ok(credentials(number, None)));
        let first = tokio::time::timeout(Duration::from_millis(1), cache.get());
        assert!(first.await.is_err());
        assert_eq!(cache.get().await.unwrap().access_key_id, "key-0");
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn credentials_about_to_end_are_replaced_before() {
        let life = Duration::from_millis(200);
        let (cache, _) = cache(move |number| Ok(credentials(number, Some(life))));
        assert_eq!(cache.get().await.unwrap().access_key_id, "key-0");
        assert_eq!(cache.get().await.unwrap().access_key_id, "key-0");
        tokio::time::sleep(Duration::from_millis(170)).await;
        assert_eq!(cache.get().await.unwrap().access_key_id, "key-1");
    }

    #[tokio::test]
    async fn credentials_serve_until_their_end_while_there_are_no_others() {
        let life = Duration::from_millis(400);
        let (cache, count) = cache(move |number| match number {
            0 => Ok(credentials(0, Some(life))),
            _ => Err(failure()),
        });
        cache.get().await.unwrap();
        tokio::time::sleep(Duration::from_millis(310)).await;
        assert_eq!(cache.get().await.unwrap().access_key_id, "key-0");
        assert_eq!(count.load(Ordering::SeqCst), 2);
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(cache.get().await.unwrap_err(), failure());
    }

    #[tokio::test]
    async fn a_failure_stands_for_those_who_wait_and_those_who_come_soon() {
        let (cache, count) = cache(|_| Err(failure()));
        let all = futures_util::future::join_all((0..50).map(|_| cache.get())).await;
        assert!(all.iter().all(Result::is_err));
        assert!(cache.get().await.is_err());
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn refused_credentials_are_replaced_once_for_all() {
        let (cache, count) = cache(|number| Ok(credentials(number, None)));
        let refused = cache.get().await.unwrap();
        let all = futures_util::future::join_all((0..50).map(|_| cache.replace(&refused))).await;
        assert!(
            all.iter()
                .all(|one| one.as_ref().unwrap().access_key_id == "key-1")
        );
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn the_margin_is_three_minutes_or_a_quarter() {
        let now = SystemTime::UNIX_EPOCH;
        let refresh = |seconds| {
            let refresh = refresh_time(now, now + Duration::from_secs(seconds));
            refresh.duration_since(now).unwrap().as_secs()
        };
        assert_eq!(
            [refresh(3600), refresh(720), refresh(40), refresh(0)],
            [3420, 540, 30, 0]
        );
    }
}
