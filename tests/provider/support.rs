//! What the tests of the provider's process share: a process of one's own in a
//! folder of one's own, so that what it leaves behind can be seen.

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

/// The provider: the one that was built with these tests, unless the environment names
/// another. That one may be for another platform.
pub static BINARY: LazyLock<String> = LazyLock::new(|| {
    env::var("SWAS_TEST_PROVIDER")
        .unwrap_or_else(|_| env!("CARGO_BIN_EXE_terraform-provider-swas").to_owned())
});

/// The protocols that the provider speaks.
pub const PROTOCOLS: [Protocol; 2] = [Protocol::V5, Protocol::V6];

/// How long to wait for what should happen at once: a busy machine needs less.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// How often to look whether it has happened.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// A start as Terraform's.
pub fn start() -> Start {
    Start::new(&*BINARY)
}

/// A folder for one process.
pub fn temp_dir() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A start as Terraform's, with a folder of its own for temporary files.
pub fn start_in(folder: &TempDir) -> Start {
    start().env("TMPDIR", folder.path())
}

/// The same by a shell, whose script has the provider as `$0`.
pub fn start_with_shell(script: &str, folder: &TempDir) -> Start {
    Start::new("/bin/sh")
        .argument("-c")
        .argument(script)
        .argument(&*BINARY)
        .env("TMPDIR", folder.path())
}

/// A provider that is not configured, in a protocol.
pub async fn start_provider(protocol: Protocol) -> Result<RunningProvider> {
    RunningProvider::start(start().protocols(&protocol.version().to_string())).await
}

/// A provider in a protocol, pointed to an endpoint.
pub async fn start_configured(protocol: Protocol, emulator: &Emulator) -> Result<RunningProvider> {
    let provider = start_provider(protocol).await?;
    configure(&provider, &provider_config(emulator)).await?;
    Ok(provider)
}

/// Configures a provider with arguments that have nothing wrong.
pub async fn configure(provider: &RunningProvider, block: &Value) -> Result<()> {
    assert_eq!(shown(&provider.configure(block).await?), "", "{block}");
    Ok(())
}

/// An endpoint of one's own.
pub fn emulator() -> Emulator {
    Emulator::start(Options::default()).expect("an endpoint")
}

/// The provider block that lets an endpoint with the usual account be read.
pub fn provider_config(emulator: &Emulator) -> Value {
    let account = Options::default();
    json!({
        "region": "cn-hangzhou",
        "access_key": account.access_key_id,
        "secret_key": account.access_key_secret,
        "endpoints": [{"swas": emulator.url()}],
    })
}

/// An object with an entry more, or another value for it.
pub fn with(object: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut object = object.clone();
    object[name] = value.into();
    object
}

/// Reads images when nothing is wrong.
pub async fn read_state(provider: &RunningProvider, block: &Value) -> Result<Value> {
    expect_state(&provider.read("swas_images", block).await?)
}

/// The state that a read gives which has nothing to report.
pub fn expect_state(response: &Response) -> Result<Value> {
    assert_eq!(shown(&response.diagnostics), "");
    Ok(values::decode(response.state.as_ref().ok_or("no state")?)?)
}

/// What a user is told by a read of images that has to fail.
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

/// Reads images of so many regions at a time, each of which has calls of its own.
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

/// Reads images, and returns for how long others had to wait meanwhile at most.
pub async fn read_measuring_latency(provider: &RunningProvider) -> Result<(Response, Duration)> {
    let client = provider.client.clone();
    let config = provider.data_block("swas_images", &json!({}))?;
    let read = tokio::spawn(async move { client.read_data_source("swas_images", config).await });
    let mut longest = Duration::ZERO;
    while !read.is_finished() {
        let asked = Instant::now();
        provider.connection.health("plugin").await?;
        longest = longest.max(asked.elapsed());
    }
    Ok((read.await??, longest))
}

/// The lines of a log.
pub fn log_lines(log: &str) -> Vec<Map<String, Value>> {
    let lines = log.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect()
}

/// The names of what is in a folder.
pub fn file_names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    names
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

/// Waits for the process to end by itself.
pub async fn wait_for_exit<T>(process: &mut PluginProcess<T>) -> ExitStatus {
    let status = process.wait_exit(TIMEOUT).await;
    status.expect("the process runs forever")
}

/// Waits until `happened`.
pub async fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !happened() {
        assert!(begin.elapsed() < TIMEOUT, "waited in vain: {what}");
        sleep(POLL_INTERVAL).await;
    }
}

/// Waits until the endpoint has got `count` requests in all.
pub async fn wait_for_requests(emulator: &Emulator, count: usize) {
    wait_until("requests", || emulator.requests().len() >= count).await;
}
