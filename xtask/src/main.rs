//! Release tasks: build the provider, package it for the registries, and install it for
//! Terraform and OpenTofu.

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
    /// Build the provider like a release, on Linux statically linked, and print the path
    /// of the binary
    Build {
        #[command(flatten)]
        options: BuildOptions,
        /// Another program of the workspace to build
        #[arg(long, hide = true, default_value = project::NAME)]
        program: String,
    },
    /// Build the provider and package it for the registries. Existing packages of other
    /// platforms are kept.
    Dist {
        #[command(flatten)]
        provider: ProviderOptions,
        /// The folder for packages [default: dist in Cargo's target folder]
        #[arg(long, value_name = "FOLDER")]
        dir: Option<PathBuf>,
    },
    /// Build the provider and install it for Terraform and OpenTofu.
    Install {
        #[command(flatten)]
        provider: ProviderOptions,
        /// The plugin folder [default: the one in the home directory]
        #[arg(long, value_name = "FOLDER")]
        dir: Option<PathBuf>,
        /// Remove all installed versions
        #[arg(long, conflicts_with_all = ["target", "profile", "binary"])]
        remove: bool,
    },
}

/// Options of a build.
#[derive(Args)]
struct BuildOptions {
    /// The target triple [default: this machine's]
    #[arg(long, value_name = "TRIPLE")]
    target: Option<Target>,
    /// Cargo's profile; "dev" builds faster
    #[arg(long, value_name = "PROFILE", default_value = "release")]
    profile: String,
}

/// Options that select a binary or build one.
#[derive(Args)]
struct ProviderOptions {
    #[command(flatten)]
    build: BuildOptions,
    /// Use this binary instead of building one
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

impl BuildOptions {
    fn build(self, project: &Project, program: &str) -> Result<(Target, PathBuf)> {
        let target = self.target()?;
        let binary = build::build(project, program, &target, &self.profile)?;
        Ok((target, binary))
    }

    fn target(&self) -> Result<Target> {
        self.target.clone().map_or_else(Target::host, Ok)
    }
}

impl ProviderOptions {
    /// Returns the given binary or builds one, with its target.
    fn binary(self, project: &Project) -> Result<(Target, PathBuf)> {
        match self.binary {
            Some(binary) => Ok((self.build.target()?, binary)),
            None => self.build.build(project, project::NAME),
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
        Task::Build { options, program } => {
            println!("{}", options.build(&project, &program)?.1.display());
        }
        Task::Dist { provider, dir } => {
            let (target, binary) = provider.binary(&project)?;
            let folder = dir.unwrap_or_else(|| project.dist());
            let package = package::write(&project, &target, &binary, &folder)?;
            println!("{}", package.display());
            for file in release::seal(&project, &folder)? {
                println!("{}", file.display());
            }
        }
        Task::Install { dir, remove, .. } if remove => {
            for folder in PluginFolder::find(dir)?.remove()? {
                println!("Removed {}", folder.display());
            }
        }
        Task::Install { provider, dir, .. } => {
            let plugins = PluginFolder::find(dir)?;
            let (target, binary) = provider.binary(&project)?;
            for file in plugins.install(&project, &target, &binary)? {
                println!("Installed {}", file.display());
            }
            print!("{}", plugins.instructions());
        }
    }
    Ok(())
}
