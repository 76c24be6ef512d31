//! Many data sources in one plan with the API's quota: ten calls of an action per
//! minute.

use swas_testing::emulator::{Catalog, Emulator, Options, Outcome, Quota};
use swas_testing::terraform::Client;

use super::binaries::Provider;
use super::report::Report;
use super::scale::identical_data_sources;
use super::scenario::{configuration, workspace};
use super::statistics::{Sample, short};
use super::table::Table;
use super::{Effort, Result, progress, shuffled};

/// The measurements of one provider.
#[derive(Default)]
struct Measurements {
    elapsed: Sample,
    accepted: Sample,
    throttled: Sample,
    /// The number of plans without an error.
    succeeded: usize,
}

/// Plans with every provider that lists images. Each plan starts with an unused quota.
pub fn measure(
    client: &Client,
    providers: &[Provider],
    effort: Effort,
    report: &mut Report,
) -> Result<()> {
    let plans = effort.sized_plans;
    let mut table = Table::new(
        format!("Data sources in one plan, with ten calls a minute ({plans} plans of each)"),
        &[
            "data sources",
            "",
            "plan, s",
            "calls accepted",
            "calls throttled",
            "plans without an error",
        ],
    );
    let listing: Vec<_> = providers.iter().filter(|it| it.lists_images()).collect();
    for &count in effort.data_sources {
        progress(&format!("{count} data sources, ten calls a minute"));
        let mut all: Vec<_> = listing.iter().map(|_| Measurements::default()).collect();
        for _ in 0..plans {
            for index in shuffled(listing.len()) {
                plan(client, listing[index], count, &mut all[index])?;
            }
        }
        for (provider, measurements) in listing.iter().zip(&all) {
            table.row([
                count.to_string(),
                provider.name.clone(),
                measurements.elapsed.divided_by(1e3).summary().to_string(),
                short(measurements.accepted.median()),
                short(measurements.throttled.median()),
                format!("{} of {plans}", measurements.succeeded),
            ]);
        }
    }
    report.table(&table);
    Ok(())
}

fn plan(
    client: &Client,
    provider: &Provider,
    count: usize,
    measurements: &mut Measurements,
) -> Result<()> {
    let emulator = Emulator::start(Options {
        catalog: Catalog::builtin(),
        quota: Some(Quota::default()),
        ..Options::default()
    })?;
    let configuration = configuration(&emulator, &identical_data_sources(count));
    let workspace = workspace(client, &provider.binary, &configuration)?;
    let output = workspace.plan()?;
    let calls = emulator.calls();
    let number = |outcome| calls.iter().filter(|call| call.outcome == outcome).count() as u64;
    measurements.elapsed.push(output.elapsed);
    measurements.accepted.push_count(number(Outcome::Succeeded));
    measurements
        .throttled
        .push_count(number(Outcome::Throttled));
    measurements.succeeded += usize::from(output.status.success());
    Ok(())
}
