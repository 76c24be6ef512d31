//! Many plans at the same time, with a quota that all of them share: with and without a
//! directory for shared responses.

use std::time::Duration;

use swas_testing::emulator::{Catalog, Emulator, Options, Quota};
use swas_testing::terraform::{Client, Workspace};
use tempfile::TempDir;

use super::binaries::{Provider, Role};
use super::report::Report;
use super::scale::identical_data_sources;
use super::scenario::{configuration, workspace};
use super::statistics::{Sample, short};
use super::table::Table;
use super::{Effort, Result, progress};

/// A tenth of the API's window, so that the benchmark takes minutes.
const WINDOW: Duration = Duration::from_secs(6);

/// Time limit for all plans of a row.
const TIMEOUT: Duration = Duration::from_mins(6);

/// Plans with every provider that lists images.
pub fn measure(
    client: &Client,
    providers: &[Provider],
    effort: Effort,
    report: &mut Report,
) -> Result<()> {
    let mut table = Table::new(
        format!(
            "Plans at the same time, with ten calls in {} s",
            WINDOW.as_secs()
        ),
        &[
            "plans",
            "",
            "slowest, s",
            "calls accepted",
            "calls throttled",
            "plans without an error",
        ],
    );
    for provider in providers.iter().filter(|it| it.lists_images()) {
        let most = effort.stacks.iter().copied().max().unwrap_or_default();
        let mut stacks = Vec::new();
        for _ in 0..most {
            // The provider block follows with the emulator.
            stacks.push(workspace(client, &provider.binary, "")?);
        }
        for &count in effort.stacks {
            progress(&format!("{count} plans at the same time"));
            table.row(row(provider, &stacks[..count], &emulator()?)?);
            if provider.role == Role::This {
                let folder = tempfile::tempdir()?;
                for row in rows_with_folder(provider, &mut stacks[..count], &folder)? {
                    table.row(row);
                }
            }
        }
    }
    report.table(&table);
    Ok(())
}

/// Plans twice, the second time within the maximum age of responses.
fn rows_with_folder(
    provider: &Provider,
    stacks: &mut [Workspace],
    folder: &TempDir,
) -> Result<Vec<[String; 6]>> {
    let emulator = emulator()?;
    for stack in &mut *stacks {
        stack.env("SWAS_CACHE_DIR", folder.path());
    }
    let rows = [" with `cache_dir`", " with `cache_dir`, again"].map(|suffix| {
        let mut cells = row(provider, stacks, &emulator)?;
        cells[1].push_str(suffix);
        Ok(cells)
    });
    for stack in stacks {
        stack.reset_env();
    }
    rows.into_iter().collect()
}

fn emulator() -> Result<Emulator> {
    Ok(Emulator::start(Options {
        catalog: Catalog::builtin(),
        quota: Some(Quota {
            window: WINDOW,
            ..Quota::default()
        }),
        ..Options::default()
    })?)
}

fn row(provider: &Provider, stacks: &[Workspace], emulator: &Emulator) -> Result<[String; 6]> {
    let before = emulator.counts("ListImages");
    let configuration = configuration(emulator, &identical_data_sources(1));
    for stack in stacks {
        stack.write("main.tf", &configuration)?;
    }
    let plans = stacks.iter().map(|stack| stack.start(["plan"]));
    let plans: std::result::Result<Vec<_>, _> = plans.collect();
    let (mut slowest, mut succeeded) = (Duration::ZERO, 0);
    for mut plan in plans? {
        let output = plan.wait(TIMEOUT)?;
        slowest = slowest.max(output.elapsed);
        succeeded += usize::from(output.status.success());
    }
    let counts = emulator.counts("ListImages");
    let mut seconds = Sample::default();
    seconds.push(slowest);
    Ok([
        stacks.len().to_string(),
        provider.name.clone(),
        short(seconds.divided_by(1e3).median()),
        (counts.succeeded - before.succeeded).to_string(),
        (counts.throttled - before.throttled).to_string(),
        format!("{succeeded} of {}", stacks.len()),
    ])
}
