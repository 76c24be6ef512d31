//! What Cargo knows of the project.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package};

use crate::error::{Error, Result};

/// The provider's package, binary and type of archive.
pub const NAME: &str = "terraform-provider-swas";

/// The project that this program was built from.
pub struct Project {
    metadata: Metadata,
    provider: usize,
}

impl Project {
    /// Asks Cargo about the project.
    ///
    /// # Errors
    ///
    /// When it does not answer, or the provider's package is not there.
    pub fn find() -> Result<Self> {
        let metadata = ask_cargo().no_deps().exec()?;
        let provider = metadata.packages.iter().position(|it| it.name == NAME);
        Ok(Self {
            provider: provider.ok_or(Error::NoProvider)?,
            metadata,
        })
    }

    /// The provider's package.
    pub fn provider(&self) -> &Package {
        &self.metadata.packages[self.provider]
    }

    /// The provider's version.
    pub fn version(&self) -> String {
        self.provider().version.to_string()
    }

    /// The folder of the workspace.
    pub fn root(&self) -> &Path {
        self.metadata.workspace_root.as_std_path()
    }

    /// Where Cargo puts what it builds.
    pub fn target_folder(&self) -> &Path {
        self.metadata.target_directory.as_std_path()
    }

    /// Where packages go unless another folder is named.
    pub fn dist(&self) -> PathBuf {
        self.target_folder().join("dist")
    }
}

/// What Cargo says of the project and of all crates that it is made of, those
/// for other platforms included.
///
/// # Errors
///
/// When it does not answer, or cannot fetch those crates.
pub fn with_dependencies() -> Result<Metadata> {
    Ok(ask_cargo().exec()?)
}

fn ask_cargo() -> MetadataCommand {
    let mut command = MetadataCommand::new();
    command
        .manifest_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml"))
        .other_options(["--locked".to_owned()]);
    command
}
