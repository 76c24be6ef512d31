//! Why a task was not done.

use std::process::ExitStatus;

/// What every step of a task returns.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a task was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be used. The text names it.
    #[error(transparent)]
    File(#[from] std::io::Error),
    /// A package could not be written.
    #[error("the package cannot be written: {0}")]
    Package(#[from] zip::result::ZipError),
    /// Cargo does not say what the project is made of.
    #[error(transparent)]
    Metadata(#[from] cargo_metadata::Error),
    /// The project has no package of the provider's name.
    #[error("there is no package terraform-provider-swas here")]
    NoProvider,
    /// The list of components could not be written.
    #[error("the SBOM cannot be written: {0}")]
    Sbom(#[from] cyclonedx_bom::errors::JsonWriteError),
    /// A tool failed, and said why.
    #[error("{program} failed: {status}")]
    Failed {
        /// What was run.
        program: &'static str,
        /// How it ended.
        status: ExitStatus,
    },
    /// A tool could not be run.
    #[error("{program} cannot be run: {source}")]
    Run {
        /// What was to be run.
        program: &'static str,
        /// Why it was not.
        source: std::io::Error,
    },
    /// No platform that the registries have a name for.
    #[error("the registries have no name for the platform {0:?}")]
    Target(String),
    /// Nobody's home.
    #[error("there is no home directory; name a folder with --dir")]
    NoHome,
    /// A folder without packages.
    #[error("there is no package of version {version} in {folder}")]
    NoPackages {
        /// Which version was looked for.
        version: String,
        /// Where.
        folder: String,
    },
}
