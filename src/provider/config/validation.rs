//! What is wrong in the provider block, as far as it is known.

use std::ops::RangeInclusive;

use super::network::LONGEST_SOURCE;
use super::{AssumeRole, AssumeRoleWithOidc, Config, Endpoints, inside, only, rules};
use crate::provider::checks;
use crate::terraform::{AttributePath, Diagnostic, Diagnostics, Value};

/// How long a time-out may be, in milliseconds: up to ten minutes.
const TIMEOUTS: RangeInclusive<u64> = 1..=600_000;

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
            rules::visible(value, path(name), diagnostics);
        }
        rules::secret(&self.secret_key, path("secret_key"), diagnostics);
        rules::secret(&self.security_token, path("security_token"), diagnostics);
        self.validate_pairs(diagnostics);
        self.validate_conflicts(diagnostics);
        rules::role_name(&self.ecs_role_name, path("ecs_role_name"), diagnostics);
        rules::credentials_uri(&self.credentials_uri, path("credentials_uri"), diagnostics);
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
            rules::endpoint(swas, "swas", diagnostics);
            rules::endpoint(sts, "sts", diagnostics);
        }
        for (name, value) in [
            ("client_connect_timeout", &self.client_connect_timeout),
            ("client_read_timeout", &self.client_read_timeout),
        ] {
            rules::whole(value, &TIMEOUTS, "milliseconds", path(name), diagnostics);
        }
        let source = path("configuration_source");
        if rules::visible(&self.configuration_source, source.clone(), diagnostics) {
            rules::at_most(
                &self.configuration_source,
                LONGEST_SOURCE,
                source.clone(),
                diagnostics,
            );
            let is_printable = |text: &str| text.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
            let problem = "may hold nothing but printable ASCII characters, because it becomes \
                           part of a header";
            rules::rule(
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
            rules::conflict(first, other, AttributePath::attribute(*other), diagnostics);
        }
    }
}

impl AssumeRole {
    fn validate(&self, diagnostics: &mut Diagnostics) {
        let path = |argument| inside("assume_role", argument);
        rules::arn(&self.role_arn, "role", path("role_arn"), diagnostics);
        rules::session_name(&self.session_name, path("session_name"), diagnostics);
        rules::duration(
            &self.session_expiration,
            path("session_expiration"),
            diagnostics,
        );
        rules::policy(&self.policy, path("policy"), diagnostics);
        let external_id = path("external_id");
        if rules::visible(&self.external_id, external_id.clone(), diagnostics) {
            rules::at_most(
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
        rules::arn(
            &self.oidc_provider_arn,
            "oidc-provider",
            provider,
            diagnostics,
        );
        rules::arn(&self.role_arn, "role", path("role_arn"), diagnostics);
        rules::secret(&self.oidc_token, path("oidc_token"), diagnostics);
        rules::visible(&self.oidc_token_file, path("oidc_token_file"), diagnostics);
        if self.oidc_token.known().is_some() && self.oidc_token_file.known().is_some() {
            rules::conflict(
                "oidc_token",
                "oidc_token_file",
                path("oidc_token_file"),
                diagnostics,
            );
        }
        rules::session_name(
            &self.role_session_name,
            path("role_session_name"),
            diagnostics,
        );
        rules::duration(
            &self.session_expiration,
            path("session_expiration"),
            diagnostics,
        );
        rules::policy(&self.policy, path("policy"), diagnostics);
    }
}
