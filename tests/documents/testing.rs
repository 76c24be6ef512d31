//! The guide's methods to test modules without an account.

use libtest_mimic::Failed;
use serde_json::Value as Json;
use swas_testing::emulator::{Emulator, Options};
use swas_testing::terraform::Client;

use super::configurations::{Configuration, example, read};
use super::folder::Folder;

const MOCKS_FOLDER: &str = "tests/mocks";

const MOCKS: &str = "tests/mocks/swas.tfmock.hcl";

pub fn module_tests_pass_with_mocks(client: &Client) -> Result<(), Failed> {
    let folder = Folder::with(client, &example("testing")?)?;
    assert_tests_pass(&folder, &["test", "-no-color"], 2)
}

pub fn module_tests_pass_with_the_emulator(client: &Client) -> Result<(), Failed> {
    let emulator = Emulator::start(Options::default())?;
    let mut folder = Folder::with(client, &example("testing")?)?;
    let environment = emulator.environment().iter().cloned();
    folder.workspace.envs(environment);
    let directory = "-test-directory=tests/emulator";
    assert_tests_pass(&folder, &["test", "-no-color", directory], 2)?;
    assert!(
        !emulator.requests().is_empty(),
        "no request to the emulator"
    );
    Ok(())
}

/// Every data source has a mock, and Terraform accepts its values for the schema.
pub fn every_data_source_has_a_mock_matching_the_schema(client: &Client) -> Result<(), Failed> {
    let mocks = read(&format!("examples/terraform/testing/{MOCKS}"))?;
    let provider = Configuration {
        location: MOCKS.to_owned(),
        files: vec![("main.tf".to_owned(), "provider \"swas\" {}\n".to_owned())],
    };
    let folder = Folder::with(client, &provider)?;
    let schemas = folder.workspace.run(["providers", "schema", "-json"])?;
    let schemas = schemas.checked()?.json()?;
    let providers = schemas["provider_schemas"].as_object();
    let swas = providers
        .and_then(|all| all.iter().find(|(name, _)| name.ends_with("/swas")))
        .ok_or("no schema of the provider")?
        .1;
    let data_sources = swas["data_source_schemas"].as_object();

    let mut blocks = Vec::new();
    let mut runs = vec![format!(
        "mock_provider \"swas\" {{\n  source = \"./{MOCKS_FOLDER}\"\n}}"
    )];
    for (type_name, schema) in data_sources.ok_or("no data sources")? {
        let is_mocked = mocks.contains(&format!("mock_data \"{type_name}\""));
        assert!(is_mocked, "{MOCKS} has no {type_name}");
        // `swas_image` needs a selector. All other arguments are optional.
        let argument = match type_name.as_str() {
            "swas_image" => "name = \"any\"",
            _ => "",
        };
        blocks.push(format!(
            "data \"{type_name}\" \"mocked\" {{\n{argument}\n}}\n"
        ));
        runs.push(run(type_name, &schema["block"]["attributes"]));
    }
    folder.workspace.write("main.tf", &blocks.concat())?;
    folder.workspace.write(MOCKS, &mocks)?;
    folder
        .workspace
        .write("tests/all.tftest.hcl", &runs.join("\n"))?;
    assert_tests_pass(&folder, &["test", "-no-color"], blocks.len())
}

/// A test run that requires an ID and non-empty lists.
fn run(type_name: &str, attributes: &Json) -> String {
    let attributes = attributes.as_object().into_iter().flatten();
    let lists = attributes.filter(|(_, one)| one["type"][0] == "list" && one["computed"] == true);
    let conditions: Vec<String> = lists
        .map(|(name, _)| format!("length(data.{type_name}.mocked.{name}) > 0"))
        .chain([format!("data.{type_name}.mocked.id != \"\"")])
        .collect();
    let condition = conditions.join(" && ");
    format!(
        "run \"{type_name}\" {{\n  command = plan\n  assert {{\n    \
         condition     = {condition}\n    error_message = \"It is empty.\"\n  }}\n}}\n"
    )
}

fn assert_tests_pass(folder: &Folder, command: &[&str], count: usize) -> Result<(), Failed> {
    let output = folder.workspace.run(command)?.checked()?;
    let expected = format!("{count} passed, 0 failed");
    assert!(output.stdout.contains(&expected), "{output}");
    Ok(())
}
