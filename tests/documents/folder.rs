//! A workspace for one configuration, with the provider of this build and the fake
//! official provider as development overrides.

use std::env;
use std::error::Error;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use swas_testing::terraform::{Client, Workspace};

use super::configurations::Configuration;

/// The provider of this build.
pub const PROVIDER: &str = env!("CARGO_BIN_EXE_terraform-provider-swas");

/// Provider sources, for configurations without `required_providers`.
const REQUIRED_PROVIDERS: &str = r#"terraform {
  required_providers {
    swas = {
      source = "swas-rs/swas"
    }
    alicloud = {
      source = "aliyun/alicloud"
    }
  }
}
"#;

/// A data block that uses the provider. Without one, `validate` skips the provider
/// block.
const DATA_BLOCK: &str = r#"data "swas_regions" "used" {}
"#;

/// The folder and a client to run in it.
pub struct Folder {
    pub workspace: Workspace,
}

impl Folder {
    /// Creates a folder with the files of the configuration.
    pub fn with(client: &Client, configuration: &Configuration) -> Result<Self, Box<dyn Error>> {
        let mut workspace = Workspace::new(client, PROVIDER.as_ref())?;
        let home = workspace.home_dir();
        let providers = home.join("providers");
        fs::create_dir(&providers)?;
        symlink(PROVIDER, providers.join("terraform-provider-swas"))?;
        // This test program acts as the official provider when Terraform starts it.
        symlink(
            env::current_exe()?,
            providers.join("terraform-provider-alicloud"),
        )?;
        let settings = home.join("settings.tfrc");
        fs::write(&settings, overrides(&providers))?;
        workspace.env("TF_CLI_CONFIG_FILE", settings);
        for (name, text) in &configuration.files {
            workspace.write(name, text)?;
        }
        let contains = |text| configuration.contains(text);
        if !contains("required_providers") {
            workspace.write("versions.tf", REQUIRED_PROVIDERS)?;
        }
        if contains("provider \"swas\"") && !contains("data \"swas_") {
            workspace.write("use.tf", DATA_BLOCK)?;
        }
        Ok(Self { workspace })
    }

    /// Runs `validate` and returns each error with the code that it refers to.
    pub fn errors(&self) -> Result<Vec<String>, Box<dyn Error>> {
        // Installs only modules. Overridden providers need no installation.
        self.workspace.run(["get"])?.checked()?;
        let response = self.workspace.validate_json()?;
        let diagnostics = response["diagnostics"].as_array().ok_or("no diagnostics")?;
        let errors = diagnostics.iter().filter(|one| one["severity"] == "error");
        let texts = errors.map(|error| {
            let part = |part: &serde_json::Value| part.as_str().unwrap_or_default().to_owned();
            [
                part(&error["summary"]),
                part(&error["detail"]),
                part(&error["snippet"]["code"]),
            ]
            .join(": ")
        });
        Ok(texts.collect())
    }
}

fn overrides(providers: &Path) -> String {
    let folder = providers.display();
    format!(
        "disable_checkpoint = true\n\
         provider_installation {{\n  \
           dev_overrides {{\n    \
             \"swas-rs/swas\"    = \"{folder}\"\n    \
             \"aliyun/alicloud\" = \"{folder}\"\n  \
           }}\n\
         }}\n"
    )
}
