//! A machine with nothing on it but what a test puts there.

use std::error::Error;
use std::fs;

use swas_testing::emulator::{Emulator, Options, Request};
use swas_testing::terraform::{Client, Output, Workspace};

const PROVIDER: &str = env!("CARGO_BIN_EXE_terraform-provider-swas");

/// Where nothing listens, so that connecting fails at once.
pub const NOBODY: &str = "http://127.0.0.1:1";

/// The permanent keys that the emulator knows. The secret of each is made by
/// [`secret`].
const KEYS: [&str; 6] = [
    "LTAIblock",
    "LTAIenv",
    "LTAIcurrent",
    "LTAIother",
    "LTAIfile",
    "LTAIini",
];

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The secret of a permanent key. It has characters that change in encodings.
pub fn secret(access_key_id: &str) -> String {
    format!("swordfish+/{access_key_id}=")
}

/// A configuration with one provider block, one data block, and a home directory.
pub struct Scene {
    pub emulator: Emulator,
    pub workspace: Workspace,
    block: String,
    data: String,
}

impl Scene {
    /// Nothing but a region and the emulator's endpoints. The metadata service
    /// is somewhere else, and not there.
    pub fn new(client: &Client) -> Result<Self> {
        let emulator = Emulator::start(Options::default())?;
        for key in KEYS {
            emulator.add_key(key, &secret(key), None);
        }
        emulator.add_key(
            "STS.static",
            &secret("STS.static"),
            Some("goldfish+/static="),
        );
        let mut workspace = Workspace::new(client, PROVIDER.as_ref())?;
        workspace
            .env("ALIBABA_CLOUD_REGION", "cn-hangzhou")
            .env("ALIBABA_CLOUD_SWAS_ENDPOINT", emulator.url())
            .env("ALIBABA_CLOUD_STS_ENDPOINT", emulator.url())
            .env("ALIBABA_CLOUD_ECS_METADATA_SERVICE_ENDPOINT", NOBODY);
        workspace.write("versions.tf", &workspace.required_providers())?;
        Ok(Self {
            emulator,
            workspace,
            block: String::new(),
            data: "data \"swas_images\" \"all\" {}\n".to_owned(),
        })
    }

    /// Adds to the provider block.
    pub fn block(&mut self, arguments: &str) {
        self.block.push_str(arguments);
        self.block.push('\n');
    }

    /// Whether the provider block says this.
    pub fn block_has(&self, text: &str) -> bool {
        self.block.contains(text)
    }

    /// Has other data blocks in the place of the one.
    pub fn data(&mut self, data: &str) {
        data.clone_into(&mut self.data);
    }

    pub fn env(&mut self, name: &str, value: &str) {
        self.workspace.env(name, value);
    }

    /// Writes a file below the home directory and says where it is.
    pub fn home_file(&self, name: &str, text: &str) -> String {
        let file = self.workspace.home_dir().join(name);
        let folder = file.parent().expect("a folder");
        fs::create_dir_all(folder).expect("a folder below the home directory");
        fs::write(&file, text).expect("a file in it");
        file.to_str().expect("a path that is text").to_owned()
    }

    /// Writes the CLI's configuration file, with `profiles` as JSON.
    pub fn cli_file(&self, current: &str, profiles: &str) -> String {
        let text = format!(r#"{{"current": "{current}", "profiles": [{profiles}]}}"#);
        self.home_file(".aliyun/config.json", &text)
    }

    /// Writes the configuration and runs `init`.
    pub fn init(&self) -> Result<()> {
        let text = format!("provider \"swas\" {{\n{}}}\n{}", self.block, self.data);
        self.workspace.write("main.tf", &text)?;
        self.workspace.init()?.checked()?;
        Ok(())
    }

    /// Runs `init` and `plan`, which may fail.
    pub fn plan(&self) -> Result<Output> {
        self.init()?;
        Ok(self.workspace.plan()?)
    }

    /// Runs `plan`, which has to succeed, and tells the ID of the key that
    /// images were listed with.
    pub fn key(&self) -> Result<String> {
        self.plan()?.checked()?;
        let keys = self.keys_of("ListImages");
        match &keys[..] {
            [key] => Ok(key.clone()),
            keys => Err(format!("images were listed with {keys:?}").into()),
        }
    }

    /// The keys with which an action was called, one for each call.
    pub fn keys_of(&self, action: &str) -> Vec<String> {
        let requests = self.calls(action).into_iter();
        requests
            .map(|request| {
                request
                    .parameter("AccessKeyId")
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect()
    }

    /// The calls of an action.
    pub fn calls(&self, action: &str) -> Vec<Request> {
        let requests = self.emulator.requests().into_iter();
        requests
            .filter(|request| request.action() == action)
            .collect()
    }
}
