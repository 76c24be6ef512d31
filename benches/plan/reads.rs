//! Reads over the plugin's socket, without Terraform: the overhead over the API, and
//! the resident memory after a read.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use swas_testing::emulator::{Catalog, Emulator};
use swas_testing::network::TlsFront;
use swas_testing::plugin_client::Start;
use swas_testing::running_provider::RunningProvider;
use swas_testing::terraform::processes_under;
use tokio::runtime::Builder;

use super::api::ApiClient;
use super::binaries::{Provider, Role};
use super::report::Report;
use super::scenario::{REGION, endpoint};
use super::startup::resident;
use super::statistics::{Sample, mebibytes, short};
use super::table::Table;
use super::{Effort, Result, progress};

/// The typical number of images of one type in a region.
const IMAGES: usize = 20;

pub fn measure(providers: &[Provider], effort: Effort, report: &mut Report) -> Result<()> {
    let with_role = |role| providers.iter().find(|it| it.role == role);
    let (Some(this), Some(noop)) = (with_role(Role::This), with_role(Role::NoopProvider)) else {
        return Ok(());
    };
    progress("reads");
    let images = Catalog::sized(IMAGES).images(REGION).to_vec();
    let catalog = (0..=effort.reads).fold(Catalog::sized(IMAGES), |catalog, round| {
        catalog.with_images(&region(round), images.clone())
    });
    let emulator = endpoint(catalog)?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut table = Table::new(
        format!(
            "One read of {IMAGES} images ({} over HTTP; {} first ones, each of another process)",
            effort.reads, effort.plans
        ),
        &["", "ms", "resident afterwards, MiB"],
    );
    let http = over_http(&this.binary, &noop.binary, &emulator, effort.reads);
    let http = runtime.block_on(http)?;
    table.row([
        "the API alone, over HTTP".to_owned(),
        http.api.summary().to_string(),
    ]);
    table.row([
        "ReadDataSource of noop-provider".to_owned(),
        http.noop.summary().to_string(),
    ]);
    table.row([
        "ReadDataSource of cached images".to_owned(),
        http.cached.summary().to_string(),
    ]);
    table.row([
        "beyond noop-provider".to_owned(),
        http.cached.minus(&http.noop).summary().to_string(),
    ]);
    table.row([
        "ReadDataSource with a call, over HTTP".to_owned(),
        http.called.summary().to_string(),
        short(http.memory),
    ]);
    table.row([
        "beyond noop-provider and the API".to_owned(),
        http.called
            .minus(&http.noop)
            .minus(&http.api)
            .summary()
            .to_string(),
    ]);
    let (read, memory) = runtime.block_on(first_over_https(&this.binary, &emulator, effort))?;
    table.row([
        "the first ReadDataSource, over HTTPS".to_owned(),
        read.summary().to_string(),
        memory.summary().to_string(),
    ]);
    report.table(&table);
    Ok(())
}

/// Times over HTTP.
#[derive(Default)]
struct OverHttp {
    /// Calls of the API without a provider.
    api: Sample,
    /// Reads of noop-provider.
    noop: Sample,
    /// Reads with a call.
    called: Sample,
    /// Reads of images that an earlier read has requested.
    cached: Sample,
    /// Resident memory after the last read, in MiB.
    memory: f64,
}

/// The region of one round. Its images are requested once.
fn region(round: usize) -> String {
    format!("cn-{round}")
}

/// Alternates reads and API calls.
async fn over_http(
    binary: &Path,
    noop_binary: &Path,
    emulator: &Emulator,
    reads: usize,
) -> Result<OverHttp> {
    let (binary, noop_binary) = (
        IsolatedBinary::new(binary)?,
        IsolatedBinary::new(noop_binary)?,
    );
    let provider = binary.start(&emulator.url(), emulator, None).await?;
    let noop_provider = noop_binary.start(&emulator.url(), emulator, None).await?;
    let mut api = ApiClient::connect(emulator)?;
    let mut times = OverHttp::default();
    for round in 0..=reads {
        let region = json!({"region_id": region(round)});
        let called = read(&provider, &region).await?;
        let cached = read(&provider, &region).await?;
        let noop = read(&noop_provider, &json!({})).await?;
        let api_time = api.list_images()?;
        // The first round includes connecting.
        if round > 0 {
            times.called.push(called);
            times.cached.push(cached);
            times.noop.push(noop);
            times.api.push(api_time);
        }
    }
    times.memory = mebibytes(binary.resident()?);
    provider.end().await?;
    noop_provider.end().await?;
    let calls = emulator.calls().len();
    if calls != 2 * (reads + 1) {
        return Err(format!("{calls} calls instead of one for each region and round").into());
    }
    Ok(times)
}

/// Starts several processes. Returns the times of their first reads, and the memory
/// afterward.
async fn first_over_https(
    binary: &Path,
    emulator: &Emulator,
    effort: Effort,
) -> Result<(Sample, Sample)> {
    let front = TlsFront::start("localhost", emulator.address())?;
    let url = format!("https://localhost:{}", front.address.port());
    let (mut times, mut memory) = (Sample::default(), Sample::default());
    for _ in 0..effort.plans {
        let binary = IsolatedBinary::new(binary)?;
        let authority = binary.folder.path().join("authority.pem");
        fs::write(&authority, &front.authority)?;
        let provider = binary.start(&url, emulator, Some(&authority)).await?;
        times.push(read(&provider, &json!({"region_id": REGION})).await?);
        memory.push_number(mebibytes(binary.resident()?));
        provider.end().await?;
    }
    Ok((times, memory))
}

/// A copy of the binary in a separate folder, which identifies its process.
struct IsolatedBinary {
    folder: tempfile::TempDir,
}

const BINARY: &str = "provider";

impl IsolatedBinary {
    fn new(binary: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::copy(binary, folder.path().join(BINARY))?;
        Ok(Self { folder })
    }

    /// Starts a provider and configures it with the endpoint `url`.
    async fn start(
        &self,
        url: &str,
        emulator: &Emulator,
        authority: Option<&Path>,
    ) -> Result<RunningProvider> {
        let mut start = Start::new(self.folder.path().join(BINARY));
        for (name, value) in emulator.environment() {
            start = start.env(name, value);
        }
        start = start.env("ALIBABA_CLOUD_SWAS_ENDPOINT", url);
        if let Some(file) = authority {
            start = start.env("SSL_CERT_FILE", file);
        }
        let provider = RunningProvider::start(start).await?;
        let block = provider.provider_block(&json!({}))?;
        let response = provider.client.configure(block).await?;
        match response.diagnostics.first() {
            None => Ok(provider),
            Some(error) => Err(error.detail.clone().into()),
        }
    }

    fn resident(&self) -> Result<u64> {
        let processes = processes_under(self.folder.path());
        resident(*processes.first().ok_or("the provider has exited")?)
    }
}

async fn read(provider: &RunningProvider, block: &Json) -> Result<Duration> {
    let begin = Instant::now();
    let response = provider.read("swas_images", block).await?;
    let elapsed = begin.elapsed();
    match response.diagnostics.first() {
        None => Ok(elapsed),
        Some(error) => Err(error.detail.clone().into()),
    }
}
