//! Reads over the plugin's socket, without Terraform: the overhead over the API, and
//! the resident memory after a read.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;
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
    let Some(this) = providers.iter().find(|it| it.role == Role::This) else {
        return Ok(());
    };
    progress("reads");
    let emulator = endpoint(Catalog::sized(IMAGES))?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut table = Table::new(
        format!(
            "One read of {IMAGES} images ({} over HTTP; {} first ones, each of another process)",
            effort.reads, effort.plans
        ),
        &["", "ms", "resident afterwards, MiB"],
    );
    let (read, api, memory) = runtime.block_on(over_http(&this.binary, &emulator, effort.reads))?;
    let overhead = read.minus(&api);
    table.row([
        "the API alone, over HTTP".to_owned(),
        api.summary().to_string(),
    ]);
    table.row([
        "ReadDataSource, over HTTP".to_owned(),
        read.summary().to_string(),
        short(memory),
    ]);
    table.row(["the difference".to_owned(), overhead.summary().to_string()]);
    let (read, memory) = runtime.block_on(first_over_https(&this.binary, &emulator, effort))?;
    table.row([
        "the first ReadDataSource, over HTTPS".to_owned(),
        read.summary().to_string(),
        memory.summary().to_string(),
    ]);
    report.table(&table);
    Ok(())
}

/// Alternates reads and API calls. Returns their times, and the memory after the last
/// read.
async fn over_http(
    binary: &Path,
    emulator: &Emulator,
    reads: usize,
) -> Result<(Sample, Sample, f64)> {
    let binary = IsolatedBinary::new(binary)?;
    let provider = binary.start(&emulator.url(), emulator, None).await?;
    let mut api = ApiClient::connect(emulator)?;
    let (mut read_times, mut api_times) = (Sample::default(), Sample::default());
    for round in 0..=reads {
        let read_time = read(&provider).await?;
        let api_time = api.list_images()?;
        // The first round includes connecting.
        if round > 0 {
            read_times.push(read_time);
            api_times.push(api_time);
        }
    }
    let memory = mebibytes(binary.resident()?);
    provider.end().await?;
    Ok((read_times, api_times, memory))
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
        times.push(read(&provider).await?);
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
        let diagnostics = provider.configure(&json!({})).await?;
        match diagnostics.first() {
            None => Ok(provider),
            Some(error) => Err(error.detail.clone().into()),
        }
    }

    fn resident(&self) -> Result<u64> {
        let processes = processes_under(self.folder.path());
        resident(*processes.first().ok_or("the provider has exited")?)
    }
}

async fn read(provider: &RunningProvider) -> Result<Duration> {
    let begin = Instant::now();
    let response = provider
        .read("swas_images", &json!({"region_id": REGION}))
        .await?;
    let elapsed = begin.elapsed();
    match response.diagnostics.first() {
        None => Ok(elapsed),
        Some(error) => Err(error.detail.clone().into()),
    }
}
