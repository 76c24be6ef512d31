//! Cargo metadata of the project.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package};

use crate::error::{Error, Result};

/// The name of the provider's package and binary, and the prefix of its archives.
pub const NAME: &str = "terraform-provider-swas";

/// The workspace that this program was built from.
pub struct Project {
    metadata: Metadata,
    provider: usize,
}

impl Project {
    /// Runs `cargo metadata` for the workspace.
    ///
    /// # Errors
    ///
    /// Fails if `cargo metadata` fails or the provider's package is missing.
    pub fn find() -> Result<Self> {
        let metadata = cargo_metadata().no_deps().exec()?;
        let provider = metadata.packages.iter().position(|it| it.name == NAME);
        Ok(Self {
            provider: provider.ok_or(Error::NoProvider)?,
            metadata,
        })
    }

    /// The metadata of the provider's package.
    pub fn provider(&self) -> &Package {
        &self.metadata.packages[self.provider]
    }

    /// The provider's version.
    pub fn version(&self) -> String {
        self.provider().version.to_string()
    }

    /// The root folder of the workspace.
    pub fn root(&self) -> &Path {
        self.metadata.workspace_root.as_std_path()
    }

    /// Cargo's target folder.
    pub fn target_folder(&self) -> &Path {
        self.metadata.target_directory.as_std_path()
    }

    /// The default folder for packages.
    pub fn dist(&self) -> PathBuf {
        self.target_folder().join("dist")
    }
}

/// Runs `cargo metadata` with all dependencies, including those for other platforms.
///
/// # Errors
///
/// Fails if `cargo metadata` fails or the dependencies cannot be fetched.
pub fn with_dependencies() -> Result<Metadata> {
    Ok(cargo_metadata().exec()?)
}

fn cargo_metadata() -> MetadataCommand {
    let mut command = MetadataCommand::new();
    command
        .manifest_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml"))
        .other_options(["--locked".to_owned()]);
    command
}
