//! Calls with signature V3: accepted, or rejected for one invalid part each.

use super::super::form;
use super::super::signature_v3::{sha256, sign, string_to_sign};
use super::*;

/// A request with signature V3, before it is signed.
struct Call {
    method: &'static str,
    query: &'static str,
    headers: BTreeMap<&'static str, String>,
    body: String,
}

impl Call {
    fn new(emulator: &Emulator, body: &str) -> Self {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("host", &emulator.address().to_string()),
            ("x-acs-action", "ListImages"),
            ("x-acs-content-sha256", &sha256(body)),
            ("x-acs-date", &timestamp(time::Duration::ZERO)),
            ("x-acs-signature-nonce", &request_id::next()),
            ("x-acs-version", "2020-06-01"),
        ];
        Self {
            method: "POST",
            query: "",
            headers: headers.map(|(name, value)| (name, value.to_owned())).into(),
            body: body.to_owned(),
        }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.to_owned());
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    fn names(&self) -> String {
        self.headers.keys().copied().collect::<Vec<_>>().join(";")
    }

    /// Returns the header `Authorization` with a signature over the headers `names`.
    fn sign(&self, secret: &str, names: &str) -> String {
        let headers = self.headers.iter();
        let headers: Vec<_> = headers
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        let mut query = Parameters::new();
        form::decode_into(&mut query, self.query).expect("a query");
        let text = string_to_sign(self.method, &query, &headers, &self.body, names);
        let signature = sign(secret, &text);
        format!(
            "ACS3-HMAC-SHA256 Credential=LTAItestid,SignedHeaders={names},Signature={signature}"
        )
    }

    fn send(&self, emulator: &Emulator, authorization: &str) -> (u16, Value) {
        let url = format!("{}/?{}", emulator.url(), self.query);
        let method = self.method.parse().expect("a method");
        let request = client().request(method, url).body(self.body.clone());
        let headers = self.headers.iter();
        let request = headers.fold(request, |request, (name, value)| {
            request.header(*name, value)
        });
        json(request.header("Authorization", authorization).send())
    }

    fn signed(&self, emulator: &Emulator) -> (u16, Value) {
        self.send(emulator, &self.sign("testsecret", &self.names()))
    }
}

const REGION: &str = "RegionId=cn-hangzhou";

#[test]
fn v3_call_is_accepted_with_parameters_in_form_or_query() {
    let emulator = start();
    let in_form = Call::new(&emulator, REGION);
    assert_eq!(in_form.signed(&emulator).0, 200);
    let in_query = Call {
        method: "GET",
        query: REGION,
        ..Call::new(&emulator, "")
    };
    let in_query = in_query.without("content-type");
    assert_eq!(in_query.signed(&emulator).0, 200);
    let calls = emulator.requests();
    assert_eq!(calls[0].action(), "ListImages");
    assert_eq!(calls[0].access_key_id(), Some("LTAItestid"));
}

#[test]
fn v3_call_with_invalid_header_is_rejected() {
    let emulator = start();
    let late = timestamp(time::Duration::minutes(-16));
    let early = timestamp(time::Duration::minutes(16));
    let other_hash = sha256("RegionId=us-west-1");
    for (name, value, status, code) in [
        ("x-acs-action", "listImages", 404, "InvalidAction.NotFound"),
        ("x-acs-version", "2020-06-02", 400, "InvalidVersion"),
        ("x-acs-date", &late, 400, "InvalidTimeStamp.Expired"),
        ("x-acs-date", &early, 400, "InvalidTimeStamp.Expired"),
        ("x-acs-date", "yesterday", 400, "InvalidTimeStamp.Format"),
        (
            "x-acs-content-sha256",
            &other_hash,
            400,
            "SignatureDoesNotMatch",
        ),
        (
            "x-acs-security-token",
            "any",
            400,
            "InvalidSecurityToken.Malformed",
        ),
    ] {
        let call = Call::new(&emulator, REGION).with(name, value);
        let actual = error(call.signed(&emulator));
        assert_eq!(actual, (status, code.to_owned()), "{name}: {value}");
    }
}

#[test]
fn v3_call_with_missing_header_is_rejected() {
    let emulator = start();
    for (name, code) in [
        ("x-acs-action", "MissingAction"),
        ("x-acs-version", "MissingVersion"),
        ("x-acs-date", "MissingTimestamp"),
        ("x-acs-signature-nonce", "MissingSignatureNonce"),
        ("x-acs-content-sha256", "IncompleteSignature"),
    ] {
        let call = Call::new(&emulator, REGION).without(name);
        let actual = error(call.signed(&emulator));
        assert_eq!(actual, (400, code.to_owned()), "{name}");
    }
}

#[test]
fn v3_call_with_unsigned_header_is_rejected() {
    let emulator = start();
    for unsigned in [
        "content-type",
        "host",
        "x-acs-action",
        "x-acs-content-sha256",
        "x-acs-date",
        "x-acs-signature-nonce",
        "x-acs-version",
    ] {
        let call = Call::new(&emulator, REGION);
        let mut names: Vec<_> = call.headers.keys().copied().collect();
        names.retain(|name| *name != unsigned);
        let authorization = call.sign("testsecret", &names.join(";"));
        let actual = error(call.send(&emulator, &authorization));
        assert_eq!(
            actual,
            (400, "IncompleteSignature".to_owned()),
            "{unsigned}"
        );
    }
}

#[test]
fn v3_call_with_unsorted_or_absent_signed_header_is_rejected() {
    let emulator = start();
    let call = Call::new(&emulator, REGION);
    let (first, rest) = call
        .names()
        .split_once(';')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .expect("names");
    for names in [
        format!("{rest};{first}"),
        format!("{};x-acs-z", call.names()),
    ] {
        let authorization = call.sign("testsecret", &names);
        let actual = error(call.send(&emulator, &authorization));
        assert_eq!(actual, (400, "IncompleteSignature".to_owned()), "{names}");
    }
}

#[test]
fn v3_signature_covers_method_query_headers_and_body() {
    let emulator = start();
    let mismatch = (400, "SignatureDoesNotMatch".to_owned());
    let sent = |signed: Call, sent: Call| {
        let authorization = signed.sign("testsecret", &signed.names());
        error(sent.send(&emulator, &authorization))
    };
    let call = || {
        let call = Call::new(&emulator, REGION);
        call.with("x-acs-signature-nonce", "nonce")
    };
    let get = Call {
        method: "GET",
        ..call()
    };
    let query = Call {
        query: "ImageType=app",
        ..call()
    };
    let body = Call {
        body: "RegionId=us-west-1".to_owned(),
        ..call()
    };
    for changed in [
        get,
        query,
        body,
        call().with("x-acs-signature-nonce", "other"),
    ] {
        assert_eq!(sent(call(), changed), mismatch);
    }
    let call = call();
    let authorization = call.sign("another secret", &call.names());
    let (status, body) = call.send(&emulator, &authorization);
    let message = body["Message"].as_str().expect("a message").to_owned();
    assert!(
        message.contains("string to sign is:ACS3-HMAC-SHA256\n"),
        "{message}"
    );
    assert_eq!(error((status, body)), mismatch);
}

#[test]
fn v3_call_with_unknown_key_or_malformed_authorization_is_rejected() {
    let emulator = start();
    let call = Call::new(&emulator, REGION);
    let authorization = call.sign("testsecret", &call.names());
    let other = authorization.replace("LTAItestid", "other");
    let actual = error(call.send(&emulator, &other));
    assert_eq!(actual, (404, "InvalidAccessKeyId.NotFound".to_owned()));
    let (malformed, _) = authorization.split_once(",Signature").expect("a signature");
    let actual = error(call.send(&emulator, malformed));
    assert_eq!(actual, (400, "IncompleteSignature".to_owned()));
}

#[test]
fn v3_nonce_cannot_be_reused_by_either_signature() {
    let emulator = start();
    let call = Call::new(&emulator, REGION);
    assert_eq!(call.signed(&emulator).0, 200);
    let used = (400, "SignatureNonceUsed".to_owned());
    assert_eq!(error(call.signed(&emulator)), used);
    let nonce = &call.headers["x-acs-signature-nonce"];
    let rpc = super::call(&emulator, list_images(&[("SignatureNonce", nonce)]));
    assert_eq!(error(rpc), used);
}

#[test]
fn v3_temporary_key_requires_its_security_token() {
    let emulator = start_with(Options {
        security_token: Some("to/ken==".to_owned()),
        ..Options::default()
    });
    let call = || Call::new(&emulator, REGION);
    let valid = call()
        .with("x-acs-security-token", "to/ken==")
        .signed(&emulator);
    let wrong = error(
        call()
            .with("x-acs-security-token", "other")
            .signed(&emulator),
    );
    let missing = error(call().signed(&emulator));
    assert_eq!(valid.0, 200);
    assert_eq!(wrong, (400, "InvalidSecurityToken.Malformed".to_owned()));
    assert_eq!(missing, (400, "MissingSecurityToken".to_owned()));
}
