//! Requests of calls, signed or with an OIDC token.

use std::slice;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::access_key::Credentials;
use crate::http::error::HttpError;
use crate::http::request::{FORM, Request};
use crate::rpc::endpoint::Endpoint;
use crate::rpc::service::Service;
use crate::rpc::signature::{self, Headers, Parameters, SignatureMethod};

/// HTTP method of all calls. In a form, unlike in a URL, key and signature do not get into
/// the logs of proxies.
const METHOD: &str = "POST";

/// Header of signature V3 with the token of temporary credentials.
const SECURITY_TOKEN: &str = "x-acs-security-token";

/// The values that differ between attempts at the same call.
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

    fn timestamp(&self) -> String {
        let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
        // An `OffsetDateTime` has all these components.
        self.time.format(&format).expect("a complete time")
    }
}

/// A call without authentication. Only [`Call::authenticate`], [`Call::sign`] and
/// [`Call::with_oidc_token`] make a request of it, so that none is sent without by mistake.
/// Requests contain secrets: do not log them.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// API of the operation.
    pub service: &'a Service,
    /// API name of the operation, such as `ListImages`.
    pub action: &'static str,
    /// Endpoint that is called.
    pub endpoint: &'a Endpoint,
    /// Parameters of the operation, without those that all calls have.
    pub parameters: Parameters,
}

/// Authentication of a call.
#[derive(Clone, Copy, Debug)]
pub enum Authentication<'a> {
    /// A signature with these credentials.
    Signature(SignatureMethod, &'a Credentials),
    /// A token of an OIDC provider.
    OidcToken(&'a SecretString),
}

impl Call<'_> {
    /// Adds authentication, with the current time and a random nonce.
    ///
    /// # Errors
    ///
    /// As [`SigningContext::now`] and [`Self::sign`].
    pub fn authenticate(self, with: Authentication<'_>) -> Result<Request, HttpError> {
        let context = SigningContext::now()?;
        match with {
            Authentication::Signature(method, credentials) => {
                self.sign(method, credentials, &context)
            }
            Authentication::OidcToken(token) => Ok(self.with_oidc_token(token, &context)),
        }
    }

    /// Signs the call.
    ///
    /// # Errors
    ///
    /// Returns [`HttpError::BuildRequest`] if a value cannot be in a header.
    pub fn sign(
        self,
        method: SignatureMethod,
        credentials: &Credentials,
        context: &SigningContext,
    ) -> Result<Request, HttpError> {
        match method {
            SignatureMethod::Rpc => Ok(self.sign_rpc(credentials, context)),
            SignatureMethod::V3 => self.sign_v3(credentials, context),
        }
    }

    /// All parameters and the signature are in the form.
    fn sign_rpc(mut self, credentials: &Credentials, context: &SigningContext) -> Request {
        self.insert_common_parameters(context);
        let mut insert = |name, value: &str| self.parameters.insert(name, value.to_owned());
        insert("AccessKeyId", &credentials.access_key_id);
        insert("SignatureMethod", "HMAC-SHA1");
        insert("SignatureVersion", "1.0");
        let token = credentials.security_token.as_ref();
        if let Some(token) = token {
            insert("SecurityToken", token.expose_secret());
        }
        let mut form = signature::form(&self.parameters);
        let signature = signature::rpc(METHOD, &form, &credentials.access_key_secret);
        form.push('&');
        form.push_str(&signature::form(&[("Signature", signature.clone())].into()));
        let secrets = token.cloned().into_iter().chain([signature.into()]);
        self.post(form, &secrets.collect::<Vec<_>>())
    }

    /// The parameters of the operation are in the form, and everything else is in headers.
    fn sign_v3(
        self,
        credentials: &Credentials,
        context: &SigningContext,
    ) -> Result<Request, HttpError> {
        let form = signature::form(&self.parameters);
        let body_hash = signature::sha256(&form);
        let mut headers = Headers::from([
            ("content-type", FORM.to_owned()),
            ("host", self.endpoint.host()),
            ("x-acs-action", self.action.to_owned()),
            ("x-acs-content-sha256", body_hash.clone()),
            ("x-acs-date", context.timestamp()),
            ("x-acs-signature-nonce", context.nonce.clone()),
            ("x-acs-version", self.service.version.to_owned()),
        ]);
        let token = credentials.security_token.as_ref();
        if let Some(token) = token {
            headers.insert(SECURITY_TOKEN, token.expose_secret().to_owned());
        }
        let (prefix, signature) = signature::v3(
            METHOD,
            &headers,
            &body_hash,
            &credentials.access_key_id,
            &credentials.access_key_secret,
        );
        // RPC signature 1.0 has the parameter `Format` for this.
        let json = HeaderValue::from_static("application/json");
        let mut request = self.post(form, &[]).with_header(ACCEPT, json);
        for (name, value) in headers {
            let header = HeaderName::from_static(name);
            request = if name == SECURITY_TOKEN {
                request.with_secret_header(header, "", &value.into())?
            } else {
                request.with_text_header(header, &value)?
            };
        }
        request.with_secret_header(AUTHORIZATION, &prefix, &signature)
    }

    /// Adds a token of an OIDC provider to the call. It is not signed, because the caller has
    /// no access key yet, so that no [`SignatureMethod`] applies.
    pub fn with_oidc_token(mut self, token: &SecretString, context: &SigningContext) -> Request {
        self.insert_common_parameters(context);
        let parameter = token.expose_secret().to_owned();
        self.parameters.insert("OIDCToken", parameter);
        let form = signature::form(&self.parameters);
        self.post(form, slice::from_ref(token))
    }

    /// Adds the parameters of all calls whose parameters are in the form, signed or not.
    fn insert_common_parameters(&mut self, context: &SigningContext) {
        let mut insert = |name, value: &str| self.parameters.insert(name, value.to_owned());
        insert("Action", self.action);
        insert("Format", "JSON");
        insert("SignatureNonce", &context.nonce);
        insert("Timestamp", &context.timestamp());
        insert("Version", self.service.version);
    }

    fn post(&self, form: String, secrets: &[SecretString]) -> Request {
        Request::post_form(self.endpoint.url().clone(), form, secrets)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::btree_map;
    use proptest::option;
    use proptest::prelude::*;
    use serde::Deserialize;
    use swas_testing::emulator::signature_v3;
    use time::PrimitiveDateTime;
    use time::macros::datetime;

    use super::*;
    use crate::access_key::check_key_text;
    use crate::credentials::source::CredentialsSource;
    use crate::http::protocol::Protocol;
    use crate::redact::Redactor;
    use crate::rpc::endpoint::EndpointResolver;
    use crate::rpc::service::STS;

    const API: Service = Service {
        name: "api",
        version: "2020-06-01",
    };

    fn endpoint(text: &str) -> Endpoint {
        let resolver = EndpointResolver::parse(text, Protocol::Https).unwrap();
        resolver.endpoint(&API, None)
    }

    fn context(nonce: &str) -> SigningContext {
        SigningContext {
            time: datetime!(2024-10-31 08:15:30 UTC),
            nonce: nonce.to_owned(),
        }
    }

    fn redact(request: &Request, text: &str) -> String {
        let redactor = Redactor::default();
        redactor.add(request.secrets());
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
        let call = Call {
            service: &API,
            action: "ListImages",
            endpoint: &endpoint("api.example"),
            parameters: [("RegionId", "cn-hangzhou".to_owned())].into(),
        };
        let request = call.sign(SignatureMethod::Rpc, &credentials, &context("nonce-3"));
        let request = request.unwrap();
        assert_eq!(
            request.body(),
            "AccessKeyId=STS.NUgYrLnoC37mZZCNnAbez&Action=ListImages&Format=JSON\
             &RegionId=cn-hangzhou&SecurityToken=CAIS%2BgF1q6Ft5B2yf%2FSjIr5bAbZ1%3D%3D\
             &SignatureMethod=HMAC-SHA1&SignatureNonce=nonce-3&SignatureVersion=1.0\
             &Timestamp=2024-10-31T08%3A15%3A30Z&Version=2020-06-01\
             &Signature=yvbxvre2Rk3fmsv%2F4k3RQms%2BieE%3D"
        );
        let echo = "a yvbxvre2Rk3fmsv/4k3RQms+ieE= b yvbxvre2Rk3fmsv%2F4k3RQms%2BieE%3D \
                    c CAIS%252BgF1q6Ft5B2yf%252FSjIr5bAbZ1%253D%253D d";
        assert_eq!(
            redact(&request, echo),
            "a (redacted) b (redacted) c (redacted) d"
        );
    }

    #[derive(Deserialize)]
    struct V3Vector {
        name: String,
        access_key_id: String,
        access_key_secret: SecretString,
        headers: BTreeMap<String, String>,
        body: String,
        authorization: String,
        /// Only requests in our form have it.
        parameters: Option<BTreeMap<String, String>>,
    }

    #[test]
    fn v3_request_has_the_headers_body_and_signature_of_the_official_sdk() {
        let vectors = include_str!("../../../tests/data/signature-v3-vectors.json");
        let vectors: Vec<V3Vector> = serde_json::from_str(vectors).unwrap();
        let mut tested = 0;
        for vector in vectors {
            let Some(parameters) = vector.parameters else {
                continue;
            };
            tested += 1;
            let mut headers = vector.headers;
            let header = |name: &str| headers[name].clone();
            let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
            let time = PrimitiveDateTime::parse(&header("x-acs-date"), &format).unwrap();
            let credentials = Credentials {
                access_key_id: vector.access_key_id,
                access_key_secret: vector.access_key_secret,
                security_token: headers
                    .get(SECURITY_TOKEN)
                    .map(|token| token.as_str().into()),
                expiration: None,
                source: CredentialsSource::Arguments,
            };
            let context = SigningContext {
                time: time.assume_utc(),
                nonce: header("x-acs-signature-nonce"),
            };
            let parameters = parameters.into_iter();
            let call = Call {
                service: &Service {
                    name: "api",
                    version: header("x-acs-version").leak(),
                },
                action: header("x-acs-action").leak(),
                endpoint: &endpoint(&header("host")),
                parameters: parameters
                    .map(|(name, value)| (&*name.leak(), value))
                    .collect(),
            };
            let request = call.sign(SignatureMethod::V3, &credentials, &context);
            let request = request.unwrap();
            headers.insert("accept".to_owned(), "application/json".to_owned());
            headers.insert("authorization".to_owned(), vector.authorization.clone());
            let sent = request.headers().iter();
            let sent = sent.map(|(name, value)| {
                let value = value.to_str().unwrap().to_owned();
                (name.as_str().to_owned(), value)
            });
            assert_eq!(sent.collect::<BTreeMap<_, _>>(), headers, "{}", vector.name);
            assert_eq!(request.body(), vector.body, "{}", vector.name);
            let shown = format!("{:?}", request.headers());
            let (prefix, signature) = vector.authorization.rsplit_once('=').unwrap();
            assert!(!shown.contains(signature), "{shown}");
            if let Some(token) = credentials.security_token {
                assert!(!shown.contains(token.expose_secret()), "{shown}");
                assert_eq!(redact(&request, token.expose_secret()), "(redacted)");
            }
            let redacted = format!("{prefix}=(redacted)");
            assert_eq!(redact(&request, &vector.authorization), redacted);
        }
        assert_eq!(tested, 9);
    }

    /// Text that is accepted as a part of an access key.
    fn key_text() -> impl Strategy<Value = String> {
        "[\\PC--\\s]{1,40}".prop_filter("a key", |text| check_key_text(text).is_ok())
    }

    proptest! {
        #[test]
        fn v3_signature_is_that_of_an_independent_implementation(
            parameters in btree_map("(?s).{1,20}", "(?s).{0,40}", 0..5),
            id in key_text(),
            secret in key_text(),
            token in option::of(key_text()),
            nonce in "[!-~]{1,40}",
            seconds in 0..4_000_000_000_i64,
        ) {
            let credentials = Credentials {
                access_key_id: id.clone(),
                access_key_secret: secret.as_str().into(),
                security_token: token.map(SecretString::from),
                expiration: None,
                source: CredentialsSource::Arguments,
            };
            let context = SigningContext {
                time: OffsetDateTime::from_unix_timestamp(seconds).unwrap(),
                nonce,
            };
            let parameters = parameters.into_iter();
            let call = Call {
                service: &API,
                action: "ListImages",
                endpoint: &endpoint("127.0.0.1:8787"),
                parameters: parameters
                    .map(|(name, value)| (&*name.leak(), value))
                    .collect(),
            };
            let request = call.sign(SignatureMethod::V3, &credentials, &context);
            let request = request.unwrap();
            let text = |name: &str| {
                let value = request.headers()[name].as_bytes().to_vec();
                String::from_utf8(value).unwrap()
            };
            let names = request.headers().keys().map(HeaderName::as_str);
            let names = names.filter(|name| !["accept", "authorization"].contains(name));
            let mut headers: Vec<_> = names.map(|name| (name.to_owned(), text(name))).collect();
            headers.sort_unstable();
            let names: Vec<_> = headers.iter().map(|(name, _)| name.as_str()).collect();
            let names = names.join(";");
            let string_to_sign =
                signature_v3::string_to_sign("POST", &BTreeMap::new(), &headers, request.body(), &names);
            let signature = signature_v3::sign(&secret, &string_to_sign);
            let expected = format!(
                "ACS3-HMAC-SHA256 Credential={id},SignedHeaders={names},Signature={signature}"
            );
            prop_assert_eq!(text("authorization"), expected);
        }
    }

    #[test]
    fn form_with_oidc_token_is_unsigned_and_redacted() {
        let call = Call {
            service: &STS,
            action: "AssumeRoleWithOIDC",
            endpoint: &endpoint("sts.example"),
            parameters: [("RoleSessionName", "session".to_owned())].into(),
        };
        let request = call.with_oidc_token(&"gold.fish/+".into(), &context("nonce-3"));
        assert_eq!(
            request.body(),
            "Action=AssumeRoleWithOIDC&Format=JSON&OIDCToken=gold.fish%2F%2B\
             &RoleSessionName=session&SignatureNonce=nonce-3\
             &Timestamp=2024-10-31T08%3A15%3A30Z&Version=2015-04-01"
        );
        assert_eq!(
            redact(&request, "a gold.fish/+ b gold.fish%2F%2B c"),
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
