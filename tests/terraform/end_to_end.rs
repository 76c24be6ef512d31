//! `init`, `validate`, `plan`, `apply` and an empty second plan, with every available
//! version of Terraform and OpenTofu.

use serde_json::{Value, json};
use swas_testing::emulator::Order;
use swas_testing::terraform::{Client, TerraformTest, Workspace};

use crate::scenario::{Outcome, PROVIDER, emulator};

const CONFIGURATION: &str = r#"
provider "swas" {
  region = "cn-hangzhou"
}

data "swas_images" "all" {}

data "swas_images" "linux" {
  region_id  = "ap-southeast-1"
  image_type = "system"
}

data "swas_images" "none" {
  image_ids = []
}

output "first_name" {
  value = data.swas_images.all.images[0].image_name
}

output "all" {
  value = data.swas_images.all
}

output "linux" {
  value = data.swas_images.linux
}

output "none" {
  value = data.swas_images.none
}
"#;

pub fn tests() -> Vec<TerraformTest> {
    vec![
        TerraformTest::of(configuration_applies_end_to_end),
        // Older versions have only protocol 5 anyway.
        TerraformTest::of(configuration_applies_end_to_end_with_protocol_5)
            .only_for(speaks_protocol_6),
        TerraformTest::of(newest_common_protocol_is_negotiated),
        TerraformTest::of(validation_errors_point_at_their_lines)
            .only_for(|client| client.version.at_least(1, 0)),
    ]
}

fn configuration_applies_end_to_end(client: &Client) -> Outcome {
    assert_end_to_end(client, None)
}

fn configuration_applies_end_to_end_with_protocol_5(client: &Client) -> Outcome {
    assert_end_to_end(client, Some(5))
}

fn speaks_protocol_6(client: &Client) -> bool {
    client.version.at_least(0, 15)
}

fn assert_end_to_end(client: &Client, protocol: Option<u32>) -> Outcome {
    let emulator = emulator()?;
    let mut workspace = Workspace::with_protocol(protocol, client, PROVIDER.as_ref())?;
    workspace.envs(emulator.environment().iter().cloned());
    workspace.write("main.tf", CONFIGURATION)?;
    workspace.write("versions.tf", &workspace.required_providers())?;

    workspace.init()?.checked()?;
    workspace.run(["validate"])?.checked()?;
    assert_eq!(emulator.requests().len(), 0, "validation called the API");
    workspace.plan()?.checked()?;
    workspace.apply()?.checked()?;
    let outputs = workspace.output_json()?;
    check(&outputs);
    let user_agent = format!(" Terraform/{}", client.version);
    for request in emulator.requests() {
        let sent = request.header("user-agent").unwrap_or_default();
        assert!(sent.ends_with(&user_agent), "{sent}");
    }

    for order in [Order::AsListed, Order::Reversed, Order::Shuffled(7)] {
        emulator.set_order(order);
        assert!(workspace.plan_is_empty()?, "{order:?}");
    }
    assert_eq!(workspace.provider_processes(), [] as [u32; 0]);
    Ok(())
}

/// Compares the outputs with the emulator's catalog.
fn check(outputs: &Value) {
    let value = |name: &str| outputs[name]["value"].clone();
    let all = value("all");
    assert_eq!(value("first_name"), all["images"][0]["image_name"]);
    assert_eq!(all["region_id"], "cn-hangzhou");
    assert_eq!(all["image_type"], Value::Null);
    assert_eq!(all["image_ids"], Value::Null);
    let images = all["images"].as_array().expect("a list");
    assert!(images.len() > 20, "{} images", images.len());
    for (index, image) in images.iter().enumerate() {
        assert_eq!(image["id"], image["image_id"]);
        assert_eq!(all["ids"][index], image["image_id"]);
        assert_eq!(all["names"][index], image["image_name"]);
    }

    let linux = value("linux");
    assert_eq!(linux["region_id"], "ap-southeast-1");
    let images = linux["images"].as_array().expect("a list");
    assert!(!images.is_empty());
    for image in images {
        assert_eq!(image["image_type"], "system", "{image}");
    }

    let none = value("none");
    assert_eq!(none["images"], json!([]));
    assert_eq!(none["image_ids"], json!([]));
}

fn newest_common_protocol_is_negotiated(client: &Client) -> Outcome {
    let protocol = if speaks_protocol_6(client) { 6 } else { 5 };
    let emulator = emulator()?;
    let mut workspace =
        Workspace::initialized(client, PROVIDER.as_ref(), &emulator, CONFIGURATION)?;
    let log = workspace.dir().join("terraform.log");
    workspace.env("TF_LOG", "DEBUG").env("TF_LOG_PATH", &log);
    let output = workspace.plan()?.checked()?;

    // Some old builds log to the terminal despite `TF_LOG_PATH`.
    let log = std::fs::read_to_string(log).unwrap_or_default() + &output.text();
    let ours: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("waiting for the client"))
        .collect();
    assert!(!ours.is_empty(), "no line of the provider in:\n{log}");
    for line in ours {
        // Lines are text or JSON.
        let line = line.replace('"', "").replace(':', "=");
        let agreed = format!("protocol={protocol}");
        assert!(
            line.contains(&agreed) && line.contains("tls=true"),
            "{line}"
        );
    }
    Ok(())
}

/// One run reports every error. Terraform validates data blocks only after the provider
/// block is valid.
fn validation_errors_point_at_their_lines(client: &Client) -> Outcome {
    let wrong_provider = r#"provider "swas" {
  region     = "Hangzhou"
  access_key = "LTAItestid"
  endpoints {
    swas = "ftp://example.com"
  }
}
data "swas_images" "a" {}
"#;
    let wrong_data = r#"data "swas_images" "a" {
  region_id  = "Hangzhou"
  image_type = "sytem"
  name_regex = "Ubuntu-("
  image_ids  = ["a",
  ""]
}
data "swas_image" "b" {
  platform    = "linux"
  image_id    = "a"
  most_recent = true
  name        = "Ubuntu"
}
data "swas_regions" "c" {
  accept_language = "en"
}
"#;
    let emulator = emulator()?;
    let mut workspace = Workspace::new(client, PROVIDER.as_ref())?;
    workspace.envs(emulator.environment().iter().cloned());
    workspace.write("versions.tf", &workspace.required_providers())?;
    for (configuration, expected) in [
        (wrong_provider, vec![2, 3, 5]),
        (wrong_data, vec![2, 3, 4, 6, 9, 11, 12, 15]),
    ] {
        workspace.write("main.tf", configuration)?;
        workspace.init()?.checked()?;
        let found = workspace.validate_json()?;
        let mut lines: Vec<u64> = found["diagnostics"]
            .as_array()
            .ok_or("no diagnostics")?
            .iter()
            .filter_map(|one| one["range"]["start"]["line"].as_u64())
            .collect();
        lines.sort_unstable();
        assert_eq!(lines, expected, "{found:#}");
    }
    assert_eq!(emulator.requests().len(), 0);
    Ok(())
}
