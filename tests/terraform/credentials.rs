//! Credentials come from where Alibaba Cloud users have them, also behind the real
//! Terraform: each mode of a profile, and each variable alone and against each
//! other one. What the provider block names against each other and against
//! variables is told by the tests of the process alone.

use std::error::Error;

use libtest_mimic::Failed;
use serde_json::json;
use swas_testing::machine::sources::{MODES, SOURCES, Source, signed_in};
use swas_testing::machine::{Machine, TOKEN, role};
use swas_testing::terraform::{Client, Output, TerraformTest, Workspace};

use crate::scene::{Outcome, PROVIDER, since_1_0};

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([
        TerraformTest::of(every_mode_of_a_profile_gives_credentials),
        TerraformTest::of(every_variable_gives_credentials_alone),
        TerraformTest::of(every_variable_wins_against_every_weaker_one),
        TerraformTest::of(a_role_of_the_environment_is_assumed_once_at_most),
        TerraformTest::of(an_ended_sign_in_is_told_with_the_command_that_renews_it),
    ])
}

/// Terraform, once for many machines.
struct Site(Workspace);

impl Site {
    fn new(client: &Client) -> Result<Self, Box<dyn Error>> {
        let workspace = Workspace::new(client, PROVIDER.as_ref())?;
        workspace.write("versions.tf", &workspace.required_providers())?;
        workspace.init()?.checked()?;
        Ok(Self(workspace))
    }

    /// Plans with one data block on a machine.
    fn plan(&mut self, machine: &Machine) -> Result<Output, Failed> {
        let configuration = json!({
            "provider": {"swas": machine.block()},
            "data": {"swas_images": {"it": {}}},
        });
        self.0.write("main.tf.json", &configuration.to_string())?;
        self.0.reset_env().envs(machine.environment());
        let output = self.0.env("HOME", machine.home()).plan()?;
        machine.assert_secrets_kept(&output.text());
        Ok(output)
    }

    /// The key that images are listed with on a machine.
    fn key(&mut self, machine: &Machine) -> Result<String, Failed> {
        self.plan(machine)?.checked()?;
        match &machine.keys_of("ListImages")[..] {
            [key] => Ok(key.clone()),
            keys => Err(format!("images were listed with {keys:?}").into()),
        }
    }
}

/// The sources that are no argument of the provider block, in the order in which
/// they win.
fn variables() -> impl Iterator<Item = &'static Source> + Clone {
    let in_block = |source: &&Source| source.name.starts_with("block ");
    SOURCES.iter().skip_while(in_block)
}

fn every_mode_of_a_profile_gives_credentials(client: &Client) -> Outcome {
    let mut site = Site::new(client)?;
    for mode in &MODES {
        let key = site.key(&(mode.set)(Machine::new()?))?;
        assert!(key.starts_with(mode.key), "{}: {key}", mode.name);
    }
    Ok(())
}

fn every_variable_gives_credentials_alone(client: &Client) -> Outcome {
    let mut site = Site::new(client)?;
    for source in variables() {
        let key = site.key(&(source.set)(Machine::new()?))?;
        assert!(key.starts_with(source.key), "{}: {key}", source.name);
    }
    Ok(())
}

fn every_variable_wins_against_every_weaker_one(client: &Client) -> Outcome {
    let mut site = Site::new(client)?;
    for (place, source) in variables().enumerate() {
        for other in variables().skip(place + 1) {
            let machine = (other.set)((source.set)(Machine::new()?));
            let key = site.key(&machine)?;
            let names = (source.name, other.name);
            assert!(key.starts_with(source.key), "{names:?}: {key}");
        }
    }
    Ok(())
}

/// Once with keys, and not at all with what a role has given, as in a CI job that
/// has assumed it, unless the block asks for it.
fn a_role_of_the_environment_is_assumed_once_at_most(client: &Client) -> Outcome {
    let mut site = Site::new(client)?;
    let with_key = Machine::with_key;
    let with_role = || {
        let machine = Machine::new()?.key_in_environment("STS.static");
        Ok::<_, std::io::Error>(machine.env("ALIBABA_CLOUD_SECURITY_TOKEN", TOKEN))
    };
    for (machine, block, expected) in [
        (with_key()?, json!([]), "STS.role-env."),
        (with_role()?, json!([]), "STS.static"),
        (with_key()?, json!([{}]), "STS.role-env."),
        (with_role()?, json!([{}]), "STS.role-env."),
    ] {
        let machine = machine
            .env("ALIBABA_CLOUD_ROLE_ARN", role("env"))
            .set("assume_role", block);
        let key = site.key(&machine)?;
        assert!(key.starts_with(expected), "{expected}: {key}");
        let calls = machine.calls("AssumeRole");
        assert!(calls.len() <= 1, "{calls:?}");
    }
    Ok(())
}

fn an_ended_sign_in_is_told_with_the_command_that_renews_it(client: &Client) -> Outcome {
    let mut site = Site::new(client)?;
    for (mode, command) in [
        ("OAuth", "aliyun sts GetCallerIdentity --profile work"),
        (
            "CloudSSO",
            "aliyun configure --mode CloudSSO --profile work",
        ),
    ] {
        let mut profile = signed_in(mode, -1, -1);
        profile["name"] = "work".into();
        let machine = Machine::new()?.cli_file("work", &json!([profile]));
        let plan = site.plan(&machine)?;
        assert_eq!(plan.code(), Some(1), "{plan}");
        assert!(plan.flat_text().contains(command), "{plan}");
        assert_eq!(machine.emulator.connections(), 0);
    }
    Ok(())
}
