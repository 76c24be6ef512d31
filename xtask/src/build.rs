//! Builds the provider as it is released.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{Error, Result};
use crate::project::Project;
use crate::target::Target;

/// Builds the provider, or another program of the workspace, and returns where it is.
/// On Linux it needs no shared library, so that it runs in any container. The same
/// commit, compiler and linker give the same bytes in every folder.
///
/// The platform is always named to Cargo, even if it is this machine's: only then
/// do its flags not reach procedural macros, which cannot be static.
///
/// # Errors
///
/// When Cargo cannot be run or fails. It has said why.
pub fn build(project: &Project, program: &str, target: &Target, profile: &str) -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let folders = folders(project);
    let mut command = Command::new(cargo);
    command
        .current_dir(project.root())
        .args([
            "build",
            "--locked",
            "--profile",
            profile,
            "--package",
            program,
        ])
        .args(["--bin", program, "--target", target.triple()])
        .env("CARGO_ENCODED_RUSTFLAGS", rust_flags(target, &folders))
        // What is printed is where the provider is, and nothing else.
        .stdout(Stdio::inherit());
    if target.compiles_as_gcc() {
        let variable = format!("CFLAGS_{}", target.triple().replace('-', "_"));
        let own = env::var_os(&variable).or_else(|| env::var_os("CFLAGS"));
        let flags = c_flags(own.unwrap_or_default(), target, &folders);
        command.env(variable, flags);
    }
    let status = command.status().map_err(|source| Error::Run {
        program: "cargo",
        source,
    })?;
    if !status.success() {
        return Err(Error::Failed {
            program: "cargo build",
            status,
        });
    }
    let folder = project.target_folder().join(target.triple());
    let folder = match profile {
        // Only this one has another name.
        "dev" => folder.join("debug"),
        profile => folder.join(profile),
    };
    Ok(folder.join(format!("{program}{}", target.suffix())))
}

/// The folders whose names would end up in the program, and what stands there
/// for them. Of several that hold a file the last one counts.
fn folders(project: &Project) -> Vec<(PathBuf, &'static str)> {
    let mut folders = vec![
        (project.root().to_owned(), "/provider"),
        (project.target_folder().to_owned(), "/target"),
    ];
    let cargo = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| Some(env::home_dir()?.join(".cargo")));
    folders.extend(cargo.map(|folder| (folder, "/cargo")));
    folders
}

/// Flags for rustc, in the form that allows for spaces.
fn rust_flags(target: &Target, folders: &[(PathBuf, &str)]) -> OsString {
    let mut flags = Vec::new();
    if target.links_c_on_request() {
        flags.push(OsString::from("-Ctarget-feature=+crt-static"));
    }
    if target.is_linux() {
        // By default the crate looks the system's call up in a shared library,
        // finds none, and reads a device that may be missing.
        flags.push(OsString::from(
            "--cfg=getrandom_backend=\"linux_getrandom\"",
        ));
    }
    if target.packs_relocations() {
        flags.push(OsString::from("-Clink-arg=-Wl,-z,pack-relative-relocs"));
    }
    for (folder, name) in folders {
        let mut flag = OsString::from("--remap-path-prefix=");
        flag.push(mapping(folder, name));
        flags.push(flag);
    }
    flags.join(OsStr::new("\x1f"))
}

/// Flags for the C compiler, after those that the user has.
fn c_flags(mut flags: OsString, target: &Target, folders: &[(PathBuf, &str)]) -> OsString {
    // Leaves out of AWS-LC what it has for AVX-512, 0.7 MiB of mostly AES-GCM.
    flags.push(" -DMY_ASSEMBLER_IS_TOO_OLD_FOR_512AVX");
    if target.is_linux() {
        // No panic passes through C, whose tables for that would be 0.1 MiB.
        flags.push(" -fno-asynchronous-unwind-tables");
    }
    for (folder, name) in folders {
        flags.push(" -ffile-prefix-map=");
        flags.push(mapping(folder, name));
    }
    flags
}

fn mapping(folder: &Path, name: &str) -> OsString {
    let mut mapping = folder.as_os_str().to_owned();
    mapping.push("=");
    mapping.push(name);
    mapping
}
