//! The platforms, by rustc's names and the registries'.

use std::process::{Command, Stdio};
use std::str::FromStr;

use crate::error::{Error, Result};

/// A platform for which the registries have a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    triple: String,
    os: &'static str,
    arch: &'static str,
}

impl FromStr for Target {
    type Err = Error;

    fn from_str(triple: &str) -> Result<Self> {
        let unknown = || Error::Target(triple.to_owned());
        let (processor, rest) = triple.split_once('-').ok_or_else(unknown)?;
        let arch = match processor {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            "i686" => "386",
            _ => return Err(unknown()),
        };
        let os = ["linux", "windows", "darwin", "freebsd"]
            .into_iter()
            .find(|os| rest.split('-').any(|part| part == *os))
            .ok_or_else(unknown)?;
        Ok(Self {
            triple: triple.to_owned(),
            os,
            arch,
        })
    }
}

impl Target {
    /// The platform for which rustc builds by itself.
    ///
    /// # Errors
    ///
    /// When rustc does not tell, or the registries have no name for it.
    pub fn of_this_machine() -> Result<Self> {
        rustc(&["--print", "host-tuple"])?.trim().parse()
    }

    /// The name that rustc has for it.
    pub fn triple(&self) -> &str {
        &self.triple
    }

    /// The name that the registries have for it, such as `linux_amd64`.
    pub fn platform(&self) -> String {
        format!("{}_{}", self.os, self.arch)
    }

    /// How the names of its programs end.
    pub fn suffix(&self) -> &'static str {
        if self.os == "windows" { ".exe" } else { "" }
    }

    /// Whether its kernel is Linux.
    pub fn is_linux(&self) -> bool {
        self.os == "linux"
    }

    /// Whether a program for it has to be told to hold the C library itself.
    /// Where that is glibc, names are looked up as `nsswitch.conf` says with the
    /// machine's own libraries if they are of the same version, so it is for
    /// machines like the one that builds. With musl there is no such tie.
    pub fn links_c_on_request(&self) -> bool {
        self.triple.ends_with("-linux-gnu") || self.triple.ends_with("-windows-msvc")
    }

    /// Whether the addresses that a program for it writes into its own tables when it
    /// starts can be listed in short: without that, the file is 0.4 MiB larger, and
    /// so are 0.6 MiB of the memory that a start touches. The C library has to know
    /// of it, as musl does since 1.2.4; Rust brings 1.2.5 since its own 1.93.
    pub fn packs_relocations(&self) -> bool {
        self.triple.ends_with("-linux-musl")
    }

    /// Whether its C compiler takes GCC's options.
    pub fn compiles_as_gcc(&self) -> bool {
        !self.triple.ends_with("-msvc")
    }
}

fn rustc(arguments: &[&str]) -> Result<String> {
    let program = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(program)
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| Error::Run {
            program: "rustc",
            source,
        })?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(Error::Failed {
            program: "rustc",
            status: output.status,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_have_the_names_of_the_registries() {
        for (triple, platform, suffix) in [
            ("x86_64-unknown-linux-gnu", "linux_amd64", ""),
            ("x86_64-unknown-linux-musl", "linux_amd64", ""),
            ("aarch64-unknown-linux-musl", "linux_arm64", ""),
            ("x86_64-apple-darwin", "darwin_amd64", ""),
            ("aarch64-apple-darwin", "darwin_arm64", ""),
            ("x86_64-pc-windows-msvc", "windows_amd64", ".exe"),
            ("x86_64-pc-windows-gnu", "windows_amd64", ".exe"),
            ("aarch64-pc-windows-msvc", "windows_arm64", ".exe"),
        ] {
            let target: Target = triple.parse().unwrap();
            assert_eq!(
                (target.platform().as_str(), target.suffix()),
                (platform, suffix)
            );
        }
    }

    #[test]
    fn a_platform_without_a_name_is_an_error() {
        for triple in ["", "linux", "wasm32-unknown-unknown", "sparc-sun-solaris"] {
            let error = triple.parse::<Target>().unwrap_err();
            assert!(matches!(error, Error::Target(name) if name == triple));
        }
    }
}
