//! The checker of the Terraform registry, tfplugindocs, accepts the pages.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use swas_testing::terraform::{Client, Product, TerraformTest, terraform_tests};

use super::configurations::Configuration;
use super::folder::Folder;

/// The test, which is ignored if the checker is not installed.
pub fn tests() -> Vec<Trial> {
    if checker().is_some() {
        let test = TerraformTest::of(pages_pass_tfplugindocs);
        // Older releases write other schemas.
        return terraform_tests(&[test.only_for(|client| {
            client.version.at_least(1, 8) && client.product == Product::Terraform
        })]);
    }
    let missing = || Err("tfplugindocs is not installed".into());
    let test = Trial::test("registry::pages_pass_tfplugindocs", missing);
    vec![test.with_ignored_flag(true)]
}

/// The program, if it is installed.
fn checker() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let mut programs = env::split_paths(&path).map(|folder| folder.join("tfplugindocs"));
    programs.find(|program| program.is_file())
}

fn pages_pass_tfplugindocs(client: &Client) -> Result<(), Failed> {
    let checker = checker().ok_or("tfplugindocs is not installed")?;
    let configuration = Configuration {
        location: "the schemas".to_owned(),
        files: vec![(
            "main.tf".to_owned(),
            "data \"swas_regions\" \"all\" {}\n".to_owned(),
        )],
    };
    let folder = Folder::with(client, &configuration)?;
    let output = folder.workspace.run(["providers", "schema", "-json"])?;
    let mut schemas: Value = serde_json::from_str(&output.checked()?.stdout)?;
    let providers = schemas["provider_schemas"].as_object_mut();
    let providers = providers.ok_or("no schemas")?;
    // The checker looks for the short name.
    let schema = providers
        .remove("registry.terraform.io/swas-rs/swas")
        .ok_or("no schema of the provider")?;
    providers.insert("swas".to_owned(), schema);
    folder
        .workspace
        .write("schemas.json", &schemas.to_string())?;
    let output = Command::new(checker)
        .args(["validate", "--provider-name", "swas", "--provider-dir"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")))
        .arg("--providers-schema")
        .arg(folder.workspace.dir().join("schemas.json"))
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    Ok(())
}
