//! Scenarios in which arguments of the provider block have an effect.

use std::fmt::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::slice;

use serde_json::{Value, json};
use swas_testing::diagnostics::{has_error, shown};
use swas_testing::emulator::{Fault, Reply, Request, ScriptedFault};
use swas_testing::plugin_client::values::decode;
use swas_testing::running_provider::{Result, RunningProvider};

use crate::machine::{Machine, OIDC_PROVIDER, Run, SECRET, profile, role};

const SWAS: &str = "ALIBABA_CLOUD_SWAS_ENDPOINT";

/// Request parameters that differ from call to call.
pub const VOLATILE: [&str; 3] = ["Timestamp", "SignatureNonce", "Signature"];

/// The environment of the provider and the behavior of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// The API responds normally.
    Plain,
    /// The environment configures a role for an OIDC token.
    Oidc,
    /// The endpoints in the environment have no scheme.
    NoScheme,
    /// No connection can be established.
    NoConnection,
    /// The API never responds.
    Silent,
    /// The first call fails.
    Failing,
}

/// A machine in a scenario, with a running provider.
pub struct Fixture {
    pub scenario: Scenario,
    pub machine: Machine,
    /// The endpoint in the environment.
    pub endpoint: String,
    pub provider: RunningProvider,
    /// Accepts connections and never responds.
    _silent: TcpListener,
}

/// The result of a configuration and a read.
#[derive(Debug, PartialEq)]
pub struct Observed {
    /// The summary of each diagnostic about the block itself.
    pub errors: Vec<String>,
    /// Requests, state and diagnostics.
    effects: String,
}

impl Fixture {
    pub async fn new(scenario: Scenario) -> Result<Self> {
        let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let machine = Machine::with_key()?.ecs();
        let endpoint = match scenario {
            Scenario::NoScheme => machine.emulator.address().to_string(),
            // The TLS handshake is part of connecting, and this listener never
            // completes it.
            Scenario::NoConnection => format!("https://{}", silent.local_addr()?),
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
        if scenario == Scenario::Oidc {
            machine = machine
                .env("ALIBABA_CLOUD_ROLE_ARN", role("env"))
                .env("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", OIDC_PROVIDER)
                .env("ALIBABA_CLOUD_OIDC_TOKEN_FILE", token);
        }
        Ok(Self {
            scenario,
            provider: machine.start().await?,
            machine,
            endpoint,
            _silent: silent,
        })
    }

    /// Configures the block and reads images.
    pub async fn observe(&self, block: &Value) -> Result<Observed> {
        let emulator = &self.machine.emulator;
        match self.scenario {
            Scenario::Silent => emulator.reply_to("ListImages", Reply::hang()),
            Scenario::Failing => emulator.set_faults([ScriptedFault {
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
        let errors = diagnostics
            .iter()
            .filter(|one| has_error(slice::from_ref(*one)));
        let errors = errors.map(|one| one.summary.clone()).collect();
        let mut state = None;
        if !has_error(&diagnostics) {
            let response = self.provider.read("swas_images", &json!({})).await?;
            diagnostics = response.diagnostics;
            state = response.state;
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
            // The rest of the line differs from call to call.
            let stable = line.split("request ID").next().unwrap_or_default();
            writeln!(effects, "{stable}")?;
        }
        Ok(Observed { errors, effects })
    }
}

/// Formats the stable parts of a request.
fn sent(request: &Request) -> String {
    let mut parameters = request.parameters.clone();
    parameters.retain(|name, _| !VOLATILE.contains(&name.as_str()));
    // Issued access key IDs have a number at the end, and a token each.
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
