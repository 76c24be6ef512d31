//! JSON from outside, which may hold secrets.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::Track;

use super::record::Record;

/// JSON that is not what it should be.
///
/// It tells where and never what: the value itself comes from outside and may
/// be a secret, or repeat one that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It is no JSON from here on, counted from 1.
    NotJson { line: usize, column: usize },
    /// It is JSON of another form, which the sentence tells. It speaks of the
    /// whole as "it".
    Unexpected(String),
}

/// Reads text that is one JSON object and nothing else.
pub(super) fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Unreadable> {
    let mut track = Track::new();
    let mut json = serde_json::Deserializer::from_slice(text);
    let parsed = Record::<T>::deserialize(serde_path_to_error::Deserializer::new(
        &mut json, &mut track,
    ));
    match parsed.and_then(|Record(value)| json.end().map(|()| value)) {
        Ok(value) => Ok(value),
        Err(error) if error.classify() != Category::Data => Err(Unreadable::NotJson {
            line: error.line(),
            column: error.column(),
        }),
        Err(error) => {
            let path = track.path().to_string();
            let place = if path == "." { "it" } else { &path };
            let message = error.to_string();
            // The names of missing fields are ours.
            let missing = message
                .strip_prefix("missing field `")
                .and_then(|rest| rest.split('`').next());
            Err(Unreadable::Unexpected(match (missing, kind(&message)) {
                (Some(field), _) => format!("{place} has no \"{field}\""),
                (None, Some(kind)) => format!("{place} is {kind}"),
                (None, None) => format!("{place} is not of the documented form"),
            }))
        }
    }
}

/// What a value of the wrong kind is, by serde's words for it.
fn kind(message: &str) -> Option<&'static str> {
    if message.starts_with(r#"invalid value: string "","#) {
        return Some("empty");
    }
    let found = message.strip_prefix("invalid type: ")?;
    let kinds = [
        ("null", "null"),
        ("boolean", "a boolean"),
        ("integer", "a number"),
        ("floating point", "a number"),
        ("string", "a string"),
        ("sequence", "a list"),
        ("map", "an object"),
    ];
    let of_value = |(word, _): &&(&str, _)| found.starts_with(word);
    kinds.iter().find(of_value).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::swas::images;

    #[test]
    fn what_is_wrong_is_told_by_its_place() {
        for (body, expected) in [
            ("{}", Some("it has no \"Images\"")),
            (r#"{"Images": null}"#, Some("Images is null")),
            (r#"{"Images": {}}"#, Some("Images is an object")),
            (r#"{"Images": "goldfish"}"#, Some("Images is a string")),
            (r#"{"Images": true}"#, Some("Images is a boolean")),
            (r#"{"Images": -7.5}"#, Some("Images is a number")),
            (
                r#"{"Images": [{"ImageId": ""}]}"#,
                Some("Images[0].ImageId is empty"),
            ),
            (
                r#"{"Images": [{"ImageId": "a"}, {}]}"#,
                Some("Images[1] has no \"ImageId\""),
            ),
            (
                r#"{"Images": [{"ImageId": "goldfish", "ImageName": ["goldfish"]}]}"#,
                Some("Images[0].ImageName is a list"),
            ),
            (r#"["goldfish"]"#, Some("it is a list")),
            ("[[]]", Some("it is a list")),
            (
                r#"{"Images": [], "Images": []}"#,
                Some("it is not of the documented form"),
            ),
            ("<html>", None),
            (r#"{"Images": ["#, None),
            (r#"{"Images": []} goldfish"#, None),
        ] {
            let told = match read::<images::Answer>(body.as_bytes()) {
                Ok(_) => panic!("{body} was read"),
                Err(Unreadable::NotJson { .. }) => None,
                Err(Unreadable::Unexpected(reason)) => Some(reason),
            };
            assert_eq!(told.as_deref(), expected, "{body}");
        }
    }
}
