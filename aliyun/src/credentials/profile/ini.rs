//! The INI file of Alibaba Cloud's SDKs.
//!
//! The crates for INI files either read over a line without "=" or report no line.

use std::collections::HashSet;
use std::path::Path;

use serde_json::Map;

use super::fields::Profile;
use crate::credentials::error::FileFormat;
use crate::credentials::source::ProfileName;
use crate::text::debug_quote;

/// The keys that are read, in lower case, and the fields of the CLI that mean the same. Of
/// several keys of a field, the last one takes precedence.
///
/// In another case they are an error: without its `ENABLE` or `ROLE_ARN`, a section could be
/// another identity.
pub(crate) const KEYS: [(&str, &str); 15] = [
    ("type", "mode"),
    ("enable", "enable"),
    ("region_id", "region_id"),
    ("access_key_id", "access_key_id"),
    ("access_key_secret", "access_key_secret"),
    ("sts_token", "sts_token"),
    ("security_token", "sts_token"),
    ("role_name", "ram_role_name"),
    ("role_arn", "ram_role_arn"),
    ("role_session_name", "ram_session_name"),
    ("external_id", "external_id"),
    ("policy", "policy"),
    ("oidc_provider_arn", "oidc_provider_arn"),
    ("oidc_token_file_path", "oidc_token_file"),
    ("credentials_uri", "credentials_uri"),
];

/// The types of a section, and the modes of the CLI that mean the same.
const TYPES: [(&str, &str); 7] = [
    ("access_key", "AK"),
    ("sts", "StsToken"),
    ("sts_token", "StsToken"),
    ("ecs_ram_role", "EcsRamRole"),
    ("ram_role_arn", "RamRoleArn"),
    ("oidc_role_arn", "OIDC"),
    ("credentials_uri", "CredentialsURI"),
];

/// Returns the keys of a field, in order of precedence.
pub(crate) fn keys(field: &str) -> impl Iterator<Item = &'static str> {
    let keys = KEYS.into_iter().rev();
    keys.filter(move |(_, name)| *name == field)
        .map(|(key, _)| key)
}

/// Returns the mode of a type.
pub(super) fn mode(kind: &str) -> Option<&'static str> {
    let mut types = TYPES.iter();
    types.find(|(name, _)| *name == kind).map(|(_, mode)| *mode)
}

/// Parses the sections of a file as profiles. Blank values are left out.
///
/// # Errors
///
/// Returns the problem, as the end of a sentence about the file.
pub(super) fn parse(path: &Path, content: &[u8]) -> Result<Vec<Profile>, String> {
    let text = std::str::from_utf8(content).map_err(|_| "is not text")?;
    let mut sections: Vec<Profile> = Vec::new();
    let mut found = HashSet::new();
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let invalid = || format!("is not valid INI (line {number})");
        if let Some(line) = line.strip_prefix('[') {
            let (name, rest) = line.split_once(']').ok_or_else(invalid)?;
            if !is_comment(rest) {
                return Err(invalid());
            }
            let name = ProfileName {
                file: path.to_owned(),
                format: FileFormat::Ini,
                name: name.trim().to_owned(),
            };
            let values = Map::new();
            sections.push(Profile { name, values });
            found.clear();
            continue;
        }
        let (key, value) = line.split_once(['=', ':']).ok_or_else(invalid)?;
        let (key, value) = (key.trim(), self::value(value).ok_or_else(invalid)?.trim());
        let Some(section) = sections.last_mut() else {
            // Some tools take them for the default profile, and others ignore them.
            return Err(format!(
                "has keys before its first section (line {number}): put \"[default]\" above them"
            ));
        };
        let lower_case = key.to_ascii_lowercase();
        if let Some((known, _)) = KEYS.iter().find(|(known, _)| *known == lower_case) {
            let place = format!(
                "(line {number}, section {})",
                debug_quote(&section.name.name)
            );
            if *known != key {
                return Err(format!("has the key {key:?}, not in lower case {place}"));
            }
            if !found.insert(*known) {
                return Err(format!("has the key {key:?} twice {place}"));
            }
        }
        if !value.is_empty() {
            section.values.insert(key.to_owned(), value.into());
        }
    }
    Ok(sections)
}

/// Returns a value without quotes and without an inline comment, or `None` if a quote is
/// not closed.
fn value(text: &str) -> Option<&str> {
    let text = text.trim();
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let (value, rest) = text[1..].split_once(quote)?;
        return is_comment(rest).then_some(value);
    }
    let is_space = |c: char| c.is_whitespace();
    let mut comments = text.match_indices(['#', ';']);
    let comment = comments.find(|(start, _)| *start == 0 || text[..*start].ends_with(is_space));
    Some(match comment {
        Some((start, _)) => text[..start].trim_end(),
        None => text,
    })
}

/// Returns true if the rest of a line is blank or a comment.
fn is_comment(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.is_empty() || rest.starts_with(['#', ';'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sections_are_profiles() {
        let text = "[default]\r\nenable = true\r\ntype = access_key\r\naccess_key_id = id\r\n\
                    access_key_secret: goldfish\r\n\n[off]\nenable=false\n\
                    [role]\ntype=ram_role_arn\nrole_arn=arn\n[other]\ntype=bearer\n";
        let profiles = parse("a".as_ref(), text.as_bytes()).unwrap();
        let found: Vec<_> = profiles
            .iter()
            .map(|profile| (profile.name.name.as_str(), profile.mode().ok()))
            .collect();
        assert_eq!(
            found,
            [
                ("default", Some("AK")),
                ("off", Some("AK")),
                ("role", Some("RamRoleArn")),
                ("other", None)
            ]
        );
        let default = &profiles[0];
        assert_eq!(default.text("access_key_id"), Ok(Some("id")));
        assert_eq!(default.text("access_key_secret"), Ok(Some("goldfish")));
    }

    #[test]
    fn inline_comments_and_quotes_are_not_part_of_values() {
        for (text, expected) in [
            (" a ", Some("a")),
            ("", Some("")),
            ("a # comment", Some("a")),
            ("a\t; comment # more", Some("a")),
            ("# comment", Some("")),
            ("a#b;c", Some("a#b;c")),
            ("a = b", Some("a = b")),
            ("\"a # b\" # comment", Some("a # b")),
            ("'a'", Some("a")),
            ("\"a", None),
            ("'a' b", None),
        ] {
            assert_eq!(value(text), expected, "{text:?}");
        }
        let text = "[default]   # the profile\naccess_key_id = id  ; ID\n";
        let sections = parse("a".as_ref(), text.as_bytes()).unwrap();
        assert_eq!(sections[0].name.name, "default");
        assert_eq!(sections[0].text("access_key_id"), Ok(Some("id")));
    }

    #[test]
    fn malformed_file_error_names_the_line_and_does_not_quote_it() {
        for (content, expected) in [
            (&b"[default]\n\ngoldfish\n"[..], "is not valid INI (line 3)"),
            (b"[default\ngoldfish = a\n", "is not valid INI (line 1)"),
            (b"[default] goldfish\n", "is not valid INI (line 1)"),
            (b"[a]\nenable = \"goldfish\n", "is not valid INI (line 2)"),
            (b"\xE9 = goldfish\n", "is not text"),
            (
                b"goldfish = a\n[default]\n",
                "has keys before its first section (line 1): put \"[default]\" above them",
            ),
            (
                b"[default]\nENABLE = false\n",
                "has the key \"ENABLE\", not in lower case (line 2, section \"default\")",
            ),
            (
                b"[a]\nrole_arn = a\nrole_arn = b\n",
                "has the key \"role_arn\" twice (line 3, section \"a\")",
            ),
        ] {
            let error = parse("a".as_ref(), content).err().unwrap();
            assert_eq!(error, expected);
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "(\\[a\\]\n)?[a-z=:\\[\\]#;'\" \n]{0,60}|.{0,60}") {
            let _ = parse("a".as_ref(), text.as_bytes());
        }
    }
}
