//! Limits of requests and large responses in flight, for the whole process: hundreds of
//! reads must not exhaust file descriptors or memory.

use tokio::sync::{Semaphore, SemaphorePermit};

/// Requests in flight.
static CALLS: Semaphore = Semaphore::const_new(16);

/// Responses of more than [`SHORT_ANSWER`] bytes in memory.
static LONG_ANSWERS: Semaphore = Semaphore::const_new(1);

/// Maximum size of a response without a permit of its own, in bytes. All images of a region
/// take a fiftieth of it.
pub const SHORT_ANSWER: usize = 1024 * 1024;

/// Waits for a permit to send a request.
pub async fn call() -> SemaphorePermit<'static> {
    permit(&CALLS).await
}

/// Waits for a permit to hold a response of more than [`SHORT_ANSWER`] bytes.
pub async fn long_answer() -> SemaphorePermit<'static> {
    permit(&LONG_ANSWERS).await
}

async fn permit(semaphore: &'static Semaphore) -> SemaphorePermit<'static> {
    // Only a closed semaphore fails, and these are never closed.
    semaphore.acquire().await.expect("an open semaphore")
}
