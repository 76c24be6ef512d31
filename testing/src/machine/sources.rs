//! All sources of credentials.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::{Machine, OIDC_PROVIDER, OIDC_TOKEN, SECRET, TOKEN, profile, role, secret};

/// The host of the CloudSSO sign-in URL.
pub const CLOUD_SSO: &str = "signin-cn-shanghai.alibabacloudsso.com";

/// A source of credentials.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// The name in assertion messages.
    pub name: &'static str,
    /// Configures the source.
    pub set: fn(Machine) -> Machine,
    /// The prefix of the access key ID that the source provides.
    pub key: &'static str,
}

pub(super) const fn source(
    name: &'static str,
    key: &'static str,
    set: fn(Machine) -> Machine,
) -> Source {
    Source { name, set, key }
}

/// All sources, in order of precedence.
pub const SOURCES: [Source; 17] = [
    source("block keys", "LTAIblock", |machine| {
        machine
            .set("access_key", "LTAIblock")
            .set("secret_key", secret("LTAIblock"))
    }),
    source("block oidc", "STS.oidc-block.", |machine| {
        machine.set("assume_role_with_oidc", json!([{
            "role_arn": role("block"), "oidc_provider_arn": OIDC_PROVIDER, "oidc_token": OIDC_TOKEN,
        }]))
    }),
    source("block ecs", "STS.ecs-testrole.", |machine| {
        machine.ecs().set("ecs_role_name", "testrole")
    }),
    source("block uri", "STS.uri-block.", |machine| {
        let uri = format!("{}/block", machine.emulator.credentials_uri());
        machine.set("credentials_uri", uri)
    }),
    source("block profile", "LTAIother", |machine| {
        cli_file(machine).set("profile", "other")
    }),
    source("block file", "LTAIfile", |machine| {
        other_file(machine).set("shared_credentials_file", "~/elsewhere/config")
    }),
    source("env keys", "LTAIenv", |machine| {
        machine.key_in_environment("LTAIenv")
    }),
    source("env oidc", "STS.oidc-env.", |machine| {
        let file = machine.path("oidc/token");
        machine
            .file("oidc/token", format!("{OIDC_TOKEN}\n"))
            .env("ALIBABA_CLOUD_ROLE_ARN", role("env"))
            .env("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", OIDC_PROVIDER)
            .env("ALIBABA_CLOUD_OIDC_TOKEN_FILE", file)
    }),
    source("env oidc token", "STS.oidc-env.", |machine| {
        machine
            .env("ALIBABA_CLOUD_ROLE_ARN", role("env"))
            .env("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", OIDC_PROVIDER)
            .env("ALIBABA_CLOUD_OIDC_TOKEN", OIDC_TOKEN)
    }),
    source("env file", "LTAIfile", |machine| {
        let file = machine.path("elsewhere/config");
        other_file(machine).env("ALIBABA_CLOUD_CREDENTIALS_FILE", file)
    }),
    source("env config file", "LTAIcli", |machine| {
        let file = machine.path("elsewhere/cli.json");
        let profiles = json!([profile("default", "LTAIcli"), profile("other", "LTAIcli")]);
        machine
            .file(
                "elsewhere/cli.json",
                json!({"profiles": profiles}).to_string(),
            )
            .env("ALIBABA_CLOUD_CONFIG_FILE", file)
    }),
    source("env profile", "LTAIother", |machine| {
        cli_file(machine).env("ALIBABA_CLOUD_PROFILE", "other")
    }),
    source("cli file", "LTAIcurrent", cli_file),
    source("ini file", "LTAIini", |machine| {
        let keys = format!(
            "enable = true\ntype = access_key\naccess_key_id = LTAIini\naccess_key_secret = {}\n",
            secret("LTAIini")
        );
        let text = format!("[default]\n{keys}[other]\n{keys}");
        machine.file(".alibabacloud/credentials.ini", text)
    }),
    source("env ecs", "STS.ecs-testrole.", |machine| {
        // The role of the provider block takes precedence: using this one fails.
        let name = if machine.has("ecs_role_name") {
            "ghost"
        } else {
            "testrole"
        };
        machine.ecs().env("ALIBABA_CLOUD_ECS_METADATA", name)
    }),
    source("env uri", "STS.uri-env.", |machine| {
        let uri = format!("{}/env", machine.emulator.credentials_uri());
        machine.env("ALIBABA_CLOUD_CREDENTIALS_URI", uri)
    }),
    source("guessed ecs", "STS.ecs-testrole.", Machine::ecs),
];

/// All profile modes, with the profile selected in the provider block.
pub const MODES: [Source; 14] = [
    source("AK", "LTAIother", |machine| {
        other(machine, keys("LTAIother"))
    }),
    source("StsToken", "STS.static", |machine| {
        other(machine, sts_token())
    }),
    source("RamRoleArn", "STS.role-reader.", |machine| {
        other(machine, ram_role_arn())
    }),
    source("EcsRamRole", "STS.ecs-testrole.", |machine| {
        other(machine.ecs(), json!({"mode": "EcsRamRole"}))
    }),
    source("RamRoleArnWithRoleName", "STS.role-reader.", |machine| {
        let fields = json!({
            "mode": "RamRoleArnWithRoleName", "ram_role_name": "testrole",
            "ram_role_arn": role("reader"),
        });
        other(machine.ecs(), fields)
    }),
    source("ChainableRamRoleArn", "STS.role-last.", |machine| {
        other(machine, chained("default"))
    }),
    source("OIDC", "STS.oidc-reader.", |machine| {
        let file = machine.path("oidc/token");
        let fields = json!({
            "mode": "OIDC", "oidc_provider_arn": OIDC_PROVIDER, "oidc_token_file": file,
            "ram_role_arn": role("reader"), "ram_session_name": "session",
        });
        other(machine.file("oidc/token", OIDC_TOKEN), fields)
    }),
    source("CredentialsURI", "STS.uri-profile.", |machine| {
        let uri = format!("{}/profile", machine.emulator.credentials_uri());
        other(
            machine,
            json!({"mode": "CredentialsURI", "credentials_uri": uri}),
        )
    }),
    source("OAuth with keys", "STS.static", |machine| {
        other(machine, signed_in("OAuth", 3600, -1))
    }),
    source("OAuth in China", "STS.oauth-cn.", |machine| {
        other(
            machine.https("oauth.aliyun.com"),
            signed_in("OAuth", -1, 3600),
        )
    }),
    source("OAuth elsewhere", "STS.oauth-intl.", |machine| {
        let mut fields = signed_in("OAuth", -1, 3600);
        fields["oauth_site_type"] = "intl".into();
        other(machine.https("oauth.alibabacloud.com"), fields)
    }),
    source("CloudSSO with keys", "STS.static", |machine| {
        other(machine, signed_in("CloudSSO", 3600, -1))
    }),
    source("CloudSSO", "STS.sso-ac-1.", |machine| {
        other(machine.https(CLOUD_SSO), signed_in("CloudSSO", -1, 3600))
    }),
    source("External", "STS.static", |machine| {
        let mut printed = sts_token();
        printed["expiration"] = "2124-05-25T11:45:17Z".into();
        let file = machine.path("bin/printed with spaces.json");
        let machine = machine.file("bin/printed with spaces.json", printed.to_string());
        let command = format!("cat '{file}'");
        other(
            machine,
            json!({"mode": "External", "process_command": command}),
        )
    }),
];

/// A profile of a signed-in user. The lifetimes are in seconds from now.
pub fn signed_in(mode: &str, key_lifetime: i64, token_lifetime: i64) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = i64::try_from(now.expect("a time after 1970").as_secs()).expect("a time");
    let mut fields = sts_token();
    let sign_in = json!({
        "mode": mode,
        "sts_expiration": now + key_lifetime,
        "oauth_site_type": "CN",
        "oauth_access_token": format!("{SECRET}-access"),
        "oauth_access_token_expire": now + token_lifetime,
        "oauth_refresh_token": format!("{SECRET}-refresh"),
        "cloud_sso_sign_in_url": format!("https://{CLOUD_SSO}/start/login?key={SECRET}"),
        "cloud_sso_account_id": "1234567890123456",
        "cloud_sso_access_config": "ac-1",
        "access_token": format!("{SECRET}-access"),
        "cloud_sso_access_token_expire": now + token_lifetime,
    });
    for (name, value) in sign_in.as_object().into_iter().flatten() {
        fields[name] = value.clone();
    }
    fields
}

fn keys(key: &str) -> Value {
    json!({"mode": "AK", "access_key_id": key, "access_key_secret": secret(key)})
}

fn sts_token() -> Value {
    let mut fields = keys("STS.static");
    fields["mode"] = "StsToken".into();
    fields["sts_token"] = TOKEN.into();
    fields
}

/// A profile that assumes a role with an access key.
pub fn ram_role_arn() -> Value {
    let mut fields = keys("LTAIother");
    fields["mode"] = "RamRoleArn".into();
    fields["ram_role_arn"] = role("reader").into();
    fields["expired_seconds"] = 900.into();
    fields
}

/// A profile that assumes a role with the credentials of another profile.
pub fn chained(profile: &str) -> Value {
    json!({"mode": "ChainableRamRoleArn", "source_profile": profile, "ram_role_arn": role("last")})
}

/// Writes a CLI file with the profile and selects it.
fn other(machine: Machine, mut fields: Value) -> Machine {
    fields["name"] = "other".into();
    let profiles = json!([profile("default", "LTAIcurrent"), fields]);
    machine
        .cli_file("default", &profiles)
        .set("profile", "other")
}

/// Writes a CLI file with both profiles. Sources that use the file share this content.
fn cli_file(machine: Machine) -> Machine {
    let profiles = json!([
        profile("default", "LTAIcurrent"),
        profile("other", "LTAIother")
    ]);
    machine.cli_file("default", &profiles)
}

/// Writes a second CLI file with the same profile names.
fn other_file(machine: Machine) -> Machine {
    let profiles = json!([profile("default", "LTAIfile"), profile("other", "LTAIfile")]);
    machine.file(
        "elsewhere/config",
        json!({"profiles": profiles}).to_string(),
    )
}
