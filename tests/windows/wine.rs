//! Programs for Windows under Wine.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use swas_testing::plugin_client::Start;

use super::Result;

/// Environment of Wine: its prefix, no debug output, and file names in UTF-8.
const WINE_VARIABLES: [(&str, Option<&str>); 4] = [
    ("WINEPREFIX", None),
    ("WINEDEBUG", Some("-all")),
    ("LC_ALL", Some("C.UTF-8")),
    ("HOME", None),
];

/// A provider for Windows.
#[derive(Clone)]
pub struct Windows {
    provider: PathBuf,
}

impl Windows {
    /// The provider that the environment names, if any.
    pub fn find() -> Option<Self> {
        let provider = env::var_os("SWAS_TEST_WINDOWS_PROVIDER")?.into();
        Some(Self { provider })
    }

    /// A start of the provider as Terraform does it. Wine sets the variables that Windows
    /// programs need to open sockets.
    pub fn start(&self) -> Start {
        let start = Start::new("wine").argument(&self.provider);
        variables().fold(start, |start, (name, value)| start.env(name, value))
    }

    /// Runs the program and returns its output.
    pub fn run(&self, arguments: &[&str]) -> Result<String> {
        stdout_of(Command::new("wine").arg(&self.provider).args(arguments))
    }
}

/// The folder in an environment variable of Windows. Wine ignores the variable of this
/// process and sets its own.
pub fn folder_in(variable: &str) -> Result<PathBuf> {
    let echo = format!("echo %{variable}%");
    let folder = stdout_of(Command::new("wine").args(["cmd", "/c", &echo]))?;
    let folder = stdout_of(Command::new("winepath").arg("-u").arg(folder.trim_end()))?;
    Ok(folder.trim_end().into())
}

fn variables() -> impl Iterator<Item = (&'static str, String)> {
    let given = |name, value: Option<&str>| {
        let value = value.map(str::to_owned).or_else(|| env::var(name).ok())?;
        Some((name, value))
    };
    let variables = WINE_VARIABLES.into_iter();
    variables.filter_map(move |(name, value)| given(name, value))
}

fn stdout_of(command: &mut Command) -> Result<String> {
    let output = command.envs(variables()).output()?;
    if !output.status.success() {
        return Err(format!("{command:?}: {output:?}").into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Converts a path of this machine for Windows programs. Wine maps the root directory
/// to a drive.
pub fn windows_path(path: &Path) -> String {
    format!("Z:{}", path.display()).replace('/', "\\")
}
