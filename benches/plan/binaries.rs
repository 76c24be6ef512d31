//! The providers that are measured, each as a binary.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Result;

/// A provider.
pub struct Provider {
    /// As tables name it.
    pub name: String,
    /// Its binary.
    pub binary: PathBuf,
    /// What it does.
    pub role: Role,
}

/// What a provider is measured for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// To know what starting and talking cost by themselves.
    NoopProvider,
    /// It is what this is about.
    This,
    /// To compare.
    Peer,
}

impl Provider {
    /// Whether what it has as `swas_images` is a list of images.
    pub fn lists_images(&self) -> bool {
        self.role != Role::NoopProvider
    }
}

/// The one that does nothing, this one, and the peers. Those of the first two
/// that are not given are built, as they are for users, for the platform if one is
/// named.
pub fn find(
    do_nothing: Option<&Path>,
    provider: Option<&Path>,
    target: Option<&str>,
    peers: &[PathBuf],
) -> Result<Vec<Provider>> {
    let mut providers = vec![
        Provider {
            name: "noop-provider".to_owned(),
            binary: given_or_built(do_nothing, "noop-provider", target)?,
            role: Role::NoopProvider,
        },
        Provider {
            name: "this provider".to_owned(),
            binary: given_or_built(provider, "terraform-provider-swas", target)?,
            role: Role::This,
        },
    ];
    for peer in peers {
        let name = peer.file_name().ok_or("a peer without a name")?;
        providers.push(Provider {
            name: name.to_string_lossy().into_owned(),
            binary: peer.clone(),
            role: Role::Peer,
        });
    }
    for provider in &mut providers {
        provider.binary = provider
            .binary
            .canonicalize()
            .map_err(|error| format!("{}: {error}", provider.binary.display()))?;
    }
    Ok(providers)
}

/// Where the binary of a program is, which is built as releases are. Each is built
/// by itself: built together, packages get what any of them asks for of a dependency.
fn given_or_built(given: Option<&Path>, program: &str, target: Option<&str>) -> Result<PathBuf> {
    if let Some(binary) = given {
        return Ok(binary.to_owned());
    }
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["xtask", "build", "--program", program])
        .args(target.into_iter().flat_map(|target| ["--target", target]))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("{program} cannot be built").into());
    }
    Ok(String::from_utf8(output.stdout)?.trim_end().into())
}
