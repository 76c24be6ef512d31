//! What is wrong in the provider block, as far as it is known.

use std::ops::RangeInclusive;

use secrecy::{ExposeSecret, SecretString};

use super::network::{LONGEST_SOURCE, invalid_endpoint};
use super::{AssumeRole, AssumeRoleWithOidc, Config, Endpoints, inside, only};
use crate::provider::checks;
use crate::swas::credentials::uri;
use crate::swas::{Endpoint, Protocol, sts};
use crate::terraform::{AttributePath, Diagnostic, Diagnostics, Number, Value};

/// How long a time-out may be, in milliseconds: up to ten minutes.
const TIMEOUTS: RangeInclusive<u64> = 1..=600_000;

/// How long the name of a session may be, in characters.
const SESSION_NAMES: RangeInclusive<usize> = 2..=64;

/// The longest name of a role, in characters.
const LONGEST_ROLE_NAME: usize = 64;

/// The longest session policy, in characters.
const LONGEST_POLICY: usize = 2048;

/// The longest external ID, in characters.
const LONGEST_EXTERNAL_ID: usize = 1224;

impl Config {
    /// Finds what is wrong in the block, as far as it is known.
    pub fn validate(&self, diagnostics: &mut Diagnostics) {
        let path = AttributePath::attribute;
        checks::region(&self.region, path("region"), diagnostics);
        for (name, value) in [
            ("access_key", &self.access_key),
            ("profile", &self.profile),
            ("shared_credentials_file", &self.shared_credentials_file),
        ] {
            visible(value, path(name), diagnostics);
        }
        secret(&self.secret_key, path("secret_key"), diagnostics);
        secret(&self.security_token, path("security_token"), diagnostics);
        self.validate_pairs(diagnostics);
        self.validate_conflicts(diagnostics);
        role_name(&self.ecs_role_name, path("ecs_role_name"), diagnostics);
        credentials_uri(&self.credentials_uri, path("credentials_uri"), diagnostics);
        if let Value::Known(block) = only(&self.assume_role) {
            block.validate(diagnostics);
        }
        if let Value::Known(block) = only(&self.assume_role_with_oidc) {
            block.validate(diagnostics);
        }
        self.validate_network(diagnostics);
    }

    fn validate_network(&self, diagnostics: &mut Diagnostics) {
        let path = AttributePath::attribute;
        let protocols = &["HTTPS", "HTTP"];
        checks::one_of(&self.protocol, path("protocol"), protocols, diagnostics);
        if let Value::Known(Endpoints { swas, sts }) = only(&self.endpoints) {
            endpoint(swas, "swas", diagnostics);
            endpoint(sts, "sts", diagnostics);
        }
        for (name, value) in [
            ("client_connect_timeout", &self.client_connect_timeout),
            ("client_read_timeout", &self.client_read_timeout),
        ] {
            whole(value, &TIMEOUTS, "milliseconds", path(name), diagnostics);
        }
        let source = path("configuration_source");
        if visible(&self.configuration_source, source.clone(), diagnostics) {
            at_most(
                &self.configuration_source,
                LONGEST_SOURCE,
                source.clone(),
                diagnostics,
            );
            let is_printable = |text: &str| text.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
            let problem = "may hold nothing but printable ASCII characters, because it becomes \
                           part of a header";
            rule(
                &self.configuration_source,
                is_printable,
                problem,
                source,
                diagnostics,
            );
        }
    }

    fn validate_pairs(&self, diagnostics: &mut Diagnostics) {
        let mut missing = |present: &str, absent: &str| {
            diagnostics.push(
                Diagnostic::error(
                    format!("Missing \"{absent}\""),
                    format!(
                        "\"{present}\" is set, and \"{absent}\" is not. Set both, or neither to \
                         take them from the environment."
                    ),
                )
                .at(AttributePath::attribute(present)),
            );
        };
        match (&self.access_key, &self.secret_key) {
            (Value::Known(_), Value::Null) => missing("access_key", "secret_key"),
            (Value::Null, Value::Known(_)) => missing("secret_key", "access_key"),
            (Value::Null, Value::Null) if self.security_token.known().is_some() => {
                missing("security_token", "access_key");
            }
            _ => {}
        }
    }

    /// Of sources between which there is no order, only one may be set.
    fn validate_conflicts(&self, diagnostics: &mut Diagnostics) {
        let set: Vec<_> = [
            ("ecs_role_name", &self.ecs_role_name),
            ("credentials_uri", &self.credentials_uri),
            ("profile", &self.profile),
            ("shared_credentials_file", &self.shared_credentials_file),
        ]
        .into_iter()
        .filter_map(|(name, value)| value.known().map(|_| name))
        .collect();
        let Some((first, others)) = set.split_first() else {
            return;
        };
        if *first == "profile" {
            // It is a profile of the file.
            return;
        }
        for other in others {
            conflict(first, other, AttributePath::attribute(*other), diagnostics);
        }
    }
}

impl AssumeRole {
    fn validate(&self, diagnostics: &mut Diagnostics) {
        let path = |argument| inside("assume_role", argument);
        arn(&self.role_arn, "role", path("role_arn"), diagnostics);
        session_name(&self.session_name, path("session_name"), diagnostics);
        duration(
            &self.session_expiration,
            path("session_expiration"),
            diagnostics,
        );
        policy(&self.policy, path("policy"), diagnostics);
        let external_id = path("external_id");
        if visible(&self.external_id, external_id.clone(), diagnostics) {
            at_most(
                &self.external_id,
                LONGEST_EXTERNAL_ID,
                external_id,
                diagnostics,
            );
        }
    }
}

impl AssumeRoleWithOidc {
    fn validate(&self, diagnostics: &mut Diagnostics) {
        let path = |argument| inside("assume_role_with_oidc", argument);
        let provider = path("oidc_provider_arn");
        arn(
            &self.oidc_provider_arn,
            "oidc-provider",
            provider,
            diagnostics,
        );
        arn(&self.role_arn, "role", path("role_arn"), diagnostics);
        secret(&self.oidc_token, path("oidc_token"), diagnostics);
        visible(&self.oidc_token_file, path("oidc_token_file"), diagnostics);
        if self.oidc_token.known().is_some() && self.oidc_token_file.known().is_some() {
            conflict(
                "oidc_token",
                "oidc_token_file",
                path("oidc_token_file"),
                diagnostics,
            );
        }
        session_name(
            &self.role_session_name,
            path("role_session_name"),
            diagnostics,
        );
        duration(
            &self.session_expiration,
            path("session_expiration"),
            diagnostics,
        );
        policy(&self.policy, path("policy"), diagnostics);
    }
}

fn invalid(path: AttributePath, detail: String) -> Diagnostic {
    Diagnostic::error(format!("Invalid value for \"{path}\""), detail).at(path)
}

fn conflict(one: &str, other: &str, path: AttributePath, diagnostics: &mut Diagnostics) {
    diagnostics.push(
        Diagnostic::error(
            "Conflicting credentials",
            format!(
                "\"{one}\" and \"{other}\" are both set, and only one can be used. Remove one."
            ),
        )
        .at(path),
    );
}

/// Whether there is nothing wrong.
fn visible(value: &Value<String>, path: AttributePath, diagnostics: &mut Diagnostics) -> bool {
    let before = diagnostics.iter().len();
    checks::visible(value.as_ref().map(String::as_str), path, diagnostics);
    diagnostics.iter().len() == before
}

fn secret(value: &Value<SecretString>, path: AttributePath, diagnostics: &mut Diagnostics) {
    let value = value.as_ref().map(ExposeSecret::expose_secret);
    checks::visible(value, path, diagnostics);
}

/// The argument, if set, follows the rule. `problem` is said of one that does
/// not.
fn rule(
    value: &Value<String>,
    is_followed: impl Fn(&str) -> bool,
    problem: &str,
    path: AttributePath,
    diagnostics: &mut Diagnostics,
) {
    if let Some(value) = value.known().filter(|value| !is_followed(value)) {
        let detail = format!("\"{path}\" is {value:?}, and it {problem}.");
        diagnostics.push(invalid(path, detail));
    }
}

fn at_most(value: &Value<String>, most: usize, path: AttributePath, diagnostics: &mut Diagnostics) {
    let length = value.known().map_or(0, |value| value.chars().count());
    if length > most {
        let detail = format!("\"{path}\" has {length} characters, and may have {most} at most.");
        diagnostics.push(invalid(path, detail));
    }
}

fn whole(
    value: &Value<Number>,
    range: &RangeInclusive<u64>,
    unit: &str,
    path: AttributePath,
    diagnostics: &mut Diagnostics,
) {
    let Some(number) = value.known() else { return };
    if number
        .as_whole()
        .is_none_or(|whole| !range.contains(&whole))
    {
        let detail = format!(
            "\"{path}\" is {number}, and must be a whole number of {unit} from {} to {}.",
            range.start(),
            range.end()
        );
        diagnostics.push(invalid(path, detail));
    }
}

fn duration(value: &Value<Number>, path: AttributePath, diagnostics: &mut Diagnostics) {
    let range = u64::from(*sts::DURATIONS.start())..=u64::from(*sts::DURATIONS.end());
    whole(value, &range, "seconds", path, diagnostics);
}

fn endpoint(value: &Value<String>, name: &str, diagnostics: &mut Diagnostics) {
    let Some(value) = value.known() else { return };
    // What the protocol is does not matter for what is an endpoint.
    if let Err(error) = Endpoint::parse(value, Protocol::Https) {
        let name_in_block = format!("endpoints.{name}");
        let error = invalid_endpoint(&name_in_block, value, error);
        diagnostics.push(error.at(inside("endpoints", name)));
    }
}

fn credentials_uri(value: &Value<String>, path: AttributePath, diagnostics: &mut Diagnostics) {
    if !visible(value, path.clone(), diagnostics) {
        return;
    }
    let Some(value) = value.known() else { return };
    if let Err(error) = uri::check(value) {
        // It may have a password in it.
        let detail = format!("\"{path}\" is not valid: {error}.");
        diagnostics.push(invalid(path, detail));
    }
}

fn arn(value: &Value<String>, kind: &str, path: AttributePath, diagnostics: &mut Diagnostics) {
    let problem = format!("must be an ARN such as \"acs:ram::1234567890123456:{kind}/NAME\"");
    let is_arn = |text: &str| sts::is_arn(text, kind);
    rule(value, is_arn, &problem, path, diagnostics);
}

fn session_name(value: &Value<String>, path: AttributePath, diagnostics: &mut Diagnostics) {
    let is_name = |text: &str| {
        SESSION_NAMES.contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".@-_".contains(&byte))
    };
    let problem = "must have 2 to 64 letters, digits and \".\", \"@\", \"-\" or \"_\"";
    rule(value, is_name, problem, path, diagnostics);
}

fn role_name(value: &Value<String>, path: AttributePath, diagnostics: &mut Diagnostics) {
    let is_name = |text: &str| {
        (1..=LONGEST_ROLE_NAME).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
    };
    let problem =
        "must be the name of a RAM role: up to 64 letters, digits and \".\", \"-\" or \"_\"";
    rule(value, is_name, problem, path, diagnostics);
}

fn policy(value: &Value<String>, path: AttributePath, diagnostics: &mut Diagnostics) {
    let Some(text) = value.known() else { return };
    at_most(value, LONGEST_POLICY, path.clone(), diagnostics);
    if serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_err() {
        let detail = format!(
            "\"{path}\" is no policy: it must be a JSON object, for example made by jsonencode()."
        );
        diagnostics.push(invalid(path, detail));
    }
}
