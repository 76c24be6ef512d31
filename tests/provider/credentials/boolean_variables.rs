//! Boolean variables: the words, and the effect of each variable.

use serde_json::json;
use swas_testing::emulator::Reply;
use swas_testing::machine::files::{INI, keys};
use swas_testing::machine::sources::MODES;
use swas_testing::running_provider::Result;

use crate::machine::{ENV_PREFIX, Machine, Run, profile, role};

/// A boolean variable: its name without the prefix, a machine, and texts of the outcome if
/// the variable is true and if it is false or unset. The outcome is the access key ID that
/// lists images, or else an error.
struct Variable {
    name: &'static str,
    machine: fn(Machine) -> Machine,
    on: &'static str,
    off: &'static str,
}

const VARIABLES: [Variable; 6] = [
    Variable {
        name: "ECS_METADATA_DISABLED",
        machine: Machine::ecs,
        on: "the ECS metadata service is disabled",
        off: "STS.ecs-testrole.",
    },
    Variable {
        name: "IMDSV1_DISABLED",
        machine: |machine| {
            machine.emulator.allow_imdsv1();
            machine.emulator.reply_next(Reply::raw(404, ""));
            machine.ecs()
        },
        on: "disables requests without a token",
        off: "STS.ecs-testrole.",
    },
    Variable {
        name: "CLI_PROFILE_DISABLED",
        machine: with_files,
        on: "LTAIini",
        off: "LTAIcurrent",
    },
    Variable {
        name: "IGNORE_PROFILE",
        machine: with_files,
        on: "LTAIini",
        off: "LTAIcurrent",
    },
    Variable {
        name: "VPC_ENDPOINT_ENABLED",
        // The certificate is that of the endpoint in virtual private clouds alone.
        machine: |machine| {
            machine
                .https("sts-vpc.cn-hangzhou.aliyuncs.com")
                .env("ALIBABA_CLOUD_STS_ENDPOINT", "")
                .env("ALIBABA_CLOUD_ROLE_ARN", role("env"))
                .key_in_environment("LTAIenv")
        },
        on: "STS.role-env.",
        off: "at sts.cn-hangzhou.aliyuncs.com failed",
    },
    Variable {
        name: "DISABLE_EXTERNAL_PROCESS",
        machine: |machine| {
            let mode = MODES.iter().find(|mode| mode.name == "External");
            (mode.expect("a mode").set)(machine)
        },
        on: "which ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS forbids",
        off: "STS.static",
    },
];

/// A machine with a profile of the CLI and a section of the INI file.
fn with_files(machine: Machine) -> Machine {
    let ini = format!("[default]\n{}", keys("LTAIini"));
    machine
        .cli_file("default", &json!([profile("default", "LTAIcurrent")]))
        .file(INI, ini)
}

async fn assert_outcome(name: &str, word: &str, variable: &Variable, expected: &str) -> Result<()> {
    let machine = (variable.machine)(Machine::new()?).env(name, word);
    let text = machine.all_diagnostics().await?;
    let keys = machine.keys_of("ListImages");
    let outcome = keys.first().unwrap_or(&text);
    assert!(
        outcome.contains(expected),
        "{name}={word:?}: no {expected:?} in {outcome}"
    );
    Ok(())
}

#[tokio::test]
async fn boolean_variable_accepts_words_in_any_case() -> Result<()> {
    for variable in &VARIABLES {
        let name = format!("{ENV_PREFIX}{}", variable.name);
        for word in ["true", "1", "YES", " on\n"] {
            assert_outcome(&name, word, variable, variable.on).await?;
        }
        for word in ["False", "0", "no ", "OFF", "", " "] {
            assert_outcome(&name, word, variable, variable.off).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn deprecated_boolean_variable_has_the_same_effect() -> Result<()> {
    for variable in &VARIABLES {
        for prefix in ["ALICLOUD_", "ALIBABACLOUD_"] {
            let name = format!("{prefix}{}", variable.name);
            // An error names the variable that is set.
            let on = variable.on.replace(ENV_PREFIX, prefix);
            assert_outcome(&name, "true", variable, &on).await?;
        }
    }
    Ok(())
}

/// A variable that no source needs is validated too: a typo would have no effect later.
#[tokio::test]
async fn invalid_boolean_variable_is_an_error_of_configure_under_every_name() -> Result<()> {
    for variable in &VARIABLES {
        for (prefix, words) in [
            (ENV_PREFIX, &["ture", "2", "\"true\"", "true;"][..]),
            ("ALICLOUD_", &["maybe"]),
            ("ALIBABACLOUD_", &["maybe"]),
        ] {
            let name = format!("{prefix}{}", variable.name);
            for word in words {
                let machine = Machine::with_key()?.env(&name, word);
                let text = machine.config_error_text().await?;
                let expected = format!("error: Invalid environment variable\n  {name} is ");
                assert!(text.starts_with(&expected), "{text}");
                assert!(text.contains("must be \"true\" or \"false\""), "{text}");
                assert_eq!(machine.emulator.connections(), 0);
            }
        }
    }
    Ok(())
}
