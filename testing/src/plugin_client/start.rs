//! How a provider is started.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// The variable by which a plugin knows that Terraform starts it.
pub const COOKIE_NAME: &str = "TF_PLUGIN_MAGIC_COOKIE";

/// What Terraform sets that variable to.
pub const COOKIE_VALUE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

pub(super) const CLIENT_CERTIFICATE: &str = "PLUGIN_CLIENT_CERT";

/// How to start a provider: by default as Terraform does.
///
/// The provider gets no variable of this process's environment but `PATH` and
/// `LLVM_PROFILE_FILE`, which coverage runs need. It finds no home directory and
/// asks no metadata service, so that no credentials of this machine are used, and has
/// a folder for temporary files that goes with its process.
#[derive(Clone, Debug)]
pub struct Start {
    pub(super) binary: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) environment: BTreeMap<OsString, OsString>,
    pub(super) client_certificate: bool,
}

impl Start {
    /// A provider started as Terraform does, offering protocols 5 and 6.
    #[must_use]
    pub fn new(binary: impl Into<PathBuf>) -> Self {
        let inherited = ["PATH", "LLVM_PROFILE_FILE"]
            .into_iter()
            .filter_map(|key| Some((OsString::from(key), std::env::var_os(key)?)))
            .collect();
        Self {
            binary: binary.into(),
            arguments: Vec::new(),
            environment: inherited,
            client_certificate: true,
        }
        .env(COOKIE_NAME, COOKIE_VALUE)
        .protocols("5,6")
        .env("PLUGIN_MIN_PORT", "10000")
        .env("PLUGIN_MAX_PORT", "25000")
        .env("HOME", "/nonexistent")
        .env("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
    }

    /// Adds an argument.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Sets a variable, in place of any earlier value: `PATH`, `HOME`, `TMPDIR`
    /// and go-plugin's own ones too. `PLUGIN_CLIENT_CERT` set here keeps the
    /// client from sending a certificate of its own making.
    #[must_use]
    pub fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        if key.as_ref() == CLIENT_CERTIFICATE {
            self.client_certificate = false;
        }
        self.environment
            .insert(key.as_ref().to_owned(), value.as_ref().to_owned());
        self
    }

    /// Leaves a variable out: go-plugin's own ones too.
    #[must_use]
    pub fn without(mut self, key: impl AsRef<OsStr>) -> Self {
        if key.as_ref() == CLIENT_CERTIFICATE {
            self.client_certificate = false;
        }
        self.environment.remove(key.as_ref());
        self
    }

    /// Offers other protocol versions, separated by commas.
    #[must_use]
    pub fn protocols(self, versions: &str) -> Self {
        self.env("PLUGIN_PROTOCOL_VERSIONS", versions)
    }

    /// Sends no client certificate, which asks for plaintext.
    #[must_use]
    pub fn plaintext(self) -> Self {
        self.without(CLIENT_CERTIFICATE)
    }

    /// Turns this into a start in debug mode: what go-plugin's clients set is
    /// left out, and `--debug` is added.
    pub(super) fn debug(mut self) -> Self {
        self.client_certificate = false;
        self.environment
            .retain(|key, _| key != COOKIE_NAME && !key.as_encoded_bytes().starts_with(b"PLUGIN_"));
        self.argument("--debug")
    }
}
