//! Natural order of names: `Ubuntu-9.10` before `Ubuntu-20.04`.

use std::cmp::Ordering;

/// Compares two names in natural order: runs of digits by their value, everything else
/// by character without regard to case.
///
/// The order is total, so that sorting is deterministic: names that differ only in
/// leading zeros or case are compared byte by byte.
#[must_use]
pub fn natural_cmp(one: &str, other: &str) -> Ordering {
    let same = common_prefix(one, other);
    let (mut left, mut right) = (&one[same..], &other[same..]);
    loop {
        let (left_digits, right_digits) = (digits(left), digits(right));
        if !left_digits.is_empty() && !right_digits.is_empty() {
            let order = cmp_numeric(left_digits, right_digits);
            if order.is_ne() {
                return order;
            }
            left = &left[left_digits.len()..];
            right = &right[right_digits.len()..];
            continue;
        }
        let (mut left_chars, mut right_chars) = (left.chars(), right.chars());
        match (left_chars.next(), right_chars.next()) {
            (None, None) => return one.cmp(other),
            (left_char, right_char) => {
                let folded = |c: Option<char>| c.into_iter().flat_map(char::to_lowercase);
                let order = folded(left_char).cmp(folded(right_char));
                if order.is_ne() {
                    return order;
                }
                left = left_chars.as_str();
                right = right_chars.as_str();
            }
        }
    }
}

/// The length of the common prefix in bytes, up to the last number in it. Skipping it
/// is an optimization: names may share thousands of bytes.
fn common_prefix(one: &str, other: &str) -> usize {
    let bytes = one.bytes().zip(other.bytes());
    let same = bytes.take_while(|(one, other)| one == other).count();
    let same = one.floor_char_boundary(same);
    // A common prefix can end inside a number, which has to be compared as a whole.
    let digits = |c: char| c.is_ascii_digit();
    one[..same].trim_end_matches(digits).len()
}

/// The leading run of ASCII digits.
fn digits(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit());
    &text[..end.unwrap_or(text.len())]
}

/// Compares two strings of ASCII digits by value. They may be of any length.
pub fn cmp_numeric(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn natural_cmp_names_with_numbers_orders_by_value() {
        for pair in [
            ("Ubuntu-9.10", "Ubuntu-20.04"),
            ("Ubuntu-20.04", "Ubuntu-20.10"),
            ("Ubuntu-20.04", "Ubuntu-20.4"),
            ("Ubuntu", "Ubuntu-9.10"),
            ("Ubuntu-22.04", "Ubuntu-22.04-64"),
            ("ubuntu-1", "Ubuntu-22.04"),
            ("Alibaba-Cloud-Linux", "ASP.NET"),
            ("Ubuntu", "ubuntu"),
            ("01", "1"),
            ("1", "001x"),
            ("9", "10"),
            ("宝塔-9", "宝塔-10"),
            (
                "99999999999999999999999999999999999998",
                "99999999999999999999999999999999999999",
            ),
        ] {
            assert_eq!(natural_cmp(pair.0, pair.1), Ordering::Less, "{pair:?}");
            assert_eq!(natural_cmp(pair.1, pair.0), Ordering::Greater, "{pair:?}");
        }
    }

    fn name() -> impl Strategy<Value = String> {
        prop_oneof!["[0-2aAb.]{0,6}", "[0-9]{1,30}", ".*"]
    }

    proptest! {
        #[test]
        fn natural_cmp_common_prefix_does_not_matter(a in name(), b in name(), shared in "[a1镜]{0,9}x") {
            let order = natural_cmp(&format!("{shared}{a}"), &format!("{shared}{b}"));
            prop_assert_eq!(order, natural_cmp(&a, &b));
            prop_assert_eq!(natural_cmp(&format!("{shared}1{a}"), &shared), Ordering::Greater);
        }

        #[test]
        fn natural_cmp_order_is_total(a in name(), b in name(), c in name()) {
            prop_assert_eq!(natural_cmp(&a, &b), natural_cmp(&b, &a).reverse());
            prop_assert_eq!(natural_cmp(&a, &b).is_eq(), a == b);
            if natural_cmp(&a, &b).is_le() && natural_cmp(&b, &c).is_le() {
                prop_assert!(natural_cmp(&a, &c).is_le());
            }
        }
    }
}
