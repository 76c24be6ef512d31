//! Puts the provider where Terraform and OpenTofu look for plugins.

use std::env;
use std::path::{Path, PathBuf};

use fs_err as fs;

use crate::error::{Error, Result};
use crate::package::program;
use crate::project::Project;
use crate::target::Target;

/// Where Terraform and OpenTofu look for `swas-rs/swas`.
const ADDRESSES: [&str; 2] = [
    "registry.terraform.io/swas-rs/swas",
    "registry.opentofu.org/swas-rs/swas",
];

/// A folder in which Terraform and OpenTofu look for plugins.
pub struct PluginFolder {
    path: PathBuf,
    /// Whether it has to be named to find it again.
    named: bool,
}

impl PluginFolder {
    /// The folder that is named, and else the one of the home directory.
    ///
    /// # Errors
    ///
    /// When none is named and there is no home directory.
    pub fn find(named: Option<PathBuf>) -> Result<Self> {
        if let Some(path) = named {
            return Ok(Self { path, named: true });
        }
        let home = if cfg!(windows) {
            env::var_os("APPDATA").map(|folder| Path::new(&folder).join("terraform.d"))
        } else {
            env::home_dir().map(|folder| folder.join(".terraform.d"))
        };
        Ok(Self {
            path: home.ok_or(Error::NoHome)?.join("plugins"),
            named: false,
        })
    }

    /// Installs a binary, in place of an earlier one of its version, and returns
    /// where it is now.
    ///
    /// # Errors
    ///
    /// When a file cannot be read or written.
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
            // A program that runs cannot be written to, but it can be replaced.
            let new = file.with_extension("new");
            fs::copy(binary, &new)?;
            fs::rename(&new, &file)?;
            files.push(file);
        }
        Ok(files)
    }

    /// Removes every version, and returns the folders that were there.
    ///
    /// # Errors
    ///
    /// When a folder cannot be removed.
    pub fn remove(&self) -> Result<Vec<PathBuf>> {
        let mut removed = Vec::new();
        for address in ADDRESSES {
            let folder = self.path.join(address);
            if !folder.exists() {
                continue;
            }
            fs::remove_dir_all(&folder)?;
            // Folders that hold nothing else go too; others stay.
            for parent in folder.ancestors().skip(1).take(2) {
                if std::fs::remove_dir(parent).is_err() {
                    break;
                }
            }
            removed.push(folder);
        }
        Ok(removed)
    }

    /// What a user has to know after an installation.
    pub fn advice(&self) -> String {
        let option = if self.named {
            format!(" --dir {}", self.path.display())
        } else {
            String::new()
        };
        format!(
            "\n\
             In configurations with source = \"swas-rs/swas\", \"terraform init\" and\n\
             \"tofu init\" now take this build and ask no registry for it. Where another\n\
             build of this version was used before, they refuse it until its entry in\n\
             .terraform.lock.hcl is gone.\n\
             To remove it: cargo xtask install --remove{option}\n"
        )
    }
}
