//! Windows: a program for it, and what starts such programs here.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use swas_testing::plugin_client::Start;

use super::Result;

/// What Wine is told for all programs: where its Windows is, to be silent, and that names
/// of files are UTF-8.
const WINE_VARIABLES: [(&str, Option<&str>); 4] = [
    ("WINEPREFIX", None),
    ("WINEDEBUG", Some("-all")),
    ("LC_ALL", Some("C.UTF-8")),
    ("HOME", None),
];

/// A provider for Windows, and a Windows to run it in.
#[derive(Clone)]
pub struct Windows {
    provider: PathBuf,
}

impl Windows {
    /// What the environment names.
    pub fn find() -> Option<Self> {
        let provider = env::var_os("SWAS_TEST_WINDOWS_PROVIDER")?.into();
        Some(Self { provider })
    }

    /// A start as Terraform's, with what Wine is told. Those variables without which
    /// programs for Windows open no socket are set by Wine.
    pub fn start(&self) -> Start {
        let start = Start::new("wine").argument(&self.provider);
        variables().fold(start, |start, (name, value)| start.env(name, value))
    }

    /// What the program prints with these arguments.
    pub fn run(&self, arguments: &[&str]) -> Result<String> {
        stdout_of(Command::new("wine").arg(&self.provider).args(arguments))
    }
}

/// The folder that a variable of Windows names. Wine sets those of folders itself,
/// whatever it is told.
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

/// A path of this machine as programs for Windows have it: Wine shows them the whole
/// machine as a drive.
pub fn windows_path(path: &Path) -> String {
    format!("Z:{}", path.display()).replace('/', "\\")
}
