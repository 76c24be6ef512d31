//! The roles that the provider block and the environment describe.

use super::arguments::{
    DEFAULT_SESSION_NAME, EXTERNAL_ID, OIDC_PROVIDER_ARN, OIDC_SESSION_NAME, ROLE_ARN,
    SESSION_EXPIRATION, SESSION_NAME,
};
use super::conflict::conflict;
use super::model::{AssumeRoleModel, AssumeRoleWithOidcModel, OIDC_BLOCK, ROLE_BLOCK};
use super::resolver::{Resolver, Setting};
use crate::provider::{list, validators};
use crate::terraform::{AttributePath, ConfigError, Diagnostic, Number, Value};
use aliyun::credentials::oidc::{OidcRole, OidcToken};
use aliyun::credentials::sts::Role;
use aliyun::env;

type TextSetting = Result<Option<Setting<String>>, ConfigError>;

/// Resolves the `assume_role` block. Returns `None` without an ARN, which is not an error
/// before a read needs credentials.
pub(super) fn assume_role(
    model: &AssumeRoleModel,
    resolver: &mut Resolver<'_, '_>,
) -> Result<Option<Role>, ConfigError> {
    let arn = resolver.text(&ROLE_ARN, &model.role_arn);
    let external_id = resolver.text(&EXTERNAL_ID, &model.external_id);
    let name = resolver.text(&SESSION_NAME, &model.session_name);
    let session = (&model.session_expiration, &model.policy);
    role(arn, external_id, name, session, resolver)
}

/// Resolves the `assume_role_with_oidc` block.
pub(super) fn assume_role_with_oidc(
    model: &AssumeRoleWithOidcModel,
    resolver: &mut Resolver<'_, '_>,
) -> Result<OidcRole, ConfigError> {
    let provider_arn = resolver.text(&OIDC_PROVIDER_ARN, &model.oidc_provider_arn);
    let arn = resolver.text(&ROLE_ARN, &model.role_arn);
    let token = oidc_token(model, resolver);
    let name = resolver.text(&OIDC_SESSION_NAME, &model.role_session_name);
    let session = (&model.session_expiration, &model.policy);
    let lacks_arn = matches!(arn, Ok(None));
    let role = role(arn, Ok(None), name, session, resolver);
    let missing = [
        (
            matches!(provider_arn, Ok(None)),
            "\"oidc_provider_arn\" or ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
        ),
        (lacks_arn, "\"role_arn\" or ALIBABA_CLOUD_ROLE_ARN"),
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
        role: role?.ok_or_else(incomplete)?,
        token: token?.ok_or_else(incomplete)?,
        sts: None,
    })
}

fn incomplete_oidc(missing: Vec<String>) -> Diagnostic {
    let mut detail =
        format!("\"{OIDC_BLOCK}\" is incomplete. Set in the block or in the environment:");
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

/// Resolves a role. Returns `None` without an ARN.
fn role(
    arn: TextSetting,
    external_id: TextSetting,
    session_name: TextSetting,
    (expiration, policy): (&Value<Number>, &Value<String>),
    resolver: &mut Resolver<'_, '_>,
) -> Result<Option<Role>, ConfigError> {
    let duration = resolver.number(&SESSION_EXPIRATION, expiration);
    let policy = resolver.parser.text("policy", policy, validators::policy);
    let (session_name, external_id) = (session_name?, external_id?);
    let (duration, policy) = (duration?, policy?);
    Ok(arn?.map(|arn| Role {
        arn: arn.value,
        session_name: session_name.map_or_else(|| DEFAULT_SESSION_NAME.to_owned(), |it| it.value),
        duration: duration.map_or(SESSION_EXPIRATION.default, |it| it.value),
        policy,
        external_id: external_id.map(|it| it.value),
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
