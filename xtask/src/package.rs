//! A package: the archive of the provider for one platform.

use std::io::Write;
use std::path::{Path, PathBuf};

use fs_err as fs;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::error::Result;
use crate::project::{NAME, Project};
use crate::target::Target;

/// The license files, which the licenses require in every distribution.
const LICENSES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// The prefix of the file names of a release.
pub fn stem(project: &Project) -> String {
    format!("{NAME}_{}", project.version())
}

/// The file name of the provider binary in packages and plugin folders.
pub fn program(project: &Project, target: &Target) -> String {
    format!("{NAME}_v{}{}", project.version(), target.suffix())
}

/// Writes the package for a platform and returns its path. Packages are reproducible.
///
/// # Errors
///
/// Fails if a file cannot be read or the package cannot be written.
pub fn write(project: &Project, target: &Target, binary: &Path, folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let path = folder.join(format!("{}_{}.zip", stem(project), target.platform()));
    let mut package = ZipWriter::new(fs::File::create(&path)?);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::default());
    for name in LICENSES {
        package.start_file(name, options.unix_permissions(0o644))?;
        package.write_all(&fs::read(project.root().join(name))?)?;
    }
    package.start_file(program(project, target), options.unix_permissions(0o755))?;
    package.write_all(&fs::read(binary)?)?;
    package.finish()?;
    Ok(path)
}
