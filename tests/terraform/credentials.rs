//! Credentials behind real Terraform: each mode of a profile, each variable alone, and
//! the precedence between each pair of variables. `tests/provider/credentials` covers
//! the sources in the provider block.

use serde_json::json;
use swas_testing::machine::sources::{MODES, SOURCES, Source, signed_in};
use swas_testing::machine::{Machine, OIDC_PROVIDER, OIDC_TOKEN, TOKEN, profile, role, secret};
use swas_testing::terraform::{Client, TerraformTest};

use crate::scenario::{Outcome, since_1_0};
use crate::shared_workspace::{SharedWorkspace, listing_key};

const ROLE_ARN: &str = "ALIBABA_CLOUD_ROLE_ARN";

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([
        TerraformTest::of(every_profile_mode_gives_credentials),
        TerraformTest::of(every_credentials_variable_alone_is_used),
        TerraformTest::of(credentials_precedence_between_each_pair_of_variables),
        TerraformTest::of(environment_role_is_assumed_at_most_once),
        TerraformTest::of(official_provider_blocks_are_accepted),
        TerraformTest::of(expired_sign_in_error_names_the_renewal_command),
    ])
}

/// The sources outside the provider block, by precedence.
fn variables() -> impl Iterator<Item = &'static Source> + Clone {
    let in_block = |source: &&Source| source.name.starts_with("block ");
    SOURCES.iter().skip_while(in_block)
}

fn every_profile_mode_gives_credentials(client: &Client) -> Outcome {
    let mut shared = SharedWorkspace::new(client)?;
    for mode in &MODES {
        let key = shared.listing_key(&(mode.set)(Machine::new()?))?;
        assert!(key.starts_with(mode.key), "{}: {key}", mode.name);
    }
    Ok(())
}

fn every_credentials_variable_alone_is_used(client: &Client) -> Outcome {
    let mut shared = SharedWorkspace::new(client)?;
    for source in variables() {
        let key = shared.listing_key(&(source.set)(Machine::new()?))?;
        assert!(key.starts_with(source.key), "{}: {key}", source.name);
    }
    Ok(())
}

fn credentials_precedence_between_each_pair_of_variables(client: &Client) -> Outcome {
    let mut shared = SharedWorkspace::new(client)?;
    for (index, source) in variables().enumerate() {
        for other in variables().skip(index + 1) {
            let machine = (other.set)((source.set)(Machine::new()?));
            let key = shared.listing_key(&machine)?;
            let names = (source.name, other.name);
            assert!(key.starts_with(source.key), "{names:?}: {key}");
        }
    }
    Ok(())
}

/// The role is assumed with long-term keys. A security token means that it is assumed
/// already, as in a CI job, so only an `assume_role` block assumes it again.
fn environment_role_is_assumed_at_most_once(client: &Client) -> Outcome {
    let mut shared = SharedWorkspace::new(client)?;
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
        let machine = machine.env(ROLE_ARN, role("env")).set("assume_role", block);
        let key = shared.listing_key(&machine)?;
        assert!(key.starts_with(expected), "{expected}: {key}");
        let calls = machine.calls("AssumeRole");
        assert!(calls.len() <= 1, "{calls:?}");
    }
    Ok(())
}

fn expired_sign_in_error_names_the_renewal_command(client: &Client) -> Outcome {
    let mut shared = SharedWorkspace::new(client)?;
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
        let plan = shared.plan(&machine)?;
        assert_eq!(plan.code(), Some(1), "{plan}");
        assert!(plan.flat_text().contains(command), "{plan}");
        assert_eq!(machine.emulator.connections(), 0);
    }
    Ok(())
}

/// Each example of credentials in the official provider's documentation, with all of
/// its arguments.
fn official_provider_blocks_are_accepted(client: &Client) -> Outcome {
    let region = "region = \"cn-hangzhou\"";
    let key = secret("LTAIblock");
    let keys = format!("access_key = \"LTAIblock\"\nsecret_key = \"{key}\"");
    let nothing = Machine::new;
    let with_key = Machine::with_key;
    let with_role = || Ok::<_, std::io::Error>(with_key()?.env(ROLE_ARN, role("env")));
    let with_files = || {
        let profiles = json!([profile("default", "LTAIcli"), profile("custom", "LTAIfile")]);
        let text = json!({ "profiles": profiles }).to_string();
        let machine = Machine::new()?.ecs().file("elsewhere/config", text);
        Ok::<_, std::io::Error>(machine.file("token", OIDC_TOKEN))
    };
    for (machine, block, expected) in [
        (nothing()?, format!("{keys}\n{region}"), "LTAIblock"),
        (with_key()?, String::new(), "LTAIenv"),
        (
            with_files()?,
            format!(
                "{region}\nshared_credentials_file = \"~/elsewhere/config\"\nprofile = \"custom\""
            ),
            "LTAIfile",
        ),
        (
            with_files()?,
            format!("ecs_role_name = \"testrole\"\n{region}"),
            "STS.ecs-testrole.",
        ),
        (
            nothing()?,
            format!(
                "{keys}\nassume_role {{\nrole_arn = \"{}\"\npolicy = jsonencode({{ Version = \"1\" }})\n\
                 session_name = \"session\"\nsession_expiration = 999\nexternal_id = \"partner\"\n}}",
                role("reader")
            ),
            "STS.role-reader.",
        ),
        (with_role()?, "assume_role {}".to_owned(), "STS.role-env."),
        (
            with_files()?,
            format!(
                "assume_role_with_oidc {{\noidc_provider_arn = \"{OIDC_PROVIDER}\"\nrole_arn = \"{}\"\n\
                 oidc_token_file = \"~/token\"\nrole_session_name = \"session\"\n}}",
                role("reader")
            ),
            "STS.oidc-reader.",
        ),
        (
            with_key()?,
            format!(
                "{region}\nconfiguration_source = \"agent/a-1 node/2\"\nprotocol = \"HTTPS\"\nclient_read_timeout = 60000\nclient_connect_timeout = 60000\nmax_retry_timeout = 60"
            ),
            "LTAIenv",
        ),
    ] {
        assert_block_works(client, &machine, &block, expected)?;
    }
    let machine = nothing()?;
    let uri = machine.emulator.credentials_uri();
    let block = format!("{region}\ncredentials_uri = \"{uri}\"");
    assert_block_works(client, &machine, &block, "STS.uri.")
}

fn assert_block_works(client: &Client, machine: &Machine, block: &str, expected: &str) -> Outcome {
    let configuration =
        format!("provider \"swas\" {{\n{block}\n}}\ndata \"swas_images\" \"it\" {{}}\n");
    let plan =
        SharedWorkspace::new(client)?.plan_configuration("main.tf", &configuration, machine)?;
    plan.checked()?;
    let key = listing_key(machine)?;
    assert!(key.starts_with(expected), "{block}: {key}");
    Ok(())
}
