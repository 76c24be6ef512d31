//! The credentials provider that the provider block and the environment describe.

use secrecy::ExposeSecret;

use super::assume_role::{assume_role, assume_role_with_oidc, missing_role_arn};
use super::conflict::conflict;
use super::model::{AssumeRoleModel, OIDC_BLOCK, ProviderModel, ROLE_BLOCK};
use super::resolver::Resolver;
use crate::provider::validators;
use crate::terraform::{ConfigError, Diagnostic, Parser, Value};
use aliyun::access_key::Credentials;
use aliyun::credentials::assume_role::AssumeRole;
use aliyun::credentials::chain::DefaultChain;
use aliyun::credentials::ecs_ram_role::EcsRamRole;
use aliyun::credentials::error::SourceKind;
use aliyun::credentials::oidc;
use aliyun::credentials::profile::reference::ProfileRef;
use aliyun::credentials::provider::{ProvideCredentials, Source};
use aliyun::credentials::source::CredentialsSource;
use aliyun::env;

/// A provider of credentials of any kind.
pub(super) type BoxedProvider = Box<dyn ProvideCredentials>;

/// Resolves the credentials provider. `names_profile` is true if the block names a profile or
/// its file, and `profile` returns that one or the default one.
pub(super) fn resolve(
    model: &ProviderModel,
    names_profile: Result<bool, ConfigError>,
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
    let role = resolver.block(ROLE_BLOCK, &model.assume_role, |model, resolver| {
        let role = assume_role(model, resolver)?;
        role.ok_or_else(|| ConfigError::Invalid(missing_role_arn()))
    });
    let oidc = &model.assume_role_with_oidc;
    let oidc = resolver.block(OIDC_BLOCK, oidc, assume_role_with_oidc);
    // All arguments are validated before the first error is returned, so that users see all
    // errors at once.
    let is_oidc = !matches!(oidc, Ok(None)) || oidc::is_complete(resolver.environment);
    let source: BoxedProvider = if let Some(keys) = keys? {
        Box::new(keys)
    } else if let Some(role) = oidc? {
        Box::new(Source(SourceKind::Oidc, role))
    } else if let Some(name) = ecs_role? {
        let role = EcsRamRole {
            name: Some(name),
            is_probe: false,
        };
        Box::new(Source(SourceKind::EcsRole, role))
    } else if let Some(uri) = uri? {
        Box::new(Source(SourceKind::Uri, uri))
    } else if names_profile? {
        Box::new(Source(SourceKind::Profile, profile()))
    } else {
        Box::new(DefaultChain::new(resolver.environment, profile))
    };
    let (role, only_with_permanent_keys) = match role? {
        Some(role) => (role, false),
        None if is_oidc || resolver.environment.get(env::ROLE_ARN).is_none() => return Ok(source),
        None => match assume_role(&AssumeRoleModel::default(), resolver)? {
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
    let [id, secret, token] = [
        ("access_key", &model.access_key),
        ("secret_key", &model.secret_key),
        ("security_token", &model.security_token),
    ]
    .map(|(name, value)| {
        parser.value(name, value, |key, path| {
            validators::key(key.expose_secret(), path).map(|()| key.clone())
        })
    });
    check_pairs(model, parser);
    Ok(match (id?, secret?, token?) {
        (Some(id), Some(access_key_secret), security_token) => Some(Credentials {
            access_key_id: id.expose_secret().to_owned(),
            access_key_secret,
            security_token,
            expiration: None,
            source: CredentialsSource::Arguments,
        }),
        // Half a key is an error of `check_pairs`.
        _ => None,
    })
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
        "\"{present}\" is set, but \"{absent}\" is not. Set both, or remove \"{present}\" to use \
         the environment."
    );
    let error = Diagnostic::error(format!("Missing \"{absent}\""), detail);
    parser.reject(error.at(parser.path(present)));
}

/// Rejects a second source, which would be ignored.
fn check_conflicts(model: &ProviderModel, parser: &mut Parser<'_>) {
    fn if_set<T>(name: &'static str, value: &Value<T>) -> Option<&'static str> {
        value.known().map(|_| name)
    }
    let oidc = model.assume_role_with_oidc.known();
    // The first argument of a source names it.
    let sources = [
        if_set("access_key", &model.access_key)
            .or(if_set("secret_key", &model.secret_key))
            .or(if_set("security_token", &model.security_token)),
        if_set("ecs_role_name", &model.ecs_role_name),
        if_set("credentials_uri", &model.credentials_uri),
        if_set("profile", &model.profile).or(if_set(
            "shared_credentials_file",
            &model.shared_credentials_file,
        )),
        oidc.is_some_and(|blocks| !blocks.is_empty())
            .then_some(OIDC_BLOCK),
    ];
    let mut set = sources.into_iter().flatten();
    if let Some(first) = set.next() {
        set.for_each(|other| conflict(first, other, parser));
    }
}
