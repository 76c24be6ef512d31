//! Build targets and their platform names in the registries.

use std::process::{Command, Stdio};
use std::str::FromStr;

use crate::error::{Error, Result};

/// A target that the registries support.
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
    /// The host target of rustc.
    ///
    /// # Errors
    ///
    /// Fails if rustc fails or the registries do not support the target.
    pub fn host() -> Result<Self> {
        rustc(&["--print", "host-tuple"])?.trim().parse()
    }

    /// The target triple.
    pub fn triple(&self) -> &str {
        &self.triple
    }

    /// The platform name in the registries, such as `linux_amd64`.
    pub fn platform(&self) -> String {
        format!("{}_{}", self.os, self.arch)
    }

    /// The file name suffix of executables.
    pub fn suffix(&self) -> &'static str {
        if self.os == "windows" { ".exe" } else { "" }
    }

    /// Returns whether the operating system is Linux.
    pub fn is_linux(&self) -> bool {
        self.os == "linux"
    }

    /// Returns whether static linking of the C library needs a flag.
    ///
    /// A static glibc resolves host names with the NSS libraries of the machine, which
    /// must have the same glibc version. Such a binary suits machines like the build
    /// machine. Binaries with musl run anywhere.
    pub fn needs_crt_static(&self) -> bool {
        self.triple.ends_with("-linux-gnu") || self.triple.ends_with("-windows-msvc")
    }

    /// Returns whether relocations can be packed (`DT_RELR`). Otherwise the binary is
    /// 0.4 MiB larger and start-up touches 0.6 MiB more memory. The C library has to
    /// support it: musl does since 1.2.4, and Rust has bundled 1.2.5 since 1.93.
    pub fn packs_relocations(&self) -> bool {
        self.triple.ends_with("-linux-musl")
    }

    /// Returns whether the C compiler accepts GCC's options.
    pub fn has_gcc_options(&self) -> bool {
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
    fn target_is_mapped_to_the_platform_name_of_the_registries() {
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
    fn unsupported_target_is_an_error() {
        for triple in ["", "linux", "wasm32-unknown-unknown", "sparc-sun-solaris"] {
            let error = triple.parse::<Target>().unwrap_err();
            assert!(matches!(error, Error::Target(name) if name == triple));
        }
    }
}
