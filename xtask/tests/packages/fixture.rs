//! The packages to test, and a workspace in which Terraform installs them.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use swas_testing::emulator::{Emulator, Options};
use swas_testing::terraform::Client;
use tempfile::TempDir;

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The environment variable with the folder of packages to test.
const DIST: &str = "SWAS_TEST_DIST";

/// The hosts under which Terraform and OpenTofu look for `swas-rs/swas`.
pub const HOSTS: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    swas = {
      source = "swas-rs/swas"
    }
  }
}

provider "swas" {
  region = "cn-hangzhou"
}

data "swas_images" "all" {}

output "found" {
  value = length(data.swas_images.all.images) > 0
}
"#;

/// The packages to test.
pub struct Packages {
    pub folder: PathBuf,
    pub version: String,
    /// True for release packages, false for packages of a test build.
    pub released: bool,
    _temporary: TempDir,
}

static PACKAGES: LazyLock<std::result::Result<Packages, String>> =
    LazyLock::new(|| Packages::get().map_err(|error| error.to_string()));

/// The shared packages, created once.
pub fn packages() -> Result<&'static Packages> {
    Ok(PACKAGES.as_ref().map_err(String::as_str)?)
}

/// The folder in `SWAS_TEST_DIST`, relative to the workspace root. Tests run in the folder
/// of their crate.
pub fn dist_folder() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    Some(workspace.join(env::var_os(DIST)?))
}

impl Packages {
    fn get() -> Result<Self> {
        let temporary = tempfile::tempdir()?;
        let dist = dist_folder();
        let released = dist.is_some();
        let folder = dist.unwrap_or_else(|| temporary.path().to_owned());
        if !released {
            let provider = built_provider()?;
            let arguments = ["dist".as_ref(), "--binary".as_ref(), provider.as_os_str()];
            xtask(arguments, &folder)?;
        }
        let version = version(&folder)?;
        Ok(Self {
            folder,
            version,
            released,
            _temporary: temporary,
        })
    }

    /// The package for this machine.
    pub fn archive(&self) -> PathBuf {
        let name = format!(
            "terraform-provider-swas_{}_{}.zip",
            self.version,
            platform()
        );
        self.folder.join(name)
    }

    /// The file name of the provider in a package.
    pub fn program(&self) -> String {
        format!("terraform-provider-swas_v{}", self.version)
    }

    /// Extracts the package for this machine and returns the path of the provider.
    pub fn unpack(&self, folder: &Path) -> Result<PathBuf> {
        zip::ZipArchive::new(fs::File::open(self.archive())?)?.extract(folder)?;
        Ok(folder.join(self.program()))
    }
}

/// The version of the packages in a folder.
fn version(folder: &Path) -> Result<String> {
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let version = name.strip_prefix("terraform-provider-swas_");
        if let Some(version) = version.and_then(|it| it.strip_suffix("_SHA256SUMS")) {
            return Ok(version.to_owned());
        }
    }
    Err(format!("no packages in {}", folder.display()).into())
}

/// The provider's binary, which the same run of `cargo test` has built.
fn built_provider() -> Result<PathBuf> {
    let program = env::current_exe()?;
    let folder = program.ancestors().nth(2).ok_or("no folder")?;
    Ok(folder.join("terraform-provider-swas"))
}

/// Runs xtask with `--dir` and returns its standard output.
pub fn xtask<A: AsRef<std::ffi::OsStr>>(
    arguments: impl IntoIterator<Item = A>,
    folder: &Path,
) -> Result<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(arguments)
        .arg("--dir")
        .arg(folder)
        .output()?;
    stdout_of(&output)
}

/// The standard output of a program. Returns an error if it failed.
pub fn stdout_of(output: &Output) -> Result<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok(text)
    } else {
        let errors = String::from_utf8_lossy(&output.stderr);
        Err(format!("{}\n{text}\n{errors}", output.status).into())
    }
}

/// The platform name of this machine in the registries.
pub fn platform() -> String {
    let os = env::consts::OS.replace("macos", "darwin");
    let arch = env::consts::ARCH
        .replace("x86_64", "amd64")
        .replace("aarch64", "arm64");
    format!("{os}_{arch}")
}

/// A configuration directory, a home directory, and an emulator.
pub struct Fixture {
    client: PathBuf,
    pub emulator: Emulator,
    folder: TempDir,
    environment: Vec<(String, PathBuf)>,
}

impl Fixture {
    pub fn new(client: &Client) -> Result<Self> {
        let fixture = Self {
            client: client.path.clone(),
            emulator: Emulator::start(Options::default())?,
            folder: tempfile::Builder::new().prefix("swas-").tempdir()?,
            environment: Vec::new(),
        };
        fs::create_dir(fixture.home())?;
        fs::create_dir(fixture.work())?;
        write_configuration(&fixture.work())?;
        Ok(fixture)
    }

    /// Writes the CLI configuration file.
    pub fn configure(&mut self, text: &str) -> Result<()> {
        let file = self.path("cli.tfrc");
        fs::write(&file, text)?;
        self.env("TF_CLI_CONFIG_FILE", file);
        Ok(())
    }

    /// Sets an environment variable for later commands.
    pub fn env(&mut self, name: &str, value: PathBuf) {
        self.environment.push((name.to_owned(), value));
    }

    /// A path in the fixture's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn home(&self) -> PathBuf {
        self.path("home")
    }

    fn work(&self) -> PathBuf {
        self.path("work")
    }

    /// Runs a command of the client and returns its standard output.
    pub fn run(&self, command: &str) -> Result<String> {
        let output = Command::new(&self.client)
            .args([command, "-no-color", "-input=false"])
            .current_dir(self.work())
            .env_clear()
            .env("HOME", self.home())
            .env("TMPDIR", self.folder.path())
            .env("CHECKPOINT_DISABLE", "1")
            .envs(self.environment.iter().cloned())
            .envs(self.emulator.environment().iter().cloned())
            .output()?;
        stdout_of(&output)
    }

    /// Runs `init` and `plan`, and checks that the plan has images.
    pub fn init_and_plan(&self) -> Result<()> {
        self.run("init")?;
        assert_images_found(&self.run("plan")?)
    }

    /// The lock file that `init` has written.
    pub fn lock(&self) -> Result<String> {
        Ok(fs::read_to_string(self.work().join(".terraform.lock.hcl"))?)
    }

    /// Removes the installed provider but keeps the lock file.
    pub fn remove_installation(&self) -> Result<()> {
        Ok(fs::remove_dir_all(self.work().join(".terraform"))?)
    }
}

/// Writes a configuration that reads images.
pub fn write_configuration(folder: &Path) -> Result<()> {
    Ok(fs::write(folder.join("main.tf"), CONFIGURATION)?)
}

/// Returns an error unless the plan has read images.
pub fn assert_images_found(plan: &str) -> Result<()> {
    if plan.contains("+ found = true") {
        Ok(())
    } else {
        Err(format!("no images found: {plan}").into())
    }
}
