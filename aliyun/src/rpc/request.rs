//! Request bodies of calls, signed or with an OIDC token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::access_key::Credentials;
use crate::http::error::HttpError;
use crate::rpc::service::Service;
use crate::rpc::signature::{self, Parameters};

/// HTTP method of all calls. In a form, unlike in a URL, key and signature do not get into
/// the logs of proxies.
const METHOD: &str = "POST";

/// The parameters that differ between attempts at the same call.
#[derive(Clone, Debug)]
pub struct SigningContext {
    /// Time of the attempt. The API rejects calls that are off by 15 minutes.
    pub time: OffsetDateTime,
    /// Unique value: the API rejects a nonce that was used before.
    pub nonce: String,
}

impl SigningContext {
    /// Creates a context with the current time and a random nonce.
    ///
    /// # Errors
    ///
    /// Returns [`HttpError::BuildRequest`] if the operating system provides no random
    /// numbers.
    pub fn now() -> Result<Self, HttpError> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| HttpError::BuildRequest {
            reason: error.to_string(),
        })?;
        Ok(Self {
            time: OffsetDateTime::now_utc(),
            nonce: URL_SAFE_NO_PAD.encode(random),
        })
    }
}

/// Request body of a call.
///
/// A form is either signed or contains an OIDC token, so that no call is sent without
/// authentication by mistake.
#[derive(Clone, Debug)]
pub struct Form {
    body: SecretString,
    /// Values to redact in responses that repeat them.
    secrets: Vec<SecretString>,
}

impl Form {
    /// Creates and signs the form of a call.
    pub fn signed(
        action: &'static str,
        service: &Service,
        mut parameters: Parameters,
        credentials: &Credentials,
        context: &SigningContext,
    ) -> Self {
        insert_common(&mut parameters, action, service, context);
        let mut insert = |name, value: &str| parameters.insert(name, value.to_owned());
        insert("AccessKeyId", &credentials.access_key_id);
        insert("SignatureMethod", "HMAC-SHA1");
        insert("SignatureVersion", "1.0");
        let token = credentials.security_token.as_ref();
        let token = token.map(ExposeSecret::expose_secret);
        if let Some(token) = token {
            insert("SecurityToken", token);
        }
        let mut form = signature::form(&parameters);
        let text = signature::string_to_sign(METHOD, &form);
        let signature = signature::signature(&credentials.access_key_secret, &text);
        let secrets = [Some(signature.as_str()), token];
        let secrets = secrets.into_iter().flatten().map(SecretString::from);
        let secrets = secrets.collect();
        form.push('&');
        form.push_str(&signature::form(&[("Signature", signature)].into()));
        Self {
            body: form.into(),
            secrets,
        }
    }

    /// Creates the form of a call that an OIDC token authenticates. It is not signed,
    /// because the caller has no access key yet.
    pub fn with_oidc_token(
        action: &'static str,
        service: &Service,
        mut parameters: Parameters,
        token: &SecretString,
        context: &SigningContext,
    ) -> Self {
        insert_common(&mut parameters, action, service, context);
        parameters.insert("OIDCToken", token.expose_secret().to_owned());
        Self {
            body: signature::form(&parameters).into(),
            secrets: vec![token.clone()],
        }
    }

    /// Returns the tokens and the signature in the form.
    pub fn secrets(&self) -> &[SecretString] {
        &self.secrets
    }

    /// Returns the URL-encoded form. It contains secrets: do not log it.
    pub fn body(&self) -> &str {
        self.body.expose_secret()
    }
}

/// Adds the parameters of all calls, signed or not.
fn insert_common(
    parameters: &mut Parameters,
    action: &str,
    service: &Service,
    context: &SigningContext,
) {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    // An `OffsetDateTime` has all these components.
    let timestamp = context.time.format(&format).expect("a complete time");
    let mut insert = |name, value: &str| parameters.insert(name, value.to_owned());
    insert("Action", action);
    insert("Format", "JSON");
    insert("SignatureNonce", &context.nonce);
    insert("Timestamp", &timestamp);
    insert("Version", service.version);
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::credentials::source::CredentialsSource;
    use crate::redact::Redactor;
    use crate::rpc::service::STS;

    const API: Service = Service {
        name: "api",
        version: "2020-06-01",
    };

    fn redact(form: &Form, text: &str) -> String {
        let redactor = Redactor::default();
        redactor.add(form.secrets());
        redactor.redact(text)
    }

    #[test]
    fn signed_form_has_common_parameters_and_the_published_signature() {
        let credentials = Credentials {
            access_key_id: "STS.NUgYrLnoC37mZZCNnAbez".to_owned(),
            access_key_secret: "st5ecret/+=".into(),
            security_token: Some("CAIS+gF1q6Ft5B2yf/SjIr5bAbZ1==".into()),
            expiration: None,
            source: CredentialsSource::Arguments,
        };
        let context = SigningContext {
            time: datetime!(2024-10-31 08:15:30 UTC),
            nonce: "nonce-3".to_owned(),
        };
        let parameters = [("RegionId", "cn-hangzhou".to_owned())].into();
        let form = Form::signed("ListImages", &API, parameters, &credentials, &context);
        assert_eq!(
            form.body(),
            "AccessKeyId=STS.NUgYrLnoC37mZZCNnAbez&Action=ListImages&Format=JSON\
             &RegionId=cn-hangzhou&SecurityToken=CAIS%2BgF1q6Ft5B2yf%2FSjIr5bAbZ1%3D%3D\
             &SignatureMethod=HMAC-SHA1&SignatureNonce=nonce-3&SignatureVersion=1.0\
             &Timestamp=2024-10-31T08%3A15%3A30Z&Version=2020-06-01\
             &Signature=yvbxvre2Rk3fmsv%2F4k3RQms%2BieE%3D"
        );
        assert!(!format!("{form:?}").contains("CAIS"));
        let echo = "a yvbxvre2Rk3fmsv/4k3RQms+ieE= b yvbxvre2Rk3fmsv%2F4k3RQms%2BieE%3D \
                    c CAIS%252BgF1q6Ft5B2yf%252FSjIr5bAbZ1%253D%253D d";
        assert_eq!(
            redact(&form, echo),
            "a (redacted) b (redacted) c (redacted) d"
        );
    }

    #[test]
    fn form_with_oidc_token_is_unsigned_and_redacted() {
        let context = SigningContext {
            time: datetime!(2024-10-31 08:15:30 UTC),
            nonce: "nonce-3".to_owned(),
        };
        let parameters = [("RoleSessionName", "session".to_owned())].into();
        let token = "gold.fish/+".into();
        let form = Form::with_oidc_token("AssumeRoleWithOIDC", &STS, parameters, &token, &context);
        assert_eq!(
            form.body(),
            "Action=AssumeRoleWithOIDC&Format=JSON&OIDCToken=gold.fish%2F%2B\
             &RoleSessionName=session&SignatureNonce=nonce-3\
             &Timestamp=2024-10-31T08%3A15%3A30Z&Version=2015-04-01"
        );
        assert!(!format!("{form:?}").contains("fish"));
        assert_eq!(
            redact(&form, "a gold.fish/+ b gold.fish%2F%2B c"),
            "a (redacted) b (redacted) c"
        );
    }

    #[test]
    fn nonce_of_each_attempt_is_unique() {
        let nonces: std::collections::BTreeSet<_> = (0..1000)
            .map(|_| SigningContext::now().unwrap().nonce)
            .collect();
        assert_eq!(nonces.len(), 1000);
    }
}
