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
    /// shared libraries, and print where it is.
    Build {
        /// The platform, as rustc names it [default: this machine's]
        #[arg(long, value_name = "TRIPLE")]
        target: Option<Target>,
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
        #[arg(long, conflicts_with_all = ["target", "binary"])]
        remove: bool,
    },
}

/// Which provider is meant.
#[derive(Args)]
struct Provider {
    /// The platform, as rustc names it [default: this machine's]
    #[arg(long, value_name = "TRIPLE")]
    target: Option<Target>,
    /// Use this binary and build none
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

impl Provider {
    /// The platform and a binary for it.
    fn get(self, project: &Project) -> Result<(Target, PathBuf)> {
        let target = self.target.map_or_else(Target::of_this_machine, Ok)?;
        let binary = match self.binary {
            Some(binary) => binary,
            None => build::build(project, &target)?,
        };
        Ok((target, binary))
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
        Task::Build { target } => {
            let target = target.map_or_else(Target::of_this_machine, Ok)?;
            println!("{}", build::build(&project, &target)?.display());
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
