//! Release builds of the provider.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{Error, Result};
use crate::project::Project;
use crate::target::Target;

/// Builds the provider, or another program of the workspace, and returns the path of the
/// binary. On Linux it is linked statically and runs in any container. Builds are
/// reproducible in every folder with the same commit, compiler and linker.
///
/// Cargo always gets `--target`. Without it, the flags would also apply to procedural
/// macros, which cannot be linked statically.
///
/// # Errors
///
/// Fails if Cargo cannot be run or fails, which it reports itself.
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
        // Standard output is reserved for the path of the binary.
        .stdout(Stdio::inherit());
    if target.has_gcc_options() {
        let variable = format!("CFLAGS_{}", target.triple().replace('-', "_"));
        let user_flags = env::var_os(&variable).or_else(|| env::var_os("CFLAGS"));
        let flags = c_flags(user_flags.unwrap_or_default(), target, &folders);
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
        // The output folder of the "dev" profile has another name.
        "dev" => folder.join("debug"),
        profile => folder.join(profile),
    };
    Ok(folder.join(format!("{program}{}", target.suffix())))
}

/// The folders whose paths would end up in the binary, with their replacements. The last
/// match takes precedence.
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

/// Flags for rustc, in Cargo's encoding, which allows spaces.
fn rust_flags(target: &Target, folders: &[(PathBuf, &str)]) -> OsString {
    let mut flags = Vec::new();
    if target.needs_crt_static() {
        flags.push(OsString::from("-Ctarget-feature=+crt-static"));
    }
    if target.is_linux() {
        // By default, getrandom looks up the function in libc at run time. A static
        // binary has none, and the fallback device may be missing.
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

/// Flags for the C compiler, appended to the user's.
fn c_flags(mut flags: OsString, target: &Target, folders: &[(PathBuf, &str)]) -> OsString {
    // Omits AWS-LC's AVX-512 code, 0.7 MiB of mostly AES-GCM.
    flags.push(" -DMY_ASSEMBLER_IS_TOO_OLD_FOR_512AVX");
    if target.is_linux() {
        // No panic unwinds through C: its unwind tables would take 0.1 MiB.
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
