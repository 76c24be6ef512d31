//! Remedies for calls that a policy denied.

use std::fmt::Write;

use super::source::describe;
use super::{ErrorContext, call::NO_PERMISSION_NEEDED};
use aliyun::credentials::source::CredentialsSource;
use aliyun::rpc::access_denied::AccessDenied;
use aliyun::rpc::api_error::ApiError;

/// Returns the remedy for a denied call of `action`, such as `swas-open:ListImages`, on
/// `resource`. It can be long, so that a run shows it once.
pub(super) fn remedy(
    error: &ApiError,
    [action, resource]: [&str; 2],
    caller: Option<&CredentialsSource>,
    context: &ErrorContext,
) -> String {
    let denied = error.access_denied.as_deref();
    let mut text = match denied {
        Some(denied) => detail(denied, action, resource),
        None => of_unknown_policy(action, resource),
    };
    if let Some(caller) = caller {
        let caller = describe(caller);
        let _ = write!(
            text,
            "\n\nThe call was signed with the credentials of {caller}."
        );
    }
    if !context.is_new_denial(&text) {
        return "See the first such error of this run.".to_owned();
    }
    // It differs from call to call.
    if let Some(denied) = denied.filter(|denied| !denied.encoded_diagnostic_message.is_empty()) {
        let _ = write!(
            text,
            "\n\nThe RAM console and the operation DecodeDiagnosticMessage decode the details:\n{}",
            denied.encoded_diagnostic_message
        );
    }
    text
}

/// Describes a denial whose reason the API does not say.
fn of_unknown_policy(action: &str, resource: &str) -> String {
    let rule = if NO_PERMISSION_NEEDED.contains(&action) {
        format!(
            "\"{action}\" requires no permission according to its documentation, but a statement \
             with \"Effect\": \"Deny\" may cover it, as those for \"swas-open:*\" and \"*\" do"
        )
    } else {
        format!("One must allow \"{action}\" on \"{resource}\", and none may deny it")
    };
    format!(
        "The API does not name the policy that denied the call. {rule}. Check the policies of the \
         caller and its groups, the control policies of the account's resource directory, the \
         \"policy\" of an assumed role, and the trust policy of a role to assume."
    )
}

/// Describes a denied call of `action` on `resource`.
fn detail(denied: &AccessDenied, action: &str, resource: &str) -> String {
    let action = match denied.auth_action.as_str() {
        "" => action,
        denied_action => denied_action,
    };
    let policy = policy(&denied.policy_type);
    let mut text = match denied.no_permission_type.as_str() {
        "ExplicitDeny" => format!(
            "A statement with \"Effect\": \"Deny\" in {policy} covers \"{action}\". Allowing it \
             elsewhere does not help: the owner of that policy must change it."
        ),
        "ImplicitDeny" if denied.policy_type.contains("IdentityBasedPolicy") => format!(
            "No statement in {policy} allows this. Attach a policy with this \
             statement:\n{{\"Effect\": \"Allow\", \"Action\": \"{action}\", \"Resource\": \
             \"{resource}\"}}"
        ),
        "ImplicitDeny" => format!(
            "No statement in {policy} allows \"{action}\". The owner of that policy must add one."
        ),
        _ => {
            format!("\"{action}\" is denied by {policy}. The owner of that policy must change it.")
        }
    };
    if !denied.auth_principal_display_name.is_empty() {
        let kind = principal(&denied.auth_principal_type);
        let _ = write!(
            text,
            "\n\nThe call was made by the {kind} {}",
            denied.auth_principal_display_name
        );
        if !denied.auth_principal_owner_id.is_empty() {
            let _ = write!(text, " of account {}", denied.auth_principal_owner_id);
        }
        text.push('.');
    }
    text
}

/// Names a kind of policy.
fn policy(policy_type: &str) -> String {
    match policy_type {
        "AccountLevelIdentityBasedPolicy" => "the policies of the caller",
        "ResourceGroupLevelIdentityBasedPolicy" => {
            "the policies of the caller for its resource group"
        }
        "ControlPolicy" => "a control policy of the account's resource directory",
        "SessionPolicy" => "the session policy with which the role is assumed (\"policy\")",
        "AssumeRolePolicy" => "the trust policy of the role",
        "" => "a policy that the API does not name",
        other => return format!("a policy of the type {other}"),
    }
    .to_owned()
}

/// Names a kind of caller.
fn principal(principal_type: &str) -> &str {
    match principal_type {
        "SubUser" => "RAM user",
        "AssumedRoleUser" => "role session",
        "RootUser" | "Parent" => "account",
        "" => "caller",
        other => other,
    }
}
