//! How much may be on its way at one time, in the whole process: hundreds of reads
//! neither run out of files nor of memory.

use tokio::sync::{Semaphore, SemaphorePermit};

/// Calls that are made at one time.
static CALLS: Semaphore = Semaphore::const_new(16);

/// Answers of more than [`SHORT_ANSWER`] that are held at one time.
static LONG_ANSWERS: Semaphore = Semaphore::const_new(1);

/// The longest answer that comes along with others, in bytes. All images of a
/// region are a fiftieth of it.
pub const SHORT_ANSWER: usize = 1024 * 1024;

/// Waits until one more call may be made, for as long as what is returned lives.
pub async fn call() -> SemaphorePermit<'static> {
    permit(&CALLS).await
}

/// Waits until one more answer may be longer than [`SHORT_ANSWER`], for as long as
/// what is returned lives.
pub async fn long_answer() -> SemaphorePermit<'static> {
    permit(&LONG_ANSWERS).await
}

async fn permit(semaphore: &'static Semaphore) -> SemaphorePermit<'static> {
    // Only one that was closed gives none, and nobody closes these.
    semaphore.acquire().await.expect("an open semaphore")
}
