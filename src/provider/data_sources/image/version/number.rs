//! Numbers in names, and which of them are comparable.

use std::cmp::Ordering;
use std::sync::LazyLock;

use regex::Regex;

use super::lexer::{YEAR, static_regex};
use crate::swas::natural_order::cmp_numeric;

/// A year or, beginning with it, a month, a day, and a time.
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    let (month, day) = ("(0[1-9]|1[0-2])", "(0[1-9]|[12][0-9]|3[01])");
    static_regex(&format!("^{YEAR}({month}({day}([0-9]{{2}}){{0,3}})?)?$"))
});

/// A number of any length.
#[derive(Clone, Debug)]
pub(super) struct NameNumber {
    /// ASCII digits, at least one.
    digits: String,
    meaning: Meaning,
}

/// The meaning of a number. Only numbers of the same meaning are comparable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// Part of a version, a build, or anything else that counts up.
    Count,
    /// A year, or a date that begins with the year, with the number of digits.
    Date(usize),
    /// Seconds or milliseconds since 1970, with the number of digits.
    UnixTime(usize),
}

impl NameNumber {
    /// Classifies a number. `digits` are ASCII digits, at least one. After a date, four digits
    /// are a time and not a year.
    pub(super) fn new(digits: &str, follows_date: bool) -> Self {
        let meaning = match digits.len() {
            4 if follows_date => Meaning::Count,
            length if DATE.is_match(digits) => Meaning::Date(length),
            length @ (10 | 13) if digits.starts_with('1') => Meaning::UnixTime(length),
            _ => Meaning::Count,
        };
        let digits = digits.to_owned();
        Self { digits, meaning }
    }

    /// Returns whether the number can be a bit width.
    pub(super) fn is_bit_width(&self) -> bool {
        matches!(self.value(), Some(32 | 64 | 86))
    }

    /// Compares two numbers. `None` if their meanings differ, or if both can be bit widths,
    /// which are not versions.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        let order = cmp_numeric(&self.digits, &other.digits);
        let has_same_meaning = self.meaning == other.meaning
            || (self.may_be_year_and_month() && other.may_be_year_and_month());
        let is_comparable = has_same_meaning && !(self.is_bit_width() && other.is_bit_width());
        (order.is_eq() || is_comparable).then_some(order)
    }

    /// Returns whether the number is a date that has a day.
    pub(super) fn has_day(&self) -> bool {
        matches!(self.meaning, Meaning::Date(8..))
    }

    pub(super) fn is_year(&self) -> bool {
        self.meaning == Meaning::Date(4)
    }

    fn value(&self) -> Option<u32> {
        self.digits.parse().ok()
    }

    pub(super) fn is_at_most(&self, limit: u32) -> bool {
        self.value().is_some_and(|value| value <= limit)
    }

    /// Returns whether the number can be the last two digits of a year and a month, as in
    /// releases of CentOS (2009, 2111) and Ubuntu (2004, 2204).
    fn may_be_year_and_month(&self) -> bool {
        let is_month = |value| (1..=12).contains(&(value % 100));
        self.digits.len() == 4 && self.value().is_some_and(is_month)
    }
}
