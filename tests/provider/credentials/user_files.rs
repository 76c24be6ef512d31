//! Files of profiles as users have them: encodings, line breaks, inline comments, types
//! of INI sections, profiles without a mode.

use serde_json::{Value, json};
use swas_testing::machine::files::{CLI, FILES, INI, INI_TYPES, keys, without_mode};
use swas_testing::running_provider::Result;

use crate::golden::Golden;
use crate::machine::{Machine, OIDC_PROVIDER, OIDC_TOKEN, Run, SECRET, TOKEN, profile, role};
use crate::support::with;

#[tokio::test]
async fn file_with_inline_comments_byte_order_mark_or_crlf_gives_credentials() -> Result<()> {
    for file in FILES {
        let machine = (file.set)(Machine::new()?);
        assert_eq!(machine.listing_key().await?, file.key, "{}", file.name);
    }
    // The block can name a file of any format.
    for (format, name) in [(INI, "INI"), (CLI, "JSON")] {
        for file in FILES.iter().filter(|file| file.name.starts_with(name)) {
            let machine = (file.set)(Machine::with_key()?);
            let path = format!("~/{format}");
            let machine = machine.set("shared_credentials_file", path);
            assert_eq!(machine.listing_key().await?, file.key, "{}", file.name);
        }
    }
    Ok(())
}

#[tokio::test]
async fn every_ini_section_type_gives_credentials() -> Result<()> {
    for kind in INI_TYPES {
        let key = (kind.set)(Machine::new()?).listing_key().await;
        let key = key.map_err(|error| format!("{}: {error}", kind.name))?;
        assert!(key.starts_with(kind.key), "{}: {key}", kind.name);
    }
    Ok(())
}

#[tokio::test]
async fn utf16_file_error_names_the_encoding() -> Result<()> {
    let text = json!({"profiles": [profile("default", "LTAIcurrent")]}).to_string();
    let units = |text: &str| text.encode_utf16().collect::<Vec<_>>();
    let little: fn(u16) -> [u8; 2] = u16::to_le_bytes;
    for (mark, to_bytes) in [
        ("\u{feff}", little),
        ("\u{feff}", u16::to_be_bytes),
        ("", little),
    ] {
        let content = units(&format!("{mark}{text}"));
        let content: Vec<_> = content.into_iter().flat_map(to_bytes).collect();
        let machine = Machine::new()?.file(CLI, content);
        let text = machine.error_text().await?;
        let expected = format!("HOME/{CLI} is in UTF-16, but must be in UTF-8");
        assert!(text.contains(&expected), "{text}");
        assert_eq!(machine.emulator.connections(), 0);
    }
    Ok(())
}

#[tokio::test]
async fn profile_without_mode_is_used_by_its_fields() -> Result<()> {
    for mode in ["AK", "StsToken", "OIDC", "CloudSSO", "External"] {
        let (machine, expected) = without_mode(Machine::new()?, mode);
        let key = machine.listing_key().await;
        let key = key.map_err(|error| format!("{mode}: {error}"))?;
        assert!(key.starts_with(expected), "{mode}: {key}");
    }
    let fields = json!({"name": "default", "ram_role_name": "testrole"});
    let machine = Machine::new()?.ecs().cli_file("", &json!([fields]));
    assert!(
        machine
            .listing_key()
            .await?
            .starts_with("STS.ecs-testrole.")
    );
    Ok(())
}

/// The token of a CI job, in the profile itself.
#[tokio::test]
async fn oidc_token_of_profile_takes_precedence_over_token_file() -> Result<()> {
    let token = json!({
        "name": "default", "mode": "OIDC", "ram_role_arn": role("reader"),
        "oidc_provider_arn": OIDC_PROVIDER, "oidc_token": OIDC_TOKEN,
    });
    let both = with(&token, "oidc_token_file", "/nonexistent/token");
    let file_alone = with(&both, "oidc_token", "");
    let without_mode = |fields: &Value| with(fields, "mode", Value::Null);
    for fields in [&token, &both, &without_mode(&token), &without_mode(&both)] {
        let machine = Machine::new()?.cli_file("default", &json!([fields]));
        let key = machine.listing_key().await?;
        assert!(key.starts_with("STS.oidc-reader."), "{fields}: {key}");
    }
    let machine = Machine::new()?.cli_file("default", &json!([file_alone]));
    let text = machine.error_text().await?;
    assert!(text.contains("/nonexistent/token does not exist"), "{text}");
    Ok(())
}

/// The region of a section is that of the provider, as with a profile of the CLI.
#[tokio::test]
async fn region_of_ini_section_is_the_default_region() -> Result<()> {
    let section = |name: &str, region: &str| {
        let keys = keys("LTAIini");
        format!("[{name}]\ntype = access_key\n{keys}region_id = {region}  # region\n")
    };
    let text = section("default", "us-west-1") + &section("work", "ap-southeast-1");
    let machine = || Ok::<_, std::io::Error>(Machine::new()?.env("ALIBABA_CLOUD_REGION", ""));
    let with_file = || Ok::<_, std::io::Error>(machine()?.file(INI, &text));
    let path = format!("~/{INI}");
    let other = ".alibabacloud/credentials";
    let cli = json!([with(
        &profile("default", "LTAIcli"),
        "region_id",
        "cn-nanjing"
    )]);
    // The CLI writes such a profile on its first run.
    let empty = json!([{"name": "default", "mode": "AK"}]);
    let disabled = "[default]\nenable = false\nregion_id = cn-nanjing\n";
    for (machine, key, region) in [
        (with_file()?, "LTAIini", "us-west-1"),
        (
            with_file()?.set("shared_credentials_file", &*path),
            "LTAIini",
            "us-west-1",
        ),
        (
            with_file()?
                .set("shared_credentials_file", &*path)
                .set("profile", "work"),
            "LTAIini",
            "ap-southeast-1",
        ),
        (
            with_file()?.env("ALIBABA_CLOUD_PROFILE", "work"),
            "LTAIini",
            "ap-southeast-1",
        ),
        (
            with_file()?.cli_file("default", &empty),
            "LTAIini",
            "us-west-1",
        ),
        (
            with_file()?.cli_file("default", &cli),
            "LTAIcli",
            "cn-nanjing",
        ),
        (
            machine()?.file(INI, disabled).file(other, &text),
            "LTAIini",
            "us-west-1",
        ),
        (
            with_file()?.key_in_environment("LTAIenv"),
            "LTAIenv",
            "us-west-1",
        ),
        (
            with_file()?.env("ALIBABA_CLOUD_REGION_ID", "cn-hangzhou"),
            "LTAIini",
            "cn-hangzhou",
        ),
    ] {
        assert_eq!(machine.listing_key().await?, key, "{region}");
        let calls = machine.calls("ListImages");
        assert_eq!(calls[0].parameter("RegionId"), Some(region), "{key}");
    }
    // A configured profile of the CLI has the credentials, and no region.
    let cli = json!([with(&profile("default", "LTAIcli"), "region_id", "")]);
    let text = with_file()?.cli_file("default", &cli).error_text().await?;
    assert!(text.contains("No region"), "{text}");
    Ok(())
}

#[tokio::test]
async fn ini_file_error_names_the_line_or_the_section_and_its_key() -> Result<()> {
    let key = "access_key_id = LTAIini\n";
    let mut golden = Golden::default();
    for (case, text) in [
        ("no key", format!("[default]\n\n# comment\n{SECRET}\n")),
        ("bracket", format!("[default\n{key}")),
        (
            "quote not closed",
            format!("[default]\naccess_key_secret = \"{SECRET}\n"),
        ),
        ("no section", format!("# comment\n\n{key}[default]\n")),
        (
            "duplicate key",
            format!("[default]\n{key}access_key_secret = {SECRET}\n{key}"),
        ),
        ("upper case", format!("[default]\n{key}ENABLE = false\n")),
        ("duplicate section", format!("[default]\n{key}[default]\n")),
        ("no secret", format!("[default]\ntype = access_key\n{key}")),
        (
            "no token",
            format!("[default]\ntype = sts\n{key}access_key_secret = a\nsts_token =\n"),
        ),
        ("disabled", format!("[default]\nenable = no\n{key}")),
        ("enable", format!("[default]\nenable = maybe\n{key}")),
        ("mode as type", "[default]\ntype = AK\n".to_owned()),
        (
            "type of another SDK",
            "[default]\ntype = rsa_key_pair\n".to_owned(),
        ),
        ("another section", format!("[work]\n{key}")),
    ] {
        let machine = Machine::new()?.file("credentials.ini", text);
        let machine = machine.set("shared_credentials_file", "~/credentials.ini");
        let text = machine.error_text().await?;
        // INI files do not accept the CLI's mode names.
        for mode in ["StsToken", "RamRoleArn", "CloudSSO", TOKEN] {
            assert!(!text.contains(mode), "{text}");
        }
        assert_eq!(machine.emulator.connections(), 0, "{case}");
        golden.add(case, &text);
    }
    golden.assert("ini_file_errors");
    Ok(())
}

#[tokio::test]
async fn external_id_of_an_ini_section_is_sent() -> Result<()> {
    let section = format!(
        "[default]\ntype = ram_role_arn\n{}role_arn = {}\nexternal_id = partner\n",
        keys("LTAIini"),
        role("ini")
    );
    let machine = Machine::new()?.file(INI, section);
    machine.listing_key().await?;
    let calls = machine.calls("AssumeRole");
    assert_eq!(calls[0].parameter("ExternalId"), Some("partner"));
    Ok(())
}

#[tokio::test]
async fn disabled_source_of_an_ini_section_is_named_by_its_type() -> Result<()> {
    let uri = "http://127.0.0.1:1/";
    let section = format!("[default]\ntype = credentials_uri\ncredentials_uri = {uri}\n");
    let machine = Machine::new()?
        .file(INI, section)
        .env("ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS", "true");
    let text = machine.error_text().await?;
    let expected = "has the type \"credentials_uri\", which ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS";
    assert!(text.contains(expected), "{text}");
    Ok(())
}
