//! The reads of one operation that are in progress, and the freshness that they need.

use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Maximum age of a response that can change during a run of Terraform, counted from the
/// time of its request to the start of a read.
pub const MAX_AGE: Duration = Duration::from_secs(1);

/// Time without reads after which earlier responses do not count. Terraform starts the
/// next of many reads within milliseconds. In a longer pause it did something else, such
/// as creating an image.
const IDLE_RESET: Duration = Duration::from_millis(20);

/// Maximum number of calls up to which [`IDLE_RESET`] applies. On a busy machine there are
/// pauses between reads as well, which must not cost the quota.
const MAX_CALLS_WITH_RESET: u64 = 3;

/// The reads of one operation.
#[derive(Debug)]
pub struct Reads<Q>(Mutex<ReadsState<Q>>);

#[derive(Debug)]
struct ReadsState<Q> {
    /// Reads in progress, the oldest first.
    active: Vec<Arc<Read<Q>>>,
    /// When the last read ended, if none is in progress.
    idle_since: Option<Instant>,
    /// When the first read after the last pause began.
    reset_at: Option<Instant>,
}

/// A read in progress.
#[derive(Debug)]
pub struct Read<Q> {
    pub query: Q,
    /// Responses to earlier requests do not count if they can have changed.
    pub not_before: Instant,
    /// No attempt after a failure begins later.
    pub deadline: Instant,
    /// See [`Self::separate`].
    is_separate: AtomicBool,
}

/// Keeps a read among the active ones until it is dropped.
#[derive(Debug)]
pub struct ActiveRead<'a, Q> {
    reads: &'a Reads<Q>,
    read: Arc<Read<Q>>,
}

impl<Q> Read<Q> {
    pub fn new(query: Q, not_before: Instant, deadline: Instant) -> Self {
        Self {
            query,
            not_before,
            deadline,
            is_separate: AtomicBool::new(false),
        }
    }

    /// Excludes the read from calls that serve several reads.
    pub fn separate(&self) {
        self.is_separate.store(true, Ordering::Relaxed);
    }

    pub fn is_separate(&self) -> bool {
        self.is_separate.load(Ordering::Relaxed)
    }
}

impl<Q> Reads<Q> {
    pub fn new() -> Self {
        Self(Mutex::new(ReadsState {
            active: Vec::new(),
            idle_since: None,
            reset_at: None,
        }))
    }

    /// Starts a read that retries for up to `limit`. `calls` is the number of calls so far.
    pub fn begin(&self, query: Q, limit: Duration, calls: u64) -> ActiveRead<'_, Q> {
        let now = Instant::now();
        let mut state = self.state();
        let idle = state.idle_since.take().map(|since| now - since);
        // A longer pause makes no difference: MAX_AGE has passed.
        if idle.is_some_and(|idle| (IDLE_RESET..MAX_AGE).contains(&idle))
            && calls <= MAX_CALLS_WITH_RESET
        {
            state.reset_at = Some(now);
        }
        let oldest = now.checked_sub(MAX_AGE).unwrap_or(now);
        let not_before = state.reset_at.map_or(oldest, |reset| oldest.max(reset));
        let read = Arc::new(Read::new(query, not_before, now + limit));
        state.active.push(Arc::clone(&read));
        ActiveRead { reads: self, read }
    }

    /// Returns the reads in progress, the oldest first.
    pub fn active(&self) -> Vec<Arc<Read<Q>>> {
        self.state().active.clone()
    }

    /// Returns the number of reads in progress with this query.
    pub fn count(&self, query: &Q) -> usize
    where
        Q: PartialEq,
    {
        let state = self.state();
        let same = state.active.iter().filter(|read| read.query == *query);
        same.count()
    }

    fn state(&self) -> MutexGuard<'_, ReadsState<Q>> {
        // Each change is complete when the lock is released.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Q> Deref for ActiveRead<'_, Q> {
    type Target = Read<Q>;

    fn deref(&self) -> &Read<Q> {
        &self.read
    }
}

impl<Q> Drop for ActiveRead<'_, Q> {
    fn drop(&mut self) {
        let mut state = self.reads.state();
        state.active.retain(|read| !Arc::ptr_eq(read, &self.read));
        if state.active.is_empty() {
            state.idle_since = Some(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pause_resets_freshness_while_there_are_few_calls() {
        advance(MAX_AGE * 2).await;
        let reads = Reads::new();
        // Milliseconds since the last read ended, calls, and the maximum age.
        let table = [
            (0, 0, MAX_AGE),
            (19, 1, MAX_AGE),
            (20, 1, Duration::ZERO),
            (10, 2, Duration::from_millis(10)),
            (999, 2, Duration::ZERO),
            (1000, 2, MAX_AGE),
            (300, 3, Duration::ZERO),
            (300, 4, Duration::from_millis(300)),
            (300, 4, Duration::from_millis(600)),
            (600, 4, MAX_AGE),
        ];
        for (row, (pause, calls, age)) in table.into_iter().enumerate() {
            advance(Duration::from_millis(pause)).await;
            let read = reads.begin((), Duration::ZERO, calls);
            assert_eq!(read.not_before.elapsed(), age, "row {row}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn freshness_is_not_reset_while_a_read_is_active() {
        advance(MAX_AGE * 2).await;
        let reads = Reads::new();
        let _active = reads.begin((), Duration::ZERO, 0);
        drop(reads.begin((), Duration::ZERO, 0));
        advance(IDLE_RESET * 2).await;
        let later = reads.begin((), Duration::ZERO, 0);
        assert_eq!(later.not_before.elapsed(), MAX_AGE);
    }
}
