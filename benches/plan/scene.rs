//! An endpoint, and a configuration that reads from it.

use std::path::Path;

use swas_testing::emulator::{Catalog, Emulator, Options};
use swas_testing::terraform::{Client, Workspace};

use super::Result;

/// The region that everything is read from.
pub const REGION: &str = "cn-hangzhou";

/// An endpoint that answers with these images.
pub fn endpoint(catalog: Catalog) -> Result<Emulator> {
    Ok(Emulator::start(Options {
        catalog,
        ..Options::default()
    })?)
}

/// A configuration that reads `swas_images` from an endpoint, by a provider
/// block that every provider understands which is measured here.
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

/// A workspace with this configuration that is ready to plan.
pub fn workspace(client: &Client, binary: &Path, configuration: &str) -> Result<Workspace> {
    let workspace = Workspace::new(client, binary)?;
    workspace.write("versions.tf", &workspace.required_providers())?;
    workspace.write("main.tf", configuration)?;
    workspace.init()?.checked()?;
    Ok(workspace)
}

/// A workspace whose configuration needs no provider but Terraform's own.
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
