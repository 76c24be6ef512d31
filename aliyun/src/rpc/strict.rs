//! Strict deserialization: JSON objects only, lists and text of limited length.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Deserializes a `T` from a JSON object only.
///
/// A struct that derives `Deserialize` also accepts an array of its fields. Without this
/// wrapper, the malformed response `[[]]` would be an empty list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrictObject<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for StrictObject<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(StrictObjectVisitor(PhantomData))
    }
}

struct StrictObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for StrictObjectVisitor<T> {
    type Value = StrictObject<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(entries)).map(StrictObject)
    }
}

/// Beginning of the messages of this file, before a problem as the end of a sentence. They
/// quote no value.
pub(super) const PROBLEM: &str = "the value ";

fn problem<E: Error>(problem: &str) -> E {
    E::custom(format_args!("{PROBLEM}{problem}"))
}

/// Maximum number of list entries. The API's lists have a few hundred. Small entries take
/// ten times the memory of their JSON text.
const MAX_ENTRIES: usize = 25_000;

/// Deserializes a list of at most `MAX` JSON objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrictList<T, const MAX: usize = MAX_ENTRIES>(pub Vec<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for StrictList<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(StrictListVisitor(PhantomData))
    }
}

struct StrictListVisitor<T, const MAX: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for StrictListVisitor<T, MAX> {
    type Value = StrictList<T, MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MAX} objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut objects = Vec::new();
        while let Some(StrictObject(object)) = entries.next_element()? {
            if objects.len() == MAX {
                return Err(problem(&format!("has more than {MAX} entries")));
            }
            objects.push(object);
        }
        Ok(StrictList(objects))
    }
}

/// A value that is compared with known values, and may be of any type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scalar {
    /// The value is missing or null.
    #[default]
    Absent,
    /// A string, a number or a boolean, as text.
    Text(String),
    /// A list or an object.
    Other,
}

impl Scalar {
    /// Returns the text, which is empty for anything else.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Absent | Self::Other => "",
        }
    }

    /// Returns a whole number that is not negative, such as `3`, `3.0` or their text.
    pub fn as_count(&self) -> Option<usize> {
        let number = self.as_str().trim().replace(',', "");
        let whole = number.trim_end_matches('0').strip_suffix('.');
        whole.unwrap_or(&number).parse().ok()
    }

    /// Returns a boolean or its text, in any case.
    pub fn as_bool(&self) -> Option<bool> {
        self.as_str().trim().to_ascii_lowercase().parse().ok()
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_unit<E: Error>(self) -> Result<Scalar, E> {
        Ok(Scalar::Absent)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar::Text(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Scalar, E> {
        Ok(Scalar::Text(value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar::Text(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Scalar, E> {
        Ok(Scalar::Text(value.to_string()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, entries: A) -> Result<Scalar, A::Error> {
        IgnoredAny.visit_seq(entries)?;
        Ok(Scalar::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Scalar, A::Error> {
        IgnoredAny.visit_map(entries)?;
        Ok(Scalar::Other)
    }
}

/// Maximum length of a name in bytes: ten times the length of usual names.
pub const MAX_NAME: usize = 512;

/// Deserializes a string that must not be empty.
///
/// # Errors
///
/// Returns an error if the value is missing, empty, or not text.
pub fn required_string<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() {
        return Err(problem("is empty"));
    }
    if text.contains(char::is_control) {
        return Err(problem("contains a control character"));
    }
    Ok(text)
}

/// Deserializes a string. A number or a boolean is its text. Null is the empty string,
/// because the API uses both for a missing value. So is a list or an object, which has no
/// meaning as text.
///
/// # Errors
///
/// Returns an error only if the text is not JSON.
pub fn string_or_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Scalar::deserialize(deserializer)? {
        Scalar::Text(text) => text,
        Scalar::Absent => String::new(),
        Scalar::Other => {
            tracing::debug!("ignoring a value that is not text");
            String::new()
        }
    })
}

/// Deserializes a boolean or its text. Anything else is `None`.
///
/// # Errors
///
/// Returns an error only if the text is not JSON.
pub fn optional_bool<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    let value = Scalar::deserialize(deserializer)?;
    let boolean = value.as_bool();
    if boolean.is_none() && value != Scalar::Absent {
        tracing::debug!("ignoring a value that is not a boolean");
    }
    Ok(boolean)
}

/// Deserializes a list of at most ten strings like [`list_or_default`]. Sorts it and removes
/// duplicates.
///
/// # Errors
///
/// As [`list_or_default`].
pub fn string_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    const MAX: usize = 10;
    let mut list: Vec<String> = list_or_default(deserializer, MAX)?;
    list.sort_unstable();
    list.dedup();
    Ok(list)
}

/// Maximum length in bytes of a list within an object. Small entries can take twenty times
/// the memory of their JSON text.
const MAX_LIST: usize = 256 * 1024;

/// Deserializes a list of at most `max` entries, or the JSON of one as text: `"[\"Linux\"]"`.
/// Anything else, and a list of more than 256 KiB, is an empty list.
///
/// # Errors
///
/// Returns an error only if the text is not JSON.
pub fn list_or_default<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
    max: usize,
) -> Result<Vec<T>, D::Error> {
    let json = Box::<RawValue>::deserialize(deserializer)?;
    let text = serde_json::from_str::<String>(json.get()).ok();
    let list = match text.as_deref().unwrap_or(json.get()).trim() {
        "" | "null" => return Ok(Vec::new()),
        list if list.len() > MAX_LIST => None,
        list => serde_json::from_str::<Vec<T>>(list).ok(),
    };
    Ok(list.filter(|list| list.len() <= max).unwrap_or_else(|| {
        tracing::debug!("ignoring a value that is not a short list of the documented type");
        Vec::new()
    }))
}

/// Deserializes a name like [`string_or_default`], but of at most 512 bytes. Names are
/// matched with regular expressions of users.
///
/// # Errors
///
/// Returns an error if the name is longer than 512 bytes.
pub fn name_or_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = string_or_default(deserializer)?;
    if name.len() > MAX_NAME {
        return Err(problem("is longer than 512 bytes"));
    }
    Ok(name)
}

/// Deserializes a string like [`string_or_default`]. One that is in `known` in another case,
/// or with white space around it, is the known one, which is shared.
///
/// # Errors
///
/// As [`string_or_default`].
pub fn intern_known<'de, D: Deserializer<'de>, const N: usize>(
    deserializer: D,
    known: [&'static str; N],
) -> Result<Cow<'static, str>, D::Error> {
    let text = string_or_default(deserializer)?;
    let interned = known
        .into_iter()
        .find(|known| text.trim().eq_ignore_ascii_case(known));
    Ok(interned.map_or_else(|| Cow::Owned(text), Cow::Borrowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_beyond_max_entries_is_an_error() {
        let list = |length| format!("[{}]", vec!["{}"; length].join(","));
        let read = |length| serde_json::from_str::<StrictList<IgnoredAny>>(&list(length));
        assert_eq!(read(MAX_ENTRIES).unwrap().0.len(), MAX_ENTRIES);
        let error = read(MAX_ENTRIES + 1).unwrap_err().to_string();
        assert!(error.contains("more than 25000 entries"), "{error}");
    }

    #[test]
    fn list_in_an_object_beyond_its_limits_is_empty() {
        let read = |list: String| {
            let mut deserializer = serde_json::Deserializer::from_str(&list);
            list_or_default::<_, Scalar>(&mut deserializer, 10)
                .unwrap()
                .len()
        };
        let ones = |length| format!("[{}]", vec!["1"; length].join(","));
        assert_eq!(read(ones(10)), 10);
        assert_eq!(read(ones(11)), 0);
        let text = |length| format!("[\"{}\"]", "a".repeat(length));
        assert_eq!(read(text(MAX_LIST - 4)), 1);
        assert_eq!(read(text(MAX_LIST)), 0);
    }

    #[test]
    fn scalar_accepts_every_type() {
        let text = |text: &str| Scalar::Text(text.to_owned());
        for (json, expected) in [
            ("null", Scalar::Absent),
            ("false", text("false")),
            ("200", text("200")),
            ("-7", text("-7")),
            ("0.5", text("0.5")),
            ("1e2", text("100")),
            (r#""OK""#, text("OK")),
            (r#"["OK"]"#, Scalar::Other),
            (r#"{"OK": {"a": []}}"#, Scalar::Other),
        ] {
            assert_eq!(
                serde_json::from_str::<Scalar>(json).unwrap(),
                expected,
                "{json}"
            );
        }
    }
}
