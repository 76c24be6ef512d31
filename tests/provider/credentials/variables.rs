//! Environment variables that modify other sources of credentials and endpoints.

use serde_json::{Value, json};
use swas_testing::emulator::Reply;
use swas_testing::machine::sources::ram_role_arn;
use swas_testing::network::ConnectProxy;
use swas_testing::running_provider::Result;

use crate::golden::Golden;
use crate::machine::{CLOSED_ENDPOINT, Machine, OIDC_PROVIDER, OIDC_TOKEN, Run, profile, role};
use crate::support::{error_text, with};

const DISABLED: &str = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED";
const IGNORED: &str = "ALIBABA_CLOUD_IGNORE_PROFILE";
const IMDSV1_DISABLED: &str = "ALIBABA_CLOUD_IMDSV1_DISABLED";
const STS_ENDPOINT: &str = "ALIBABA_CLOUD_STS_ENDPOINT";
const STS_REGION: &str = "ALIBABA_CLOUD_STS_REGION";
const SWAS_ENDPOINT: &str = "ALIBABA_CLOUD_SWAS_ENDPOINT";
const SWAS_OPEN: &str = "ALIBABA_CLOUD_ENDPOINT_SWAS_OPEN";
const VPC: &str = "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED";

#[tokio::test]
async fn oidc_token_takes_precedence_over_token_file() -> Result<()> {
    // The precedence is the same with an `assume_role_with_oidc` block.
    for block in [json!([]), json!([{"session_expiration": 900}])] {
        let machine = Machine::new()?
            .env("ALIBABA_CLOUD_ROLE_ARN", role("env"))
            .env("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", OIDC_PROVIDER)
            .env("ALIBABA_CLOUD_OIDC_TOKEN", OIDC_TOKEN)
            .env("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "/nonexistent/token")
            .set("assume_role_with_oidc", block);
        assert!(machine.listing_key().await?.starts_with("STS.oidc-env."));
    }
    Ok(())
}

/// A disabled profile supplies neither credentials nor a region.
#[tokio::test]
async fn disabled_cli_profile_is_used_only_when_block_names_it() -> Result<()> {
    let machine = || {
        let machine = Machine::new()?
            .cli_file("default", &json!([profile("default", "LTAIcurrent")]))
            .env(DISABLED, "true");
        let uri = machine.emulator.credentials_uri();
        Ok::<_, Box<dyn std::error::Error>>(machine.env("ALIBABA_CLOUD_CREDENTIALS_URI", uri))
    };
    let ignored = machine()?.env(DISABLED, "").env(IGNORED, "TRUE");
    assert!(ignored.listing_key().await?.starts_with("STS.uri."));
    let disabled = machine()?;
    assert!(disabled.listing_key().await?.starts_with("STS.uri."));
    let without_region = disabled.env("ALIBABA_CLOUD_REGION", "");
    let text = without_region.error_text().await?;
    assert!(text.contains("No region"), "{text}");

    let cli_file = machine()?;
    let file = cli_file.path(".aliyun/config.json");
    let cli_file = cli_file.env("ALIBABA_CLOUD_CONFIG_FILE", &file);
    assert!(cli_file.listing_key().await?.starts_with("STS.uri."));

    assert_eq!(
        machine()?.set("profile", "default").listing_key().await?,
        "LTAIcurrent"
    );
    assert_eq!(
        machine()?.env(DISABLED, "no").listing_key().await?,
        "LTAIcurrent"
    );
    // `ALIBABA_CLOUD_CREDENTIALS_FILE` is not covered by the variable, even with the
    // CLI's file.
    let shared_file = machine()?.env("ALIBABA_CLOUD_CREDENTIALS_FILE", file);
    assert_eq!(shared_file.listing_key().await?, "LTAIcurrent");
    Ok(())
}

#[tokio::test]
async fn external_process_and_uri_are_not_used_when_disabled() -> Result<()> {
    let mut golden = Golden::default();
    for (fields, word) in [
        (
            json!({"mode": "External", "process_command": "touch ~/ran"}),
            "1",
        ),
        (
            json!({"mode": "CredentialsURI", "credentials_uri": "http://127.0.0.1:1/"}),
            "TRUE",
        ),
    ] {
        let profiles = json!([with(&fields, "name", "default")]);
        let machine = Machine::new()?
            .cli_file("default", &profiles)
            .env("ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS", word);
        golden.add(&fields["mode"], &machine.error_text().await?);
    }
    golden.assert("external_sources_forbidden");
    Ok(())
}

/// The metadata service issues no token, as with IMDSv1.
#[tokio::test]
async fn metadata_request_without_token_is_not_sent_when_imdsv1_is_disabled() -> Result<()> {
    for (word, expected) in [
        ("", "GET"),
        ("no", "GET"),
        ("0", "GET"),
        ("true", ""),
        ("1", ""),
        (" Yes ", ""),
        ("ON", ""),
    ] {
        let machine = Machine::new()?.ecs().env(IMDSV1_DISABLED, word);
        machine.emulator.reply_always(Reply::raw(404, ""));
        let text = machine.error_text().await?;
        assert!(text.contains("No credentials"), "{text}");
        let requests = machine.emulator.requests();
        let plain = requests.iter().find(|request| request.method != "PUT");
        let method = plain.map_or("", |request| &request.method);
        assert_eq!(method, expected, "{word:?}");
    }
    Ok(())
}

#[tokio::test]
async fn endpoint_variable_precedence_swas_over_swas_open() -> Result<()> {
    let machine = Machine::with_key()?.env(SWAS_OPEN, CLOSED_ENDPOINT);
    assert_eq!(machine.listing_key().await?, "LTAIenv");
    let machine = Machine::with_key()?;
    let url = machine.emulator.url();
    let machine = machine.env(SWAS_ENDPOINT, "").env(SWAS_OPEN, url);
    assert_eq!(machine.listing_key().await?, "LTAIenv");
    Ok(())
}

#[tokio::test]
async fn endpoint_error_names_the_variable_that_is_set() -> Result<()> {
    let of_another_region = "https://swas.us-west-1.aliyuncs.com";
    for (set, address, other) in [
        (SWAS_OPEN, CLOSED_ENDPOINT, SWAS_ENDPOINT),
        (SWAS_ENDPOINT, CLOSED_ENDPOINT, SWAS_OPEN),
        (SWAS_OPEN, of_another_region, SWAS_ENDPOINT),
        (SWAS_OPEN, "ftp://a.example", SWAS_ENDPOINT),
    ] {
        let machine = Machine::with_key()?
            .env(SWAS_ENDPOINT, "")
            .env(set, address);
        let text = machine.all_diagnostics().await?;
        assert!(text.contains(set) && !text.contains(other), "{text}");
    }
    for address in [CLOSED_ENDPOINT, ""] {
        let machine = Machine::with_key()?.env(SWAS_OPEN, address);
        machine
            .emulator
            .reply_always(Reply::html(200, "<html></html>"));
        let text = machine.error_text().await?;
        assert!(
            text.contains(SWAS_ENDPOINT) && !text.contains(SWAS_OPEN),
            "{text}"
        );
    }
    Ok(())
}

/// Returns the address of the STS that is called to assume the role of a profile with
/// these fields.
async fn called_sts(
    variables: &[(&str, &str)],
    fields: &Value,
    endpoints: Option<Value>,
) -> Result<String> {
    // The proxy records the target and forwards to a closed port.
    let proxy = ConnectProxy::start(([127, 0, 0, 1], 9).into())?;
    let mut profile = with(&ram_role_arn(), "name", "default");
    for (name, value) in fields.as_object().into_iter().flatten() {
        profile[name] = value.clone();
    }
    let machine = Machine::new()?
        .env("HTTPS_PROXY", format!("http://{}", proxy.address))
        .env(STS_ENDPOINT, "")
        .set("endpoints", endpoints.unwrap_or_else(|| json!([])))
        .cli_file("default", &json!([profile]));
    let set = |machine: Machine, (name, value): &(&str, &str)| machine.env(name, value);
    let machine = variables.iter().fold(machine, set);
    let provider = machine.start().await?;
    error_text(&provider, &json!({"region_id": "us-east-1"})).await?;
    Ok(proxy.targets().join(" "))
}

#[tokio::test]
async fn sts_endpoint_precedence_environment_over_profile() -> Result<()> {
    let region = (STS_REGION, "us-west-1");
    let nothing = json!({});
    let singapore = json!({"sts_region": "ap-southeast-1"});
    let named = json!({"sts_endpoint": "sts.example", "sts_region": "ap-southeast-1"});
    for (variables, fields, expected) in [
        (&[][..], &nothing, "sts.cn-hangzhou.aliyuncs.com:443"),
        (&[region], &nothing, "sts.us-west-1.aliyuncs.com:443"),
        (&[region], &singapore, "sts.ap-southeast-1.aliyuncs.com:443"),
        (
            &[(VPC, "true")],
            &nothing,
            "sts-vpc.cn-hangzhou.aliyuncs.com:443",
        ),
        (
            &[(VPC, "true"), region],
            &nothing,
            "sts-vpc.us-west-1.aliyuncs.com:443",
        ),
        (
            &[],
            &json!({"enable_vpc": true}),
            "sts-vpc.cn-hangzhou.aliyuncs.com:443",
        ),
        (
            &[(VPC, "true"), ("ALIBABA_CLOUD_REGION", "")],
            &nothing,
            "sts.aliyuncs.com:443",
        ),
        (&[(VPC, "true")], &named, "sts.example:443"),
        (&[(STS_ENDPOINT, "sts.test")], &named, "sts.test:443"),
    ] {
        let called = called_sts(variables, fields, None).await?;
        assert_eq!(called, expected, "{variables:?} {fields}");
    }
    Ok(())
}

/// The block, the variable and the profile take the same templates.
#[tokio::test]
async fn sts_endpoint_template_takes_the_region_of_sts() -> Result<()> {
    let template = "sts-vpc.{region}.example";
    let variable = (STS_ENDPOINT, template);
    let region = (STS_REGION, "us-west-1");
    let field = json!({"sts_endpoint": template});
    let with_region = with(&field, "sts_region", "ap-southeast-1");
    let other = json!({"sts_endpoint": "sts.other.{region}.example"});
    let nothing = json!({});
    for (variables, fields, block, expected) in [
        (&[][..], &nothing, true, "cn-hangzhou"),
        (&[region], &nothing, true, "us-west-1"),
        // The block takes precedence over the variable and the profile.
        (&[(STS_ENDPOINT, "sts.test")], &other, true, "cn-hangzhou"),
        (&[variable], &nothing, false, "cn-hangzhou"),
        (&[variable, region], &other, false, "us-west-1"),
        (&[], &field, false, "cn-hangzhou"),
        (&[region], &field, false, "us-west-1"),
        (&[region], &with_region, false, "ap-southeast-1"),
    ] {
        let block = block.then(|| json!([{"sts": template}]));
        let called = called_sts(variables, fields, block).await?;
        let expected = format!("sts-vpc.{expected}.example:443");
        assert_eq!(called, expected, "{variables:?} {fields}");
    }
    Ok(())
}

#[tokio::test]
async fn invalid_sts_region_error_names_its_variable() -> Result<()> {
    let text = Machine::with_key()?
        .env(STS_REGION, "evil.example/#")
        .config_error_text()
        .await?;
    assert!(text.contains(STS_REGION), "{text}");
    Ok(())
}
