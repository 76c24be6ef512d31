//! The credentials provider that the provider block and the environment describe.

use secrecy::{ExposeSecret, SecretString};

use super::model::{AssumeRoleModel, AssumeRoleWithOidcModel, OIDC_BLOCK, ProviderModel};
use super::resolver::Resolver;
use crate::provider::{list, validators};
use crate::terraform::{AttributePath, ConfigError, Diagnostic, Number, Parser, Value};
use aliyun::access_key::Credentials;
use aliyun::credentials::assume_role::AssumeRole;
use aliyun::credentials::chain::DefaultChain;
use aliyun::credentials::ecs_ram_role::EcsRamRole;
use aliyun::credentials::oidc::{self, OidcRole, OidcToken};
use aliyun::credentials::profile::reference::ProfileRef;
use aliyun::credentials::profile_provider::ProfileProvider;
use aliyun::credentials::provider::ProvideCredentials;
use aliyun::credentials::sts::{DEFAULT_DURATION, DURATIONS, Role};
use aliyun::env;

/// Maximum length of an external ID, in characters.
const MAX_EXTERNAL_ID_LENGTH: usize = 1224;

/// Session name of roles that configure none.
pub(super) const DEFAULT_SESSION_NAME: &str = "terraform";

/// Deprecated variable of the official provider that `session_expiration` replaces.
const SESSION_EXPIRATION: &str = "ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION";

const ROLE_BLOCK: &str = "assume_role";

/// A provider of credentials of any kind.
pub(super) type BoxedProvider = Box<dyn ProvideCredentials>;

/// Resolves the credentials provider. `is_profile` is true if the block names a profile or
/// its file, and `profile` returns that one or the default one.
pub(super) fn resolve(
    model: &ProviderModel,
    is_profile: Result<bool, ConfigError>,
    profile: impl FnOnce() -> ProfileRef,
    resolver: &mut Resolver<'_, '_>,
) -> Result<BoxedProvider, ConfigError> {
    let keys = keys(model, resolver.parser);
    check_conflicts(model, resolver.parser);
    let ecs_role = &model.ecs_role_name;
    let ecs_role = resolver
        .parser
        .text("ecs_role_name", ecs_role, validators::role_name);
    let uri = &model.credentials_uri;
    let uri = resolver
        .parser
        .text("credentials_uri", uri, validators::credentials_uri);
    let role = resolver.block(ROLE_BLOCK, &model.assume_role, assume_role);
    let oidc = &model.assume_role_with_oidc;
    let oidc = resolver.block(OIDC_BLOCK, oidc, assume_role_with_oidc);
    // All arguments are validated: from here on, the first error counts.
    let is_oidc = !matches!(oidc, Ok(None)) || oidc::is_complete(resolver.environment);
    let source: BoxedProvider = if let Some(keys) = keys? {
        Box::new(keys)
    } else if let Some(role) = oidc? {
        Box::new(role)
    } else if let Some(name) = ecs_role? {
        Box::new(EcsRamRole::new(Some(name)))
    } else if let Some(uri) = uri? {
        Box::new(uri)
    } else if is_profile? {
        Box::new(ProfileProvider::new(profile()))
    } else {
        let environment = resolver.environment;
        Box::new(DefaultChain::new(
            environment,
            DEFAULT_SESSION_NAME,
            profile,
        ))
    };
    let (role, only_with_permanent_keys) = match role? {
        Some(role) => (role, false),
        None if is_oidc => return Ok(source),
        None => match environment_role(resolver)? {
            Some(role) => (role, true),
            None => return Ok(source),
        },
    };
    Ok(Box::new(AssumeRole {
        source,
        role,
        sts: None,
        only_with_permanent_keys,
    }))
}

fn keys(
    model: &ProviderModel,
    parser: &mut Parser<'_>,
) -> Result<Option<Credentials>, ConfigError> {
    let id = parser.value("access_key", &model.access_key, |id, path| {
        validators::key(id, path).map(|()| id.clone())
    });
    let [secret, token] = [
        ("secret_key", &model.secret_key),
        ("security_token", &model.security_token),
    ]
    .map(|(name, value)| {
        parser.value(name, value, |secret, path| {
            validators::key(secret.expose_secret(), path).map(|()| secret.clone())
        })
    });
    check_pairs(model, parser);
    Ok(match (id?, secret?, token?) {
        (Some(access_key_id), Some(access_key_secret), security_token) => Some(Credentials {
            access_key_id,
            access_key_secret,
            security_token,
            expiration: None,
        }),
        // Half a key is an error of `check_pairs`.
        _ => None,
    })
}

/// Resolves the `assume_role` block.
fn assume_role(
    model: &AssumeRoleModel,
    resolver: &mut Resolver<'_, '_>,
) -> Result<Role, ConfigError> {
    let arn = resolver.text("role_arn", &model.role_arn, &[env::ROLE_ARN], role_arn);
    let external_id = resolver.text(
        "external_id",
        &model.external_id,
        &[env::EXTERNAL_ID],
        external_id,
    );
    let session = Session::resolve(
        ("session_name", &model.session_name),
        &model.session_expiration,
        &model.policy,
        resolver,
    );
    let (external_id, session) = (external_id?, session?);
    // Unset is not an error before a read needs credentials.
    let arn = arn?.ok_or_else(|| ConfigError::Invalid(missing_role_arn()))?;
    let external_id = external_id.map(|external_id| external_id.value);
    Ok(session.role(arn.value, external_id))
}

/// Resolves the role of the environment, which needs no block.
fn environment_role(resolver: &mut Resolver<'_, '_>) -> Result<Option<Role>, ConfigError> {
    let Some(arn) = resolver.variable(&[env::ROLE_ARN], role_arn)? else {
        return Ok(None);
    };
    let external_id = resolver.variable(&[env::EXTERNAL_ID], external_id)?;
    let external_id = external_id.map(|external_id| external_id.value);
    let unset = Value::Null;
    let session = Session::resolve(("session_name", &unset), &Value::Null, &unset, resolver)?;
    Ok(Some(session.role(arn.value, external_id)))
}

/// Resolves the `assume_role_with_oidc` block.
fn assume_role_with_oidc(
    model: &AssumeRoleWithOidcModel,
    resolver: &mut Resolver<'_, '_>,
) -> Result<OidcRole, ConfigError> {
    let provider_arn = resolver.text(
        "oidc_provider_arn",
        &model.oidc_provider_arn,
        &[env::OIDC_PROVIDER_ARN],
        |text, path| validators::arn(text, path, "oidc-provider"),
    );
    let arn = resolver.text("role_arn", &model.role_arn, &[env::ROLE_ARN], role_arn);
    let token = oidc_token(model, resolver);
    let session = Session::resolve(
        ("role_session_name", &model.role_session_name),
        &model.session_expiration,
        &model.policy,
        resolver,
    );
    let missing = [
        (
            matches!(provider_arn, Ok(None)),
            "\"oidc_provider_arn\" or ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
        ),
        (
            matches!(arn, Ok(None)),
            "\"role_arn\" or ALIBABA_CLOUD_ROLE_ARN",
        ),
        (
            matches!(token, Ok(None)),
            "\"oidc_token\", \"oidc_token_file\", ALIBABA_CLOUD_OIDC_TOKEN or \
             ALIBABA_CLOUD_OIDC_TOKEN_FILE",
        ),
    ];
    let missing = missing.iter().filter(|(is_missing, _)| *is_missing);
    let missing: Vec<_> = missing.map(|(_, names)| (*names).to_owned()).collect();
    let is_complete = missing.is_empty();
    let incomplete = incomplete_oidc(missing);
    if !is_complete {
        resolver.parser.reject(incomplete.clone());
    }
    let incomplete = || ConfigError::Invalid(incomplete.clone());
    Ok(OidcRole {
        provider_arn: provider_arn?.ok_or_else(incomplete)?.value,
        role: session?.role(arn?.ok_or_else(incomplete)?.value, None),
        token: token?.ok_or_else(incomplete)?,
        sts: None,
    })
}

fn incomplete_oidc(missing: Vec<String>) -> Diagnostic {
    let mut detail = format!(
        "\"{OIDC_BLOCK}\" says too little to assume a role. Set, in the block or in the \
         environment:"
    );
    list::append(&mut detail, missing.into_iter(), 3);
    let error = Diagnostic::error(format!("Incomplete \"{OIDC_BLOCK}\""), detail);
    error.at(AttributePath::attribute(OIDC_BLOCK).at_index(0))
}

/// Resolves the OIDC token: the block, then the environment.
fn oidc_token(
    model: &AssumeRoleWithOidcModel,
    resolver: &mut Resolver<'_, '_>,
) -> Result<Option<OidcToken>, ConfigError> {
    let parser = &mut *resolver.parser;
    let token = parser.value("oidc_token", &model.oidc_token, validators::secret);
    let file = &model.oidc_token_file;
    let file = parser.text("oidc_token_file", file, validators::no_control_chars);
    if model.oidc_token.known().is_some() && model.oidc_token_file.known().is_some() {
        conflict("oidc_token", "oidc_token_file", parser);
    }
    Ok(match (token?, file?) {
        (Some(token), _) => Some(OidcToken::Inline(token)),
        (None, Some(file)) => Some(OidcToken::File(file)),
        (None, None) => OidcToken::of_environment(resolver.environment),
    })
}

/// The session of a role.
struct Session {
    name: String,
    duration: u32,
    policy: Option<String>,
}

impl Session {
    fn resolve(
        (argument, name): (&str, &Value<String>),
        expiration: &Value<Number>,
        policy: &Value<String>,
        resolver: &mut Resolver<'_, '_>,
    ) -> Result<Self, ConfigError> {
        let name = resolver.text(
            argument,
            name,
            &[env::SESSION_NAME],
            validators::session_name,
        );
        let duration = resolver.number(
            "session_expiration",
            expiration,
            SESSION_EXPIRATION,
            |number, path| validators::integer_between(number, path, &DURATIONS, "seconds"),
        );
        let policy = resolver.parser.text("policy", policy, validators::policy);
        let (name, duration) = (name?, duration?);
        Ok(Self {
            name: name.map_or_else(|| DEFAULT_SESSION_NAME.to_owned(), |name| name.value),
            duration: duration.map_or(DEFAULT_DURATION, |duration| duration.value),
            policy: policy?,
        })
    }

    fn role(self, arn: String, external_id: Option<String>) -> Role {
        Role {
            arn,
            session_name: self.name,
            duration: self.duration,
            policy: self.policy,
            external_id,
        }
    }
}

fn role_arn(text: &str, path: &AttributePath) -> Result<String, Diagnostic> {
    validators::arn(text, path, "role")
}

fn external_id(text: &str, path: &AttributePath) -> Result<String, Diagnostic> {
    validators::no_control_chars(text, path)?;
    validators::max_length(text, path, MAX_EXTERNAL_ID_LENGTH)
}

fn missing_role_arn() -> Diagnostic {
    let path = AttributePath::attribute(ROLE_BLOCK)
        .at_index(0)
        .at_name("role_arn");
    let detail = format!(
        "\"{path}\" in the provider block is not set, and without it no role can be assumed. Set \
         it, or the environment variable {}.",
        env::ROLE_ARN
    );
    Diagnostic::error("Missing \"role_arn\"", detail).at(path)
}

fn check_pairs(model: &ProviderModel, parser: &mut Parser<'_>) {
    let (present, absent) = match (&model.access_key, &model.secret_key) {
        (Value::Known(_), Value::Null) => ("access_key", "secret_key"),
        (Value::Null, Value::Known(_)) => ("secret_key", "access_key"),
        (Value::Null, Value::Null) if model.security_token.known().is_some() => {
            ("security_token", "access_key")
        }
        _ => return,
    };
    let detail = format!(
        "\"{present}\" is set, and \"{absent}\" is not. Set both, or neither to take them from the \
         environment."
    );
    let error = Diagnostic::error(format!("Missing \"{absent}\""), detail);
    parser.reject(error.at(parser.path(present)));
}

/// Rejects a second source, which would be ignored.
fn check_conflicts(model: &ProviderModel, parser: &mut Parser<'_>) {
    let is_set = |value: &Value<String>| value.known().is_some();
    let is_secret_set = |value: &Value<SecretString>| value.known().is_some();
    let oidc = model.assume_role_with_oidc.known();
    let sources: [&[(&str, bool)]; 5] = [
        &[
            ("access_key", is_set(&model.access_key)),
            ("secret_key", is_secret_set(&model.secret_key)),
            ("security_token", is_secret_set(&model.security_token)),
        ],
        &[("ecs_role_name", is_set(&model.ecs_role_name))],
        &[("credentials_uri", is_set(&model.credentials_uri))],
        &[
            ("profile", is_set(&model.profile)),
            (
                "shared_credentials_file",
                is_set(&model.shared_credentials_file),
            ),
        ],
        &[(OIDC_BLOCK, oidc.is_some_and(|blocks| !blocks.is_empty()))],
    ];
    // The first argument of a source names it.
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

fn conflict(one: &str, other: &str, parser: &mut Parser<'_>) {
    let detail =
        format!("\"{one}\" and \"{other}\" are both set, and only one can be used. Remove one.");
    let error = Diagnostic::error("Conflicting credentials", detail);
    let path = match other {
        OIDC_BLOCK => parser.path(other).at_index(0),
        _ => parser.path(other),
    };
    parser.reject(error.at(path));
}
