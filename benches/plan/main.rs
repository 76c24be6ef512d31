//! What the provider costs as the process that Terraform starts, beside others:
//!
//! ```text
//! cargo bench --bench plan -- --quick
//! cargo bench --bench plan -- --write --peer PATH_OF_ANOTHER_PROVIDER
//! ```
//!
//! Everything is measured in one run and in turn, in an order that is drawn for each
//! round: how fast a machine is changes from minute to minute, and so only figures of
//! one run compare.
//!
//! - [`binaries`]: the providers that are measured
//! - [`startup`]: from exec to the handshake line, and the memory there
//! - [`plans`]: a whole `terraform plan`
//! - [`reads`]: one read by itself, over the plugin's socket
//! - [`api`]: the API without a provider
//! - [`load`], [`scale`]: many images and many data sources
//! - [`quota`]: many data sources, with the API's quota
//! - [`account`]: what a process used, told by the operating system
//! - [`scene`]: an endpoint and a configuration
//! - [`statistics`], [`table`], [`chart`], [`report`]: figures as people read them

mod account;
mod api;
mod binaries;
mod chart;
mod load;
mod plans;
mod quota;
mod reads;
mod report;
mod scale;
mod scene;
mod startup;
mod statistics;
mod table;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use swas_testing::terraform::Client;

use report::Report;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Measures the provider as the process that Terraform starts.
#[derive(Parser)]
struct Arguments {
    /// Take a minute, for a first look: fewer runs and sizes.
    #[arg(long)]
    quick: bool,
    /// Put the figures into docs/performance.md and the charts beside it.
    #[arg(long)]
    write: bool,
    /// Measure this binary of the provider, in place of building one.
    #[arg(long, value_name = "FILE")]
    provider: Option<PathBuf>,
    /// Take this binary as the provider that does nothing, in place of building
    /// it.
    #[arg(long, value_name = "FILE")]
    do_nothing: Option<PathBuf>,
    /// Build both for this platform, as rustc names it, in place of this
    /// machine's. Releases for Linux are built for its musl.
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// Measure another provider too. It has to have `swas_images` and to take
    /// the same provider block. May be repeated.
    #[arg(long, value_name = "FILE")]
    peer: Vec<PathBuf>,
    /// Only these parts. May be repeated.
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Cargo says so to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Arguments {
    /// What for noop-provider and the provider are built, unless one of them is given.
    fn built_for(&self) -> Option<String> {
        if self.provider.is_some() || self.do_nothing.is_some() {
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
}

/// How much is measured.
#[derive(Clone, Copy)]
pub struct Effort {
    /// Starts of each binary.
    starts: usize,
    /// Plans of each kind.
    plans: usize,
    /// Reads over the socket.
    reads: usize,
    /// Plans of each size.
    sized_plans: usize,
    /// Numbers of images in one answer.
    images: &'static [usize],
    /// Numbers of data sources in one plan.
    data_sources: &'static [usize],
}

const FULL: Effort = Effort {
    starts: 100,
    plans: 40,
    reads: 500,
    sized_plans: 7,
    images: &[10, 100, 1_000, 10_000, 100_000],
    data_sources: &[1, 10, 100, 1_000],
};

const QUICK: Effort = Effort {
    starts: 20,
    plans: 8,
    reads: 100,
    sized_plans: 2,
    images: &[10, 10_000],
    data_sources: &[1, 100],
};

fn main() -> ExitCode {
    let result = match account::asked() {
        Some(order) => account::run(&order),
        None => measure(&Arguments::parse()).map(|()| ExitCode::SUCCESS),
    };
    result.unwrap_or_else(|error| {
        eprintln!("plan: {error}");
        ExitCode::FAILURE
    })
}

fn measure(arguments: &Arguments) -> Result<()> {
    let effort = if arguments.quick { QUICK } else { FULL };
    let wanted = |part| arguments.only.is_empty() || arguments.only.contains(&part);
    let providers = binaries::find(
        arguments.do_nothing.as_deref(),
        arguments.provider.as_deref(),
        arguments.target.as_deref(),
        &arguments.peer,
    )?;
    let clients = Client::discover()?;
    let built_for = arguments.built_for();
    let mut report = Report::new(&clients, built_for.as_deref(), arguments.quick);
    if wanted(Part::Startup) {
        startup::measure(&providers, effort, &mut report)?;
    }
    if wanted(Part::Plans) {
        for client in &clients {
            plans::measure(client, &providers, effort, &mut report)?;
        }
    }
    if wanted(Part::Reads) {
        reads::measure(&providers, effort, &mut report)?;
    }
    // What a provider uses does not depend on which client asks.
    if let Some(client) = clients.first() {
        if wanted(Part::Images) {
            scale::images(client, &providers, effort, &mut report)?;
        }
        if wanted(Part::DataSources) {
            scale::data_sources(client, &providers, effort, &mut report)?;
            scale::kinds(client, &providers, effort, &mut report)?;
        }
        if wanted(Part::Quota) {
            quota::measure(client, &providers, effort, &mut report)?;
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

/// So many places in any order: what comes before may slow down what comes after.
fn shuffled(count: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    fastrand::shuffle(&mut places);
    places
}

/// Tells the person who waits.
fn progress(what: &str) {
    eprintln!("measuring {what}");
}
