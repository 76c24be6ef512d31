//! The reason why a policy denied a call.

use serde::{Deserialize, Deserializer};

use crate::rpc::strict::Scalar;
use crate::text::sanitize;

/// Maximum length of the diagnostic message, in bytes. A truncated one cannot be decoded.
const MAX_DIAGNOSTIC: usize = 4096;

/// The reason why a policy denied a call: `AccessDeniedDetail` of an error response. A text
/// is empty if the API does not say it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct AccessDenied {
    /// The denied action, such as `ecs:DescribeInstances`.
    #[serde(deserialize_with = "text")]
    pub auth_action: String,
    /// Type of the caller, such as `SubUser`.
    #[serde(deserialize_with = "text")]
    pub auth_principal_type: String,
    /// Name or ID of the caller.
    #[serde(deserialize_with = "text")]
    pub auth_principal_display_name: String,
    /// Account that owns the caller.
    #[serde(deserialize_with = "text")]
    pub auth_principal_owner_id: String,
    /// `ExplicitDeny` if a statement denies the action, and `ImplicitDeny` if none allows it.
    #[serde(deserialize_with = "text")]
    pub no_permission_type: String,
    /// Kind of the policy, such as `ControlPolicy`.
    #[serde(deserialize_with = "text")]
    pub policy_type: String,
    /// Message that the RAM console and the operation `DecodeDiagnosticMessage` decode.
    #[serde(deserialize_with = "text")]
    pub encoded_diagnostic_message: String,
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Scalar::deserialize(deserializer).map(|scalar| scalar.as_str().to_owned())
}

impl AccessDenied {
    /// Redacts the texts.
    pub(super) fn redacted(mut self, redact: impl Fn(&str) -> String) -> Self {
        let message = &mut self.encoded_diagnostic_message;
        let is_whole = message.len() <= MAX_DIAGNOSTIC;
        if is_whole && message.bytes().all(|byte| byte.is_ascii_graphic()) {
            *message = redact(message);
        } else {
            message.clear();
        }
        for text in [
            &mut self.auth_action,
            &mut self.auth_principal_type,
            &mut self.auth_principal_display_name,
            &mut self.auth_principal_owner_id,
            &mut self.no_permission_type,
            &mut self.policy_type,
        ] {
            *text = sanitize(&redact(text));
        }
        self
    }
}
