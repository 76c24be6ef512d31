//! The newest of several candidates.

use super::version::Version;

/// The maximum number of candidates to compare with each other: the cost is quadratic.
const MAX_COMPARED: usize = 1000;

/// Values, each with the version in its name.
pub(super) struct Candidates<T>(pub(super) Vec<(T, Version)>);

impl<T> Candidates<T> {
    /// The candidate that is newer than every other one.
    pub(super) fn newest(&self) -> Option<&T> {
        let is_newer = |one: usize, other: usize| self.0[one].1.is_newer_than(&self.0[other].1);
        let positions = 0..self.0.len();
        let newest = positions.clone().reduce(|newest, candidate| {
            if is_newer(candidate, newest) {
                candidate
            } else {
                newest
            }
        })?;
        let mut others = positions.filter(|other| *other != newest);
        others
            .all(|other| is_newer(newest, other))
            .then(|| &self.0[newest].0)
    }

    /// The maximal candidates: no other one is newer. All candidates if there is no maximal
    /// one, because names can be newer than each other in a cycle.
    pub(super) fn maximal(&self) -> Vec<&(T, Version)> {
        let all = &self.0[..self.0.len().min(MAX_COMPARED)];
        let is_maximal = |(_, version): &&(_, Version)| {
            let mut others = all.iter();
            !others.any(|(_, other)| other.is_newer_than(version))
        };
        let maximal: Vec<_> = all.iter().filter(is_maximal).collect();
        if maximal.is_empty() {
            all.iter().collect()
        } else {
            maximal
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn newest(names: &[String]) -> Option<String> {
        let candidates = names
            .iter()
            .map(|name| (name.clone(), Version::parse(name)));
        Candidates(candidates.collect()).newest().cloned()
    }

    /// Names of one product, most of which are comparable.
    fn names() -> impl Strategy<Value = Vec<String>> {
        let name =
            "app-[0-9]{1,2}([.][0-9]){0,2}([-_ ](SP[0-9]|rc[0-9]|64|x64|[0-9]|20240[1-9]0[1-9]))?";
        prop::collection::vec(name, 1..6)
    }

    proptest! {
        #[test]
        fn most_recent_is_independent_of_the_order(
            (names, shuffled) in names().prop_flat_map(|names| {
                (Just(names.clone()), Just(names).prop_shuffle())
            }),
        ) {
            prop_assert_eq!(newest(&names), newest(&shuffled));
        }

        #[test]
        fn most_recent_is_newer_than_every_other_candidate(names in names()) {
            if let Some(newest) = newest(&names) {
                let version = Version::parse(&newest);
                let others = names.iter().filter(|name| **name != newest);
                for other in others {
                    prop_assert!(version.is_newer_than(&Version::parse(other)), "{newest} {other}");
                }
                prop_assert_eq!(names.iter().filter(|name| **name == newest).count(), 1);
            }
        }
    }
}
