//! Many images in one response, and many data sources in one plan: resource usage of
//! the provider and of Terraform.

use swas_testing::emulator::Catalog;
use swas_testing::terraform::Client;

use super::binaries::{Provider, Role};
use super::chart::Line;
use super::load::{Load, Measurements, run_rounds};
use super::report::Report;
use super::scenario::REGION;
use super::statistics::{mebibytes, short};
use super::table::Table;
use super::{Effort, Result, progress};

/// The minimum size of a response, in MiB, to report its memory. Below, memory is noise.
const MIN_RESPONSE: f64 = 1.0;

/// The columns of [`costs`].
const COSTS: [&str; 5] = [
    "its CPU, ms",
    "Terraform's own CPU, ms",
    "its CPU relative to Terraform's",
    "its peak, MiB",
    "calls",
];

/// The cells of a table with the costs of a plan.
fn costs(measurements: &Measurements) -> [String; 5] {
    let Measurements {
        cpu, terraform_cpu, ..
    } = measurements;
    [
        cpu.summary().to_string(),
        terraform_cpu.summary().to_string(),
        cpu.over(terraform_cpu).summary().to_string(),
        measurements.peak.summary().to_string(),
        short(measurements.calls.median()),
    ]
}

fn listing(providers: &[Provider]) -> impl Iterator<Item = &Provider> {
    providers.iter().filter(|it| it.lists_images())
}

/// A line for each provider that lists images.
fn lines(providers: &[Provider]) -> Vec<Line> {
    let lines = listing(providers).map(|it| Line::new(it.name.clone()));
    lines.collect()
}

/// Measures responses with many images.
pub fn images(
    client: &Client,
    providers: &[Provider],
    effort: Effort,
    report: &mut Report,
) -> Result<()> {
    progress("images in one response");
    let mut table = Table::new(
        format!(
            "Images in one response ({} plans of each)",
            effort.sized_plans
        ),
        &[
            "images",
            "response, MiB",
            "",
            "its CPU, ms",
            "its CPU relative to the previous size",
            "its peak, MiB",
            "peak above that of the first size, relative to the response",
            "Terraform's own CPU, ms",
        ],
    );
    let (mut loads, mut responses) = (Vec::new(), Vec::new());
    for &size in effort.images {
        let catalog = Catalog::sized(size);
        let response = serde_json::to_vec(catalog.images(REGION))?.len();
        responses.push(mebibytes(response as u64));
        let data = "data \"swas_images\" \"this\" {}\n";
        loads.push(Load::new(client, listing(providers), catalog, data)?);
    }
    run_rounds(&mut loads, effort.sized_plans)?;

    let (mut cpu_lines, mut peak_lines) = (lines(providers), lines(providers));
    for (number, (load, &response)) in loads.iter().zip(&responses).enumerate() {
        let size = effort.images[number];
        for (index, bench) in load.benches.iter().enumerate() {
            let Measurements {
                cpu,
                peak,
                terraform_cpu,
                ..
            } = &bench.measurements;
            cpu_lines[index].push(size, cpu.median());
            peak_lines[index].push(size, peak.median());
            let first = &loads[0].benches[index].measurements;
            let previous = number.checked_sub(1).map(|number| &loads[number]);
            let previous_cpu = previous.map(|load| &load.benches[index].measurements.cpu);
            let growth = previous_cpu.map(|previous| cpu.over(previous).summary().to_string());
            let memory = peak.minus(&first.peak).divided_by(response).summary();
            let memory = (response > MIN_RESPONSE).then(|| memory.to_string());
            table.row([
                size.to_string(),
                short(response),
                bench.provider.name.clone(),
                cpu.summary().to_string(),
                growth.unwrap_or_default(),
                peak.summary().to_string(),
                memory.unwrap_or_default(),
                terraform_cpu.summary().to_string(),
            ]);
        }
    }
    report.table(&table);
    report.lines(
        "images-cpu",
        "CPU of the provider in one plan, in milliseconds",
        "images",
        cpu_lines,
    );
    report.lines(
        "images-memory",
        "Peak memory of the provider, in MiB",
        "images",
        peak_lines,
    );
    Ok(())
}

/// A configuration with `count` identical data sources.
pub fn identical_data_sources(count: usize) -> String {
    format!(
        "data \"swas_images\" \"this\" {{\n  count      = {count}\n  \
         image_type = \"system\"\n}}\n"
    )
}

/// Measures plans with many identical data sources.
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
            &["connections", "plan, s"],
        ]
        .concat(),
    );
    let mut loads = Vec::new();
    for &count in effort.data_sources {
        let data = identical_data_sources(count);
        let load = Load::new(client, listing(providers), Catalog::builtin(), &data)?;
        loads.push(load);
    }
    run_rounds(&mut loads, effort.sized_plans)?;

    let mut cpu = lines(providers);
    let mut terraform = Line::new("Terraform itself".to_owned());
    for (load, &count) in loads.iter().zip(effort.data_sources) {
        for (index, bench) in load.benches.iter().enumerate() {
            let measurements = &bench.measurements;
            cpu[index].push(count, measurements.cpu.median());
            if bench.provider.role == Role::This {
                terraform.push(count, measurements.terraform_cpu.median());
            }
            let load = [count.to_string(), bench.provider.name.clone()];
            let rest = [
                short(measurements.connections.median()),
                measurements.elapsed.divided_by(1e3).summary().to_string(),
            ];
            table.row(load.into_iter().chain(costs(measurements)).chain(rest));
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

/// Measures the largest number of data sources with other arguments, which take more
/// work. Only this provider has them.
pub fn other_data_sources(
    client: &Client,
    providers: &[Provider],
    effort: Effort,
    report: &mut Report,
) -> Result<()> {
    const CASES: [(&str, &str, &str); 5] = [
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
    for (_, data_source, arguments) in CASES {
        let data =
            format!("data \"{data_source}\" \"this\" {{\n  count = {count}\n  {arguments}\n}}\n");
        let this = providers.iter().filter(|it| it.role == Role::This);
        loads.push(Load::new(client, this, Catalog::builtin(), &data)?);
    }
    run_rounds(&mut loads, effort.sized_plans)?;

    let mut table = Table::new(
        format!(
            "{count} data sources of other kinds, with this provider ({} plans of each)",
            effort.sized_plans
        ),
        &[[""].as_slice(), &COSTS].concat(),
    );
    for (load, (name, ..)) in loads.iter().zip(CASES) {
        for bench in &load.benches {
            let name = [name.to_owned()];
            table.row(name.into_iter().chain(costs(&bench.measurements)));
        }
    }
    report.table(&table);
    Ok(())
}
