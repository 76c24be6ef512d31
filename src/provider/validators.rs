//! Validators of single arguments, which return the parsed value or a diagnostic.

use std::collections::{BTreeMap, HashSet};
use std::ops::RangeInclusive;

use regex::{Regex, RegexBuilder};
use secrecy::{ExposeSecret, SecretString};

use crate::provider::glob;
use crate::provider::list;
use crate::provider::similarity::suggestion;
use crate::swas::operations::images::model::PLATFORMS;
use crate::terraform::{AttributePath, ConfigError, Diagnostic, Number, Parser, Value};
use aliyun::access_key::check_key_text;
use aliyun::credentials::ecs_ram_role::{ROLE_NAME_RULE, is_role_name};
use aliyun::credentials::sts::{self, SESSION_NAME_RULE, is_session_name};
use aliyun::credentials::uri::CredentialsUri;
use aliyun::rpc::region::{KNOWN_REGIONS, RegionId};
use aliyun::text::debug_quote;

/// The maximum length of a regular expression, in characters. Each character takes about
/// 100 bytes of memory to parse.
const MAX_REGEX_LENGTH: usize = 4096;

/// The maximum size of a compiled regular expression, in MiB. It bounds the time of a match:
/// the slowest expression of this size takes 4 s for a name of 512 bytes.
const MAX_REGEX_MIB: usize = 2;

/// The maximum length of an ARN, in characters. ARNs of roles and OIDC providers are
/// shorter.
const MAX_ARN_LENGTH: usize = 1024;

/// The maximum length of a session policy, in characters.
const MAX_POLICY_LENGTH: usize = 2048;

/// Validates a platform.
pub fn platform(text: &str, path: &AttributePath) -> Result<&'static str, Diagnostic> {
    one_of(text, path, PLATFORMS.map(|one| (one, one)))
}

/// Validates that text is one of the allowed values, and returns the value.
pub fn one_of<T>(
    text: &str,
    path: &AttributePath,
    allowed: impl IntoIterator<Item = (&'static str, T)>,
) -> Result<T, Diagnostic> {
    let mut others = Vec::new();
    for (word, value) in allowed {
        if word == text {
            return Ok(value);
        }
        others.push(word);
    }
    let detail = format!(
        "\"{path}\" is {}, but must be {}.{}",
        debug_quote(text),
        list::any_of(&others),
        suggestion(text, &others)
    );
    Err(Diagnostic::invalid(path, detail))
}

/// Validates a region ID.
pub fn region(text: &str, path: &AttributePath) -> Result<RegionId, Diagnostic> {
    text.parse().map_err(|error| {
        let suggestion = suggestion(text, &KNOWN_REGIONS);
        let detail = format!(
            "\"{path}\" is {}, but {error}.{suggestion}",
            debug_quote(text)
        );
        Diagnostic::invalid(path, detail)
    })
}

/// Validates text without control characters and without surrounding spaces.
pub fn no_control_chars(text: &str, path: &AttributePath) -> Result<String, Diagnostic> {
    check_no_control_chars(text, path).map(|()| text.to_owned())
}

/// Validates a secret that is not blank, without control characters and without
/// surrounding spaces.
pub fn secret(secret: &SecretString, path: &AttributePath) -> Result<SecretString, Diagnostic> {
    let text = secret.expose_secret();
    if text.trim().is_empty() {
        return Err(Diagnostic::blank(path));
    }
    check_no_control_chars(text, path).map(|()| secret.clone())
}

/// Validates an access key ID, a secret, or a security token. The error does not quote it.
pub fn key(text: &str, path: &AttributePath) -> Result<(), Diagnostic> {
    if text.trim().is_empty() {
        return Err(Diagnostic::blank(path));
    }
    check_key_text(text).map_err(|problem| {
        let detail = format!(
            "\"{path}\" {problem}. Correct it. At the beginning and end, trimspace() removes white \
             space and line breaks."
        );
        Diagnostic::invalid(path, detail)
    })
}

fn check_no_control_chars(text: &str, path: &AttributePath) -> Result<(), Diagnostic> {
    let detail = if text.chars().any(char::is_control) {
        format!(
            "\"{path}\" contains a control character, such as a line break. Remove it, for \
             example with trimspace()."
        )
    } else if text.trim() != text {
        format!("\"{path}\" begins or ends with a space. Remove it, for example with trimspace().")
    } else {
        return Ok(());
    };
    Err(Diagnostic::invalid(path, detail))
}

/// Validates an ID in a list.
fn id(text: &str, path: &AttributePath) -> Result<String, Diagnostic> {
    if text.trim().is_empty() {
        let detail = format!("\"{path}\" is blank. Remove it or give it a value.");
        return Err(Diagnostic::invalid(path, detail));
    }
    no_control_chars(text, path)
}

/// Validates a list of IDs, and drops duplicates.
pub fn ids(
    name: &str,
    ids: &Value<Vec<Value<String>>>,
    parser: &mut Parser<'_>,
) -> Result<Option<Vec<String>>, ConfigError> {
    let mut ids = parser.list(name, ids, |text, path| id(text, path))?;
    if let Some(ids) = &mut ids {
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(id.clone()));
    }
    Ok(ids)
}

/// Validates a map of tags. A value can be empty, a key must not be blank.
pub fn tags(
    name: &str,
    tags: &Value<BTreeMap<String, Value<String>>>,
    parser: &mut Parser<'_>,
) -> Result<Option<BTreeMap<String, String>>, ConfigError> {
    let tags = parser.map(name, tags, |value, _| Ok(value.clone()))?;
    let has_blank = |tags: &BTreeMap<String, String>| tags.keys().any(|key| key.trim().is_empty());
    if tags.as_ref().is_some_and(has_blank) {
        let path = parser.path(name);
        let detail = format!("\"{path}\" has a blank key. Remove it.");
        return Err(parser.reject(Diagnostic::invalid(&path, detail)));
    }
    Ok(tags)
}

/// Validates and compiles a regular expression.
pub fn regex(text: &str, path: &AttributePath) -> Result<Regex, Diagnostic> {
    let length = text.chars().count();
    if length > MAX_REGEX_LENGTH {
        let detail = format!(
            "\"{path}\" has {length} characters, but may have at most {MAX_REGEX_LENGTH}. To select \
             many images, list their IDs."
        );
        return Err(Diagnostic::invalid(path, detail));
    }
    let mut builder = RegexBuilder::new(text);
    let regex = builder.size_limit(MAX_REGEX_MIB << 20).build();
    regex.map_err(|error| {
        let detail = match (error, glob::to_regex(text)) {
            (regex::Error::CompiledTooBig(_), _) => format!(
                "\"{path}\" is too complex: compiled, it takes more than {MAX_REGEX_MIB} MiB. Use \
                 smaller counts of repetitions, or narrower classes such as [a-z] instead of \\w."
            ),
            (_, Some(regex)) => format!(
                "\"{path}\" is a glob, but must be a regular expression. Instead of {}, write {}.",
                debug_quote(text),
                debug_quote(&regex)
            ),
            (error, None) => format!(
                "\"{path}\" is not a regular expression in the syntax of Rust's regex \
                 crate:\n\n{error}"
            ),
        };
        Diagnostic::invalid(path, detail)
    })
}

/// Returns the expression without regard to case, unless it is too large.
pub fn ignoring_case(regex: &Regex) -> Option<Regex> {
    let mut builder = RegexBuilder::new(regex.as_str());
    let builder = builder.size_limit(MAX_REGEX_MIB << 20);
    builder.case_insensitive(true).build().ok()
}

/// Validates a number from 0 to the maximum of a double, which is Terraform's.
pub fn non_negative(
    number: Number,
    is_whole: bool,
    path: &AttributePath,
) -> Result<Number, Diagnostic> {
    let problem = if number < Number::from(0.0) {
        "must be 0 or more"
    } else if number > Number::from(f64::MAX) {
        "is too large to compare"
    } else if is_whole && number.as_integer().is_none() {
        "must be a whole number"
    } else {
        return Ok(number);
    };
    let detail = format!("\"{path}\" is {number}, but {problem}.");
    Err(Diagnostic::invalid(path, detail))
}

/// Validates a whole number in the range.
pub fn integer_between(
    number: Number,
    path: &AttributePath,
    range: &RangeInclusive<u64>,
    unit: &str,
) -> Result<u64, Diagnostic> {
    let integer = number.as_integer();
    integer
        .filter(|integer| range.contains(integer))
        .ok_or_else(|| {
            let detail = format!(
                "\"{path}\" is {number}, but must be a whole number of {unit} from {} to {}.",
                range.start(),
                range.end()
            );
            Diagnostic::invalid(path, detail)
        })
}

/// Validates the length of text, in characters.
pub fn max_length(text: &str, path: &AttributePath, max: usize) -> Result<String, Diagnostic> {
    let length = text.chars().count();
    if length > max {
        let detail = format!("\"{path}\" has {length} characters, but may have at most {max}.");
        return Err(Diagnostic::invalid(path, detail));
    }
    Ok(text.to_owned())
}

/// Validates text of printable ASCII characters.
pub fn ascii(text: &str, path: &AttributePath) -> Result<String, Diagnostic> {
    let is_printable = |text: &str| text.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    let problem = "may contain only printable ASCII characters, because it is sent in a header";
    check(text, path, is_printable, problem)
}

/// Validates text with a predicate. `problem` completes the error.
fn check(
    text: &str,
    path: &AttributePath,
    is_valid: impl Fn(&str) -> bool,
    problem: &str,
) -> Result<String, Diagnostic> {
    if is_valid(text) {
        return Ok(text.to_owned());
    }
    let detail = format!("\"{path}\" is {}, but it {problem}.", debug_quote(text));
    Err(Diagnostic::invalid(path, detail))
}

/// Validates an ARN. `kind` is the type of the resource, such as `role`.
pub fn arn(text: &str, path: &AttributePath, kind: &str) -> Result<String, Diagnostic> {
    max_length(text, path, MAX_ARN_LENGTH)?;
    let problem = format!("must be an ARN such as \"acs:ram::1234567890123456:{kind}/NAME\"");
    check(text, path, |text| sts::is_arn(text, kind), &problem)
}

/// Validates a session name by the rule in the documentation of `AssumeRole`.
pub fn session_name(text: &str, path: &AttributePath) -> Result<String, Diagnostic> {
    check(text, path, is_session_name, SESSION_NAME_RULE)
}

/// Validates a role name by the rule in the documentation of `CreateRole`.
pub fn role_name(text: &str, path: &AttributePath) -> Result<String, Diagnostic> {
    check(text, path, is_role_name, ROLE_NAME_RULE)
}

/// Validates a session policy.
pub fn policy(text: &str, path: &AttributePath) -> Result<String, Diagnostic> {
    if serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_err() {
        let detail = format!(
            "\"{path}\" is not a policy. It must be a JSON object, such as the result of jsonencode()."
        );
        return Err(Diagnostic::invalid(path, detail));
    }
    max_length(text, path, MAX_POLICY_LENGTH)
}

/// Validates a credentials URI.
pub fn credentials_uri(text: &str, path: &AttributePath) -> Result<CredentialsUri, Diagnostic> {
    check_no_control_chars(text, path)?;
    CredentialsUri::parse(text).map_err(|error| {
        // The URI is not shown, because it can contain a password.
        let detail = format!("\"{path}\" is not valid: {error}.");
        Diagnostic::invalid(path, detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regex_over_max_length_is_rejected() {
        let path = AttributePath::attribute("name_regex");
        assert!(regex(&"镜".repeat(MAX_REGEX_LENGTH), &path).is_ok());
        let error = regex(&"镜".repeat(MAX_REGEX_LENGTH + 1), &path).unwrap_err();
        assert_eq!(
            error.detail,
            "\"name_regex\" has 4097 characters, but may have at most 4096. To select many images, \
             list their IDs."
        );
    }

    #[test]
    fn regex_over_max_size_is_rejected() {
        let path = AttributePath::attribute("name_regex");
        assert!(regex(r"^\w{1,40}$", &path).is_ok());
        for slow in [
            r"[\p{L}\p{N}.-]{50,200}LTS$",
            "(((((a{0,10}){0,10}){0,10}){0,10}){0,10})",
        ] {
            let error = regex(slow, &path).unwrap_err();
            assert!(error.detail.contains("more than 2 MiB"), "{}", error.detail);
        }
    }

    /// The differences that the description of `name_regex` lists.
    #[test]
    fn regex_syntax_differs_from_re2_as_documented() {
        let path = AttributePath::attribute("name_regex");
        for rejected in [
            r"\Qa.b\E", r"\C", r"\012", "{", "a{", "a{b}", "a{,2}", "(?=a)", "(?<!a)", r"(a)\1",
        ] {
            assert!(regex(rejected, &path).is_err(), "{rejected}");
        }
        for (expression, text, expected) in [
            (r"a\{,2\}", "a{,2}", true),
            (r"^\d$", "٣", true),
            (r"^\w$", "镜", true),
            (r"^\s$", "\u{a0}", true),
            (r"\b镜", "镜", true),
            ("[a&&b]", "a&b", false),
            ("[a-c--b]", "-b", false),
            ("[a~~b]", "~", false),
            ("^[[a]b]$", "b", true),
        ] {
            let expression = regex(expression, &path).unwrap();
            assert_eq!(expression.is_match(text), expected, "{expression} {text}");
        }
    }
}
