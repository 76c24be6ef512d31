//! Benchmark of the provider process that Terraform starts, compared with others:
//!
//! ```text
//! cargo bench --bench plan -- --quick
//! cargo bench --bench plan -- --write --peer PATH_OF_ANOTHER_PROVIDER
//! ```
//!
//! All providers are measured in one run, in a random order per round. The speed of a
//! machine varies over minutes, so compare only figures of the same run.
//!
//! - [`binaries`]: the measured providers
//! - [`startup`]: time and memory until the handshake line
//! - [`plans`]: a whole `terraform plan`
//! - [`reads`]: one read over the plugin's socket, without Terraform
//! - [`api`]: the API without a provider
//! - [`load`], [`scale`]: many images and many data sources
//! - [`quota`]: many data sources with the API's quota
//! - [`stacks`]: many plans at the same time, with a shared quota
//! - [`usage`]: resource usage of processes
//! - [`scenario`]: emulator and configuration
//! - [`statistics`], [`table`], [`chart`], [`report`]: output

mod api;
mod binaries;
mod chart;
mod load;
mod plans;
mod quota;
mod reads;
mod report;
mod scale;
mod scenario;
mod stacks;
mod startup;
mod statistics;
mod table;
mod usage;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use swas_testing::terraform::Client;

use report::Report;
use usage::Wrapper;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Measures the provider process that Terraform starts.
#[derive(Parser)]
struct Arguments {
    /// Take a minute: fewer runs and sizes.
    #[arg(long)]
    quick: bool,
    /// Write the figures to BENCHMARKS.md and the charts to benches/charts.
    #[arg(long)]
    write: bool,
    /// Binary of the provider. Built by default.
    #[arg(long, value_name = "FILE")]
    provider: Option<PathBuf>,
    /// Binary of noop-provider. Built by default.
    #[arg(long, value_name = "FILE")]
    noop_provider: Option<PathBuf>,
    /// Target triple to build for. Defaults to this machine. Linux releases are built
    /// for musl.
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// Binary of another provider to measure, named by its file. It must have
    /// `swas_images` and the same provider block. May be repeated.
    #[arg(long, value_name = "FILE")]
    peer: Vec<PathBuf>,
    /// Measure only this part. May be repeated.
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Cargo passes this to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Arguments {
    /// The platform that the providers are built for. `None` if a binary is given.
    fn built_for(&self) -> Option<String> {
        if self.provider.is_some() || self.noop_provider.is_some() {
            return None;
        }
        Some(match &self.target {
            Some(target) => format!("`{target}`"),
            None => "this machine".to_owned(),
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    Startup,
    Plans,
    Reads,
    Images,
    DataSources,
    Quota,
    Stacks,
}

/// The number of runs and the sizes.
#[derive(Clone, Copy)]
pub struct Effort {
    /// Starts per binary.
    starts: usize,
    /// Plans per provider and client.
    plans: usize,
    /// Reads over the socket.
    reads: usize,
    /// Plans per size.
    sized_plans: usize,
    /// Numbers of images in one response.
    images: &'static [usize],
    /// Numbers of data sources in one plan.
    data_sources: &'static [usize],
    /// Numbers of plans at the same time.
    stacks: &'static [usize],
}

const FULL: Effort = Effort {
    starts: 100,
    plans: 40,
    reads: 500,
    sized_plans: 7,
    images: &[10, 100, 1_000, 10_000, 20_000],
    data_sources: &[1, 10, 100, 1_000],
    stacks: &[1, 10, 30, 60],
};

const QUICK: Effort = Effort {
    starts: 20,
    plans: 8,
    reads: 100,
    sized_plans: 2,
    images: &[10, 10_000],
    data_sources: &[1, 100],
    stacks: &[1, 10],
};

fn main() -> ExitCode {
    let result = match Wrapper::from_args() {
        Some(wrapper) => wrapper.run(),
        None => measure(&Arguments::parse()).map(|()| ExitCode::SUCCESS),
    };
    result.unwrap_or_else(|error| {
        eprintln!("plan: {error}");
        ExitCode::FAILURE
    })
}

fn measure(arguments: &Arguments) -> Result<()> {
    let effort = if arguments.quick { QUICK } else { FULL };
    let selected = |part| arguments.only.is_empty() || arguments.only.contains(&part);
    let providers = binaries::find(
        arguments.noop_provider.as_deref(),
        arguments.provider.as_deref(),
        arguments.target.as_deref(),
        &arguments.peer,
    )?;
    let clients = Client::discover()?;
    let built_for = arguments.built_for();
    let mut report = Report::new(&clients, built_for.as_deref(), arguments.quick);
    if selected(Part::Startup) {
        startup::measure(&providers, effort, &mut report)?;
    }
    if selected(Part::Plans) {
        for client in &clients {
            plans::measure(client, &providers, effort, &mut report)?;
        }
    }
    if selected(Part::Reads) {
        reads::measure(&providers, effort, &mut report)?;
    }
    // The usage of a provider does not depend on the client.
    if let Some(client) = clients.first() {
        if selected(Part::Images) {
            scale::images(client, &providers, effort, &mut report)?;
        }
        if selected(Part::DataSources) {
            scale::data_sources(client, &providers, effort, &mut report)?;
            scale::other_data_sources(client, &providers, effort, &mut report)?;
        }
        if selected(Part::Quota) {
            quota::measure(client, &providers, effort, &mut report)?;
        }
        if selected(Part::Stacks) {
            stacks::measure(client, &providers, effort, &mut report)?;
        }
    } else {
        eprintln!("Neither terraform nor tofu is on PATH: there are no plans to measure.");
    }
    print!("{}", report.markdown());
    if arguments.write {
        report.write()?;
    }
    Ok(())
}

/// The indices below `count` in random order, because a run may slow down the next one.
fn shuffled(count: usize) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..count).collect();
    fastrand::shuffle(&mut indices);
    indices
}

/// Reports progress to standard error.
fn progress(step: &str) {
    eprintln!("measuring {step}");
}
