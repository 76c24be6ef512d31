//! Credentials that the API or STS rejects: the error names their source and the remedy.

use serde_json::json;
use swas_testing::emulator::Reply;
use swas_testing::machine::files::INI_TYPES;
use swas_testing::machine::sources::{MODES, SOURCES, Source, ram_role_arn};
use swas_testing::running_provider::Result;

use crate::golden::Golden;
use crate::machine::{Machine, Run, TOKEN, secret};

/// Sources of each kind: arguments, variables, files, and services that issue credentials.
fn sources() -> impl Iterator<Item = Source> {
    let deprecated = Source {
        name: "deprecated variables",
        key: "LTAIenv",
        set: |machine| {
            machine
                .env("ALICLOUD_ACCESS_KEY", "LTAIenv")
                .env("ALICLOUD_SECRET_KEY", secret("LTAIenv"))
        },
    };
    let token = Source {
        name: "variables with a token",
        key: "STS.static",
        set: |machine| {
            machine
                .key_in_environment("STS.static")
                .env("ALIBABA_CLOUD_SECURITY_TOKEN", TOKEN)
        },
    };
    let profiles = MODES.into_iter().chain(INI_TYPES);
    SOURCES
        .into_iter()
        .chain([deprecated, token])
        .chain(profiles)
}

/// Adds the error of a machine, which may only point at an argument that is set.
async fn add(golden: &mut Golden, case: &str, machine: &Machine) -> Result<()> {
    let text = machine.all_diagnostics().await?;
    for argument in ["access_key", "secret_key", "security_token"] {
        let points = text.contains(&format!("error at {argument}:"));
        assert!(!points || machine.has("access_key"), "{case}: {text}");
    }
    golden.add(case, &text);
    Ok(())
}

#[tokio::test]
async fn rejected_signature_error_names_the_source_of_the_secret() -> Result<()> {
    let mut golden = Golden::default();
    for source in sources() {
        let machine = (source.set)(Machine::new()?);
        let reply = Reply::error(400, "SignatureDoesNotMatch", "");
        machine.emulator.reply_to("ListImages", reply);
        add(&mut golden, source.name, &machine).await?;
    }
    golden.assert("rejected_signatures");
    Ok(())
}

#[tokio::test]
async fn rejected_key_token_and_permission_errors_name_the_source() -> Result<()> {
    let mut golden = Golden::default();
    let names = [
        "block keys",
        "variables with a token",
        "StsToken",
        "sts",
        "OAuth with keys",
        "External",
        "env ecs",
    ];
    for source in sources().filter(|source| names.contains(&source.name)) {
        for (status, code) in [
            (404, "InvalidAccessKeyId.NotFound"),
            (400, "InvalidAccessKeyId.Inactive"),
            (400, "InvalidSecurityToken.Expired"),
            (403, "Forbidden.RAM"),
        ] {
            let machine = (source.set)(Machine::new()?);
            for _ in 0..2 {
                let reply = Reply::error(status, code, "");
                machine.emulator.reply_to("ListImages", reply);
            }
            add(&mut golden, &format!("{code}, {}", source.name), &machine).await?;
        }
    }
    golden.assert("rejected_keys");
    Ok(())
}

/// The keys that assume the role are to blame, not the role's.
#[tokio::test]
async fn rejected_key_of_an_assumed_role_error_names_the_source_of_the_key() -> Result<()> {
    let mut golden = Golden::default();
    let named = |name| sources().find(move |source| source.name == name);
    let keys = [
        "block keys",
        "env keys",
        "block profile",
        "ini file",
        "env ecs",
    ];
    let on_top = keys.into_iter().filter_map(named);
    let mut machines = Vec::new();
    for source in on_top {
        let machine = (source.set)(Machine::new()?).assume("top");
        machines.push((format!("assume_role, {}", source.name), machine));
    }
    for mode in [
        "RamRoleArn",
        "RamRoleArnWithRoleName",
        "ChainableRamRoleArn",
    ] {
        let source = named(mode).expect("a mode");
        machines.push((mode.to_owned(), (source.set)(Machine::new()?)));
    }
    let mut profile = ram_role_arn();
    profile["name"] = "base".into();
    let chain = Machine::new()?.cli_file("base", &json!([profile]));
    machines.push(("assume_role, RamRoleArn".to_owned(), chain.assume("top")));
    for (case, machine) in machines {
        for (status, code) in [
            (400, "SignatureDoesNotMatch"),
            (404, "InvalidAccessKeyId.NotFound"),
            (403, "NoPermission"),
        ] {
            let reply = Reply::error(status, code, "");
            machine.emulator.reply_to("AssumeRole", reply);
            add(&mut golden, &format!("{code}, {case}"), &machine).await?;
        }
    }
    golden.assert("rejected_keys_of_assumed_roles");
    Ok(())
}

/// The role is known, and what assumed it.
#[tokio::test]
async fn permission_error_of_an_assumed_role_names_role_and_source() -> Result<()> {
    let mut golden = Golden::default();
    for source in sources() {
        let machine = (source.set)(Machine::new()?).assume("top");
        let reply = Reply::error(403, "NoPermission", "");
        machine.emulator.reply_to("ListImages", reply);
        let text = machine.all_diagnostics().await?;
        let last = text.trim_end().lines().next_back().unwrap_or_default();
        golden.add(source.name, &format!("{last}\n"));
    }
    golden.assert("permissions_of_assumed_roles");
    Ok(())
}
