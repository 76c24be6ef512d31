//! Cases: each variable alone and combined with others.

use libtest_mimic::Failed;
use serde_json::json;
use swas_testing::emulator::Reply;
use swas_testing::machine::sources::SOURCES;
use swas_testing::machine::{
    CLOSED_ENDPOINT, Machine, OIDC_PROVIDER, OIDC_TOKEN, TOKEN, profile, role, secret,
};

use super::Case;
use super::Expected::{self, Agent, Error, External, Key, Region, Session};

const APPEND: &str = "TF_APPEND_USER_AGENT";
const CLI_DISABLED: &str = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED";
const CONFIG_FILE: &str = "ALIBABA_CLOUD_CONFIG_FILE";
const CREDENTIALS_FILE: &str = "ALIBABA_CLOUD_CREDENTIALS_FILE";
const ECS_DISABLED: &str = "ALIBABA_CLOUD_ECS_METADATA_DISABLED";
const EXTERNAL_DISABLED: &str = "ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS";
const EXTERNAL_ID: &str = "ALIBABA_CLOUD_EXTERNAL_ID";
const IMDSV1_DISABLED: &str = "ALIBABA_CLOUD_IMDSV1_DISABLED";
const OIDC_TOKEN_FILE: &str = "ALIBABA_CLOUD_OIDC_TOKEN_FILE";
const REGION: &str = "ALIBABA_CLOUD_REGION";
const REGION_ID: &str = "ALIBABA_CLOUD_REGION_ID";
const ROLE_ARN: &str = "ALIBABA_CLOUD_ROLE_ARN";
const SECURITY_TOKEN: &str = "ALIBABA_CLOUD_SECURITY_TOKEN";
const SESSION_NAME: &str = "ALIBABA_CLOUD_ROLE_SESSION_NAME";
const STS_ENDPOINT: &str = "ALIBABA_CLOUD_STS_ENDPOINT";
const STS_REGION: &str = "ALIBABA_CLOUD_STS_REGION";
const SWAS_ENDPOINT: &str = "ALIBABA_CLOUD_SWAS_ENDPOINT";
const SWAS_OPEN: &str = "ALIBABA_CLOUD_ENDPOINT_SWAS_OPEN";
const URI: &str = "ALIBABA_CLOUD_CREDENTIALS_URI";
const VPC: &str = "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED";

pub fn all() -> Result<Vec<Case>, Failed> {
    let cases = [
        regions()?,
        endpoints()?,
        sts()?,
        credentials()?,
        deprecated()?,
        switches()?,
        other_variables()?,
    ];
    Ok(cases.into_iter().flatten().collect())
}

type Cases = Result<Vec<Case>, Failed>;

fn case(name: &'static str, machine: Machine, expected: Expected) -> Case {
    Case {
        name,
        machine,
        expected,
    }
}

/// A machine with a CLI profile, whose region is us-west-1.
fn with_cli_file() -> Result<Machine, Failed> {
    Ok(Machine::new()?.cli_file("default", &json!([profile("default", "LTAIcurrent")])))
}

fn regions() -> Cases {
    let machine = || Ok::<_, Failed>(Machine::with_key()?.env(REGION, ""));
    let file = || Ok::<_, Failed>(with_cli_file()?.env(REGION, ""));
    Ok(vec![
        case(
            "REGION",
            machine()?.env(REGION, "us-west-1"),
            Region("us-west-1"),
        ),
        case(
            "REGION_ID",
            machine()?.env(REGION_ID, "us-west-1"),
            Region("us-west-1"),
        ),
        case(
            "REGION over REGION_ID",
            machine()?
                .env(REGION, "us-west-1")
                .env(REGION_ID, "cn-hangzhou"),
            Region("us-west-1"),
        ),
        case("profile", file()?, Region("us-west-1")),
        case(
            "REGION over the profile",
            file()?.env(REGION, "cn-hangzhou"),
            Region("cn-hangzhou"),
        ),
        case(
            "REGION_ID over the profile",
            file()?.env(REGION_ID, "cn-hangzhou"),
            Region("cn-hangzhou"),
        ),
        case(
            "block over REGION",
            machine()?
                .env(REGION, "us-west-1")
                .set("region", "cn-hangzhou"),
            Region("cn-hangzhou"),
        ),
        case(
            "CLI_PROFILE_DISABLED over the profile's region",
            file()?
                .key_in_environment("LTAIenv")
                .env(CLI_DISABLED, "true"),
            Error("No region"),
        ),
    ])
}

fn endpoints() -> Cases {
    let machine = || Ok::<_, Failed>(Machine::with_key()?.env(SWAS_ENDPOINT, ""));
    let open = machine()?;
    let url = open.emulator.url();
    let block = machine()?;
    let block_url = block.emulator.url();
    Ok(vec![
        case("SWAS_ENDPOINT", Machine::with_key()?, Key("LTAIenv")),
        case(
            "ENDPOINT_SWAS_OPEN",
            open.env(SWAS_OPEN, url),
            Key("LTAIenv"),
        ),
        case(
            "SWAS_ENDPOINT over ENDPOINT_SWAS_OPEN",
            Machine::with_key()?.env(SWAS_OPEN, CLOSED_ENDPOINT),
            Key("LTAIenv"),
        ),
        case(
            "block over ENDPOINT_SWAS_OPEN",
            block
                .env(SWAS_OPEN, CLOSED_ENDPOINT)
                .set("endpoints", json!([{"swas": block_url}])),
            Key("LTAIenv"),
        ),
    ])
}

/// Each machine accepts calls to one STS host: its certificate is valid for that host
/// alone.
fn sts() -> Cases {
    let at = |host: &str| {
        let machine = Machine::with_key()?.https(host).env(STS_ENDPOINT, "");
        Ok::<_, Failed>(machine.env(ROLE_ARN, role("env")))
    };
    let key = Key("STS.role-env.");
    let endpoint = Machine::with_key()?.env(ROLE_ARN, role("env"));
    Ok(vec![
        case("STS_ENDPOINT", endpoint, key),
        case(
            "STS_ENDPOINT over STS_REGION and VPC_ENDPOINT_ENABLED",
            at("sts.test")?
                .env(STS_ENDPOINT, "sts.test")
                .env(STS_REGION, "us-west-1")
                .env(VPC, "true"),
            key,
        ),
        case(
            "no variable of STS",
            at("sts.cn-hangzhou.aliyuncs.com")?,
            key,
        ),
        case(
            "STS_REGION over REGION",
            at("sts.us-west-1.aliyuncs.com")?.env(STS_REGION, "us-west-1"),
            key,
        ),
        case(
            "VPC_ENDPOINT_ENABLED",
            at("sts-vpc.cn-hangzhou.aliyuncs.com")?.env(VPC, "true"),
            key,
        ),
        case(
            "VPC_ENDPOINT_ENABLED with STS_REGION",
            at("sts-vpc.us-west-1.aliyuncs.com")?
                .env(STS_REGION, "us-west-1")
                .env(VPC, "true"),
            key,
        ),
    ])
}

fn credentials() -> Cases {
    let with_uri = |machine: Machine| {
        let uri = machine.emulator.credentials_uri();
        machine.env(URI, uri)
    };
    let oidc = || {
        let machine = Machine::new()?.env(ROLE_ARN, role("env"));
        let machine = machine.env("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", OIDC_PROVIDER);
        Ok::<_, Failed>(machine.env("ALIBABA_CLOUD_OIDC_TOKEN", OIDC_TOKEN))
    };
    let files = with_cli_file()?;
    let file = files.path("elsewhere/config");
    let cli = files.path(".aliyun/config.json");
    let other = json!({"profiles": [profile("default", "LTAIfile")]}).to_string();
    let files = files
        .file("elsewhere/config", other)
        .env(CREDENTIALS_FILE, file)
        .env(CONFIG_FILE, &cli);
    let disabled = with_cli_file()?;
    let cli = disabled.path(".aliyun/config.json");
    let disabled = with_uri(disabled.env(CONFIG_FILE, cli).env(CLI_DISABLED, "true"));
    let shared = with_cli_file()?;
    let cli = shared.path(".aliyun/config.json");
    let external = |fields: &str| {
        let text = format!(r#"{{"profiles": [{{"name": "default", {fields}}}]}}"#);
        let machine = Machine::new()?.file(".aliyun/config.json", text);
        Ok::<_, Failed>(machine.env(EXTERNAL_DISABLED, "1"))
    };
    let token = Machine::new()?.key_in_environment("STS.static");
    Ok(vec![
        case(
            "SECURITY_TOKEN",
            token.env(SECURITY_TOKEN, TOKEN),
            Key("STS.static"),
        ),
        case("OIDC_TOKEN", oidc()?, Key("STS.oidc-env.")),
        case(
            "OIDC_TOKEN over OIDC_TOKEN_FILE",
            oidc()?.env(OIDC_TOKEN_FILE, "/nonexistent/token"),
            Key("STS.oidc-env."),
        ),
        case("CREDENTIALS_FILE over CONFIG_FILE", files, Key("LTAIfile")),
        case(
            "CLI_PROFILE_DISABLED",
            with_uri(with_cli_file()?.env(CLI_DISABLED, "true")),
            Key("STS.uri."),
        ),
        case(
            "CLI_PROFILE_DISABLED over CONFIG_FILE",
            disabled,
            Key("STS.uri."),
        ),
        case(
            "CREDENTIALS_FILE over CLI_PROFILE_DISABLED",
            shared.env(CREDENTIALS_FILE, cli).env(CLI_DISABLED, "true"),
            Key("LTAIcurrent"),
        ),
        case(
            "block over CLI_PROFILE_DISABLED",
            with_cli_file()?
                .env(CLI_DISABLED, "true")
                .set("profile", "default"),
            Key("LTAIcurrent"),
        ),
        case(
            "ECS_METADATA_DISABLED",
            Machine::new()?.ecs().env(ECS_DISABLED, "true"),
            Error("is disabled by ALIBABA_CLOUD_ECS_METADATA_DISABLED"),
        ),
        case(
            "ECS_METADATA_DISABLED over ECS_METADATA",
            Machine::new()?
                .ecs()
                .env("ALIBABA_CLOUD_ECS_METADATA", "testrole")
                .env(ECS_DISABLED, "true"),
            Error("is disabled by ALIBABA_CLOUD_ECS_METADATA_DISABLED"),
        ),
        case(
            "DISABLE_EXTERNAL_PROCESS over External",
            external(r#""mode": "External", "process_command": "false""#)?,
            Error("which ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS forbids"),
        ),
        case(
            "DISABLE_EXTERNAL_PROCESS over CredentialsURI",
            external(r#""mode": "CredentialsURI", "credentials_uri": "http://127.0.0.1:1/""#)?,
            Error("which ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS forbids"),
        ),
    ])
}

fn deprecated() -> Cases {
    let role_alone = Machine::with_key()?.env("ALICLOUD_ASSUME_ROLE_ARN", role("env"));
    Ok(vec![
        case(
            "deprecated variables of a key",
            Machine::new()?
                .env("ALICLOUD_ACCESS_KEY", "LTAIblock")
                .env("ALICLOUD_SECRET_KEY", secret("LTAIblock")),
            Key("LTAIblock"),
        ),
        case(
            "ACCESS_KEY_ID over its deprecated names",
            Machine::with_key()?.env("ALICLOUD_ACCESS_KEY", "LTAIblock"),
            Key("LTAIenv"),
        ),
        case(
            "deprecated variable of half a key",
            Machine::new()?
                .env("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAIenv")
                .env("ALICLOUD_SECRET_KEY", secret("LTAIenv")),
            Error("must come from variables with the same prefix"),
        ),
        case(
            "deprecated variable of a role",
            role_alone.set("assume_role", json!([{}])),
            Key("STS.role-env."),
        ),
    ])
}

/// The external ID and the switches of other sources.
fn switches() -> Cases {
    let assuming = || {
        let machine = Machine::with_key()?.env(EXTERNAL_ID, "partner/env");
        Ok::<_, Failed>(machine.env(ROLE_ARN, role("env")))
    };
    let block = json!([{"external_id": "partner/block"}]);
    let imdsv1 = || {
        let machine = Machine::new()?.ecs();
        machine.emulator.allow_imdsv1();
        machine.emulator.reply_next(Reply::raw(404, ""));
        Ok::<_, Failed>(machine)
    };
    Ok(vec![
        case("EXTERNAL_ID", assuming()?, External("partner/env")),
        case(
            "EXTERNAL_ID with an empty block",
            assuming()?.set("assume_role", json!([{}])),
            External("partner/env"),
        ),
        case(
            "block over EXTERNAL_ID",
            assuming()?.set("assume_role", block),
            External("partner/block"),
        ),
        case("no IMDSV1_DISABLED", imdsv1()?, Key("STS.ecs-testrole.")),
        case(
            "IMDSV1_DISABLED",
            imdsv1()?.env(IMDSV1_DISABLED, "true"),
            Error("ALIBABA_CLOUD_IMDSV1_DISABLED disables requests without a token"),
        ),
        case(
            "IGNORE_PROFILE",
            with_cli_file()?.env("ALIBABA_CLOUD_IGNORE_PROFILE", "on"),
            Error("is disabled by ALIBABA_CLOUD_IGNORE_PROFILE"),
        ),
        case(
            "boolean variable that is no boolean",
            Machine::with_key()?.env(VPC, "maybe"),
            Error("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED is \"maybe\""),
        ),
    ])
}

fn other_variables() -> Cases {
    let assuming = || Ok::<_, Failed>(Machine::with_key()?.env(ROLE_ARN, role("env")));
    let named = json!([{"session_name": "block"}]);
    let mut cases = vec![
        case("no ROLE_SESSION_NAME", assuming()?, Session("terraform")),
        case(
            "ROLE_SESSION_NAME",
            assuming()?.env(SESSION_NAME, "ci"),
            Session("ci"),
        ),
        case(
            "block over ROLE_SESSION_NAME",
            assuming()?
                .env(SESSION_NAME, "ci")
                .set("assume_role", named),
            Session("block"),
        ),
        case(
            "block over ROLE_ARN",
            assuming()?.assume("reader"),
            Key("STS.role-reader."),
        ),
        case(
            "TF_APPEND_USER_AGENT",
            Machine::with_key()?.env(APPEND, "ci/1"),
            Agent(" ci/1"),
        ),
        case(
            "block over TF_APPEND_USER_AGENT",
            Machine::with_key()?
                .env(APPEND, "ci/1")
                .set("configuration_source", "module/2"),
            Agent(" module/2"),
        ),
    ];
    // A key in the block takes precedence over all sources in the environment.
    let [block, ..] = SOURCES;
    let all = SOURCES
        .iter()
        .filter(|source| !source.name.starts_with("block "));
    let machine = all.fold(Machine::new()?, |machine, source| (source.set)(machine));
    cases.push(case(
        "block over all",
        (block.set)(machine).env(ROLE_ARN, ""),
        Key(block.key),
    ));
    Ok(cases)
}
