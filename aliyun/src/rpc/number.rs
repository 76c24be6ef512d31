//! Numbers in responses, which the API encodes as JSON numbers or as strings.

use std::cmp::Ordering;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::rpc::strict::Scalar;

/// A finite number in a response: a size, a count or a price.
#[derive(Clone, Copy, Debug)]
pub struct ApiNumber(f64);

impl ApiNumber {
    /// Returns the number, in the unit of its field.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl From<usize> for ApiNumber {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    fn from(count: usize) -> Self {
        Self(count as f64)
    }
}

/// As text, which is parsed without loss.
impl Serialize for ApiNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Ord for ApiNumber {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for ApiNumber {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ApiNumber {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for ApiNumber {}

/// Deserializes a number or text with a number: `3.5`, `"24"`, `"$3.5"`, `"1,234.5"`.
///
/// Null, blank text and anything that is not a number are `None`.
///
/// # Errors
///
/// Returns an error only if the text is not JSON.
pub fn optional_number<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<ApiNumber>, D::Error> {
    Ok(match price(deserializer)? {
        Price::Known(number) => Some(number),
        Price::Absent => None,
        Price::Unreadable => {
            tracing::debug!("ignoring a value that is not a number");
            None
        }
    })
}

/// A price in a response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Price {
    /// The price is a number.
    Known(ApiNumber),
    /// The price is missing, null or blank.
    #[default]
    Absent,
    /// The price is not a number.
    Unreadable,
}

/// In a form that [`price`] reads.
impl Serialize for Price {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(amount) => amount.serialize(serializer),
            Self::Absent => serializer.serialize_none(),
            Self::Unreadable => serializer.serialize_str("unreadable"),
        }
    }
}

impl Price {
    /// Returns the price if it is a number.
    #[must_use]
    pub fn known(self) -> Option<ApiNumber> {
        match self {
            Self::Known(amount) => Some(amount),
            Self::Absent | Self::Unreadable => None,
        }
    }

    /// Returns the smallest possible price, or `None` if the price is absent.
    #[must_use]
    pub fn lower_bound(self) -> Option<ApiNumber> {
        match self {
            Self::Known(amount) => Some(amount),
            Self::Absent => None,
            Self::Unreadable => Some(ApiNumber(0.0)),
        }
    }
}

/// Deserializes a price like [`optional_number`], but accepts any value.
///
/// A price that is not a number becomes [`Price::Unreadable`], so that it fails only
/// the reads that need this price.
///
/// # Errors
///
/// Returns an error only if the text is not JSON.
pub fn price<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Price, D::Error> {
    Ok(match Scalar::deserialize(deserializer)? {
        Scalar::Absent => Price::Absent,
        Scalar::Text(text) if text.trim().is_empty() => Price::Absent,
        Scalar::Text(text) => parse(&text).map_or(Price::Unreadable, Price::Known),
        Scalar::Other => Price::Unreadable,
    })
}

/// Parses text with a number, and with a currency before or after it.
fn parse(text: &str) -> Option<ApiNumber> {
    // Signs and commas are not trimmed: they change the number, or make it invalid.
    let is_numeric = |c: char| c.is_ascii_digit() || "+-.,".contains(c);
    let number = text.trim_matches(|c| !is_numeric(c));
    // Anything else, such as a unit, can change the meaning: `0.05/hour`, `1.2万`.
    let is_currency = |c: char| c.is_ascii_uppercase() || c == ' ' || "$¥￥€£元".contains(c);
    let has_currency_only = text.replacen(number, "", 1).chars().all(is_currency);
    let number = without_thousands_separators(number)?;
    let number = number.parse::<f64>().ok()?;
    (number.is_finite() && has_currency_only).then_some(ApiNumber(number))
}

/// Removes the commas from `1,234.5` and `1,234,567`. Returns `None` if they are not
/// thousands separators, or could be a decimal comma as in `1,234`.
fn without_thousands_separators(number: &str) -> Option<String> {
    let (whole, fraction) = number.split_at(number.find('.').unwrap_or(number.len()));
    let mut groups = whole.split(',');
    let first = groups.next()?.trim_start_matches(['+', '-']);
    let separators = groups.clone().count();
    let is_group = |group: &str| group.len() == 3 && group.bytes().all(|b| b.is_ascii_digit());
    let is_grouped = (1..=3).contains(&first.len()) && groups.all(is_group);
    let is_unambiguous = separators > 1 || fraction.len() > 1;
    (separators == 0 || is_grouped && is_unambiguous).then(|| whole.replace(',', "") + fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Option<f64>, serde_json::Error> {
        let amount = optional_number(&mut serde_json::Deserializer::from_str(json))?;
        Ok(amount.map(ApiNumber::get))
    }

    #[test]
    fn serialized_price_is_read_without_loss() {
        for price in [Price::Absent, Price::Unreadable]
            .into_iter()
            .chain([0.0, 0.1, 3.55, 1e300, -2.5].map(|it| Price::Known(ApiNumber(it))))
        {
            let json = serde_json::to_string(&price).unwrap();
            let read = super::price(&mut serde_json::Deserializer::from_str(&json));
            assert_eq!(read.unwrap(), price, "{json}");
        }
    }

    #[test]
    fn number_as_json_number_or_text_with_currency_is_parsed() {
        for (json, expected) in [
            ("0", Some(0.0)),
            ("24", Some(24.0)),
            ("3.5", Some(3.5)),
            (r#""24""#, Some(24.0)),
            (r#""24.00""#, Some(24.0)),
            (r#""$3.5""#, Some(3.5)),
            (r#""US$ 3.5""#, Some(3.5)),
            (r#""￥24""#, Some(24.0)),
            (r#""24 CNY""#, Some(24.0)),
            (r#""24元""#, Some(24.0)),
            (r#""1,234.5""#, Some(1234.5)),
            (r#""-1,234,567""#, Some(-1_234_567.0)),
            (r#""""#, None),
            (r#"" ""#, None),
            ("null", None),
        ] {
            assert_eq!(read(json).unwrap(), expected, "{json}");
        }
    }

    #[test]
    fn price_that_is_not_a_number_is_unreadable_not_absent() {
        for (json, expected) in [
            (r#""$3.5""#, Price::Known(ApiNumber(3.5))),
            ("24", Price::Known(ApiNumber(24.0))),
            ("-1", Price::Known(ApiNumber(-1.0))),
            ("0.5", Price::Known(ApiNumber(0.5))),
            ("null", Price::Absent),
            (r#"" ""#, Price::Absent),
            (r#""soon""#, Price::Unreadable),
            (r#""0.05/hour""#, Price::Unreadable),
            (r#""1.2万""#, Price::Unreadable),
            ("true", Price::Unreadable),
            (r#"[24, {"a": 1}]"#, Price::Unreadable),
            (r#"{"USD": 24, "CNY": [1]}"#, Price::Unreadable),
        ] {
            let mut deserializer = serde_json::Deserializer::from_str(json);
            assert_eq!(price(&mut deserializer).unwrap(), expected, "{json}");
            deserializer.end().unwrap();
        }
    }

    #[test]
    fn value_without_one_meaning_as_a_number_is_null() {
        for json in [
            r#""$""#,
            r#""free""#,
            r#""1,200""#,
            r#""1,2,3.5""#,
            r#"",123.5""#,
            r#""1-2""#,
            r#""24 or 36""#,
            "true",
            "[24]",
            "{}",
        ] {
            assert_eq!(read(json).unwrap(), None, "{json}");
        }
    }
}
