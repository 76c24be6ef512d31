//! Regular cache, which are kept for those who ask for the same ones.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use regex::{Regex, RegexBuilder};

/// How many are kept: more than the blocks that Terraform has under way by default, ten.
const KEPT: usize = 16;

/// The largest one that is kept, in bytes; all of them are 4 MiB then. As a rule one
/// takes some ten KiB.
const LARGEST_KEPT: usize = 256 * 1024;

/// The last ones that were asked for. Terraform has each block validated and then read,
/// and all blocks that come of one `count` may have the same one.
#[derive(Debug)]
pub struct RegexCache(Mutex<VecDeque<Regex>>);

impl RegexCache {
    pub const fn new() -> Self {
        Self(Mutex::new(VecDeque::new()))
    }

    /// The expression that this text is.
    ///
    /// # Errors
    ///
    /// When it is none, or too big. That is not kept.
    pub fn get(&self, text: &str) -> Result<Regex, regex::Error> {
        // In a statement of its own, at whose end the lock is given back.
        let known = take(&mut self.lock(), text);
        let compiled = || RegexBuilder::new(text).size_limit(LARGEST_KEPT).build();
        match known.map_or_else(compiled, Ok) {
            Ok(regex) => {
                self.keep(regex.clone());
                Ok(regex)
            }
            Err(regex::Error::CompiledTooBig(_)) => Regex::new(text),
            Err(error) => Err(error),
        }
    }

    /// Keeps one as the latest. Another thread may have kept the same meanwhile.
    fn keep(&self, regex: Regex) {
        let mut kept = self.lock();
        take(&mut kept, regex.as_str());
        kept.truncate(KEPT - 1);
        kept.push_front(regex);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Regex>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take(kept: &mut VecDeque<Regex>, text: &str) -> Option<Regex> {
    let place = kept.iter().position(|regex| regex.as_str() == text)?;
    kept.remove(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(cache: &RegexCache) -> Vec<String> {
        let kept = cache.lock();
        kept.iter().map(|regex| regex.as_str().to_owned()).collect()
    }

    #[test]
    fn each_is_kept_once_and_the_one_not_asked_for_longest_makes_room() {
        let cache = RegexCache::new();
        for number in (0..KEPT).flat_map(|number| [number, number]).chain([0]) {
            let text = format!("^{number}$");
            assert!(cache.get(&text).unwrap().is_match(&number.to_string()));
        }
        cache.get("another").unwrap();
        let latest = (2..KEPT).rev().map(|number| format!("^{number}$"));
        let expected = ["another".to_owned(), "^0$".to_owned()].into_iter();
        assert_eq!(kept(&cache), expected.chain(latest).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_none_or_large_is_not_kept() {
        let cache = RegexCache::new();
        assert!(cache.get("(").is_err());
        assert!(cache.get(r"\w{20}").unwrap().is_match(&"a".repeat(20)));
        assert!(matches!(
            cache.get(r"\w{50000}"),
            Err(regex::Error::CompiledTooBig(limit)) if limit > LARGEST_KEPT
        ));
        assert!(kept(&cache).is_empty());
    }
}
