//! The emulator and the configuration of a benchmark.

use std::path::Path;

use swas_testing::emulator::{Catalog, Emulator, Options};
use swas_testing::terraform::{Client, Workspace};

use super::Result;

/// The region of all reads.
pub const REGION: &str = "cn-hangzhou";

/// Starts an emulator with the catalog.
pub fn endpoint(catalog: Catalog) -> Result<Emulator> {
    Ok(Emulator::start(Options {
        catalog,
        ..Options::default()
    })?)
}

/// A configuration with the data sources `data`. All measured providers support its
/// provider block.
pub fn configuration(emulator: &Emulator, data: &str) -> String {
    let Options {
        access_key_id,
        access_key_secret,
        ..
    } = Options::default();
    format!(
        "provider \"swas\" {{\n  \
           region     = \"{REGION}\"\n  \
           access_key = \"{access_key_id}\"\n  \
           secret_key = \"{access_key_secret}\"\n  \
           endpoints {{\n    swas = \"{}\"\n  }}\n\
         }}\n\n\
         {data}",
        emulator.url()
    )
}

/// Creates a workspace and runs `init`.
pub fn workspace(client: &Client, binary: &Path, configuration: &str) -> Result<Workspace> {
    let workspace = Workspace::new(client, binary)?;
    workspace.write("versions.tf", &workspace.required_providers())?;
    workspace.write("main.tf", configuration)?;
    workspace.init()?.checked()?;
    Ok(workspace)
}

/// Creates a workspace whose configuration needs only Terraform's built-in provider.
pub fn workspace_without_provider(
    client: &Client,
    binary: &Path,
    configuration: &str,
) -> Result<Workspace> {
    let workspace = Workspace::new(client, binary)?;
    workspace.write("main.tf", configuration)?;
    workspace.init()?.checked()?;
    Ok(workspace)
}
