//! Where an argument of the provider block is tried: somewhere it makes a
//! difference.

use std::fmt::Write;
use std::net::{Ipv4Addr, TcpListener};

use serde_json::{Value, json};
use swas_testing::diagnostics::{has_error, shown};
use swas_testing::emulator::{Fault, Reply, Request, ScriptedFault};
use swas_testing::plugin_client::values::decode;
use swas_testing::running_provider::{Result, RunningProvider};

use crate::machine::{Machine, OIDC_PROVIDER, Run, SECRET, profile, role};

const SWAS: &str = "ALIBABA_CLOUD_SWAS_ENDPOINT";

/// What differs from call to call, whatever is set.
pub const VOLATILE: [&str; 3] = ["Timestamp", "SignatureNonce", "Signature"];

/// What the provider meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum World {
    /// All is well.
    Plain,
    /// The environment names a role for an OIDC token.
    Oidc,
    /// The environment's endpoints name no scheme.
    NoScheme,
    /// No connection comes about.
    NoConnection,
    /// The API is silent.
    Silent,
    /// The first call fails.
    Failing,
}

/// A machine, and a provider that runs on it.
pub struct Place {
    pub world: World,
    pub machine: Machine,
    /// The endpoint that the environment names.
    pub endpoint: String,
    pub provider: RunningProvider,
    /// Where connections wait forever.
    _silent: TcpListener,
}

/// What came of a block.
#[derive(Debug, PartialEq)]
pub struct Observed {
    /// The first line of each mistake in the block itself.
    pub mistakes: Vec<String>,
    /// Requests, state and diagnostics.
    effects: String,
}

impl Place {
    pub async fn new(world: World) -> Result<Self> {
        let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let machine = Machine::with_key()?.ecs();
        let endpoint = match world {
            World::NoScheme => machine.emulator.address().to_string(),
            // TLS is a part of connecting, and nobody speaks it here.
            World::NoConnection => format!("https://{}", silent.local_addr()?),
            _ => machine.emulator.url(),
        };
        let profiles = |default: &str, other: &str| {
            json!({"profiles": [profile("default", default), profile("other", other)]}).to_string()
        };
        let token = machine.path("token");
        let mut machine = machine
            .env(SWAS, &endpoint)
            .file(".aliyun/config.json", profiles("LTAIcurrent", "LTAIother"))
            .file("one", profiles("LTAIfile", "LTAIini"))
            .file("two", profiles("LTAIini", "LTAIfile"))
            .file("token", format!("{SECRET}-token"))
            .file("another-token", SECRET);
        if world == World::Oidc {
            machine = machine
                .env("ALIBABA_CLOUD_ROLE_ARN", role("env"))
                .env("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", OIDC_PROVIDER)
                .env("ALIBABA_CLOUD_OIDC_TOKEN_FILE", token);
        }
        Ok(Self {
            world,
            provider: machine.start().await?,
            machine,
            endpoint,
            _silent: silent,
        })
    }

    /// What comes of a provider block, and of a read after it.
    pub async fn observe(&self, block: &Value) -> Result<Observed> {
        let emulator = &self.machine.emulator;
        match self.world {
            World::Silent => emulator.reply_to("ListImages", Reply::hang()),
            World::Failing => emulator.set_faults([ScriptedFault {
                action: Some("ListImages".to_owned()),
                ..Fault::Http {
                    status: 500,
                    code: None,
                }
                .into()
            }]),
            _ => {}
        }
        let before = emulator.requests().len();
        let mut diagnostics = self.provider.configure(block).await?;
        let mistakes = diagnostics.iter().map(|one| one.summary.clone()).collect();
        let mut state = None;
        if !has_error(&diagnostics) {
            let answer = self.provider.read("swas_images", &json!({})).await?;
            diagnostics = answer.diagnostics;
            state = answer.state;
        }
        emulator.clear_script();
        let mut effects = String::new();
        for request in &emulator.requests()[before..] {
            writeln!(effects, "{}", sent(request))?;
        }
        if let Some(state) = state {
            writeln!(effects, "{}", decode(&state)?)?;
        }
        for line in shown(&diagnostics).lines() {
            // What follows repeats what differs from call to call.
            let stable = line.split("request ID").next().unwrap_or_default();
            writeln!(effects, "{stable}")?;
        }
        Ok(Observed { mistakes, effects })
    }
}

/// What a request says that is the same whenever it is sent.
fn sent(request: &Request) -> String {
    let mut parameters = request.parameters.clone();
    parameters.retain(|name, _| !VOLATILE.contains(&name.as_str()));
    // Keys that are handed out are numbered, and each has a token of its own.
    let key = request.parameter("AccessKeyId").unwrap_or_default();
    if let Some((issued, _)) = key
        .strip_prefix("STS.")
        .and_then(|key| key.rsplit_once('.'))
    {
        parameters.insert("AccessKeyId".to_owned(), issued.to_owned());
        parameters.remove("SecurityToken");
    }
    let [host, agent] = ["host", "user-agent"].map(|name| request.header(name));
    format!("{} {host:?} {agent:?} {parameters:?}", request.target)
}
