//! Elapsed time of a whole plan.

use swas_testing::emulator::Catalog;
use swas_testing::terraform::{Client, Workspace};

use super::binaries::{Provider, Role};
use super::chart::Bar;
use super::report::Report;
use super::scenario::{self, configuration, endpoint};
use super::statistics::{Sample, short};
use super::table::Table;
use super::{Effort, Result, progress, shuffled};

/// A configuration with Terraform's built-in provider, which needs no process.
const BUILT_IN: &str = "resource \"terraform_data\" \"this\" {}\n";

const IMAGES: &str = "data \"swas_images\" \"this\" {\n  image_type = \"system\"\n}\n";

pub fn measure(
    client: &Client,
    providers: &[Provider],
    effort: Effort,
    report: &mut Report,
) -> Result<()> {
    progress(&format!("plans of {}", client.name()));
    let emulator = endpoint(Catalog::builtin())?;
    let mut names = vec!["built-in provider only".to_owned()];
    // The configuration does not use the binary.
    let any = &providers[0].binary;
    let mut workspaces = vec![scenario::workspace_without_provider(client, any, BUILT_IN)?];
    for provider in providers {
        let text = configuration(&emulator, IMAGES);
        names.push(provider.name.clone());
        workspaces.push(scenario::workspace(client, &provider.binary, &text)?);
    }

    let mut samples = vec![Sample::default(); workspaces.len()];
    for round in 0..=effort.plans {
        for index in shuffled(workspaces.len()) {
            let elapsed = plan(&workspaces[index])?;
            // The first round warms the page cache.
            if round > 0 {
                samples[index].push_number(elapsed);
            }
        }
    }

    let mut columns = vec!["", "ms"];
    let ratios: Vec<String> = names[1..]
        .iter()
        .map(|name| format!("relative to {name}"))
        .collect();
    columns.extend(ratios.iter().map(String::as_str));
    let title = format!(
        "`{} plan` with one data source ({} of each)",
        client.product, effort.plans
    );
    let mut table = Table::new(title, &columns);
    for (name, sample) in names.iter().zip(&samples) {
        let mut cells = vec![name.clone(), sample.summary().to_string()];
        cells.extend(
            samples[1..]
                .iter()
                .map(|base| sample.over(base).summary().to_string()),
        );
        table.row(cells);
    }
    report.table(&table);
    let bars: Vec<Bar> = names
        .iter()
        .zip(&samples)
        .map(|(name, sample)| Bar {
            name: name.clone(),
            summary: sample.summary(),
        })
        .collect();
    report.bars(
        &format!("plan-{}", client.product),
        &format!(
            "{} plan with one data source, in milliseconds",
            client.name()
        ),
        bars,
    );
    if let Some(this) = providers.iter().position(|it| it.role == Role::This) {
        let cost = samples[this + 1].minus(&samples[0]).summary();
        report.note(&format!(
            "A plan with {} takes {} ms longer with this provider than with a built-in provider.",
            client.name(),
            short(cost.median)
        ));
    }
    Ok(())
}

/// Runs one plan. Returns the elapsed time in milliseconds.
fn plan(workspace: &Workspace) -> Result<f64> {
    let output = workspace.plan()?.checked()?;
    Ok(output.elapsed.as_secs_f64() * 1e3)
}
