//! Cache of compiled regular expressions.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use regex::{Regex, RegexBuilder};

/// The number of entries: more than the blocks that Terraform reads in parallel by
/// default, ten.
const CAPACITY: usize = 16;

/// The maximum size of an entry in bytes, which limits the cache to 4 MiB. A typical
/// expression takes about 10 KiB.
const MAX_ENTRY_SIZE: usize = 256 * 1024;

/// The least recently used entry is evicted first. Terraform validates each block before
/// it reads it, and all instances of a block with `count` may have the same expression.
#[derive(Debug)]
pub struct RegexCache(Mutex<VecDeque<Regex>>);

impl RegexCache {
    pub const fn new() -> Self {
        Self(Mutex::new(VecDeque::new()))
    }

    /// Returns the cached expression, or compiles it. Expressions above the maximum size of
    /// an entry are not cached.
    ///
    /// # Errors
    ///
    /// If the expression is invalid, or exceeds the default size limit of `regex`. Errors
    /// are not cached.
    pub fn get(&self, text: &str) -> Result<Regex, regex::Error> {
        // A statement of its own releases the lock before compilation.
        let cached = take(&mut self.lock(), text);
        let compile = || RegexBuilder::new(text).size_limit(MAX_ENTRY_SIZE).build();
        match cached.map_or_else(compile, Ok) {
            Ok(regex) => {
                self.insert(regex.clone());
                Ok(regex)
            }
            Err(regex::Error::CompiledTooBig(_)) => Regex::new(text),
            Err(error) => Err(error),
        }
    }

    /// Inserts the most recently used entry. Another thread may have inserted the same
    /// expression meanwhile.
    fn insert(&self, regex: Regex) {
        let mut entries = self.lock();
        take(&mut entries, regex.as_str());
        entries.truncate(CAPACITY - 1);
        entries.push_front(regex);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Regex>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take(entries: &mut VecDeque<Regex>, text: &str) -> Option<Regex> {
    let index = entries.iter().position(|regex| regex.as_str() == text)?;
    entries.remove(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cached(cache: &RegexCache) -> Vec<String> {
        let entries = cache.lock();
        entries
            .iter()
            .map(|regex| regex.as_str().to_owned())
            .collect()
    }

    #[test]
    fn cache_full_evicts_least_recently_used_entry() {
        let cache = RegexCache::new();
        for number in (0..CAPACITY).flat_map(|number| [number, number]).chain([0]) {
            let text = format!("^{number}$");
            assert!(cache.get(&text).unwrap().is_match(&number.to_string()));
        }
        cache.get("another").unwrap();
        let latest = (2..CAPACITY).rev().map(|number| format!("^{number}$"));
        let expected = ["another".to_owned(), "^0$".to_owned()].into_iter();
        assert_eq!(cached(&cache), expected.chain(latest).collect::<Vec<_>>());
    }

    #[test]
    fn cache_skips_invalid_and_large_expressions() {
        let cache = RegexCache::new();
        assert!(cache.get("(").is_err());
        assert!(cache.get(r"\w{20}").unwrap().is_match(&"a".repeat(20)));
        assert!(matches!(
            cache.get(r"\w{50000}"),
            Err(regex::Error::CompiledTooBig(limit)) if limit > MAX_ENTRY_SIZE
        ));
        assert!(cached(&cache).is_empty());
    }
}
