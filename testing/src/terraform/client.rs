//! Discovery of Terraform and OpenTofu binaries.

use std::env;
use std::error::Error;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{Output, Running, Version};

/// The environment variable with additional client binaries, separated as in `PATH`.
pub const CLIENTS_VARIABLE: &str = "SWAS_TEST_CLIENTS";

/// The timeout of `version`.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A Terraform or `OpenTofu` binary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The path of the binary.
    pub path: PathBuf,
    /// The product.
    pub product: Product,
    /// The version that the binary reports.
    pub version: Version,
}

/// The product of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// Terraform, by `HashiCorp`.
    Terraform,
    /// `OpenTofu`, its fork.
    OpenTofu,
}

/// A binary that does not report a Terraform or `OpenTofu` version.
#[derive(Debug, thiserror::Error)]
#[error("{} does not report its version: {output}", .path.display())]
pub struct ClientError {
    path: PathBuf,
    output: String,
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Terraform => "terraform",
            Self::OpenTofu => "tofu",
        })
    }
}

impl Client {
    /// Finds `terraform` and `tofu` on `PATH`, and the binaries in `SWAS_TEST_CLIENTS`,
    /// without duplicates. Invalid binaries on `PATH` are skipped. In
    /// `SWAS_TEST_CLIENTS`, they are errors.
    pub fn discover() -> Result<Vec<Self>, ClientError> {
        let variable = |name| env::var_os(name).unwrap_or_default();
        Self::discover_in(&variable("PATH"), &variable(CLIENTS_VARIABLE))
    }

    fn discover_in(path: &OsStr, named: &OsStr) -> Result<Vec<Self>, ClientError> {
        let mut seen = Vec::new();
        let mut is_new = |file: &Path| {
            let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
            let is_new = !seen.contains(&file);
            if is_new {
                seen.push(file);
            }
            is_new
        };
        let mut clients = Vec::new();
        for name in ["terraform", "tofu"] {
            let found = env::split_paths(path)
                .map(|folder| folder.join(name))
                .find(|file| file.is_file());
            if let Some(file) = found.filter(|file| is_new(file)) {
                clients.extend(Self::at(file).ok());
            }
        }
        for file in env::split_paths(named).filter(|file| !file.as_os_str().is_empty()) {
            if is_new(&file) {
                clients.push(Self::at(file)?);
            }
        }
        Ok(clients)
    }

    /// Runs a binary to determine its version.
    pub fn at(path: impl Into<PathBuf>) -> Result<Self, ClientError> {
        let path = path.into();
        let output = match run_version(&path) {
            Ok(output) => output.stdout,
            Err(error) => error.to_string(),
        };
        match find_version(&output) {
            Some((product, version)) => Ok(Self {
                path,
                product,
                version,
            }),
            None => Err(ClientError { path, output }),
        }
    }

    /// The product and version, such as `terraform-1.11.4`.
    pub fn name(&self) -> String {
        format!("{}-{}", self.product, self.version)
    }

    /// Returns whether this is Terraform 0.12, which has no provider source addresses.
    pub(super) fn predates_sources(&self) -> bool {
        !self.version.at_least(0, 13)
    }
}

fn run_version(path: &Path) -> Result<Output, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(path);
    command
        .arg("version")
        .current_dir(folder.path())
        .env_clear()
        .env("HOME", folder.path())
        .env("TF_CLI_CONFIG_FILE", "/dev/null")
        .env("CHECKPOINT_DISABLE", "1");
    Running::spawn(command, folder.path().join("version"))?.wait(TIMEOUT)
}

/// Finds the version in a client's output. Only the start of a line counts: other lines
/// mention versions too.
fn find_version(text: &str) -> Option<(Product, Version)> {
    let products = [
        ("Terraform v", Product::Terraform),
        ("OpenTofu v", Product::OpenTofu),
    ];
    text.lines().find_map(|line| {
        products.into_iter().find_map(|(prefix, product)| {
            let version = line.strip_prefix(prefix)?.split_whitespace().next()?;
            Some((product, Version::parse(version)?))
        })
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn version_is_found_in_the_output() {
        let cases = [
            ("Terraform v1.11.4\non linux_amd64\n", "terraform 1.11.4"),
            (
                "OpenTofu v1.12.6\non linux_amd64\n+ provider x v2.0.0\n",
                "tofu 1.12.6",
            ),
            (
                "[INFO] Terraform v0.1.0\nTerraform v0.15.0-rc2\n",
                "terraform 0.15.0-rc2",
            ),
            ("Terraform v0.12.29", "terraform 0.12.29"),
            ("Terraform v1.0.3 (outdated)", "terraform 1.0.3"),
        ];
        for (output, expected) in cases {
            let (product, version) = find_version(output).unwrap();
            assert_eq!(format!("{product} {version}"), expected);
        }
    }

    #[test]
    fn version_is_not_found_in_other_output() {
        let other = "2026 Terraform v1.0.0";
        for output in ["", "Terraform", "Terraform vNext", "Terraform v1", other] {
            assert_eq!(find_version(output), None, "{output:?}");
        }
    }

    fn script(file: &Path, text: &str) {
        fs::write(file, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn discovery_skips_duplicate_binaries() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("terraform");
        script(&file, "echo Terraform v1.2.3");
        let link = folder.path().join("another");
        symlink(&file, &link).unwrap();
        let variable = env::join_paths([&link, &file]).unwrap();
        let clients = Client::discover_in(folder.path().as_os_str(), &variable).unwrap();
        let names: Vec<String> = clients.iter().map(Client::name).collect();
        assert_eq!(names, ["terraform-1.2.3"]);
    }

    #[test]
    fn version_is_found_in_the_traces_of_old_clients() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("old");
        script(
            &file,
            "echo '[INFO] Terraform version: 0.12.29' >&2; echo o:Terraform v0.12.29",
        );
        assert_eq!(Client::at(file).unwrap().name(), "terraform-0.12.29");
    }

    #[test]
    fn discovery_rejects_invalid_named_binaries_and_skips_those_on_path() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("terraform");
        script(&file, "exit 1");
        let path = folder.path().as_os_str();
        assert_eq!(Client::discover_in(path, OsStr::new("")).unwrap(), []);
        assert!(Client::discover_in(OsStr::new(""), file.as_os_str()).is_err());
    }
}
