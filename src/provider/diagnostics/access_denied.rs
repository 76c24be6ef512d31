//! Advice on calls that a policy denied.

use std::fmt::Write;

use super::request::Advice;
use aliyun::rpc::access_denied::AccessDenied;
use aliyun::rpc::api_error::ApiError;

/// Advises on a denied call of `action`, such as `swas-open:ListImages`.
pub(super) fn advice(error: &ApiError, action: &str) -> Advice {
    let Some(denied) = &error.access_denied else {
        return Advice::new(
            "Permission denied",
            format!(
                "The API does not name the policy that denied the call. Check that a policy of the \
                 caller allows \"{action}\" and that no policy denies it: policies of the caller \
                 and its groups, control policies of the account's resource directory, and the \
                 \"policy\" of an assumed role."
            ),
        );
    };
    Advice::new("Permission denied", detail(denied, action, "*"))
}

/// Describes a denied call of `action` on `resource`.
pub(super) fn detail(denied: &AccessDenied, action: &str, resource: &str) -> String {
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
        "ImplicitDeny" if is_identity_policy(&denied.policy_type) => format!(
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

/// A paragraph with the message that RAM decodes, if any. It differs from call to call.
pub(super) fn encoded_diagnostic(error: &ApiError) -> String {
    match &error.access_denied {
        Some(denied) if !denied.encoded_diagnostic_message.is_empty() => format!(
            "\n\nThe RAM console and the operation DecodeDiagnosticMessage decode the details:\n{}",
            denied.encoded_diagnostic_message
        ),
        _ => String::new(),
    }
}

fn is_identity_policy(policy_type: &str) -> bool {
    policy_type.contains("IdentityBasedPolicy")
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
