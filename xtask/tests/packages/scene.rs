//! Packages to install, and a folder in which Terraform installs them.

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

/// The variable that names a folder with packages to test.
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

/// What is to be tested.
pub struct Packages {
    pub folder: PathBuf,
    pub version: String,
    /// Whether they are meant for users, and not made of a build for tests.
    pub released: bool,
    _made: TempDir,
}

static PACKAGES: LazyLock<std::result::Result<Packages, String>> =
    LazyLock::new(|| Packages::get().map_err(|error| error.to_string()));

/// The packages that all tests share.
pub fn packages() -> Result<&'static Packages> {
    Ok(PACKAGES.as_ref().map_err(String::as_str)?)
}

/// The folder that `SWAS_TEST_DIST` names. Tests run in the folder of their
/// crate, and whoever names one means the folder of the workspace.
pub fn named_folder() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    Some(workspace.join(env::var_os(DIST)?))
}

impl Packages {
    fn get() -> Result<Self> {
        let made = tempfile::tempdir()?;
        let released = named_folder();
        let is_released = released.is_some();
        let folder = released.unwrap_or_else(|| made.path().to_owned());
        if !is_released {
            let provider = built_provider()?;
            let arguments = ["dist".as_ref(), "--binary".as_ref(), provider.as_os_str()];
            xtask(arguments, &folder)?;
        }
        let version = version(&folder)?;
        Ok(Self {
            folder,
            version,
            released: is_released,
            _made: made,
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

    /// The provider's name in a package.
    pub fn program(&self) -> String {
        format!("terraform-provider-swas_v{}", self.version)
    }

    /// Takes the provider out of the package for this machine.
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

/// The provider that stands beside the folder of this program, as Cargo builds
/// both in one run.
fn built_provider() -> Result<PathBuf> {
    let program = env::current_exe()?;
    let folder = program.ancestors().nth(2).ok_or("no folder")?;
    Ok(folder.join("terraform-provider-swas"))
}

/// Runs this crate's program with a folder.
pub fn xtask<A: AsRef<std::ffi::OsStr>>(
    arguments: impl IntoIterator<Item = A>,
    folder: &Path,
) -> Result<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(arguments)
        .arg("--dir")
        .arg(folder)
        .output()?;
    succeeded(&output)
}

/// What a program printed, if it succeeded.
pub fn succeeded(output: &Output) -> Result<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok(text)
    } else {
        let errors = String::from_utf8_lossy(&output.stderr);
        Err(format!("{}\n{text}\n{errors}", output.status).into())
    }
}

/// This machine's platform, by the registries' name.
pub fn platform() -> String {
    let os = env::consts::OS.replace("macos", "darwin");
    let arch = env::consts::ARCH
        .replace("x86_64", "amd64")
        .replace("aarch64", "arm64");
    format!("{os}_{arch}")
}

/// A folder with a configuration, a home directory, and an endpoint to read
/// from.
pub struct Scene {
    client: PathBuf,
    pub emulator: Emulator,
    folder: TempDir,
    environment: Vec<(String, PathBuf)>,
}

impl Scene {
    pub fn new(client: &Client) -> Result<Self> {
        let scene = Self {
            client: client.path.clone(),
            emulator: Emulator::start(Options::default())?,
            folder: tempfile::Builder::new().prefix("swas-").tempdir()?,
            environment: Vec::new(),
        };
        fs::create_dir(scene.home())?;
        fs::create_dir(scene.work())?;
        write_configuration(&scene.work())?;
        Ok(scene)
    }

    /// Configures the client.
    pub fn configure(&mut self, text: &str) -> Result<()> {
        let file = self.path("cli.tfrc");
        fs::write(&file, text)?;
        self.env("TF_CLI_CONFIG_FILE", file);
        Ok(())
    }

    /// Sets a variable of commands.
    pub fn env(&mut self, name: &str, value: PathBuf) {
        self.environment.push((name.to_owned(), value));
    }

    /// Something beside home directory and configuration.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn home(&self) -> PathBuf {
        self.path("home")
    }

    fn work(&self) -> PathBuf {
        self.path("work")
    }

    /// Runs a command of the client.
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
        succeeded(&output)
    }

    /// Installs the provider and reads images with it.
    pub fn init_and_plan(&self) -> Result<()> {
        self.run("init")?;
        found_images(&self.run("plan")?)
    }

    /// The checksums that `init` has written down.
    pub fn lock(&self) -> Result<String> {
        Ok(fs::read_to_string(self.work().join(".terraform.lock.hcl"))?)
    }

    /// Forgets what is installed, and keeps the checksums.
    pub fn forget_installation(&self) -> Result<()> {
        Ok(fs::remove_dir_all(self.work().join(".terraform"))?)
    }
}

/// Writes a configuration that reads images.
pub fn write_configuration(folder: &Path) -> Result<()> {
    Ok(fs::write(folder.join("main.tf"), CONFIGURATION)?)
}

/// Whether a plan for it has read some.
pub fn found_images(plan: &str) -> Result<()> {
    if plan.contains("+ found = true") {
        Ok(())
    } else {
        Err(format!("no images found: {plan}").into())
    }
}
