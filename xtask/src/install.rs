//! Installation of the provider into the plugin folder of Terraform and OpenTofu.

use std::env;
use std::path::{Path, PathBuf};

use fs_err as fs;

use crate::error::{Error, Result};
use crate::package::program;
use crate::project::Project;
use crate::target::Target;

/// The source addresses that `swas-rs/swas` stands for in Terraform and in OpenTofu.
const ADDRESSES: [&str; 2] = [
    "registry.terraform.io/swas-rs/swas",
    "registry.opentofu.org/swas-rs/swas",
];

/// An implicit local mirror, in which Terraform and OpenTofu look for plugins.
pub struct PluginFolder {
    path: PathBuf,
    /// True if the user set the path.
    explicit: bool,
}

impl PluginFolder {
    /// The given folder, or by default the one in the home directory.
    ///
    /// # Errors
    ///
    /// Fails if no folder is given and the home directory is unknown.
    pub fn find(path: Option<PathBuf>) -> Result<Self> {
        if let Some(path) = path {
            return Ok(Self {
                path,
                explicit: true,
            });
        }
        let home = if cfg!(windows) {
            env::var_os("APPDATA").map(|folder| Path::new(&folder).join("terraform.d"))
        } else {
            env::home_dir().map(|folder| folder.join(".terraform.d"))
        };
        Ok(Self {
            path: home.ok_or(Error::NoHome)?.join("plugins"),
            explicit: false,
        })
    }

    /// Installs a binary, replacing any of the same version, and returns the installed
    /// files.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be read or written.
    pub fn install(
        &self,
        project: &Project,
        target: &Target,
        binary: &Path,
    ) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for address in ADDRESSES {
            let folder = self.path.join(address).join(project.version());
            let folder = folder.join(target.platform());
            fs::create_dir_all(&folder)?;
            let file = folder.join(program(project, target));
            // A running binary cannot be overwritten, but it can be replaced.
            let new = file.with_extension("new");
            fs::copy(binary, &new)?;
            fs::rename(&new, &file)?;
            files.push(file);
        }
        Ok(files)
    }

    /// Removes all versions and returns the removed folders.
    ///
    /// # Errors
    ///
    /// Fails if a folder cannot be removed.
    pub fn remove(&self) -> Result<Vec<PathBuf>> {
        let mut removed = Vec::new();
        for address in ADDRESSES {
            let folder = self.path.join(address);
            if !folder.exists() {
                continue;
            }
            fs::remove_dir_all(&folder)?;
            // Removes parent folders that are empty now.
            for parent in folder.ancestors().skip(1).take(2) {
                if std::fs::remove_dir(parent).is_err() {
                    break;
                }
            }
            removed.push(folder);
        }
        Ok(removed)
    }

    /// The instructions that are printed after an installation.
    pub fn instructions(&self) -> String {
        let option = if self.explicit {
            format!(" --dir {}", self.path.display())
        } else {
            String::new()
        };
        format!(
            "\n\
             In configurations with source = \"swas-rs/swas\", \"terraform init\" and\n\
             \"tofu init\" now install this build and not the registry's. If another build\n\
             of this version was used before, remove its entry from .terraform.lock.hcl.\n\
             To uninstall: cargo xtask install --remove{option}\n"
        )
    }
}
