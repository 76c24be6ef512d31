//! The reason why a policy denied a call.

use serde::Deserialize;

use crate::rpc::strict::Scalar;
use crate::text::sanitize;

/// Maximum length of the diagnostic message, in bytes. A truncated one cannot be decoded.
const MAX_DIAGNOSTIC: usize = 4096;

/// The reason why a policy denied a call. A text is empty if the API does not say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessDenied {
    /// The denied action, such as `ecs:DescribeInstances`.
    pub action: String,
    /// Type of the caller, such as `SubUser`.
    pub principal_type: String,
    /// Name or ID of the caller.
    pub principal: String,
    /// Account that owns the caller.
    pub owner: String,
    /// The kind of denial.
    pub denial: Denial,
    /// Kind of the policy, such as `ControlPolicy`.
    pub policy_type: String,
    /// Message that the RAM console and the operation `DecodeDiagnosticMessage` decode.
    pub encoded_diagnostic: String,
}

/// The kind of a denial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// A statement denies the action.
    Explicit,
    /// No statement allows the action.
    Implicit,
    /// The API does not say it.
    Unknown,
}

/// `AccessDeniedDetail` of an error response.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct AccessDeniedDetail {
    auth_action: Scalar,
    auth_principal_type: Scalar,
    auth_principal_display_name: Scalar,
    auth_principal_owner_id: Scalar,
    no_permission_type: Scalar,
    policy_type: Scalar,
    encoded_diagnostic_message: Scalar,
}

impl AccessDeniedDetail {
    /// Returns the detail with redacted texts.
    pub(super) fn redacted(self, redact: impl Fn(&str) -> String) -> AccessDenied {
        let clean = |text: &Scalar| sanitize(&redact(text.as_str()));
        let is_message = |text: &&str| {
            text.len() <= MAX_DIAGNOSTIC && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let message = Some(self.encoded_diagnostic_message.as_str()).filter(is_message);
        AccessDenied {
            action: clean(&self.auth_action),
            principal_type: clean(&self.auth_principal_type),
            principal: clean(&self.auth_principal_display_name),
            owner: clean(&self.auth_principal_owner_id),
            denial: match self.no_permission_type.as_str() {
                "ExplicitDeny" => Denial::Explicit,
                "ImplicitDeny" => Denial::Implicit,
                _ => Denial::Unknown,
            },
            policy_type: clean(&self.policy_type),
            encoded_diagnostic: message.map(redact).unwrap_or_default(),
        }
    }
}
