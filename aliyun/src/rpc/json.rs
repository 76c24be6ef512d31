//! Deserialization of untrusted JSON.

use serde::de::DeserializeOwned;

use crate::rpc::strict::{PROBLEM, StrictObject};

/// Error of JSON. It never quotes a value, which may be a secret or repeat one that was
/// sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// The text is not JSON.
    Syntax {
        /// Line of the error, from 1.
        line: usize,
        /// Column of the error in bytes, from 1.
        column: usize,
        /// True if the text ends too early.
        is_truncated: bool,
    },
    /// The JSON is not of the expected form. A clause with the whole text as "it".
    Form(String),
}

/// Deserializes text that is one JSON object and nothing else.
///
/// # Errors
///
/// Returns [`JsonError`] if the text is not JSON, or not of the form of a `T`.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, JsonError> {
    match serde_json::from_slice(text) {
        Ok(StrictObject(value)) => Ok(value),
        Err(error) if error.is_data() => Err(JsonError::Form(locate::<T>(text, &error))),
        Err(error) => Err(JsonError::Syntax {
            line: error.line(),
            column: error.column(),
            is_truncated: error.is_eof(),
        }),
    }
}

/// Describes an error of form with its path. Finds it by reading the text again, because
/// keeping track of the path takes half of the time of reading.
fn locate<T: DeserializeOwned>(text: &[u8], error: &serde_json::Error) -> String {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    match serde_path_to_error::deserialize::<_, StrictObject<T>>(&mut deserializer) {
        Err(located) => describe(&located.path().to_string(), located.inner()),
        Ok(_) => describe(".", error),
    }
}

/// Describes an error of form, as a clause.
fn describe(path: &str, error: &serde_json::Error) -> String {
    let place = if path == "." { "it" } else { path };
    let message = error.to_string();
    if let Some((field, _)) = message
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split_once('`'))
    {
        return format!("{place} has no \"{field}\"");
    }
    // Messages of others may quote values. All end with the line and the column.
    if let Some((problem, _)) = message
        .strip_prefix(PROBLEM)
        .and_then(|rest| rest.rsplit_once(" at line "))
    {
        return format!("{place} {problem}");
    }
    let mut problems = TYPES.into_iter();
    let problem = problems.find(|(start, _)| message.starts_with(start));
    // For example a duplicate name or a number out of range.
    let problem = problem.map_or("is not of the documented form", |(_, problem)| problem);
    format!("{place} {problem}")
}

/// Beginnings of serde's messages for wrong types, which the value follows, and the ends of
/// sentences.
const TYPES: [(&str, &str); 7] = [
    ("invalid type: null", "is null"),
    ("invalid type: boolean", "is a boolean"),
    ("invalid type: integer", "is a number"),
    ("invalid type: floating point", "is a number"),
    ("invalid type: string", "is a string"),
    ("invalid type: sequence", "is a list"),
    ("invalid type: map", "is an object"),
];

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::rpc::strict::{StrictList, required_string, string_or_default};

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    #[expect(dead_code, reason = "only its form matters")]
    struct Response {
        images: StrictList<Image>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    #[expect(dead_code, reason = "only its form matters")]
    struct Image {
        #[serde(deserialize_with = "required_string")]
        image_id: String,
        #[serde(default, deserialize_with = "string_or_default")]
        image_name: String,
    }

    #[test]
    fn malformed_json_error_names_the_path() {
        for (body, expected) in [
            ("{}", "it has no \"Images\""),
            (r#"{"Images": null}"#, "Images is null"),
            (r#"{"Images": {}}"#, "Images is an object"),
            (r#"{"Images": "goldfish"}"#, "Images is a string"),
            (r#"{"Images": true}"#, "Images is a boolean"),
            (r#"{"Images": -7.5}"#, "Images is a number"),
            (
                r#"{"Images": [{"ImageId": ""}]}"#,
                "Images[0].ImageId is empty",
            ),
            (
                r#"{"Images": [{"ImageId": "a"}, {}]}"#,
                "Images[1] has no \"ImageId\"",
            ),
            (
                r#"{"Images": [{"ImageId": ["goldfish"]}]}"#,
                "Images[0].ImageId is a list",
            ),
            (r#"["goldfish"]"#, "it is a list"),
            ("[[]]", "it is a list"),
            (
                r#"{"Images": [], "Images": []}"#,
                "it is not of the documented form",
            ),
        ] {
            let reason = match read::<Response>(body.as_bytes()) {
                Err(JsonError::Form(reason)) => reason,
                other => panic!("{body}: {other:?}"),
            };
            assert_eq!(reason, expected, "{body}");
        }
    }

    #[test]
    fn truncated_json_is_distinguished_from_invalid_json() {
        for (body, expected) in [
            ("<html>", false),
            (r#"{"Images": []} goldfish"#, false),
            (r#"{"Images": }"#, false),
            ("{", true),
            (r#"{"Images": ["#, true),
            (r#"{"Images": [{"ImageId": "gold"#, true),
        ] {
            match read::<Response>(body.as_bytes()) {
                Err(JsonError::Syntax { is_truncated, .. }) => {
                    assert_eq!(is_truncated, expected, "{body}");
                }
                other => panic!("{body}: {other:?}"),
            }
        }
    }
}
