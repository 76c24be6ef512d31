//! Regular expressions, compiled once for those who ask for the same one.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use regex::Regex;

/// How many are kept: more than the blocks that Terraform has under way by default, ten.
/// One takes some ten KiB as a rule, and ten MiB at most.
const KEPT: usize = 16;

/// The last ones that were compiled. Terraform has each block validated and then read, and
/// all blocks that come of one `count` may have the same one.
#[derive(Debug)]
pub struct Expressions(Mutex<VecDeque<Regex>>);

impl Expressions {
    pub const fn new() -> Self {
        Self(Mutex::new(VecDeque::new()))
    }

    /// The expression that this text is.
    ///
    /// # Errors
    ///
    /// When it is none, or too big. That is not kept.
    pub fn get(&self, text: &str) -> Result<Regex, regex::Error> {
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = kept().iter().find(|kept| kept.as_str() == text).cloned();
        if let Some(same) = same {
            return Ok(same);
        }
        let compiled = Regex::new(text)?;
        let mut kept = kept();
        kept.truncate(KEPT - 1);
        kept.push_front(compiled.clone());
        Ok(compiled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_kept_once_and_the_oldest_makes_room() {
        let expressions = Expressions::new();
        for number in (0..KEPT + 3).flat_map(|number| [number, number]) {
            let text = format!("^{number}$");
            assert!(
                expressions
                    .get(&text)
                    .unwrap()
                    .is_match(&number.to_string())
            );
        }
        let kept = expressions.0.lock().unwrap();
        let texts: Vec<_> = kept.iter().map(Regex::as_str).collect();
        let latest = (3..KEPT + 3).rev().map(|number| format!("^{number}$"));
        assert_eq!(texts, latest.collect::<Vec<_>>());
    }

    #[test]
    fn what_is_none_is_not_kept() {
        let expressions = Expressions::new();
        assert!(expressions.get("(").is_err());
        assert!(expressions.0.lock().unwrap().is_empty());
    }
}
