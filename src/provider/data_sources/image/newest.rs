//! The newest of several candidates.

use super::version::Version;
use crate::provider::fetched::Work;
use crate::terraform::Diagnostic;

/// The maximum number of candidates that compete at the same time: each costs a comparison
/// with all others.
const MAX_COMPETING: usize = 50;

/// Returns the candidate that is newer than every other one or, without one, those
/// whose names do not determine it.
///
/// # Errors
///
/// If the read ends meanwhile.
pub(super) fn newest<'a, T>(
    candidates: &'a [(T, Version)],
    work: &Work,
) -> Result<Vec<&'a (T, Version)>, Diagnostic> {
    let mut newest: Vec<&(T, Version)> = Vec::new();
    for candidate in candidates {
        work.check()?;
        let (_, version) = candidate;
        if newest.iter().any(|(_, other)| other.is_newer_than(version)) {
            continue;
        }
        newest.retain(|(_, other)| !version.is_newer_than(other));
        if newest.len() < MAX_COMPETING {
            newest.push(candidate);
        }
    }
    if let [single] = newest[..] {
        // A name can be newer than one that is newer than a third, and not than the third.
        let others = candidates
            .iter()
            .filter(|other| !std::ptr::eq(*other, single));
        newest.extend(others.filter(|(_, other)| !single.1.is_newer_than(other)));
    }
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn newest(names: &[String]) -> Option<String> {
        let candidates = names
            .iter()
            .map(|name| (name.clone(), Version::parse(name)));
        let candidates: Vec<_> = candidates.collect();
        match super::newest(&candidates, &Work::default()).unwrap()[..] {
            [(name, _)] => Some(name.clone()),
            _ => None,
        }
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
