//! Files of profiles as users have them, behind real Terraform: encodings, INI types,
//! profiles without a mode, and errors.

use serde_json::{Value, json};
use swas_testing::machine::files::{CLI, FILES, INI, INI_TYPES, keys, without_mode};
use swas_testing::machine::sources::signed_in;
use swas_testing::machine::{Machine, profile};
use swas_testing::terraform::{Client, TerraformTest};

use crate::scenario::{Outcome, since_1_0};
use crate::shared_workspace::SharedWorkspace;

const REGION: &str = "ALIBABA_CLOUD_REGION";

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([
        TerraformTest::of(file_with_inline_comments_byte_order_mark_or_crlf_gives_credentials),
        TerraformTest::of(every_ini_section_type_gives_credentials),
        TerraformTest::of(profile_without_mode_is_used_by_its_fields),
        TerraformTest::of(region_of_ini_section_is_the_default_region),
        TerraformTest::of(unusable_profile_error_names_its_cause),
        TerraformTest::of(access_key_of_block_with_invalid_characters_is_an_error_of_validate),
    ])
}

fn file_with_inline_comments_byte_order_mark_or_crlf_gives_credentials(client: &Client) -> Outcome {
    let mut shared = SharedWorkspace::new(client)?;
    for file in FILES {
        let key = shared.listing_key(&(file.set)(Machine::new()?))?;
        assert_eq!(key, file.key, "{}", file.name);
    }
    Ok(())
}

fn every_ini_section_type_gives_credentials(client: &Client) -> Outcome {
    let mut shared = SharedWorkspace::new(client)?;
    for kind in INI_TYPES {
        let key = shared.listing_key(&(kind.set)(Machine::new()?))?;
        assert!(key.starts_with(kind.key), "{}: {key}", kind.name);
    }
    Ok(())
}

fn profile_without_mode_is_used_by_its_fields(client: &Client) -> Outcome {
    let mut shared = SharedWorkspace::new(client)?;
    for mode in ["AK", "StsToken", "OIDC", "CloudSSO", "External"] {
        let (machine, expected) = without_mode(Machine::new()?, mode);
        let key = shared.listing_key(&machine)?;
        assert!(key.starts_with(expected), "{mode}: {key}");
    }
    Ok(())
}

fn region_of_ini_section_is_the_default_region(client: &Client) -> Outcome {
    let text = format!("[default]\n{}region_id = us-west-1\n", keys("LTAIini"));
    let machine = Machine::new()?.file(INI, text).env(REGION, "");
    let mut shared = SharedWorkspace::new(client)?;
    assert_eq!(shared.listing_key(&machine)?, "LTAIini");
    let calls = machine.calls("ListImages");
    assert_eq!(calls[0].parameter("RegionId"), Some("us-west-1"));
    Ok(())
}

fn unusable_profile_error_names_its_cause(client: &Client) -> Outcome {
    let with_cli = |mut fields: Value| {
        fields["name"] = "my profile".into();
        Ok::<_, std::io::Error>(Machine::new()?.cli_file("my profile", &json!([fields])))
    };
    let with_ini = |text: &str| Ok::<_, std::io::Error>(Machine::new()?.file(INI, text));
    let mut signed_out = signed_in("OAuth", -1, 3600);
    signed_out["oauth_access_token"] = "".into();
    let mut copied = profile("default", "LTAIcli");
    copied["access_key_secret"] = "swordfish\n".into();
    let utf16: Vec<_> = "\u{feff}{}".encode_utf16().collect();
    let utf16: Vec<_> = utf16.into_iter().flat_map(u16::to_le_bytes).collect();
    let key = "access_key_id = a\n";
    let mut shared = SharedWorkspace::new(client)?;
    for (machine, expected) in [
        (
            Machine::with_key()?.env(REGION, "").set("profile", "prod"),
            "Cannot read the profile",
        ),
        (Machine::with_key()?.env(REGION, ""), "No region"),
        (
            with_cli(signed_out)?,
            "\"aliyun configure --mode OAuth --profile 'my profile'\"",
        ),
        (with_cli(copied)?, "contains a line break"),
        (Machine::new()?.file(CLI, utf16), "in UTF-16"),
        (with_ini("[default]\nswordfish\n")?, "(line 2)"),
        (
            with_ini(&format!("[default]\n{key}{key}"))?,
            "has the key \"access_key_id\" twice (line 3, section \"default\")",
        ),
        (
            with_ini("[default]\ntype = bearer\nbearer_token = a\n")?,
            "The types access_key, sts, ram_role_arn, ecs_ram_role, oidc_role_arn",
        ),
        (
            with_ini(&format!("[default]\nenable = false\n{key}"))?,
            "is disabled by \"enable\"",
        ),
    ] {
        let plan = shared.plan(&machine)?;
        assert_eq!(plan.code(), Some(1), "{plan}");
        assert!(plan.flat_text().contains(expected), "{expected}: {plan}");
        assert_eq!(machine.emulator.counts("ListImages").succeeded, 0);
    }
    Ok(())
}

fn access_key_of_block_with_invalid_characters_is_an_error_of_validate(client: &Client) -> Outcome {
    let mut shared = SharedWorkspace::new(client)?;
    for (key, problem) in [
        ("copied\n", "contains a line break"),
        ("cop ied", "contains white space"),
        ("\"copied\"", "contains a quotation mark"),
    ] {
        // Terraform prints the line, so this key must not be one of the emulator's secrets.
        let block = json!({"access_key": "LTAIblock", "secret_key": key});
        let text = json!({"provider": {"swas": block}, "data": {"swas_images": {"it": {}}}});
        let text = text.to_string();
        let machine = Machine::new()?;
        let output = shared.run_configuration("validate", "main.tf.json", &text, &machine)?;
        assert_eq!(output.code(), Some(1), "{output}");
        let expected = format!("\"secret_key\" {problem}.");
        assert!(output.flat_text().contains(&expected), "{output}");
        assert_eq!(machine.emulator.connections(), 0);
    }
    Ok(())
}
