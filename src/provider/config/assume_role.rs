//! The roles that the provider block and the environment describe.

use super::arguments::{MAX_EXTERNAL_ID_LENGTH, SESSION_EXPIRATION, text_up_to};
use super::conflict::conflict;
use super::model::{AssumeRoleModel, AssumeRoleWithOidcModel, OIDC_BLOCK, ROLE_BLOCK};
use super::resolver::Resolver;
use crate::provider::{list, validators};
use crate::terraform::{AttributePath, ConfigError, Diagnostic, Number, Value};
use aliyun::credentials::oidc::{OidcRole, OidcToken};
use aliyun::credentials::sts::Role;
use aliyun::env;

/// Resolves the `assume_role` block. Returns `None` without an ARN, which is not an error
/// before a read needs credentials.
pub(super) fn assume_role(
    model: &AssumeRoleModel,
    resolver: &mut Resolver<'_, '_>,
) -> Result<Option<Role>, ConfigError> {
    let external_id = resolver.text(
        "external_id",
        &model.external_id,
        &[env::EXTERNAL_ID],
        text_up_to(MAX_EXTERNAL_ID_LENGTH),
    );
    let name = ("session_name", &model.session_name);
    let session = (&model.session_expiration, &model.policy);
    let role = role(&model.role_arn, name, session, resolver)?;
    let external_id = external_id?.map(|it| it.value);
    Ok(role.map(|role| Role {
        external_id,
        ..role
    }))
}

/// Resolves the `assume_role_with_oidc` block.
pub(super) fn assume_role_with_oidc(
    model: &AssumeRoleWithOidcModel,
    resolver: &mut Resolver<'_, '_>,
) -> Result<OidcRole, ConfigError> {
    let provider_arn = resolver.text(
        "oidc_provider_arn",
        &model.oidc_provider_arn,
        &[env::OIDC_PROVIDER_ARN],
        |text, path| validators::arn(text, path, "oidc-provider"),
    );
    let token = oidc_token(model, resolver);
    let name = ("role_session_name", &model.role_session_name);
    let session = (&model.session_expiration, &model.policy);
    let role = role(&model.role_arn, name, session, resolver);
    let missing = [
        (
            matches!(provider_arn, Ok(None)),
            "\"oidc_provider_arn\" or ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
        ),
        (
            matches!(role, Ok(None)),
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
    if missing.is_empty()
        && let (Some(provider_arn), Some(role), Some(token)) = (provider_arn?, role?, token?)
    {
        return Ok(OidcRole {
            provider_arn: provider_arn.value,
            role,
            token,
            sts: None,
        });
    }
    let mut detail =
        format!("\"{OIDC_BLOCK}\" is incomplete. Set in the block or in the environment:");
    list::append(&mut detail, missing.into_iter(), 3);
    let error = Diagnostic::error(format!("Incomplete \"{OIDC_BLOCK}\""), detail);
    let path = AttributePath::attribute(OIDC_BLOCK).at_index(0);
    Err(resolver.parser.reject(error.at(path)))
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

/// Resolves a role, without an external ID. Returns `None` without an ARN.
fn role(
    arn: &Value<String>,
    (name_argument, name): (&str, &Value<String>),
    (expiration, policy): (&Value<Number>, &Value<String>),
    resolver: &mut Resolver<'_, '_>,
) -> Result<Option<Role>, ConfigError> {
    let arn = resolver.text("role_arn", arn, &[env::ROLE_ARN], |text, path| {
        validators::arn(text, path, "role")
    });
    let session_name = &[env::SESSION_NAME];
    let name = resolver.text(name_argument, name, session_name, validators::session_name);
    let duration = resolver.number(&SESSION_EXPIRATION, expiration);
    let policy = resolver.parser.text("policy", policy, validators::policy);
    let Some(arn) = arn? else { return Ok(None) };
    Ok(Some(Role {
        arn: arn.value,
        session_name: name?.map(|name| name.value),
        duration: duration?.value,
        policy: policy?,
        external_id: None,
    }))
}

pub(super) fn missing_role_arn() -> Diagnostic {
    let path = AttributePath::attribute(ROLE_BLOCK)
        .at_index(0)
        .at_name("role_arn");
    let detail = format!(
        "\"{path}\" in the provider block is not set. Set it, or the environment variable {}.",
        env::ROLE_ARN
    );
    Diagnostic::error("Missing \"role_arn\"", detail).at(path)
}
