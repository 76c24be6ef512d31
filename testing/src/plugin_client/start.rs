//! Start options of a provider process.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// The magic cookie variable: its presence shows that Terraform starts the plugin.
pub const COOKIE_NAME: &str = "TF_PLUGIN_MAGIC_COOKIE";

/// The value of the magic cookie.
pub const COOKIE_VALUE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

pub(super) const CLIENT_CERTIFICATE: &str = "PLUGIN_CLIENT_CERT";

/// Start options of a provider process. The default is Terraform's behavior.
///
/// The environment is isolated: it inherits only `PATH` and `LLVM_PROFILE_FILE`, which
/// coverage runs need. The home directory does not exist and the metadata service is
/// disabled, so that no credentials of this machine are used. The folder for temporary
/// files is removed with the process.
#[derive(Clone, Debug)]
pub struct Start {
    pub(super) binary: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) environment: BTreeMap<OsString, OsString>,
    pub(super) client_certificate: bool,
}

impl Start {
    /// Terraform's start options, with protocols 5 and 6.
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

    /// Sets an environment variable and overrides the default. `PLUGIN_CLIENT_CERT` set
    /// here replaces the generated client certificate.
    #[must_use]
    pub fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        if key.as_ref() == CLIENT_CERTIFICATE {
            self.client_certificate = false;
        }
        self.environment
            .insert(key.as_ref().to_owned(), value.as_ref().to_owned());
        self
    }

    /// Removes an environment variable.
    #[must_use]
    pub fn without(mut self, key: impl AsRef<OsStr>) -> Self {
        if key.as_ref() == CLIENT_CERTIFICATE {
            self.client_certificate = false;
        }
        self.environment.remove(key.as_ref());
        self
    }

    /// Offers the given protocol versions, separated by commas.
    #[must_use]
    pub fn protocols(self, versions: &str) -> Self {
        self.env("PLUGIN_PROTOCOL_VERSIONS", versions)
    }

    /// Sends no client certificate, which selects plaintext.
    #[must_use]
    pub fn plaintext(self) -> Self {
        self.without(CLIENT_CERTIFICATE)
    }

    /// Converts to debug mode: removes go-plugin's variables and adds `--debug`.
    pub(super) fn debug(mut self) -> Self {
        self.client_certificate = false;
        self.environment
            .retain(|key, _| key != COOKIE_NAME && !key.as_encoded_bytes().starts_with(b"PLUGIN_"));
        self.argument("--debug")
    }
}
