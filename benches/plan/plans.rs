//! A whole plan, as the person who waits for it sees it.

use swas_testing::emulator::Catalog;
use swas_testing::terraform::{Client, Workspace};

use super::binaries::{Provider, Role};
use super::chart::Bar;
use super::report::Report;
use super::scene::{self, configuration, endpoint};
use super::statistics::{Sample, short};
use super::table::Table;
use super::{Effort, Result, progress, shuffled};

/// A provider of Terraform's own, which is no process.
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
    let any = &providers[0].binary;
    let mut workspaces = vec![scene::workspace_without_provider(client, any, BUILT_IN)?];
    for provider in providers {
        let text = configuration(&emulator, IMAGES);
        names.push(provider.name.clone());
        workspaces.push(scene::workspace(client, &provider.binary, &text)?);
    }

    let mut all = vec![Sample::default(); workspaces.len()];
    for round in 0..=effort.plans {
        for place in shuffled(workspaces.len()) {
            let elapsed = plan(&workspaces[place])?;
            // The first round only brings the files into memory.
            if round > 0 {
                all[place].push_number(elapsed);
            }
        }
    }

    let mut columns = vec!["", "ms"];
    let ratios: Vec<String> = names[1..].iter().map(|name| format!("by {name}")).collect();
    columns.extend(ratios.iter().map(String::as_str));
    let title = format!(
        "`{} plan` with one data source ({} of each)",
        client.product, effort.plans
    );
    let mut table = Table::new(title, &columns);
    for (name, sample) in names.iter().zip(&all) {
        let mut cells = vec![name.clone(), sample.summary().to_string()];
        cells.extend(
            all[1..]
                .iter()
                .map(|base| sample.over(base).summary().to_string()),
        );
        table.row(cells);
    }
    report.table(&table);
    let bars: Vec<Bar> = names
        .iter()
        .zip(&all)
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
        let cost = all[this + 1].minus(&all[0]).summary();
        report.note(&format!(
            "Of a plan with {}, this provider is {} ms: what is over that of a built-in provider.",
            client.name(),
            short(cost.median)
        ));
    }
    Ok(())
}

/// Plans once; in milliseconds.
fn plan(workspace: &Workspace) -> Result<f64> {
    let output = workspace.plan()?.checked()?;
    Ok(output.elapsed.as_secs_f64() * 1e3)
}
