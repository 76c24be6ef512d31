//! The release files besides the packages: manifest, SBOM and checksums.

use std::io::Write;
use std::path::{Path, PathBuf};

use fs_err as fs;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::package::stem;
use crate::project::Project;
use crate::sbom;

/// The registries' manifest, with the protocol versions of the provider.
const MANIFEST: &str = "terraform-registry-manifest.json";

/// Writes the manifest, the SBOM and the checksums of all files of this version in a
/// folder. Returns their paths.
///
/// # Errors
///
/// Fails if the folder has no package, or a file cannot be read or written.
pub fn seal(project: &Project, folder: &Path) -> Result<[PathBuf; 3]> {
    let stem = stem(project);
    let mut names = packages(folder, &stem)?;
    if names.is_empty() {
        return Err(Error::NoPackages {
            version: project.version(),
            folder: folder.display().to_string(),
        });
    }
    let manifest = format!("{stem}_manifest.json");
    fs::copy(project.root().join(MANIFEST), folder.join(&manifest))?;
    let components = format!("{stem}_sbom.cdx.json");
    fs::write(folder.join(&components), sbom::of(project)?)?;
    names.extend([manifest.clone(), components.clone()]);
    names.sort();

    let mut sums = Vec::new();
    for name in names {
        let digest = Sha256::digest(fs::read(folder.join(&name))?);
        // Two spaces, the format of sha256sum.
        writeln!(sums, "{}  {name}", hex::encode(digest))?;
    }
    let checksums = format!("{stem}_SHA256SUMS");
    fs::write(folder.join(&checksums), sums)?;
    Ok([manifest, components, checksums].map(|name| folder.join(name)))
}

/// The file names of the packages of one version.
fn packages(folder: &Path, stem: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let platform = name
            .strip_prefix(stem)
            .and_then(|it| it.strip_suffix(".zip"));
        if platform.is_some_and(|it| it.starts_with('_')) {
            names.push(name);
        }
    }
    Ok(names)
}
