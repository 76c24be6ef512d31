//! The credentials services, and the keys that they issue.

use super::*;

const ROLE: &str = "acs:ram::1234567890123456:role/reader";

pub(super) fn sts(action: &str, changes: &[(&str, &str)]) -> Parameters {
    let role = [
        ("Version", "2015-04-01"),
        ("RoleArn", ROLE),
        ("RoleSessionName", "terraform"),
    ];
    changed(changed(parameters(action), &role), changes)
}

fn with_oidc(token: &str) -> Parameters {
    let oidc = [("OIDCProviderArn", "arn"), ("OIDCToken", token)];
    let mut parameters = sts("AssumeRoleWithOIDC", &oidc);
    for name in ["AccessKeyId", "SignatureMethod", "SignatureVersion"] {
        parameters.remove(name);
    }
    parameters
}

/// Calls `ListImages` with issued credentials.
pub(super) fn list_with(emulator: &Emulator, credentials: &Value) -> (u16, Value) {
    let field = |name: &str| credentials[name].as_str().expect(name).to_owned();
    let parameters = list_images(&[
        ("AccessKeyId", &field("AccessKeyId")),
        ("SecurityToken", &field("SecurityToken")),
    ]);
    let form = signed_by(&field("AccessKeySecret"), "POST", parameters);
    json(post(emulator, &form))
}

fn get(emulator: &Emulator, path: &str, token: Option<&str>) -> (u16, String) {
    let mut request = client().get(format!("{}{path}", emulator.url()));
    if let Some(token) = token {
        request = request.header("X-aliyun-ecs-metadata-token", token);
    }
    let response = request.send().expect("a response");
    let status = response.status().as_u16();
    (status, response.text().expect("text"))
}

/// Exchanges an access token.
fn exchange(emulator: &Emulator, path: &str, host: &str, token: &str, body: &str) -> (u16, Value) {
    let request = client()
        .post(format!("{}{path}", emulator.url()))
        .header("Host", host)
        .header("Authorization", format!("Bearer {token}"))
        .header("Content-Type", "application/json")
        .body(body.to_owned());
    let response = request.send().expect("a response");
    let status = response.status().as_u16();
    let text = response.text().expect("text");
    (status, serde_json::from_str(&text).expect("JSON"))
}

#[test]
fn access_token_is_exchanged_by_oauth_and_cloud_sso() {
    const OAUTH: &str = "/v1/exchange";
    const CLOUD_SSO: &str = "/cloud-credentials";
    let emulator = start();
    let account = r#"{"AccountId": "1234567890123456", "AccessConfigurationId": "ac-1"}"#;
    for (path, host, token, body, expected) in [
        (OAUTH, "oauth.aliyun.com", "testaccess", "", 200),
        (OAUTH, "oauth.alibabacloud.com", "testaccess", "", 200),
        (OAUTH, "oauth.example", "testaccess", "", 400),
        (OAUTH, "oauth.aliyun.com", "expired", "", 401),
        (CLOUD_SSO, "signin.example", "testaccess", account, 200),
        (CLOUD_SSO, "signin.example", "testaccess", "{}", 400),
        (CLOUD_SSO, "signin.example", "expired", account, 401),
    ] {
        let (status, response) = exchange(&emulator, path, host, token, body);
        assert_eq!(status, expected, "{path} at {host}: {response}");
    }
    let (_, response) = exchange(
        &emulator,
        CLOUD_SSO,
        "signin.example",
        "testaccess",
        account,
    );
    let credentials = &response["CloudCredential"];
    assert_eq!(credentials["AccessKeyId"], "STS.sso-ac-1.4");
    assert_eq!(list_with(&emulator, credentials).0, 200);
}

#[test]
fn issued_keys_are_rejected_after_expiration() {
    let emulator = start();
    emulator.set_key_lifetime(Duration::ZERO);
    let (_, assumed) = call(&emulator, sts("AssumeRole", &[]));
    let expired = (400, "InvalidSecurityToken.Expired".to_owned());
    assert_eq!(
        error(list_with(&emulator, &assumed["Credentials"])),
        expired
    );

    emulator.set_key_lifetime(Duration::from_mins(1));
    let (_, assumed) = call(&emulator, sts("AssumeRole", &[]));
    assert_eq!(list_with(&emulator, &assumed["Credentials"]).0, 200);
    emulator.expire_issued_keys();
    assert_eq!(
        error(list_with(&emulator, &assumed["Credentials"])),
        expired
    );
}

#[test]
fn invalid_requests_for_credentials_are_rejected() {
    let emulator = start();
    let duration = "InvalidParameter.DurationSeconds";
    for (name, value, code) in [
        ("RoleArn", "reader", "InvalidParameter.RoleArn"),
        ("RoleSessionName", "", "MissingRoleSessionName"),
        ("DurationSeconds", "899", duration),
        ("DurationSeconds", "43201", duration),
        ("Version", "2020-06-01", "InvalidVersion"),
    ] {
        let actual = error(call(&emulator, sts("AssumeRole", &[(name, value)])));
        assert_eq!(actual, (400, code.to_owned()), "{name}={value}");
    }
    let mut unsigned = sts("AssumeRole", &[]);
    unsigned.insert("Signature".into(), "none".into());
    let (_, code) = error(json(post(&emulator, &form(&unsigned))));
    assert_eq!(code, "SignatureDoesNotMatch");
    let (_, code) = error(json(post(&emulator, &form(&with_oidc("x")))));
    assert_eq!(code, "AuthenticationFail.OIDCToken.Invalid");
    let roles = "/latest/meta-data/ram/security-credentials/";
    assert_eq!(get(&emulator, roles, None).0, 403);
    assert_eq!(get(&emulator, roles, Some("guessed")).0, 403);
    emulator.allow_imdsv1();
    assert_eq!(get(&emulator, roles, None).0, 200);
}
