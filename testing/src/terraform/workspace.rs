//! A Terraform configuration directory with the provider installed.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

use crate::emulator::Emulator;

use super::install::{Layout, Package, install};
use super::{Client, Output, Running, processes_under};

/// The version of the installed provider.
const VERSION: &str = "0.1.0";

/// The timeout of a command.
const TIMEOUT: Duration = Duration::from_secs(100);

/// A configuration directory with a client and the provider installed for it.
///
/// Commands run in an isolated environment without the machine's Terraform settings.
/// Installation uses no network. Dropping the workspace kills remaining provider
/// processes and removes the directory.
#[derive(Debug)]
pub struct Workspace {
    client: Client,
    layout: Layout,
    environment: BTreeMap<OsString, OsString>,
    commands: AtomicU32,
    _folder: TempDir,
}

impl Workspace {
    /// Creates a workspace with the provider installed as version 0.1.0.
    pub fn new(client: &Client, binary: &Path) -> io::Result<Self> {
        Self::with_protocol(None, client, binary)
    }

    /// Creates a workspace whose provider is restricted to protocol version 5 or 6.
    pub fn with_protocol(
        protocol: Option<u32>,
        client: &Client,
        binary: &Path,
    ) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("swas-").tempdir()?;
        let layout = Layout::create(folder.path().canonicalize()?)?;
        let package = Package {
            binary,
            version: VERSION,
            protocol,
        };
        install(&layout, client, &package).map_err(|error| {
            let binary = binary.display();
            io::Error::other(format!("{binary} cannot be installed: {error}"))
        })?;
        Ok(Self {
            client: client.clone(),
            environment: environment(&layout),
            layout,
            commands: AtomicU32::new(0),
            _folder: folder,
        })
    }

    /// Creates a workspace that uses `emulator`, writes `configuration` to `main.tf`, and
    /// runs `init`.
    pub fn initialized(
        client: &Client,
        binary: &Path,
        emulator: &Emulator,
        configuration: &str,
    ) -> Result<Self, Box<dyn Error>> {
        let mut workspace = Self::new(client, binary)?;
        workspace.envs(emulator.environment().iter().cloned());
        workspace.write("versions.tf", &workspace.required_providers())?;
        workspace.write("main.tf", configuration)?;
        workspace.init()?.checked()?;
        Ok(workspace)
    }

    /// The configuration directory, in which commands run.
    pub fn dir(&self) -> PathBuf {
        self.layout.work()
    }

    /// The home directory of commands in the workspace.
    pub fn home_dir(&self) -> PathBuf {
        self.layout.home()
    }

    /// The folder for temporary files of the client and the provider.
    pub fn temporary_dir(&self) -> PathBuf {
        self.layout.temporary()
    }

    /// Writes a file into the configuration directory.
    pub fn write(&self, name: &str, text: &str) -> io::Result<()> {
        let file = self.dir().join(name);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(file, text)
    }

    /// Sets an environment variable for later commands.
    pub fn env(&mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        self.environment
            .insert(key.as_ref().to_owned(), value.as_ref().to_owned());
        self
    }

    /// Sets several environment variables for later commands.
    pub fn envs<K: AsRef<OsStr>, V: AsRef<OsStr>>(
        &mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> &mut Self {
        for (key, value) in variables {
            self.env(key, value);
        }
        self
    }

    /// Removes all environment variables that were set with [`Workspace::env`].
    pub fn reset_env(&mut self) -> &mut Self {
        self.environment = environment(&self.layout);
        self
    }

    /// The `terraform` block that requires the provider, in the client's syntax.
    pub fn required_providers(&self) -> String {
        let version = VERSION;
        let requirement = if self.client.predates_sources() {
            format!("\"{version}\"")
        } else {
            format!("{{\n      source  = \"swas-rs/swas\"\n      version = \"{version}\"\n    }}")
        };
        format!("terraform {{\n  required_providers {{\n    swas = {requirement}\n  }}\n}}\n")
    }

    /// Runs a command and returns its output even if it fails. Adds `-no-color` and, for
    /// interactive commands, `-input=false`.
    pub fn run<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Result<Output, Box<dyn Error>> {
        self.start(arguments)?.wait(TIMEOUT)
    }

    /// Runs `plan` as in a terminal: with colors and without `TF_IN_AUTOMATION`, which
    /// suppresses hints.
    pub fn plan_in_color(&self) -> Result<Output, Box<dyn Error>> {
        let mut command = self.command();
        command.arg("plan").env_remove("TF_IN_AUTOMATION");
        self.spawn(command)?.wait(TIMEOUT)
    }

    /// Starts a command like [`Workspace::run`] but does not wait for it.
    pub fn start<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> io::Result<Running> {
        let mut command = self.command();
        let mut arguments = arguments.into_iter();
        if let Some(name) = arguments.next() {
            command.arg(&name).args(flags(name.as_ref()));
        }
        command.args(arguments);
        self.spawn(command)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.client.path);
        command
            .current_dir(self.dir())
            .env_clear()
            .envs(&self.environment);
        command
    }

    fn spawn(&self, command: Command) -> io::Result<Running> {
        let number = self.commands.fetch_add(1, Ordering::Relaxed);
        Running::spawn(command, self.layout.logs().join(number.to_string()))
    }

    /// Runs `init`.
    pub fn init(&self) -> Result<Output, Box<dyn Error>> {
        self.run(["init"])
    }

    /// Runs `validate -json`.
    pub fn validate_json(&self) -> Result<Value, Box<dyn Error>> {
        self.run(["validate", "-json"])?.json()
    }

    /// Runs `plan`.
    pub fn plan(&self) -> Result<Output, Box<dyn Error>> {
        self.run(["plan"])
    }

    /// Runs `apply -auto-approve`.
    pub fn apply(&self) -> Result<Output, Box<dyn Error>> {
        self.run(["apply", "-auto-approve"])
    }

    /// Runs `plan` and returns whether it has no changes.
    pub fn plan_is_empty(&self) -> Result<bool, Box<dyn Error>> {
        let output = self.run(["plan", "-detailed-exitcode"])?;
        match output.code() {
            Some(0) => Ok(true),
            Some(2) => Ok(false),
            _ => Err(format!("failed: {output}").into()),
        }
    }

    /// Runs `output -json`: an object of objects with `value` and `type`.
    pub fn output_json(&self) -> Result<Value, Box<dyn Error>> {
        self.run(["output", "-json"])?.checked()?.json()
    }

    /// The process IDs of the provider that is installed in this workspace.
    pub fn provider_processes(&self) -> Vec<u32> {
        processes_under(&self.layout.root)
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        let ids = self.provider_processes().into_iter();
        for id in ids.filter_map(|id| i32::try_from(id).ok()) {
            // Fails only if the process has exited.
            let _ = kill(Pid::from_raw(id), Signal::SIGKILL);
        }
    }
}

fn environment(layout: &Layout) -> BTreeMap<OsString, OsString> {
    // Coverage runs need `LLVM_PROFILE_FILE`.
    let inherited = ["PATH", "LLVM_PROFILE_FILE"]
        .into_iter()
        .filter_map(|key| Some((OsString::from(key), env::var_os(key)?)));
    let own: [(&str, OsString); 6] = [
        ("HOME", layout.home().into()),
        ("TMPDIR", layout.temporary().into()),
        ("TF_CLI_CONFIG_FILE", layout.cli_config().into()),
        ("CHECKPOINT_DISABLE", "1".into()),
        ("TF_IN_AUTOMATION", "1".into()),
        ("TF_INPUT", "0".into()),
    ];
    inherited
        .chain(own.map(|(key, value)| (key.into(), value)))
        .collect()
}

/// The flags that are added to a command.
fn flags(name: &OsStr) -> &'static [&'static str] {
    match name.to_str() {
        Some("init" | "plan" | "apply" | "destroy" | "refresh" | "import") => {
            &["-no-color", "-input=false"]
        }
        Some("validate" | "output" | "show") => &["-no-color"],
        _ => &[],
    }
}
