//! Request IDs in the API's format.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use super::digest::digest;

/// Generates a unique ID in the format of an upper-case UUID:
/// `0B5E21F6-9F3C-5E0B-8E59-0C4A3F0A63F1`.
pub(super) fn next() -> String {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    // The counter makes it unique within this process, the clock across processes.
    let mut id = digest(&format!("{call} {:?}", SystemTime::now())).to_uppercase();
    for hyphen in [20, 16, 12, 8] {
        id.insert(hyphen, '-');
    }
    id
}
