//! Values that are unknown until apply.

use swas_testing::terraform::{Client, TerraformTest, Workspace};

use crate::scenario::{Outcome, PROVIDER, emulator};

pub fn tests() -> Vec<TerraformTest> {
    let tests = [
        TerraformTest::of(unknown_argument_is_read_during_apply),
        TerraformTest::of(unknown_provider_region_is_read_during_apply),
        TerraformTest::of(unknown_provider_keys_are_read_during_apply),
        TerraformTest::of(unknown_provider_region_error_suggests_depends_on),
    ];
    // `terraform_data` exists since 1.4.
    tests
        .map(|test| test.only_for(|client| client.version.at_least(1, 4)))
        .into()
}

fn unknown_argument_is_read_during_apply(client: &Client) -> Outcome {
    read_at_apply(
        client,
        r#"
provider "swas" {
  region = "cn-hangzhou"
}
resource "terraform_data" "later" {
  input = "system"
}
data "swas_images" "system" {
  image_type = terraform_data.later.output
}
"#,
    )
}

fn unknown_provider_region_is_read_during_apply(client: &Client) -> Outcome {
    let later = "\"cn-hangzhou\"";
    read_by_provider(client, later, "region = terraform_data.later.output")
}

fn unknown_provider_keys_are_read_during_apply(client: &Client) -> Outcome {
    let arguments = r#"
  region     = "cn-hangzhou"
  access_key = terraform_data.later.output[0]
  secret_key = terraform_data.later.output[1]
"#;
    read_by_provider(client, r#"["LTAItestid", "testsecret"]"#, arguments)
}

fn read_by_provider(client: &Client, later: &str, arguments: &str) -> Outcome {
    let configuration = format!(
        r#"
resource "terraform_data" "later" {{
  input = {later}
}}
provider "swas" {{
  {arguments}
}}
data "swas_images" "system" {{
  image_type = "system"
  depends_on = [terraform_data.later]
}}
"#
    );
    read_at_apply(client, &configuration)
}

/// Plans, applies, and expects an empty second plan.
fn read_at_apply(client: &Client, configuration: &str) -> Outcome {
    let output = "output \"names\" {\n  value = data.swas_images.system.names\n}\n";
    let configuration = format!("{configuration}{output}");
    let emulator = emulator()?;
    let workspace = Workspace::initialized(client, PROVIDER.as_ref(), &emulator, &configuration)?;
    let plan = workspace.plan()?.checked()?;
    assert!(plan.stdout.contains("will be read during apply"), "{plan}");
    assert_eq!(emulator.requests().len(), 0, "read while planning");
    workspace.apply()?.checked()?;
    assert!(workspace.plan_is_empty()?);
    let names = workspace.output_json()?["names"]["value"].clone();
    assert_eq!(names.as_array().map(Vec::len), Some(16));
    Ok(())
}

fn unknown_provider_region_error_suggests_depends_on(client: &Client) -> Outcome {
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
    let emulator = emulator()?;
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
    // The other data block sets its own region.
    assert_eq!(emulator.requests().len(), 1);
    Ok(())
}
