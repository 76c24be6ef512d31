//! What is sent for one context at a call.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::access_key::Credentials;
use crate::rpc::error::RequestError;
use crate::rpc::service::Service;
use crate::rpc::signature::{self, Parameters};

/// Calls are sent as forms, so that neither key nor signature is in a URL,
/// where proxies log them.
const METHOD: &str = "POST";

/// What makes one context different from the next.
#[derive(Clone, Debug)]
pub struct SigningContext {
    /// When it is made. The API refuses calls that are 15 minutes off.
    pub time: OffsetDateTime,
    /// Different for every context: the API refuses one that it has seen.
    pub nonce: String,
}

impl SigningContext {
    /// An context that is made now.
    ///
    /// # Errors
    ///
    /// When the operating system gives no random numbers.
    pub fn now() -> Result<Self, RequestError> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| RequestError::BuildRequest {
            reason: error.to_string(),
        })?;
        Ok(Self {
            time: OffsetDateTime::now_utc(),
            nonce: URL_SAFE_NO_PAD.encode(random),
        })
    }
}

/// The body of a call, ready to be sent.
///
/// There are two ways to make one: by signing, and by giving the OIDC token that
/// stands in for a signature. So nothing can be sent unsigned by accident.
#[derive(Clone, Debug)]
pub struct Form {
    body: SecretString,
    /// What must not be shown again should an answer repeat it.
    secrets: Vec<SecretString>,
}

impl Form {
    /// Signs a call of `action` with `parameters`.
    pub fn signed(
        action: &'static str,
        service: &Service,
        mut parameters: Parameters,
        credentials: &Credentials,
        context: &SigningContext,
    ) -> Self {
        put_common(&mut parameters, action, service, context);
        let mut put = |name, value: &str| parameters.insert(name, value.to_owned());
        put("AccessKeyId", &credentials.access_key_id);
        put("SignatureMethod", "HMAC-SHA1");
        put("SignatureVersion", "1.0");
        let token = credentials.security_token.as_ref();
        let token = token.map(ExposeSecret::expose_secret);
        if let Some(token) = token {
            put("SecurityToken", token);
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

    /// A call of `action` for which an OIDC token vouches. It is not signed,
    /// because it is what one does to get something to sign with.
    pub fn with_oidc_token(
        action: &'static str,
        service: &Service,
        mut parameters: Parameters,
        token: &SecretString,
        context: &SigningContext,
    ) -> Self {
        put_common(&mut parameters, action, service, context);
        parameters.insert("OIDCToken", token.expose_secret().to_owned());
        Self {
            body: signature::form(&parameters).into(),
            secrets: vec![token.clone()],
        }
    }

    /// The tokens and the signature in it.
    pub fn secrets(&self) -> &[SecretString] {
        &self.secrets
    }

    /// The form, to be written to a connection.
    pub fn body(&self) -> &str {
        self.body.expose_secret()
    }
}

/// What every call has, signed or not.
fn put_common(
    parameters: &mut Parameters,
    action: &str,
    service: &Service,
    context: &SigningContext,
) {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    // A time of this era has all these components.
    let timestamp = context.time.format(&format).expect("a complete time");
    let mut put = |name, value: &str| parameters.insert(name, value.to_owned());
    put("Action", action);
    put("Format", "JSON");
    put("SignatureNonce", &context.nonce);
    put("Timestamp", &timestamp);
    put("Version", service.version);
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::redact::Redactor;
    use crate::rpc::service::STS;

    const API: Service = Service {
        name: "api",
        version: "2020-06-01",
        endpoint_variables: &[],
    };

    fn redact(form: &Form, text: &str) -> String {
        let redactor = Redactor::default();
        redactor.add(form.secrets());
        redactor.redact(text)
    }

    #[test]
    fn a_signed_form_has_the_common_parameters_and_the_published_signature() {
        let credentials = Credentials {
            access_key_id: "STS.NUgYrLnoC37mZZCNnAbez".to_owned(),
            access_key_secret: "st5ecret/+=".into(),
            security_token: Some("CAIS+gF1q6Ft5B2yf/SjIr5bAbZ1==".into()),
            expiration: None,
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
    fn an_oidc_token_stands_in_for_a_signature_and_is_not_shown() {
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
    fn no_two_attempts_share_a_nonce() {
        let nonces: std::collections::BTreeSet<_> = (0..1000)
            .map(|_| SigningContext::now().unwrap().nonce)
            .collect();
        assert_eq!(nonces.len(), 1000);
    }
}
