//! The binaries of the measured providers.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Result;

/// A measured provider.
pub struct Provider {
    /// The name in tables.
    pub name: String,
    /// The path of the binary.
    pub binary: PathBuf,
    /// The role in the comparison.
    pub role: Role,
}

/// The role of a provider in the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The baseline of starting a provider and calling it.
    NoopProvider,
    /// The provider of this repository.
    This,
    /// Another provider.
    Peer,
}

impl Provider {
    /// Returns whether its `swas_images` lists images.
    pub fn lists_images(&self) -> bool {
        self.role != Role::NoopProvider
    }
}

/// Collects the no-op provider, this provider and the peers. Builds the first two like
/// releases, for `target` if it is set, unless their binaries are given.
pub fn find(
    noop_provider: Option<&Path>,
    provider: Option<&Path>,
    target: Option<&str>,
    peers: &[PathBuf],
) -> Result<Vec<Provider>> {
    let mut providers = vec![
        Provider {
            name: "noop-provider".to_owned(),
            binary: given_or_built(noop_provider, "noop-provider", target)?,
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

/// The path of the given binary, or of one built like a release. Each program is built
/// separately: Cargo unifies the features of dependencies within one build.
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
