//! What is done with the provider besides writing it: build it for release,
//! package it for the registries, and install it for Terraform and OpenTofu.

#![forbid(unsafe_code)]

mod build;
mod error;
mod install;
mod package;
mod project;
mod release;
mod sbom;
mod target;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use error::Result;
use install::PluginFolder;
use project::Project;
use target::Target;

/// Build, package and install the provider.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the provider as it is released, on Linux without any need of
    /// shared libraries, and print where it is
    Build {
        #[command(flatten)]
        how: How,
        /// Another program of the workspace that is built in the same way
        #[arg(long, hide = true, default_value = project::NAME)]
        program: String,
    },
    /// Build the provider and package it as the registries want it. Packages of
    /// other platforms that are there already are kept.
    Dist {
        #[command(flatten)]
        provider: Provider,
        /// Where packages go [default: dist in Cargo's target folder]
        #[arg(long, value_name = "FOLDER")]
        dir: Option<PathBuf>,
    },
    /// Write manifest, SBOM and checksums for the packages that are there, which
    /// may have been built on several machines.
    Seal {
        /// Where the packages are [default: dist in Cargo's target folder]
        #[arg(long, value_name = "FOLDER")]
        dir: Option<PathBuf>,
    },
    /// Build the provider and put it where Terraform and OpenTofu look.
    Install {
        #[command(flatten)]
        provider: Provider,
        /// The folder for plugins [default: the one of the home directory]
        #[arg(long, value_name = "FOLDER")]
        dir: Option<PathBuf>,
        /// Take away what was installed, in every version
        #[arg(long, conflicts_with_all = ["target", "profile", "binary"])]
        remove: bool,
    },
}

/// How the provider is built.
#[derive(Args)]
struct How {
    /// The platform, as rustc names it [default: this machine's]
    #[arg(long, value_name = "TRIPLE")]
    target: Option<Target>,
    /// Cargo's profile; "dev" is quick to build, for a try
    #[arg(long, value_name = "PROFILE", default_value = "release")]
    profile: String,
}

/// Which provider is meant.
#[derive(Args)]
struct Provider {
    #[command(flatten)]
    how: How,
    /// Use this binary and build none
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

impl How {
    fn build(self, project: &Project, program: &str) -> Result<(Target, PathBuf)> {
        let target = self.target()?;
        let binary = build::build(project, program, &target, &self.profile)?;
        Ok((target, binary))
    }

    fn target(&self) -> Result<Target> {
        self.target.clone().map_or_else(Target::of_this_machine, Ok)
    }
}

impl Provider {
    /// The platform and a binary for it.
    fn get(self, project: &Project) -> Result<(Target, PathBuf)> {
        match self.binary {
            Some(binary) => Ok((self.how.target()?, binary)),
            None => self.how.build(project, project::NAME),
        }
    }
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    let project = Project::find()?;
    match task {
        Task::Build { how, program } => {
            println!("{}", how.build(&project, &program)?.1.display());
        }
        Task::Dist { provider, dir } => {
            let (target, binary) = provider.get(&project)?;
            let folder = dir.unwrap_or_else(|| project.dist());
            let package = package::write(&project, &target, &binary, &folder)?;
            println!("{}", package.display());
            seal(&project, &folder)?;
        }
        Task::Seal { dir } => seal(&project, &dir.unwrap_or_else(|| project.dist()))?,
        Task::Install { dir, remove, .. } if remove => {
            for folder in PluginFolder::find(dir)?.remove()? {
                println!("Removed {}", folder.display());
            }
        }
        Task::Install { provider, dir, .. } => {
            let plugins = PluginFolder::find(dir)?;
            let (target, binary) = provider.get(&project)?;
            for file in plugins.install(&project, &target, &binary)? {
                println!("Installed {}", file.display());
            }
            print!("{}", plugins.advice());
        }
    }
    Ok(())
}

fn seal(project: &Project, folder: &std::path::Path) -> Result<()> {
    for file in release::seal(project, folder)? {
        println!("{}", file.display());
    }
    Ok(())
}
