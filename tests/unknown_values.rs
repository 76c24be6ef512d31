//! Values that only become known at apply.

use std::process::ExitCode;

use libtest_mimic::Failed;
use swas_testing::emulator::{Emulator, Options};
use swas_testing::terraform::{Client, TerraformTest, Workspace, run_terraform_tests};

const PROVIDER: &str = env!("CARGO_BIN_EXE_terraform-provider-swas");

fn main() -> ExitCode {
    run_terraform_tests(
        &[
            TerraformTest::new("an_argument_may_become_known_at_apply", argument),
            TerraformTest::new("the_providers_region_may_become_known_at_apply", region),
            TerraformTest::new("the_providers_keys_may_become_known_at_apply", keys),
            TerraformTest::new("a_read_that_cannot_wait_says_what_to_do", cannot_wait),
        ]
        // `terraform_data` came with 1.4.
        .map(|test| test.only_for(|client| client.version.at_least(1, 4))),
    )
}

/// Plans, applies, and plans again without a change; returns the names read.
fn names_of(client: &Client, configuration: &str) -> Result<usize, Failed> {
    let emulator = Emulator::start(Options::default())?;
    let workspace = Workspace::initialized(client, PROVIDER.as_ref(), &emulator, configuration)?;
    let plan = workspace.plan()?.checked()?;
    assert!(
        plan.stdout.contains("will be read during apply"),
        "{}",
        plan.stdout
    );
    assert_eq!(emulator.requests().len(), 0, "read while planning");
    workspace.apply()?.checked()?;
    assert!(workspace.plan_is_empty()?);
    let outputs = workspace.output_json()?;
    Ok(outputs["names"]["value"].as_array().map_or(0, Vec::len))
}

fn argument(client: &Client) -> Result<(), Failed> {
    let read = names_of(
        client,
        r#"
provider "swas" {
  region = "cn-hangzhou"
}
resource "terraform_data" "type" {
  input = "system"
}
data "swas_images" "system" {
  image_type = terraform_data.type.output
}
output "names" {
  value = data.swas_images.system.names
}
"#,
    )?;
    assert_eq!(read, 15);
    Ok(())
}

fn region(client: &Client) -> Result<(), Failed> {
    let read = names_of(
        client,
        r#"
resource "terraform_data" "region" {
  input = "cn-hangzhou"
}
provider "swas" {
  region = terraform_data.region.output
}
data "swas_images" "system" {
  image_type = "system"
  depends_on = [terraform_data.region]
}
output "names" {
  value = data.swas_images.system.names
}
"#,
    )?;
    assert_eq!(read, 15);
    Ok(())
}

fn keys(client: &Client) -> Result<(), Failed> {
    let read = names_of(
        client,
        r#"
resource "terraform_data" "keys" {
  input = ["LTAItestid", "testsecret"]
}
provider "swas" {
  region     = "cn-hangzhou"
  access_key = terraform_data.keys.output[0]
  secret_key = terraform_data.keys.output[1]
}
data "swas_images" "system" {
  image_type = "system"
  depends_on = [terraform_data.keys]
}
output "names" {
  value = data.swas_images.system.names
}
"#,
    )?;
    assert_eq!(read, 15);
    Ok(())
}

fn cannot_wait(client: &Client) -> Result<(), Failed> {
    let configuration = r#"
resource "terraform_data" "region" {
  input = "cn-hangzhou"
}
provider "swas" {
  region = terraform_data.region.output
}
data "swas_images" "system" {}
data "swas_images" "elsewhere" {
  region_id = "us-west-1"
}
"#;
    let emulator = Emulator::start(Options::default())?;
    let workspace = Workspace::initialized(client, PROVIDER.as_ref(), &emulator, configuration)?;
    let plan = workspace.plan()?;
    assert_eq!(plan.code(), Some(1), "{plan}");
    let text = plan.flat_text();
    assert_eq!(
        text.matches("Error: Provider argument not known yet")
            .count(),
        1,
        "{text}"
    );
    assert!(
        text.contains("add \"depends_on\" to the data block"),
        "{text}"
    );
    // The other one needs no region of the provider.
    assert_eq!(emulator.requests().len(), 1);
    Ok(())
}
