//! Helpers to start and call the provider's process. Each process has its own temporary
//! directory, so that a test sees which files it leaves.

use std::env;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use swas_testing::diagnostics::{has_error, shown};
use swas_testing::emulator::{Emulator, Options};
use swas_testing::plugin_client::wire::tfplugin::read_data_source::Response;
use swas_testing::plugin_client::{PluginProcess, Protocol, Start, values};
use swas_testing::running_provider::{Result, RunningProvider};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// The provider under test: the binary of this build, unless the environment names
/// another one, possibly for another platform.
pub static BINARY: LazyLock<String> = LazyLock::new(|| {
    env::var("SWAS_TEST_PROVIDER")
        .unwrap_or_else(|_| env!("CARGO_BIN_EXE_terraform-provider-swas").to_owned())
});

/// The protocol versions that the provider supports.
pub const PROTOCOLS: [Protocol; 2] = [Protocol::V5, Protocol::V6];

/// Timeout for events that normally happen at once. Generous, for busy machines.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// The interval between two checks of a condition.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// A start of the provider as Terraform does it.
pub fn start() -> Start {
    Start::new(&*BINARY)
}

pub fn temp_dir() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A start as Terraform does it, with its own temporary directory.
pub fn start_in(folder: &TempDir) -> Start {
    start().env("TMPDIR", folder.path())
}

/// A start from a shell script, in which `$0` is its path.
pub fn start_with_shell(script: &str, folder: &TempDir) -> Start {
    Start::new("/bin/sh")
        .argument("-c")
        .argument(script)
        .argument(&*BINARY)
        .env("TMPDIR", folder.path())
}

/// Starts a provider without configuring it.
pub async fn start_provider(protocol: Protocol) -> Result<RunningProvider> {
    RunningProvider::start(start().protocols(&protocol.version().to_string())).await
}

/// Starts a provider and configures it for the emulator.
pub async fn start_configured(protocol: Protocol, emulator: &Emulator) -> Result<RunningProvider> {
    let provider = start_provider(protocol).await?;
    configure(&provider, &provider_config(emulator)).await?;
    Ok(provider)
}

/// Configures a provider and expects no diagnostics.
pub async fn configure(provider: &RunningProvider, block: &Value) -> Result<()> {
    assert_eq!(shown(&provider.configure(block).await?), "", "{block}");
    Ok(())
}

/// Starts an emulator with default options.
pub fn emulator() -> Emulator {
    Emulator::start(Options::default()).expect("an endpoint")
}

/// A provider block with the emulator's default account.
pub fn provider_config(emulator: &Emulator) -> Value {
    let account = Options::default();
    json!({
        "region": "cn-hangzhou",
        "access_key": account.access_key_id,
        "secret_key": account.access_key_secret,
        "endpoints": [{"swas": emulator.url()}],
    })
}

/// A copy of the object with this entry set.
pub fn with(object: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut object = object.clone();
    object[name] = value.into();
    object
}

/// Reads images and returns the state. Expects no diagnostics.
pub async fn read_state(provider: &RunningProvider, block: &Value) -> Result<Value> {
    expect_state(&provider.read("swas_images", block).await?)
}

/// The state in a response. Expects no diagnostics.
pub fn expect_state(response: &Response) -> Result<Value> {
    assert_eq!(shown(&response.diagnostics), "");
    Ok(values::decode(response.state.as_ref().ok_or("no state")?)?)
}

/// Reads images, which has to fail, and returns the diagnostics.
pub async fn error_text(provider: &RunningProvider, block: &Value) -> Result<String> {
    let response = provider.read("swas_images", block).await?;
    let text = shown(&response.diagnostics);
    assert!(has_error(&response.diagnostics), "no error: {text}");
    assert_eq!((response.state, response.deferred), (None, None), "{text}");
    for diagnostic in &response.diagnostics {
        let summary = &diagnostic.summary;
        assert!(!summary.contains('\n'), "more than a line: {summary}");
        assert!(!summary.ends_with('.'), "a trailing period: {summary}");
    }
    Ok(text)
}

/// Reads images of `count` regions concurrently. Each region needs its own call.
pub async fn read_regions(provider: &RunningProvider, count: usize) -> Result<Vec<Response>> {
    let mut reads = JoinSet::new();
    for number in 0..count {
        let region = json!({"region_id": format!("cn-region-{number}")});
        let config = provider.data_block("swas_images", &region)?;
        let client = provider.client.clone();
        reads.spawn(async move { client.read_data_source("swas_images", config).await });
    }
    let responses: std::result::Result<_, _> = reads.join_all().await.into_iter().collect();
    Ok(responses?)
}

/// Reads images, and returns the highest latency of other calls meanwhile.
pub async fn read_measuring_latency(
    provider: &RunningProvider,
    arguments: &Value,
) -> Result<(Response, Duration)> {
    let client = provider.client.clone();
    let config = provider.data_block("swas_images", arguments)?;
    let read = tokio::spawn(async move { client.read_data_source("swas_images", config).await });
    let mut max_latency = Duration::ZERO;
    while !read.is_finished() {
        let started = Instant::now();
        provider.connection.health("plugin").await?;
        max_latency = max_latency.max(started.elapsed());
    }
    Ok((read.await??, max_latency))
}

/// Parses the lines of a log.
pub fn log_lines(log: &str) -> Vec<Map<String, Value>> {
    let lines = log.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect()
}

/// The names of the entries in a directory.
pub fn file_names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    names
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

/// Waits until the process exits.
pub async fn wait_for_exit<T>(process: &mut PluginProcess<T>) -> ExitStatus {
    let status = process.wait_exit(TIMEOUT).await;
    status.expect("the process runs forever")
}

/// Waits until the condition is true.
pub async fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !happened() {
        assert!(begin.elapsed() < TIMEOUT, "timed out: {what}");
        sleep(POLL_INTERVAL).await;
    }
}

/// Waits until the emulator has received `count` requests in total.
pub async fn wait_for_requests(emulator: &Emulator, count: usize) {
    wait_until("requests", || emulator.requests().len() >= count).await;
}
