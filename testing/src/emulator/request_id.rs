//! Request IDs that look like the API's.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use sha1::{Digest, Sha1};

/// A new ID on every call, in the shape of an upper-case UUID:
/// `0B5E21F6-9F3C-5E0B-8E59-0C4A3F0A63F1`.
pub(super) fn next() -> String {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    // The call makes it unique within this process, the clock among processes.
    let now = SystemTime::UNIX_EPOCH
        .elapsed()
        .unwrap_or_default()
        .as_nanos();
    let digest = Sha1::digest(format!("{call} {now}"));
    let number = digest
        .iter()
        .take(16)
        .fold(0, |number, &byte| number << 8 | u128::from(byte));
    let hex = format!("{number:032X}");
    [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..32],
    ]
    .join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_shape_of_a_uuid() {
        let id = next();
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
    }

    #[test]
    fn no_id_comes_twice() {
        let ids: std::collections::HashSet<String> = (0..1000).map(|_| next()).collect();
        assert_eq!(ids.len(), 1000);
    }
}
