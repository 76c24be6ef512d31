//! Numbers in names, and which of them are comparable.

use std::cmp::Ordering;
use std::ops::{Deref, RangeInclusive};

use super::tokens::Separator;
use crate::swas::natural_order::cmp_numeric;

/// Numbers of four digits that can be years.
const YEARS: RangeInclusive<u32> = 1990..=2099;

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
    /// A day or month in front of its year. Not comparable, because it does not sort by
    /// time.
    DayOrMonth,
}

impl NameNumber {
    /// Classifies a number. `digits` are ASCII digits, at least one.
    pub(super) fn new(digits: &str) -> Self {
        let meaning = match digits.len() {
            4 if is_year(digits) => Meaning::Date(4),
            length @ (6 | 8 | 10 | 12 | 14) if starts_with_date(digits) => Meaning::Date(length),
            10 | 12 | 14 if ends_with_year(&digits[..8]) => Meaning::DayOrMonth,
            6 | 8 if ends_with_year(digits) => Meaning::DayOrMonth,
            length @ (10 | 13) if digits.starts_with('1') => Meaning::UnixTime(length),
            _ => Meaning::Count,
        };
        Self {
            digits: digits.to_owned(),
            meaning,
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.value() == Some(0)
    }

    /// Returns whether a number after a `b` can be a beta or a build: 21 to 39.
    pub(super) fn is_beta_or_build(&self) -> bool {
        matches!(self.value(), Some(21..=39))
    }

    /// Returns whether the number can be a bit width.
    pub(super) fn is_bit_width(&self) -> bool {
        matches!(self.value(), Some(32 | 64 | 86))
    }

    /// Compares two numbers. `None` if their meanings differ, or if both can be bit widths,
    /// which are not versions.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        let order = cmp_numeric(&self.digits, &other.digits);
        let later = if order.is_gt() { self } else { other };
        let has_same_meaning = self.meaning == other.meaning
            // Windows Server 1809 is newer than 2012, and Ubuntu 2204 than 2004.
            || (self.may_be_year_and_month() && other.may_be_year_and_month() && !later.is_year());
        let is_comparable = has_same_meaning
            && self.meaning != Meaning::DayOrMonth
            && !(self.is_bit_width() && other.is_bit_width());
        (order.is_eq() || is_comparable).then_some(order)
    }

    fn value(&self) -> Option<u32> {
        self.digits.parse().ok()
    }

    fn is_year(&self) -> bool {
        self.meaning == Meaning::Date(4)
    }

    /// Returns whether the number can be the last two digits of a year and a month, as in
    /// releases of CentOS (2009, 2111) and Ubuntu (2004, 2204).
    fn may_be_year_and_month(&self) -> bool {
        let is_month = |value| (1..=12).contains(&(value % 100));
        self.digits.len() == 4 && self.value().is_some_and(is_month)
    }

    fn is_at_most(&self, limit: u32) -> bool {
        self.value().is_some_and(|value| value <= limit)
    }
}

fn is_year(digits: &str) -> bool {
    digits.parse().is_ok_and(|year| YEARS.contains(&year))
}

/// Returns whether digits begin with a year, a month and, if there are more, a day.
fn starts_with_date(digits: &str) -> bool {
    let in_range =
        |digits: &str, limit: u32| digits.parse().is_ok_and(|n| (1..=limit).contains(&n));
    is_year(&digits[..4])
        && in_range(&digits[4..6], 12)
        && (digits.len() == 6 || in_range(&digits[6..8], 31))
}

/// Returns whether digits end with a year, after a month and perhaps a day.
fn ends_with_year(digits: &str) -> bool {
    let (in_front, year) = digits.split_at(digits.len() - 4);
    let year = NameNumber::new(year);
    let (first, last) = in_front.split_at(in_front.len() - 2);
    let (first, last) = (first.parse().unwrap_or(1), last.parse().unwrap_or(0));
    let is_day_and_month =
        |day: u32, month: u32| (1..=31).contains(&day) && (1..=12).contains(&month);
    let is_whole = digits.len() == 8;
    year.is_year()
        && (is_whole || !year.may_be_year_and_month())
        && (is_day_and_month(first, last) || is_day_and_month(last, first) && is_whole)
}

/// Returns whether numbers begin with a year, a month and a day.
fn begins_with_iso_date<N: Deref<Target = NameNumber>>(numbers: &[N]) -> bool {
    matches!(numbers, [year, month, day, ..]
        if year.is_year() && month.is_at_most(12) && day.is_at_most(31))
}

/// Returns whether a run of adjacent numbers has a date that has a day.
pub(super) fn has_day(run: &[&NameNumber]) -> bool {
    begins_with_iso_date(run)
        || run
            .iter()
            .any(|number| matches!(number.meaning, Meaning::Date(8..)))
}

/// Classifies dates in a run of adjacent numbers, each with the separator in front of it: a time
/// after a date is not a year, and a day, month or week in front of its year is not comparable.
pub(super) fn classify_dates(run: &mut [&mut NameNumber], separators: &[Separator]) {
    let mut position = 0;
    while position < run.len() {
        let rest = &run[position..];
        let is_iso = begins_with_iso_date(rest);
        let date = if is_iso { 3 } else { 1 };
        let has_date = is_iso || matches!(rest[0].meaning, Meaning::Date(8..));
        if has_date
            && let Some(time) = run.get_mut(position + date)
            && time.is_year()
        {
            time.meaning = Meaning::Count;
        }
        position += date;
    }
    for year in 1..run.len() {
        if run[year].is_year() {
            classify_before_year(run, separators, year);
        }
    }
}

/// Classifies numbers in front of a year: a day and a month in any order, a month, or a week.
fn classify_before_year(run: &mut [&mut NameNumber], separators: &[Separator], year: usize) {
    let (before, at) = (separators[year - 1], separators[year]);
    let last = &run[year - 1];
    let first = year.checked_sub(2).map(|first| &run[first]);
    let has_both = first.is_some_and(|first| {
        (first.is_at_most(31) && last.is_at_most(12))
            || (first.is_at_most(12) && last.is_at_most(31))
    });
    let is_whole = has_both && before == at;
    // A year with a month after it begins a date, unless it belongs to what is in front of it.
    let begins_date = run.get(year + 1).is_some_and(|next| next.is_at_most(12))
        && match (at, separators[year + 1]) {
            (Separator::Dot, behind) if behind != Separator::Dot => false,
            (at, behind) => at != behind || begins_with_iso_date(&run[year..]),
        };
    if begins_date && !is_whole {
        return;
    }
    let parts = if run[year].may_be_year_and_month() {
        // 7.9.2009 is a release of CentOS.
        let is_day = has_both && first.is_some_and(|first| !first.is_at_most(12));
        usize::from(is_day || (is_whole && at != Separator::Dot)) * 2
    } else if has_both {
        2
    } else {
        usize::from(last.is_at_most(53))
    };
    for number in &mut run[year - parts..year] {
        number.meaning = Meaning::DayOrMonth;
    }
}

/// Returns whether a word begins with a year, as `2023t0930` does.
pub(super) fn begins_with_year(word: &str) -> bool {
    let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    digits == 4 && is_year(&word[..4])
}

/// Classifies a number of a date, which can be a day.
pub(super) fn classify_day(day: &mut NameNumber) {
    if day.is_at_most(31) {
        day.meaning = Meaning::DayOrMonth;
    }
}
