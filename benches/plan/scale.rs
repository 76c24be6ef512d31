//! Many images in one answer, and many data sources in one plan: what the
//! provider's processes use, and what Terraform uses itself.

use swas_testing::emulator::Catalog;
use swas_testing::terraform::Client;

use super::binaries::{Provider, Role};
use super::chart::Line;
use super::load::{Load, Seen, plan_in_turn};
use super::report::Report;
use super::scene::REGION;
use super::statistics::{mebibytes, short};
use super::table::Table;
use super::{Effort, Result, progress};

/// Of a smaller answer, what memory it takes would be noise; in MiB.
const LARGE: f64 = 1.0;

/// The columns for what a plan of many data sources costs.
const COSTS: [&str; 5] = [
    "its CPU, ms",
    "Terraform's own CPU, ms",
    "its CPU by Terraform's",
    "its peak, MiB",
    "calls",
];

/// What stands in them.
fn costs(seen: &Seen) -> [String; 5] {
    [
        seen.cpu.summary().to_string(),
        seen.terraform_cpu.summary().to_string(),
        seen.cpu.over(&seen.terraform_cpu).summary().to_string(),
        seen.peak.summary().to_string(),
        short(seen.calls.median()),
    ]
}

fn listing(providers: &[Provider]) -> impl Iterator<Item = &Provider> {
    providers.iter().filter(|it| it.lists_images())
}

/// One series of a chart for each provider that lists images.
fn lines(providers: &[Provider]) -> Vec<Line> {
    let lines = listing(providers).map(|it| Line::new(it.name.clone()));
    lines.collect()
}

/// One answer with many images.
pub fn images(
    client: &Client,
    providers: &[Provider],
    effort: Effort,
    report: &mut Report,
) -> Result<()> {
    progress("images in one answer");
    let mut table = Table::new(
        format!(
            "Images in one answer ({} plans of each)",
            effort.sized_plans
        ),
        &[
            "images",
            "answer, MiB",
            "",
            "its CPU, ms",
            "its CPU by the size before",
            "its peak, MiB",
            "peak above that of the first size, by the answer",
            "Terraform's own CPU, ms",
        ],
    );
    let (mut loads, mut answers) = (Vec::new(), Vec::new());
    for &size in effort.images {
        let catalog = Catalog::sized(size);
        let answer = serde_json::to_vec(catalog.images(REGION))?.len();
        answers.push(mebibytes(answer as u64));
        let data = "data \"swas_images\" \"this\" {}\n";
        loads.push(Load::new(client, listing(providers), catalog, data)?);
    }
    plan_in_turn(&mut loads, effort.sized_plans)?;

    let (mut cpu, mut peak) = (lines(providers), lines(providers));
    for (number, (load, &answer)) in loads.iter().zip(&answers).enumerate() {
        let size = effort.images[number];
        for (place, bench) in load.benches.iter().enumerate() {
            let seen = &bench.seen;
            cpu[place].push(size, seen.cpu.median());
            peak[place].push(size, seen.peak.median());
            let first = &loads[0].benches[place].seen;
            let before = number.checked_sub(1).map(|before| &loads[before]);
            let cpu_before = before.map(|load| &load.benches[place].seen.cpu);
            let growth = cpu_before.map(|before| seen.cpu.over(before).summary().to_string());
            let memory = seen.peak.minus(&first.peak).by(answer).summary();
            let memory = (answer > LARGE).then(|| memory.to_string());
            table.row([
                size.to_string(),
                short(answer),
                bench.provider.name.clone(),
                seen.cpu.summary().to_string(),
                growth.unwrap_or_default(),
                seen.peak.summary().to_string(),
                memory.unwrap_or_default(),
                seen.terraform_cpu.summary().to_string(),
            ]);
        }
    }
    report.table(&table);
    report.lines(
        "images-cpu",
        "CPU of the provider in one plan, in milliseconds",
        "images",
        cpu,
    );
    report.lines(
        "images-memory",
        "Peak memory of the provider, in MiB",
        "images",
        peak,
    );
    Ok(())
}

/// So many data sources that ask for the same.
pub fn look_ups(count: usize) -> String {
    format!(
        "data \"swas_images\" \"this\" {{\n  count      = {count}\n  \
         image_type = \"system\"\n}}\n"
    )
}

/// Many data sources in one plan, all the same: what a plan costs that looks up
/// the same images in many places.
pub fn data_sources(
    client: &Client,
    providers: &[Provider],
    effort: Effort,
    report: &mut Report,
) -> Result<()> {
    progress("data sources in one plan");
    let mut table = Table::new(
        format!(
            "Data sources in one plan ({} plans of each)",
            effort.sized_plans
        ),
        &[
            ["data sources", ""].as_slice(),
            &COSTS,
            &["connections", "the plan, s"],
        ]
        .concat(),
    );
    let mut loads = Vec::new();
    for &count in effort.data_sources {
        let data = look_ups(count);
        let load = Load::new(client, listing(providers), Catalog::builtin(), &data)?;
        loads.push(load);
    }
    plan_in_turn(&mut loads, effort.sized_plans)?;

    let mut cpu = lines(providers);
    let mut terraform = Line::new("Terraform itself".to_owned());
    for (load, &count) in loads.iter().zip(effort.data_sources) {
        for (place, bench) in load.benches.iter().enumerate() {
            let seen = &bench.seen;
            cpu[place].push(count, seen.cpu.median());
            if bench.provider.role == Role::This {
                terraform.push(count, seen.terraform_cpu.median());
            }
            let load = [count.to_string(), bench.provider.name.clone()];
            let rest = [
                short(seen.connections.median()),
                seen.elapsed.by(1e3).summary().to_string(),
            ];
            table.row(load.into_iter().chain(costs(seen)).chain(rest));
        }
    }
    report.table(&table);
    cpu.push(terraform);
    report.lines(
        "data-sources",
        "CPU in one plan, in milliseconds",
        "data sources",
        cpu,
    );
    Ok(())
}

/// As many data sources of other kinds, which have more to do. Other providers do not
/// have them.
pub fn kinds(
    client: &Client,
    providers: &[Provider],
    effort: Effort,
    report: &mut Report,
) -> Result<()> {
    const KINDS: [(&str, &str, &str); 5] = [
        ("`swas_images` of every type", "swas_images", ""),
        (
            "`swas_images` with one `name_regex`",
            "swas_images",
            "name_regex = \"^Ubuntu-\"",
        ),
        (
            "`swas_images`, each with another `name_regex`",
            "swas_images",
            "name_regex = \"^Ubuntu-(2|${count.index})\"",
        ),
        (
            "`swas_image`, the newest by one `name_regex`",
            "swas_image",
            "name_regex = \"^Ubuntu-\"\n  most_recent = true",
        ),
        ("`swas_regions`", "swas_regions", ""),
    ];
    let Some(&count) = effort.data_sources.last() else {
        return Ok(());
    };
    progress("data sources of other kinds");
    let mut loads = Vec::new();
    for (_, data_source, arguments) in KINDS {
        let data =
            format!("data \"{data_source}\" \"this\" {{\n  count = {count}\n  {arguments}\n}}\n");
        let this = providers.iter().filter(|it| it.role == Role::This);
        loads.push(Load::new(client, this, Catalog::builtin(), &data)?);
    }
    plan_in_turn(&mut loads, effort.sized_plans)?;

    let mut table = Table::new(
        format!(
            "{count} data sources of other kinds, with this provider ({} plans of each)",
            effort.sized_plans
        ),
        &[[""].as_slice(), &COSTS].concat(),
    );
    for (load, (kind, ..)) in loads.iter().zip(KINDS) {
        for bench in &load.benches {
            table.row([kind.to_owned()].into_iter().chain(costs(&bench.seen)));
        }
    }
    report.table(&table);
    Ok(())
}
