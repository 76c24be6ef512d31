//! Many data sources in one plan, against an endpoint that refuses calls as the API
//! does: ten of an operation are answered in a minute, and no more.

use swas_testing::emulator::{Catalog, Emulator, Options, Outcome, Quota};
use swas_testing::terraform::Client;

use super::binaries::Provider;
use super::report::Report;
use super::scale::look_ups;
use super::scene::{configuration, workspace};
use super::statistics::{Sample, short};
use super::table::Table;
use super::{Effort, Result, progress, shuffled};

/// What was seen of one provider.
#[derive(Default)]
struct Seen {
    elapsed: Sample,
    answered: Sample,
    refused: Sample,
    /// Plans that ended without an error.
    made: usize,
}

/// Plans in turn with every provider that lists images, each time with a quota of
/// which nothing is used up.
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
            "the plan, s",
            "calls answered",
            "calls refused",
            "plans without an error",
        ],
    );
    let listing: Vec<_> = providers.iter().filter(|it| it.lists_images()).collect();
    for &count in effort.data_sources {
        progress(&format!("{count} data sources, ten calls a minute"));
        let mut all: Vec<_> = listing.iter().map(|_| Seen::default()).collect();
        for _ in 0..plans {
            for place in shuffled(listing.len()) {
                plan(client, listing[place], count, &mut all[place])?;
            }
        }
        for (provider, seen) in listing.iter().zip(&all) {
            table.row([
                count.to_string(),
                provider.name.clone(),
                seen.elapsed.by(1e3).summary().to_string(),
                short(seen.answered.median()),
                short(seen.refused.median()),
                format!("{} of {plans}", seen.made),
            ]);
        }
    }
    report.table(&table);
    Ok(())
}

fn plan(client: &Client, provider: &Provider, count: usize, seen: &mut Seen) -> Result<()> {
    let emulator = Emulator::start(Options {
        catalog: Catalog::builtin(),
        quota: Some(Quota::default()),
        ..Options::default()
    })?;
    let configuration = configuration(&emulator, &look_ups(count));
    let workspace = workspace(client, &provider.binary, &configuration)?;
    let output = workspace.plan()?;
    let calls = emulator.calls();
    let number = |outcome| calls.iter().filter(|call| call.outcome == outcome).count() as u64;
    seen.elapsed.push(output.elapsed);
    seen.answered.push_count(number(Outcome::Answered));
    seen.refused.push_count(number(Outcome::Refused));
    seen.made += usize::from(output.status.success());
    Ok(())
}
