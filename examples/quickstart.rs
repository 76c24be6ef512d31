//! Quick start: builds the provider, starts a local emulator of SWAS, and selects an
//! image.
//!
//! If Terraform or OpenTofu is installed, the example runs `init`, `plan` and `apply` in
//! `examples/terraform/quickstart`. Otherwise the built-in plugin client calls the
//! provider as Terraform does.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::json;
use swas_testing::emulator::{Emulator, Options};
use swas_testing::plugin_client::{PluginProcess, Start, values};
use swas_testing::terraform::{Client, Workspace};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const BINARY: &str = "terraform-provider-swas";
const REGION: &str = "cn-hangzhou";
const CONFIGURATION: &str = include_str!("terraform/quickstart/main.tf");

fn main() -> Result<()> {
    println!("Building the provider ...");
    let provider = build()?;
    let emulator = Emulator::start(Options::default())?;
    println!("A local SWAS endpoint listens on {}.", emulator.url());

    let image_id = match Client::discover()?.into_iter().next() {
        Some(client) => with_terraform(&client, &provider, &emulator)?,
        None => with_plugin_client(&provider, &emulator)?,
    };
    println!("\nSelected image ID: {image_id}");
    Ok(())
}

#[derive(Deserialize)]
struct Image {
    id: String,
    #[serde(rename = "image_name")]
    name: String,
    platform: String,
}

/// Builds the provider and returns the path of the binary.
///
/// Building the example too makes Cargo select the same features of dependencies as for
/// this program and `cargo test`, so that all three share one build.
fn build() -> Result<PathBuf> {
    #[derive(Deserialize)]
    struct Artifact {
        executable: PathBuf,
        target: Target,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["build", "--bin", BINARY])
        .args(["--example", "quickstart"])
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output()?;
    if !built.status.success() {
        return Err(format!("the build failed: {}", built.status).into());
    }
    String::from_utf8(built.stdout)?
        .lines()
        .filter_map(|line| serde_json::from_str::<Artifact>(line).ok())
        .find(|artifact| artifact.target.name == BINARY)
        .map(|artifact| artifact.executable)
        .ok_or_else(|| "the build made no binary".into())
}

fn with_terraform(client: &Client, provider: &Path, emulator: &Emulator) -> Result<String> {
    #[derive(Deserialize)]
    struct Outputs {
        image_id: Output,
    }
    #[derive(Deserialize)]
    struct Output {
        value: String,
    }

    println!("Using {} at {}.", client.name(), client.path.display());
    let mut workspace = Workspace::new(client, provider)?;
    workspace.envs(emulator.environment().iter().cloned());
    workspace.write("main.tf", CONFIGURATION)?;
    for command in ["init", "plan", "apply"] {
        println!("\n$ {} {command}", client.path.display());
        let output = match command {
            "init" => workspace.init(),
            "plan" => workspace.plan(),
            _ => workspace.apply(),
        };
        let output = output?.checked()?;
        println!("{}", output.stdout.trim());
    }
    let outputs: Outputs = serde_json::from_value(workspace.output_json()?)?;
    Ok(outputs.image_id.value)
}

#[tokio::main(flavor = "current_thread")]
async fn with_plugin_client(provider: &Path, emulator: &Emulator) -> Result<String> {
    #[derive(Deserialize)]
    struct State {
        images: Vec<Image>,
    }

    println!("Neither Terraform nor OpenTofu is installed: using the built-in plugin client.\n");
    let options = Options::default();
    let process = PluginProcess::start(Start::new(provider)).await?;
    let connection = process.connect().await?;
    let client = connection.provider();
    let schemas = client.schema().await?;
    let schema = schemas.provider.ok_or("the provider has no schema")?;
    let block = json!({
        "region": REGION,
        "access_key": options.access_key_id,
        "secret_key": options.access_key_secret,
        "endpoints": [{"swas": emulator.url()}],
    });
    let config = values::config_for(&schema, &block)?;
    check(&client.configure(config).await?.diagnostics)?;

    let schema = &schemas.data_source_schemas["swas_images"];
    let config = values::config_for(schema, &json!({"image_type": "system"}))?;
    let response = client.read_data_source("swas_images", config).await?;
    check(&response.diagnostics)?;
    let state = values::decode(&response.state.unwrap_or_default())?;
    let State { images } = serde_json::from_value(state)?;

    let schema = &schemas.data_source_schemas["swas_image"];
    let newest = json!({"name_regex": "^Ubuntu-", "image_type": "system", "most_recent": true});
    let config = values::config_for(schema, &newest)?;
    let response = client.read_data_source("swas_image", config).await?;
    check(&response.diagnostics)?;
    let state = values::decode(&response.state.unwrap_or_default())?;
    let Image { id: image_id, .. } = serde_json::from_value(state)?;
    connection.shutdown().await?;
    print_table(&images);
    Ok(image_id)
}

/// Returns the first diagnostic as an error.
fn check(diagnostics: &[swas_testing::plugin_client::wire::tfplugin::Diagnostic]) -> Result<()> {
    match diagnostics.first() {
        Some(first) => Err(format!("{}: {}", first.summary, first.detail).into()),
        None => Ok(()),
    }
}

fn print_table(images: &[Image]) {
    let widest = images.iter().map(|image| image.name.chars().count()).max();
    let widest = widest.unwrap_or_default().max("NAME".len());
    println!("{:widest$}  {:8}  IMAGE ID", "NAME", "PLATFORM");
    for image in images {
        let Image { id, name, platform } = image;
        println!("{name:widest$}  {platform:8}  {id}");
    }
}
