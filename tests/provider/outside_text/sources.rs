//! Line breaks and invisible characters in text from each source: responses, files,
//! variables, arguments and commands. No such text begins a line of a diagnostic or a log.

use std::fs;

use serde_json::{Value, json};
use swas_testing::diagnostics::{has_error, shown};
use swas_testing::emulator::Reply;
use swas_testing::machine::files::{CLI, INI, INI_TYPES};
use swas_testing::machine::sources::{MODES, SOURCES};
use swas_testing::running_provider::{Result, RunningProvider};

use super::{DISGUISED, assert_lines_are_presentable, assert_no_line_is_disguised};
use crate::machine::{Machine, OIDC_PROVIDER, OIDC_TOKEN, profile, role, secret, unconfigured};

/// Variables of the provider and of its HTTP client.
const VARIABLES: [&str; 40] = [
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "ALIBABA_CLOUD_SECURITY_TOKEN",
    "ALIBABA_CLOUD_REGION",
    "ALIBABA_CLOUD_REGION_ID",
    "ALIBABA_CLOUD_PROFILE",
    "ALIBABA_CLOUD_CREDENTIALS_FILE",
    "ALIBABA_CLOUD_CONFIG_FILE",
    "ALIBABA_CLOUD_CLI_PROFILE_DISABLED",
    "ALIBABA_CLOUD_IGNORE_PROFILE",
    "ALIBABA_CLOUD_ROLE_ARN",
    "ALIBABA_CLOUD_ROLE_SESSION_NAME",
    "ALIBABA_CLOUD_EXTERNAL_ID",
    "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
    "ALIBABA_CLOUD_OIDC_TOKEN",
    "ALIBABA_CLOUD_OIDC_TOKEN_FILE",
    "ALIBABA_CLOUD_ECS_METADATA",
    "ALIBABA_CLOUD_ECS_METADATA_SERVICE_ENDPOINT",
    "ALIBABA_CLOUD_ECS_METADATA_DISABLED",
    "ALIBABA_CLOUD_IMDSV1_DISABLED",
    "ALIBABA_CLOUD_CREDENTIALS_URI",
    "ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS",
    "ALIBABA_CLOUD_STS_ENDPOINT",
    "ALIBABA_CLOUD_STS_REGION",
    "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED",
    "ALIBABA_CLOUD_SWAS_ENDPOINT",
    "ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION",
    "CLIENT_CONNECT_TIMEOUT",
    "CLIENT_READ_TIMEOUT",
    "MAX_RETRY_TIMEOUT",
    "SWAS_CACHE_DIR",
    "SWAS_CACHE_MAX_AGE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "TF_APPEND_USER_AGENT",
    "HOME",
];

/// A provider on a machine.
struct Case {
    name: String,
    machine: Machine,
    provider: RunningProvider,
}

impl Case {
    async fn start(name: &str, machine: Machine) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            provider: unconfigured(&machine).await?,
            machine,
        })
    }

    /// Configures, validates and reads. Asserts that the diagnostics are presentable, and
    /// returns them.
    async fn read(&self, data_source: &str, block: &Value) -> Result<String> {
        let Self {
            name,
            machine,
            provider,
        } = self;
        let mut diagnostics = provider.validate_provider(&machine.block()).await?;
        diagnostics.extend(provider.validate(data_source, block).await?);
        diagnostics.extend(provider.configure(&machine.block()).await?);
        if !has_error(&diagnostics) {
            diagnostics.extend(provider.read(data_source, block).await?.diagnostics);
        }
        let shown = shown(&diagnostics);
        assert_no_line_is_disguised(name, &shown);
        Ok(shown)
    }

    async fn read_images(&self) -> Result<String> {
        self.read("swas_images", &json!({})).await
    }

    /// Asserts that the log is presentable.
    async fn end(self) -> Result<()> {
        assert_lines_are_presentable(&self.provider.end().await?, "");
        Ok(())
    }
}

/// An error of the API with text from outside in each field.
fn api_error(code: &str) -> String {
    let detail = json!({
        "AuthAction": DISGUISED, "AuthPrincipalType": DISGUISED,
        "AuthPrincipalDisplayName": DISGUISED, "AuthPrincipalOwnerId": DISGUISED,
        "NoPermissionType": "ImplicitDeny", "PolicyType": DISGUISED,
        "EncodedDiagnosticMessage": DISGUISED,
    });
    let error = json!({
        "Code": code, "Message": DISGUISED, "RequestId": DISGUISED, "Recommend": DISGUISED,
        "AccessDeniedDetail": detail,
    });
    error.to_string()
}

#[tokio::test]
async fn line_break_in_api_error_begins_no_line() -> Result<()> {
    let case = Case::start("API", Machine::with_key()?).await?;
    for code in [
        DISGUISED,
        "Forbidden.RAM",
        "InvalidAccessKeyId.NotFound",
        "InvalidSecurityToken.Expired",
        "SignatureDoesNotMatch",
        "Throttling.User",
    ] {
        let reply = Reply::raw(403, api_error(code));
        case.machine.emulator.reply_always(reply);
        let shown = case.read_images().await?;
        assert!(shown.contains("FAKE"), "{code}: {shown}");
    }
    case.end().await
}

#[tokio::test]
async fn line_break_in_a_list_begins_no_line() -> Result<()> {
    // Line breaks in IDs are errors.
    let id = "x\u{202e}FAKE";
    let image = |number: u8| {
        json!({
            "ImageId": format!("{id}{number}"), "ImageName": format!("{DISGUISED}{number}"),
            "ImageType": DISGUISED, "Platform": DISGUISED,
        })
    };
    let images = json!({"Images": [image(1), image(2)]});
    let plan = |id: &str, price: Value| {
        json!({
            "PlanId": id, "OriginPrice": price, "Currency": format!("{DISGUISED}{id}"),
            "PlanType": DISGUISED, "SupportPlatform": [DISGUISED],
        })
    };
    let plans = json!({"Plans": [plan("a", json!(1)), plan("b", json!(2))]});
    let unreadable = json!({"Plans": [plan(id, json!("soon"))]});
    let custom = |region: &str| {
        json!({"TotalCount": 2, "CustomImages": [
            {"ImageId": id, "OsType": DISGUISED, "RegionId": region},
            {"ImageId": "b", "CreationTime": "2026-01-01T00:00:00Z", "OsType": DISGUISED},
        ]})
    };
    let case = Case::start("lists", Machine::with_key()?).await?;
    for (data_source, block, list) in [
        ("swas_image", json!({"name_regex": "x"}), &images),
        ("swas_image", json!({"name": "other"}), &images),
        ("swas_image", json!({"name_regex": "other"}), &images),
        (
            "swas_image",
            json!({"name_regex": "x", "platform": "Linux"}),
            &images,
        ),
        ("swas_images", json!({"image_type": "app"}), &images),
        ("swas_plans", json!({}), &plans),
        ("swas_plans", json!({}), &unreadable),
        ("swas_plans", json!({"plan_type": "other"}), &plans),
        ("swas_custom_images", json!({}), &custom("")),
        (
            "swas_custom_images",
            json!({"os_type": "Linux"}),
            &custom(""),
        ),
        ("swas_custom_images", json!({}), &custom(DISGUISED)),
    ] {
        case.machine
            .emulator
            .reply_always(Reply::json(list.to_string()));
        let shown = case.read(data_source, &block).await?;
        assert!(shown.contains("FAKE"), "{data_source} {block}: {shown}");
    }
    case.end().await
}

#[tokio::test]
async fn line_break_in_a_variable_begins_no_line() -> Result<()> {
    for name in VARIABLES {
        let valid_beginning = match name {
            "ALIBABA_CLOUD_ROLE_ARN" => role("reader"),
            "ALIBABA_CLOUD_OIDC_PROVIDER_ARN" => OIDC_PROVIDER.to_owned(),
            _ if name.contains("PROXY") || name.contains("ENDPOINT") || name.contains("URI") => {
                "http://127.0.0.1:1".to_owned()
            }
            _ => "/nowhere".to_owned(),
        };
        let is_of_role = ["ROLE", "OIDC", "STS", "EXTERNAL_ID"];
        for value in [DISGUISED, &format!("{valid_beginning}/{DISGUISED}")] {
            let mut machine = Machine::new()?;
            if is_of_role.iter().any(|part| name.contains(part)) {
                machine = machine
                    .env("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", OIDC_PROVIDER)
                    .env("ALIBABA_CLOUD_ROLE_ARN", role("reader"))
                    .env("ALIBABA_CLOUD_OIDC_TOKEN", OIDC_TOKEN);
            }
            let case = Case::start(name, machine.env(name, value)).await?;
            case.read_images().await?;
            case.end().await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn line_break_in_a_profile_begins_no_line() -> Result<()> {
    for mode in MODES {
        let mut case = Case::start(mode.name, (mode.set)(Machine::new()?)).await?;
        let text = fs::read_to_string(case.machine.path(CLI))?;
        let document: Value = serde_json::from_str(&text)?;
        let profiles = document["profiles"].as_array().ok_or("no profiles")?;
        for (index, profile) in profiles.iter().enumerate() {
            for field in profile.as_object().ok_or("no profile")?.keys() {
                let mut document = document.clone();
                document["profiles"][index][field] = DISGUISED.into();
                case.machine = case.machine.file(CLI, document.to_string());
                case.read_images().await?;
            }
        }
        case.end().await?;
    }
    // A line break ends the value.
    let value = DISGUISED.replace('\n', "\r");
    for kind in INI_TYPES {
        let mut case = Case::start(kind.name, (kind.set)(Machine::new()?)).await?;
        let text = fs::read_to_string(case.machine.path(INI))?;
        for line in text.lines() {
            let name = line.split('=').next().unwrap_or_default();
            let changed = text.replace(line, &format!("{name}={value}"));
            case.machine = case.machine.file(INI, changed);
            case.read_images().await?;
        }
        case.end().await?;
    }
    Ok(())
}

#[cfg(unix)]
#[tokio::test]
async fn line_break_in_names_of_profiles_files_and_commands_begins_no_line() -> Result<()> {
    let file = format!("{DISGUISED}/config.json");
    let in_file = |text: &str| {
        let machine = Machine::new()?.file(&file, text);
        let path = machine.path(&file);
        Result::Ok(machine.env("ALIBABA_CLOUD_CREDENTIALS_FILE", path))
    };
    let of_profile = |fields: Value| Ok(Machine::new()?.cli_file(DISGUISED, &json!([fields])));
    let of_command = |command: &str| {
        of_profile(json!({"name": DISGUISED, "mode": "External", "process_command": command}))
    };
    let key = profile(DISGUISED, "LTAIunknown");
    let printed = json!({"mode": DISGUISED}).to_string();
    for (name, machine) in [
        ("malformed file", in_file("{")),
        ("file", in_file(&json!({"profiles": [key]}).to_string())),
        ("rejected", of_profile(key)),
        ("key", of_profile(json!({"name": DISGUISED, "mode": "AK"}))),
        (
            "mode",
            of_profile(json!({"name": DISGUISED, "mode": DISGUISED})),
        ),
        (
            "sign-in",
            of_profile(json!({"name": DISGUISED, "mode": "OAuth"})),
        ),
        ("program", of_command(&format!("'/nowhere/{DISGUISED}'"))),
        ("output", of_command(&format!("/bin/echo '{DISGUISED}'"))),
        (
            "printed profile",
            of_command(&format!("/bin/echo '{printed}'")),
        ),
    ] {
        let case = Case::start(name, machine?).await?;
        let shown = case.read_images().await?;
        assert!(shown.contains("FAKE"), "{name}: {shown}");
        case.end().await?;
    }
    Ok(())
}

#[tokio::test]
async fn line_break_from_a_credentials_service_begins_no_line() -> Result<()> {
    let mut issued = json!({
        "AccessKeyId": DISGUISED, "AccessKeySecret": DISGUISED, "SecurityToken": DISGUISED,
        "Expiration": DISGUISED, "Code": "Success",
    });
    issued["Credentials"] = issued.clone();
    for source in SOURCES.iter().chain(&MODES) {
        let case = Case::start(source.name, (source.set)(Machine::new()?)).await?;
        for reply in [
            Reply::raw(403, api_error(DISGUISED)),
            Reply::json(api_error(DISGUISED)),
            Reply::json(issued.to_string()),
            Reply::json(DISGUISED),
        ] {
            case.machine.emulator.reply_always(reply);
            case.read_images().await?;
        }
        case.end().await?;
    }
    Ok(())
}

/// The API rejects credentials of a role whose name is from outside.
#[tokio::test]
async fn line_break_in_the_role_of_rejected_credentials_begins_no_line() -> Result<()> {
    let mut fields = profile("a", "LTAIcli");
    fields["mode"] = "RamRoleArn".into();
    fields["ram_role_arn"] = format!("{}{DISGUISED}", role("reader")).into();
    let machine = Machine::new()?.cli_file("a", &json!([fields]));
    let issued = json!({"Credentials": {
        "AccessKeyId": "STS.a", "AccessKeySecret": secret("STS.a"), "SecurityToken": "token",
        "Expiration": "2124-05-25T11:45:17Z",
    }});
    let case = Case::start("role", machine).await?;
    let emulator = &case.machine.emulator;
    emulator.reply_to("AssumeRole", Reply::json(issued.to_string()));
    emulator.reply_to("ListImages", Reply::error(403, "Forbidden.RAM", "no"));
    let shown = case.read_images().await?;
    assert!(shown.contains("FAKE"), "{shown}");
    case.end().await
}
