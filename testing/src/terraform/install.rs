//! Installation of the provider for a client without a registry.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::Client;

/// The hosts under which Terraform and `OpenTofu` look for `swas-rs/swas`.
const HOSTS: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

/// The directory layout of a workspace.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) root: PathBuf,
}

impl Layout {
    /// Creates the directories.
    pub(super) fn create(root: PathBuf) -> io::Result<Self> {
        let layout = Self { root };
        for folder in [
            layout.home(),
            layout.work(),
            layout.temporary(),
            layout.logs(),
        ] {
            fs::create_dir_all(folder)?;
        }
        Ok(layout)
    }

    pub(super) fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    /// The configuration directory, in which commands run.
    pub(super) fn work(&self) -> PathBuf {
        self.root.join("work")
    }

    /// `TMPDIR` of the client and the provider.
    pub(super) fn temporary(&self) -> PathBuf {
        self.root.join("tmp")
    }

    pub(super) fn logs(&self) -> PathBuf {
        self.root.join("log")
    }

    pub(super) fn cli_config(&self) -> PathBuf {
        self.root.join("cli.tfrc")
    }

    fn mirror(&self) -> PathBuf {
        self.root.join("mirror")
    }
}

/// A package to install.
#[derive(Debug)]
pub(super) struct Package<'a> {
    pub(super) binary: &'a Path,
    pub(super) version: &'a str,
    /// Restricts the provider to a protocol version, through a wrapper script.
    pub(super) protocol: Option<u32>,
}

/// Installs a package for a client and writes the client's configuration.
pub(super) fn install(layout: &Layout, client: &Client, package: &Package<'_>) -> io::Result<()> {
    if client.predates_sources() {
        let folder = layout.home().join(".terraform.d/plugins").join(platform());
        package.install_in(layout, &folder)?;
        return fs::write(layout.cli_config(), "disable_checkpoint = true\n");
    }
    for host in HOSTS {
        let folder = layout
            .mirror()
            .join(host)
            .join("swas-rs/swas")
            .join(package.version)
            .join(platform());
        package.install_in(layout, &folder)?;
    }
    fs::write(layout.cli_config(), mirror_config(&layout.mirror()))
}

impl Package<'_> {
    fn install_in(&self, layout: &Layout, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let file = folder.join(format!("terraform-provider-swas_v{}", self.version));
        let Some(protocol) = self.protocol else {
            return link(self.binary, &file);
        };
        let target = layout.root.join("terraform-provider-swas");
        if !target.exists() {
            link(self.binary, &target)?;
        }
        fs::write(&file, wrapper(protocol, &target))?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755))
    }
}

/// Hard-links a binary, or copies it across file systems.
fn link(from: &Path, to: &Path) -> io::Result<()> {
    // A hard link to a symbolic link would be a symbolic link.
    let from = from.canonicalize()?;
    fs::hard_link(&from, to).or_else(|_| fs::copy(&from, to).map(drop))
}

/// A wrapper script that offers the provider one protocol version. Terraform has no
/// option for it and uses the highest common version.
fn wrapper(protocol: u32, target: &Path) -> String {
    let target = target.display().to_string().replace('\'', r"'\''");
    format!(
        "#!/bin/sh\n\
         PLUGIN_PROTOCOL_VERSIONS={protocol}\n\
         export PLUGIN_PROTOCOL_VERSIONS\n\
         exec '{target}' \"$@\"\n"
    )
}

fn mirror_config(mirror: &Path) -> String {
    let include = HOSTS
        .map(|host| format!("\"{host}/swas-rs/swas\""))
        .join(", ");
    format!(
        "disable_checkpoint = true\n\
         \n\
         provider_installation {{\n  \
           filesystem_mirror {{\n    \
             path    = \"{}\"\n    \
             include = [{include}]\n  \
           }}\n\
         }}\n",
        mirror.display()
    )
}

/// The platform name in Terraform's format.
fn platform() -> String {
    let os = if OS == "macos" { "darwin" } else { OS };
    let arch = match ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    };
    format!("{os}_{arch}")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::*;

    #[test]
    fn wrapper_sets_the_protocol_and_passes_arguments() {
        let folder = tempfile::Builder::new().prefix("it's ").tempdir().unwrap();
        let target = folder.path().join("printenv");
        symlink("/usr/bin/printenv", &target).unwrap();
        let script = wrapper(5, &target);
        let output = Command::new("/bin/sh")
            .args(["-c", &script, "name", "PLUGIN_PROTOCOL_VERSIONS"])
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "5\n");
    }
}
