//! Where the provider block says that credentials come from.

use std::sync::OnceLock;

use secrecy::SecretString;

use super::environment::{arn_in, check_complete, session_name};
use super::{AssumeRole, AssumeRoleWithOidc, Block, OIDC_BLOCK, old_names};
use crate::provider::diagnostics;
use crate::provider::validators;
use crate::terraform::{
    AttributePath, ConfigError, Diagnostic, Diagnostics, Number, Parser, Value,
};
use aliyun::access_key::Credentials;
use aliyun::credentials::oidc::{self, OidcRole, OidcToken};
use aliyun::credentials::profile::ProfilePlace;
use aliyun::credentials::renamed::instead_of_variables;
use aliyun::credentials::sts::{DEFAULT_DURATION, DURATIONS, Role, Sts};
use aliyun::credentials::uri::CredentialsUri;
use aliyun::credentials::{AssumedRole, Environment, Settings, Source};

/// The longest external ID, in characters.
const LONGEST_EXTERNAL_ID: usize = 1224;

/// The session name of roles that have none.
pub(super) const DEFAULT_SESSION_NAME: &str = "terraform";

const ROLE_BLOCK: &str = "assume_role";

/// What the block says of credentials.
#[derive(Debug)]
pub(super) struct CredentialsSettings {
    source: SourceSettings,
    role: Option<RoleSettings>,
    /// Whether a role goes with an OIDC token.
    names_oidc: bool,
}

/// The source that the block names.
#[derive(Debug)]
enum SourceSettings {
    Keys(Credentials),
    Oidc(OidcSettings),
    EcsRole(String),
    Uri(CredentialsUri),
    Profile,
    None,
}

/// A role, without what the environment may add.
#[derive(Debug, Default)]
struct RoleSettings {
    arn: Option<String>,
    session_name: Option<String>,
    duration: Option<u32>,
    policy: Option<String>,
    external_id: Option<String>,
}

#[derive(Debug)]
struct OidcSettings {
    provider_arn: Option<String>,
    token: Option<SecretString>,
    token_file: Option<String>,
    role: RoleSettings,
}

impl CredentialsSettings {
    pub(super) fn parse(
        block: &Block,
        profile: &Result<Option<String>, ConfigError>,
        file: &Result<Option<String>, ConfigError>,
        environment: &Environment,
        parser: &mut Parser<'_>,
    ) -> Result<Self, ConfigError> {
        let access_key = parser.text(
            "access_key",
            &block.access_key,
            validators::no_control_chars,
        );
        let secret_key = parser.value("secret_key", &block.secret_key, validators::secret);
        let token = parser.value("security_token", &block.security_token, validators::secret);
        check_pairs(block, parser);
        check_conflicts(block, parser);
        let ecs_role = parser.text("ecs_role_name", &block.ecs_role_name, validators::role_name);
        let uri = &block.credentials_uri;
        let uri = parser.text("credentials_uri", uri, validators::credentials_uri);
        let role = parser.block(ROLE_BLOCK, &block.assume_role, RoleSettings::parse);
        let oidc = &block.assume_role_with_oidc;
        let oidc = parser.block(OIDC_BLOCK, oidc, |block, parser| {
            check_complete(block, environment, parser);
            OidcSettings::parse(block, parser)
        });
        // All has been looked at: from here on the first source counts.
        let names_oidc = !matches!(oidc, Ok(None));
        let keys = (access_key?, secret_key?, token?);
        let source = if let (Some(access_key_id), Some(access_key_secret), security_token) = keys {
            SourceSettings::Keys(Credentials {
                access_key_id,
                access_key_secret,
                security_token,
                expiration: None,
            })
        } else if let Some(oidc) = oidc? {
            SourceSettings::Oidc(oidc)
        } else if let Some(name) = ecs_role? {
            SourceSettings::EcsRole(name)
        } else if let Some(uri) = uri? {
            SourceSettings::Uri(uri)
        } else if (profile.clone()?, file.clone()?) == (None, None) {
            SourceSettings::None
        } else {
            SourceSettings::Profile
        };
        Ok(Self {
            source,
            role: role?,
            names_oidc,
        })
    }

    /// Warns of variables under old names that would say what the block does not.
    pub(super) fn old_names(
        &self,
        profile: &ProfilePlace,
        environment: &Environment,
    ) -> Diagnostics {
        let mut warnings = match &self.source {
            SourceSettings::None => old_names::of_credentials(profile, environment),
            SourceSettings::Profile => old_names::of_file(profile, environment),
            _ => Diagnostics::default(),
        };
        let oidc = match &self.source {
            SourceSettings::Oidc(oidc) => Some(&oidc.role),
            _ => None,
        };
        if let Some(role) = self.role.as_ref().or(oidc) {
            let (is_named, has_duration) = (role.session_name.is_some(), role.duration.is_some());
            warnings.append(old_names::of_session(is_named, has_duration, environment));
        } else if environment.get(oidc::ROLE_ARN).is_some() {
            // How long a session holds cannot be set without a block.
            warnings.append(old_names::of_session(false, true, environment));
        }
        warnings
    }

    /// Takes from the environment what the block does not say. The profile is
    /// the one that is used where a profile is.
    ///
    /// # Errors
    ///
    /// When the block asks for something and neither says all of it.
    pub(super) fn complete(
        self,
        profile: ProfilePlace,
        sts: Sts,
        environment: &Environment,
    ) -> Result<Settings, Diagnostic> {
        let source = match self.source {
            SourceSettings::Keys(keys) => Source::Keys(keys),
            SourceSettings::Oidc(oidc) => Source::Oidc(oidc.complete(environment)?),
            SourceSettings::EcsRole(name) => Source::EcsRole(name),
            SourceSettings::Uri(uri) => Source::Uri(uri),
            SourceSettings::Profile => Source::Profile(profile),
            SourceSettings::None => Source::Default {
                profile,
                chosen: OnceLock::new(),
            },
        };
        let role = if let Some(role) = self.role {
            let arn = role.arn.clone();
            let arn = match arn {
                Some(arn) => Some(arn),
                None => arn_in(environment, oidc::ROLE_ARN, "role")?,
            };
            let arn =
                arn.ok_or_else(|| missing(ROLE_BLOCK, "role_arn", oidc::ROLE_ARN, environment))?;
            Some(AssumedRole::Asked(role.complete(arn, environment)?))
        } else if self.names_oidc || oidc::is_complete(environment) {
            None
        } else {
            let arn = arn_in(environment, oidc::ROLE_ARN, "role")?;
            let role = arn.map(|arn| RoleSettings::default().complete(arn, environment));
            role.transpose()?.map(AssumedRole::OfEnvironment)
        };
        Ok(Settings {
            source,
            role,
            environment: environment.clone(),
            sts,
        })
    }
}

impl RoleSettings {
    fn parse(block: &AssumeRole, parser: &mut Parser<'_>) -> Result<Self, ConfigError> {
        let arn = parser.text("role_arn", &block.role_arn, role_arn);
        let session_name = parser.text(
            "session_name",
            &block.session_name,
            validators::session_name,
        );
        let duration = session_duration(&block.session_expiration, parser);
        let policy = parser.text("policy", &block.policy, validators::policy);
        let external_id = parser.text("external_id", &block.external_id, |text, path| {
            validators::no_control_chars(text, path)?;
            validators::max_length(text, path, LONGEST_EXTERNAL_ID)
        });
        Ok(Self {
            arn: arn?,
            session_name: session_name?,
            duration: duration?,
            policy: policy?,
            external_id: external_id?,
        })
    }

    fn complete(self, arn: String, environment: &Environment) -> Result<Role, Diagnostic> {
        let session_name = match self.session_name {
            Some(name) => Some(name),
            None => session_name(environment)?,
        };
        Ok(Role {
            arn,
            session_name: session_name.unwrap_or_else(|| DEFAULT_SESSION_NAME.to_owned()),
            duration: self.duration.unwrap_or(DEFAULT_DURATION),
            policy: self.policy,
            external_id: self.external_id,
        })
    }
}

fn session_duration(
    number: &Value<Number>,
    parser: &mut Parser<'_>,
) -> Result<Option<u32>, ConfigError> {
    parser.value("session_expiration", number, |number, path| {
        validators::integer_between(*number, path, &DURATIONS, "seconds")
    })
}

fn role_arn(text: &str, path: &AttributePath) -> Result<String, Diagnostic> {
    validators::arn(text, path, "role")
}

impl OidcSettings {
    fn parse(block: &AssumeRoleWithOidc, parser: &mut Parser<'_>) -> Result<Self, ConfigError> {
        let provider_arn = &block.oidc_provider_arn;
        let provider_arn = parser.text("oidc_provider_arn", provider_arn, |text, path| {
            validators::arn(text, path, "oidc-provider")
        });
        let role_arn = parser.text("role_arn", &block.role_arn, role_arn);
        let token = parser.value("oidc_token", &block.oidc_token, validators::secret);
        let token_file = parser.text(
            "oidc_token_file",
            &block.oidc_token_file,
            validators::no_control_chars,
        );
        if block.oidc_token.known().is_some() && block.oidc_token_file.known().is_some() {
            conflict("oidc_token", "oidc_token_file", parser);
        }
        let session_name = &block.role_session_name;
        let session_name = parser.text("role_session_name", session_name, validators::session_name);
        let duration = session_duration(&block.session_expiration, parser);
        let policy = parser.text("policy", &block.policy, validators::policy);
        let (token, token_file) = (token?, token_file?);
        Ok(Self {
            provider_arn: provider_arn?,
            token,
            token_file,
            role: RoleSettings {
                arn: role_arn?,
                session_name: session_name?,
                duration: duration?,
                policy: policy?,
                external_id: None,
            },
        })
    }

    fn complete(self, environment: &Environment) -> Result<OidcRole, Diagnostic> {
        let set_or = |set: Option<String>, argument, variable| {
            set.or_else(|| environment.get(variable))
                .ok_or_else(|| missing(OIDC_BLOCK, argument, variable, environment))
        };
        let token = match (self.token, self.token_file) {
            (Some(token), _) => OidcToken::Inline(token),
            (None, Some(file)) => OidcToken::in_file(&file, environment),
            (None, None) => OidcToken::of_environment(environment).ok_or_else(|| {
                missing(OIDC_BLOCK, "oidc_token_file", oidc::TOKEN_FILE, environment)
            })?,
        };
        let provider_arn = match self.provider_arn {
            Some(arn) => Some(arn),
            None => arn_in(environment, oidc::PROVIDER_ARN, "oidc-provider")?,
        };
        let provider_arn = set_or(provider_arn, "oidc_provider_arn", oidc::PROVIDER_ARN)?;
        let arn = match &self.role.arn {
            Some(arn) => Some(arn.clone()),
            None => arn_in(environment, oidc::ROLE_ARN, "role")?,
        };
        let arn = set_or(arn, "role_arn", oidc::ROLE_ARN)?;
        Ok(OidcRole {
            provider_arn,
            role: self.role.complete(arn, environment)?,
            token,
        })
    }
}

fn missing(block: &str, argument: &str, variable: &str, environment: &Environment) -> Diagnostic {
    let path = AttributePath::attribute(block)
        .at_index(0)
        .at_name(argument);
    let mut detail = format!(
        "\"{path}\" in the provider block is not set, and without it no role can be assumed. Set \
         it, or the environment variable {variable}."
    );
    diagnostics::append_deprecation_hints(
        &mut detail,
        &instead_of_variables(&[variable], environment),
    );
    Diagnostic::error(format!("Missing \"{argument}\""), detail).at(path)
}

fn check_pairs(block: &Block, parser: &mut Parser<'_>) {
    let (present, absent) = match (&block.access_key, &block.secret_key) {
        (Value::Known(_), Value::Null) => ("access_key", "secret_key"),
        (Value::Null, Value::Known(_)) => ("secret_key", "access_key"),
        (Value::Null, Value::Null) if block.security_token.known().is_some() => {
            ("security_token", "access_key")
        }
        _ => return,
    };
    let detail = format!(
        "\"{present}\" is set, and \"{absent}\" is not. Set both, or neither to take them from the \
         environment."
    );
    let mistake = Diagnostic::error(format!("Missing \"{absent}\""), detail);
    parser.reject(mistake.at(parser.path(present)));
}

/// Only one source may be set: the others would be ignored.
fn check_conflicts(block: &Block, parser: &mut Parser<'_>) {
    let is_set = |value: &Value<String>| value.known().is_some();
    let is_set_secret = |value: &Value<SecretString>| value.known().is_some();
    let oidc = block.assume_role_with_oidc.known();
    let sources: [&[(&str, bool)]; 5] = [
        &[
            ("access_key", is_set(&block.access_key)),
            ("secret_key", is_set_secret(&block.secret_key)),
            ("security_token", is_set_secret(&block.security_token)),
        ],
        &[("ecs_role_name", is_set(&block.ecs_role_name))],
        &[("credentials_uri", is_set(&block.credentials_uri))],
        &[
            ("profile", is_set(&block.profile)),
            (
                "shared_credentials_file",
                is_set(&block.shared_credentials_file),
            ),
        ],
        &[(OIDC_BLOCK, oidc.is_some_and(|blocks| !blocks.is_empty()))],
    ];
    // Each source goes by the first of its arguments.
    let mut set = sources.into_iter().filter_map(|arguments| {
        let mut set = arguments.iter().filter(|(_, is_set)| *is_set);
        set.next().map(|(name, _)| *name)
    });
    if let Some(first) = set.next() {
        for other in set {
            conflict(first, other, parser);
        }
    }
}

/// Tells that both are set.
fn conflict(one: &str, other: &str, parser: &mut Parser<'_>) {
    let detail =
        format!("\"{one}\" and \"{other}\" are both set, and only one can be used. Remove one.");
    let mistake = Diagnostic::error("Conflicting credentials", detail);
    let path = match other {
        OIDC_BLOCK => parser.path(other).at_index(0),
        _ => parser.path(other),
    };
    parser.reject(mistake.at(path));
}
