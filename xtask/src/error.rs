//! The error type of tasks.

use std::process::ExitStatus;

/// The result of a task.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of a task.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file operation failed. The error includes the path.
    #[error(transparent)]
    File(#[from] std::io::Error),
    /// A package could not be written.
    #[error("the package cannot be written: {0}")]
    Package(#[from] zip::result::ZipError),
    /// `cargo metadata` failed.
    #[error(transparent)]
    Metadata(#[from] cargo_metadata::Error),
    /// The workspace has no package with the provider's name.
    #[error("there is no package terraform-provider-swas here")]
    NoProvider,
    /// The SBOM could not be written.
    #[error("the SBOM cannot be written: {0}")]
    Sbom(#[from] cyclonedx_bom::errors::JsonWriteError),
    /// A tool failed. It has reported the error itself.
    #[error("{program} failed: {status}")]
    Failed {
        /// The command.
        program: &'static str,
        /// The exit status.
        status: ExitStatus,
    },
    /// A tool could not be run.
    #[error("{program} cannot be run: {source}")]
    Run {
        /// The command.
        program: &'static str,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The registries do not support the platform.
    #[error("the registries have no name for the platform {0:?}")]
    Target(String),
    /// The home directory is unknown.
    #[error("there is no home directory; name a folder with --dir")]
    NoHome,
    /// The folder has no packages of the version.
    #[error("there is no package of version {version} in {folder}")]
    NoPackages {
        /// The version.
        version: String,
        /// The folder.
        folder: String,
    },
}
