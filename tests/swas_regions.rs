//! `swas_regions` reads the regions in which servers are offered.

use std::process::ExitCode;

use libtest_mimic::Failed;
use serde_json::{Value, json};
use swas_testing::emulator::{Answer, Emulator, Options, Order};
use swas_testing::terraform::{Client, TerraformTest, Workspace, run_terraform_tests};

const PROVIDER: &str = env!("CARGO_BIN_EXE_terraform-provider-swas");

fn main() -> ExitCode {
    run_terraform_tests(
        &[
            TerraformTest::new("regions_are_sorted_and_complete", sorted_and_complete),
            TerraformTest::new("names_come_in_the_language_asked_for", in_the_language),
            TerraformTest::new("no_region_has_to_be_configured", without_a_region),
            TerraformTest::new(
                "an_unknown_language_is_found_by_validation",
                unknown_language,
            ),
            TerraformTest::new("an_answer_without_regions_is_an_error", without_regions),
        ]
        .map(|test| test.only_for(|client| client.version.at_least(1, 0))),
    )
}

fn workspace(client: &Client, emulator: &Emulator, arguments: &str) -> Result<Workspace, Failed> {
    let configuration = format!(
        "data \"swas_regions\" \"all\" {{\n{arguments}\n}}\n\
         output \"all\" {{\n  value = data.swas_regions.all\n}}\n"
    );
    let provider = PROVIDER.as_ref();
    Ok(Workspace::initialized(
        client,
        provider,
        emulator,
        &configuration,
    )?)
}

/// What a user reads of the emulator's regions.
fn read(client: &Client, emulator: &Emulator, arguments: &str) -> Result<Value, Failed> {
    let workspace = workspace(client, emulator, arguments)?;
    workspace.apply()?.checked()?;
    for order in [Order::Reversed, Order::Shuffled(3)] {
        emulator.set_order(order);
        assert!(workspace.plan_is_empty()?, "{order:?}");
    }
    Ok(workspace.output_json()?["all"]["value"].clone())
}

fn sorted_and_complete(client: &Client) -> Result<(), Failed> {
    let emulator = Emulator::start(Options::default())?;
    let all = read(client, &emulator, "")?;
    assert_eq!(
        all["ids"],
        json!(["ap-southeast-1", "cn-hangzhou", "us-west-1"])
    );
    let first = json!({
        "region_id": "ap-southeast-1",
        "local_name": "新加坡",
        "region_endpoint": "swas.ap-southeast-1.aliyuncs.com",
    });
    assert_eq!(all["regions"][0], first);
    assert_eq!(all["regions"].as_array().map(Vec::len), Some(3));
    assert_eq!(all["accept_language"], Value::Null);
    assert!(!all["id"].as_str().unwrap_or_default().is_empty());
    Ok(())
}

fn in_the_language(client: &Client) -> Result<(), Failed> {
    for (language, expected) in [("en-US", "China (Hangzhou)"), ("zh-CN", "华东1（杭州）")] {
        let emulator = Emulator::start(Options::default())?;
        let argument = format!("accept_language = \"{language}\"");
        let all = read(client, &emulator, &argument)?;
        assert_eq!(all["regions"][1]["local_name"], expected);
        assert_eq!(all["accept_language"], language);
    }
    Ok(())
}

fn without_a_region(client: &Client) -> Result<(), Failed> {
    let emulator = Emulator::start(Options::default())?;
    read(client, &emulator, "")?;
    for request in emulator.requests() {
        assert_eq!(request.action(), "ListRegions");
        assert_eq!(request.parameter("RegionId"), None);
    }
    Ok(())
}

fn unknown_language(client: &Client) -> Result<(), Failed> {
    let emulator = Emulator::start(Options::default())?;
    let workspace = workspace(client, &emulator, "accept_language = \"en\"")?;
    let found = workspace.validate_json()?;
    let diagnostic = &found["diagnostics"][0];
    assert_eq!(
        diagnostic["detail"],
        "\"accept_language\" must be \"zh-CN\" or \"en-US\", and it is \"en\". \
         Did you mean \"en-US\"?"
    );
    assert_eq!(diagnostic["range"]["start"]["line"], 2);
    assert_eq!(emulator.requests().len(), 0);
    Ok(())
}

fn without_regions(client: &Client) -> Result<(), Failed> {
    for answer in ["{}", r#"{"Regions": null}"#, r#"{"Regions": [{}]}"#] {
        let emulator = Emulator::start(Options::default())?;
        emulator.answer_always(Answer::json(answer));
        let workspace = workspace(client, &emulator, "")?;
        let output = workspace.plan()?;
        assert!(!output.status.success(), "{answer}: {output}");
        let text = output.flat_text();
        assert!(
            text.contains("Malformed answer from the SWAS API"),
            "{text}"
        );
    }
    Ok(())
}
