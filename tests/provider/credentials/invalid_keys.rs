//! Access keys with white space, line breaks, quotation marks or control characters: an
//! error that names their source, before any request.

use serde_json::{Value, json};
use swas_testing::diagnostics::shown;
use swas_testing::machine::files::INI;
use swas_testing::machine::sources::{ram_role_arn, signed_in};
use swas_testing::running_provider::Result;

use crate::golden::Golden;
use crate::machine::{ENV_PREFIX, Machine, Run, SECRET};
use crate::support::{PROTOCOLS, start_provider, with};

const WHITE_SPACE: &str = "contains white space";
const LINE_BREAK: &str = "contains a line break";
const QUOTE: &str = "contains a quotation mark";
const CONTROL: &str = "contains a control character";

/// Copied keys that cannot sign calls, and the problem. The ID can be a secret in the wrong
/// field, so that no key is shown.
const INVALID: [(&str, &str); 10] = [
    (" swordfish", WHITE_SPACE),
    ("swordfish ", WHITE_SPACE),
    ("sword\tfish", WHITE_SPACE),
    ("swordfish\u{a0}", WHITE_SPACE),
    ("swordfish\n", LINE_BREAK),
    ("\r\nswordfish", LINE_BREAK),
    ("\"swordfish\"", QUOTE),
    ("'swordfish", QUOTE),
    ("swordfish”", QUOTE),
    ("swordfish\u{7}", CONTROL),
];

/// One key for each problem.
fn one_of_each() -> impl Iterator<Item = (&'static str, &'static str)> {
    [2, 4, 6, 9].into_iter().map(|index| INVALID[index])
}

/// Asserts that an error has these texts and shows no part of the key, and that no
/// connection was made.
fn assert_invalid(machine: &Machine, text: &str, expected: &[&str]) {
    for expected in expected {
        assert!(text.contains(expected), "no {expected:?} in {text}");
    }
    for part in [SECRET, "sword", "fish"] {
        assert!(!text.contains(part), "{part} in {text}");
    }
    assert_eq!(machine.emulator.connections(), 0, "{text}");
}

#[tokio::test]
async fn access_key_of_block_with_invalid_characters_is_an_error_of_validate() -> Result<()> {
    for protocol in PROTOCOLS {
        let provider = start_provider(protocol).await?;
        for argument in ["access_key", "secret_key", "security_token"] {
            for (key, problem) in INVALID {
                let block = json!({"access_key": "a", "secret_key": "a", "security_token": "a"});
                let block = with(&block, argument, key);
                let text = shown(&provider.validate_provider(&block).await?);
                let expected = format!("error at {argument}: Invalid value for \"{argument}\"\n");
                assert!(text.starts_with(&expected), "{text}");
                assert!(text.contains(problem) && !text.contains("fish"), "{text}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn access_key_of_variables_with_invalid_characters_is_an_error() -> Result<()> {
    for (prefix, names) in [
        (
            ENV_PREFIX,
            ["ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN"],
        ),
        ("ALICLOUD_", ["ACCESS_KEY", "SECRET_KEY", "SECURITY_TOKEN"]),
    ] {
        let names = names.map(|name| format!("{prefix}{name}"));
        let count = if prefix == ENV_PREFIX {
            INVALID.len()
        } else {
            1
        };
        for name in &names {
            for (key, problem) in &INVALID[..count] {
                let set = |machine: Machine, name: &String| machine.env(name, "a");
                let machine = names.iter().fold(Machine::new()?, set).env(name, key);
                let text = machine.all_diagnostics().await?;
                let sentence = format!("{name} {problem}");
                let advice = format!("Correct or unset {name}.");
                assert_invalid(&machine, &text, &[&sentence, &advice]);
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn access_key_of_cli_profile_with_invalid_characters_is_an_error() -> Result<()> {
    let keys = json!({"access_key_id": "a", "access_key_secret": "a", "sts_token": "a"});
    for mut profile in [
        json!({"mode": "AK"}),
        json!({"mode": "StsToken"}),
        ram_role_arn(),
        // The keys of these have not expired.
        signed_in("OAuth", 3600, 3600),
        signed_in("CloudSSO", 3600, 3600),
    ] {
        profile["name"] = "work".into();
        for (name, value) in keys.as_object().into_iter().flatten() {
            profile[name] = value.clone();
        }
        let fields = keys.as_object().into_iter().flatten().map(|(name, _)| name);
        for field in fields.filter(|field| profile["mode"] != "AK" || *field != "sts_token") {
            for (key, problem) in one_of_each() {
                assert_profile_invalid(&profile, field, key, problem).await?;
            }
        }
    }
    Ok(())
}

/// The token is a header of a request.
#[tokio::test]
async fn access_token_of_sign_in_with_invalid_characters_is_an_error() -> Result<()> {
    for (mode, field) in [
        ("OAuth", "oauth_access_token"),
        ("CloudSSO", "access_token"),
    ] {
        let profile = with(&signed_in(mode, -1, 3600), "name", "work");
        for (key, problem) in one_of_each() {
            assert_profile_invalid(&profile, field, key, problem).await?;
        }
    }
    Ok(())
}

async fn assert_profile_invalid(
    profile: &Value,
    field: &str,
    key: &str,
    problem: &str,
) -> Result<()> {
    let profiles = json!([with(profile, field, key)]);
    let machine = Machine::new()?.cli_file("work", &profiles);
    let text = machine.error_text().await?;
    let sentence = format!("\"{field}\" of the profile \"work\" of HOME/.aliyun/config.json");
    assert_invalid(&machine, &text, &[&format!("{sentence} {problem}")]);
    Ok(())
}

/// White space around a value and quotes around it are not part of it.
#[tokio::test]
async fn access_key_of_ini_section_with_invalid_characters_is_an_error() -> Result<()> {
    let keys = [
        ("access_key_id", "a"),
        ("access_key_secret", "a"),
        ("security_token", "a"),
    ];
    for (kind, keys) in [("sts", &keys[..]), ("access_key", &keys[..2])] {
        for (invalid, _) in keys {
            for (key, problem) in [
                ("sword fish", WHITE_SPACE),
                ("\"sword fish\" # comment", WHITE_SPACE),
                ("sword\tfish", WHITE_SPACE),
                ("sword\"fish", QUOTE),
                ("swordfish'", QUOTE),
                ("swordfish\u{7}", CONTROL),
            ] {
                let lines = keys.iter().map(|(name, value)| {
                    let value = if name == invalid { key } else { value };
                    format!("{name} = {value}\n")
                });
                let lines: String = lines.collect();
                let text = format!("[default]\ntype = {kind}\n{lines}");
                let machine = Machine::new()?.file(INI, text);
                let text = machine.error_text().await?;
                let place = format!("\"{invalid}\" of the profile \"default\" of HOME/{INI}");
                assert_invalid(&machine, &text, &[&format!("{place} {problem}")]);
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn invalid_access_key_error_names_its_source() -> Result<()> {
    let keys = json!({
        "name": "my profile", "mode": "AK", "access_key_id": "LTAIcurrent",
        "access_key_secret": "swordfish\n",
    });
    let ini = "[default]\naccess_key_id = LTAIini\naccess_key_secret = sword fish\n";
    let machine = Machine::with_key()?.env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "\"swordfish\"");
    let mut golden = Golden::default();
    golden.add("variable", &machine.error_text().await?);
    let machine = Machine::new()?.cli_file("my profile", &json!([keys]));
    golden.add("CLI profile", &machine.error_text().await?);
    let machine = Machine::new()?.file(INI, ini);
    golden.add("INI section", &machine.error_text().await?);
    golden.assert("invalid_access_keys");
    Ok(())
}
