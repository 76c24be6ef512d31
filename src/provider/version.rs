//! Versions in the names of images, to tell the newest one.

use std::cmp::Ordering;

use crate::swas::by_number;

/// Words after a version that say it comes before the release, in their order.
const STAGES: [&str; 4] = ["alpha", "beta", "preview", "rc"];

/// The versions in a name, from left to right.
///
/// A version is a number with the dotted numbers that follow it: `22.04` in
/// `Ubuntu-22.04-x64`. Names are compared by their first versions, then by their
/// second ones, and so on:
///
/// - number by number, so that `22.04` is over `20.04` is over `9.10`; a number
///   that is not there counts as 0, as do zeros in front count for nothing;
/// - a name that has a further version is over one that has none there, and a
///   name without any number is under all others;
/// - but a version with a stage before the release right after it, as in
///   `v1.2-rc1`, is under the same version without.
#[derive(Debug)]
pub struct Versions<'a>(Vec<Part<'a>>);

#[derive(Debug)]
enum Part<'a> {
    /// The place of a word in [`STAGES`].
    Stage(usize),
    /// The digits of each number.
    Version(Vec<&'a str>),
}

impl<'a> Versions<'a> {
    /// Those in `name`.
    #[must_use]
    pub fn of(name: &'a str) -> Self {
        let mut parts = Vec::new();
        let mut rest = name;
        while let Some(first) = rest.chars().next() {
            let (run, after) = split(rest, |c| kind(c) == kind(first));
            match kind(first) {
                Kind::Digit => {
                    let (version, after) = version(rest);
                    parts.push(Part::Version(version));
                    rest = after;
                    continue;
                }
                Kind::Letter => {
                    let word = run.to_ascii_lowercase();
                    let stage = STAGES.iter().position(|stage| *stage == word);
                    if let (Some(stage), Some(Part::Version(_))) = (stage, parts.last()) {
                        parts.push(Part::Stage(stage));
                    }
                }
                Kind::Other => {}
            }
            rest = after;
        }
        Self(parts)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Digit,
    Letter,
    Other,
}

fn kind(c: char) -> Kind {
    match c {
        '0'..='9' => Kind::Digit,
        c if c.is_alphabetic() => Kind::Letter,
        _ => Kind::Other,
    }
}

/// The longest beginning of which every character is wanted, and the rest.
fn split(text: &str, wanted: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !wanted(c)).unwrap_or(text.len()))
}

/// The numbers of the version at the beginning, and what comes after it.
fn version(text: &str) -> (Vec<&str>, &str) {
    let mut numbers = Vec::new();
    let mut rest = text;
    loop {
        let (number, after) = split(rest, |c| c.is_ascii_digit());
        numbers.push(number);
        match after.strip_prefix('.') {
            Some(next) if next.starts_with(|c: char| c.is_ascii_digit()) => rest = next,
            _ => return (numbers, after),
        }
    }
}

impl Ord for Versions<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let parts = self.0.len().max(other.0.len());
        (0..parts)
            .map(|place| compare(self.0.get(place), other.0.get(place)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

fn compare(one: Option<&Part>, other: Option<&Part>) -> Ordering {
    // A stage is under the end of the name, and a version is over it.
    let rank = |part: Option<&Part>| match part {
        Some(Part::Stage(_)) => 0,
        None => 1,
        Some(Part::Version(_)) => 2,
    };
    match (one, other) {
        (Some(Part::Stage(one)), Some(Part::Stage(other))) => one.cmp(other),
        (Some(Part::Version(one)), Some(Part::Version(other))) => (0..one.len().max(other.len()))
            .map(|place| by_number(number(one, place), number(other, place)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal),
        (one, other) => rank(one).cmp(&rank(other)),
    }
}

fn number<'a>(version: &[&'a str], place: usize) -> &'a str {
    version.get(place).copied().unwrap_or_default()
}

impl PartialOrd for Versions<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Versions<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Versions<'_> {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_newer_name_is_over_the_older_one() {
        for (older, newer) in [
            ("Ubuntu-9.10", "Ubuntu-20.04"),
            ("Ubuntu-20.04", "Ubuntu-22.04"),
            ("Ubuntu-20.04", "Ubuntu-20.10"),
            ("CentOS-7", "CentOS-7.9"),
            // A name without a number.
            ("Ubuntu", "Ubuntu-9.10"),
            ("", "0.0.1"),
            ("宝塔Linux面板", "宝塔Linux面板-9"),
            // Several numbers: the first that differs.
            ("WordPress-4.8.1-Ubuntu-22.04", "WordPress-5.0-Ubuntu-18.04"),
            ("WordPress-5.0-Ubuntu-18.04", "WordPress-5.0-Ubuntu-22.04"),
            ("Ubuntu-9.10-64bit", "Ubuntu-22.04-32bit"),
            ("K3s-1.24", "K3s-1.28"),
            ("Windows-Server-2012", "Windows-Server-2012-R2"),
            // Whatever else the name says.
            ("Debian-11.9", "Ubuntu-20.04"),
            // Stages before the release.
            ("v1.2-rc1", "v1.2"),
            ("v1.2-rc1", "v1.2-rc2"),
            ("v1.2-rc2", "v1.2-rc10"),
            ("v1.2-beta3", "v1.2-rc1"),
            ("v1.2-alpha", "v1.2-beta"),
            ("v1.1", "v1.2-rc1"),
            ("v1.2RC1", "v1.2"),
            // Numbers of any length.
            (
                "v99999999999999999999999999999999999998",
                "v99999999999999999999999999999999999999",
            ),
            ("v18446744073709551616", "v18446744073709551616.1"),
        ] {
            let (older_versions, newer_versions) = (Versions::of(older), Versions::of(newer));
            assert!(older_versions < newer_versions, "{older} {newer}");
            assert!(newer_versions > older_versions, "{older} {newer}");
        }
    }

    #[test]
    fn equal_versions_are_equal_whatever_else_the_name_says() {
        for (one, other) in [
            ("Ubuntu-22.04", "Debian-22.04"),
            ("Ubuntu-22.04", "Ubuntu-22.4"),
            ("v1.2", "v1.2.0"),
            ("v1.2", "v1.2."),
            ("Ubuntu", "Debian"),
            // A stage says nothing where no version is before it.
            ("beta-1.2", "1.2"),
            ("v1.2-march", "v1.2"),
            // Only ASCII digits are digits.
            ("版本٣", "版本"),
        ] {
            assert_eq!(Versions::of(one), Versions::of(other), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn the_order_is_total(
            a in "[v12.0 -]{0,8}(rc|beta)?.{0,3}",
            b in "[v12.0 -]{0,8}(rc|beta)?.{0,3}",
            c in "[v12.0 -]{0,8}(rc|beta)?.{0,3}",
        ) {
            let (a, b, c) = (Versions::of(&a), Versions::of(&b), Versions::of(&c));
            prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
            if a <= b && b <= c {
                prop_assert!(a <= c);
            }
        }
    }
}
