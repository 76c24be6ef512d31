//! Many images in one answer, and many data sources in one plan: what the
//! provider's processes use, and what Terraform uses itself.

use swas_testing::emulator::{Catalog, Emulator};
use swas_testing::terraform::{Client, Workspace};
use tempfile::TempDir;

use super::account::{Accounted, Used};
use super::binaries::{Provider, Role};
use super::chart::Line;
use super::report::Report;
use super::scene::{REGION, configuration, endpoint, workspace};
use super::statistics::{Sample, mebibytes, short};
use super::table::Table;
use super::{Effort, Result, progress};

/// One provider under one load, ready to be planned with.
struct Bench<'a> {
    provider: &'a Provider,
    workspace: Workspace,
    accounts: [Accounted; 2],
    _folder: TempDir,
    seen: Seen,
}

/// What was seen of it.
#[derive(Default)]
struct Seen {
    elapsed: Sample,
    cpu: Sample,
    peak: Sample,
    terraform_cpu: Sample,
    calls: Sample,
    connections: Sample,
}

impl<'a> Bench<'a> {
    fn new(client: &Client, provider: &'a Provider, configuration: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("swas-").tempdir()?;
        let terraform = Accounted::new(folder.path(), "client", &client.path)?;
        let plugin = Accounted::new(folder.path(), "provider", &provider.binary)?;
        let accounted = Client {
            path: terraform.script.clone(),
            ..client.clone()
        };
        Ok(Self {
            provider,
            workspace: workspace(&accounted, &plugin.script, configuration)?,
            accounts: [terraform, plugin],
            _folder: folder,
            seen: Seen::default(),
        })
    }

    fn plan(&mut self, emulator: &Emulator) -> Result<()> {
        let [terraform, plugin] = &self.accounts;
        // What `init` used.
        terraform.take()?;
        plugin.take()?;
        let before = (emulator.requests().len(), emulator.connections());
        let output = self.workspace.plan()?.checked()?;
        let Used { cpu: all, .. } = terraform.take()?;
        let used = plugin.take()?;
        let seen = &mut self.seen;
        seen.elapsed.push(output.elapsed);
        seen.cpu.push(used.cpu);
        seen.peak.push_number(mebibytes(used.peak));
        seen.terraform_cpu
            .push(all.saturating_sub(used.cpu + used.between));
        seen.calls
            .push_count((emulator.requests().len() - before.0) as u64);
        seen.connections
            .push_count((emulator.connections() - before.1) as u64);
        Ok(())
    }
}

/// Plans in turn with every provider that lists images.
fn run<'a>(
    client: &Client,
    providers: &'a [Provider],
    emulator: &Emulator,
    data: &str,
    plans: usize,
) -> Result<Vec<Bench<'a>>> {
    let configuration = configuration(emulator, data);
    let mut benches = providers
        .iter()
        .filter(|provider| provider.lists_images())
        .map(|provider| Bench::new(client, provider, &configuration))
        .collect::<Result<Vec<_>>>()?;
    for _ in 0..plans {
        for bench in &mut benches {
            bench.plan(emulator)?;
        }
    }
    Ok(benches)
}

/// One series of a chart for each provider that lists images.
fn lines(providers: &[Provider]) -> Vec<Line> {
    let listing = providers.iter().filter(|it| it.lists_images());
    listing.map(|it| Line::new(it.name.clone())).collect()
}

/// One answer with many images.
pub fn images(
    client: &Client,
    providers: &[Provider],
    effort: Effort,
    report: &mut Report,
) -> Result<()> {
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
    let (mut cpu, mut peak) = (lines(providers), lines(providers));
    let mut first_peaks: Vec<f64> = Vec::new();
    for &size in effort.images {
        progress(&format!("{size} images"));
        let catalog = Catalog::sized(size);
        let answer = serde_json::to_vec(catalog.images(REGION))?.len();
        let answer = mebibytes(answer as u64);
        let emulator = endpoint(catalog)?;
        let data = "data \"swas_images\" \"this\" {}\n";
        let benches = run(client, providers, &emulator, data, effort.sized_plans)?;
        for (place, bench) in benches.iter().enumerate() {
            let seen = &bench.seen;
            let (cpu_now, peak_now) = (seen.cpu.median(), seen.peak.median());
            let before = cpu[place].last();
            if first_peaks.len() == place {
                first_peaks.push(peak_now);
            }
            cpu[place].push(size, cpu_now);
            peak[place].push(size, peak_now);
            table.row([
                size.to_string(),
                short(answer),
                bench.provider.name.clone(),
                seen.cpu.summary().to_string(),
                before
                    .map(|before| short(cpu_now / before))
                    .unwrap_or_default(),
                seen.peak.summary().to_string(),
                // Of a small answer, this would be noise.
                if answer > 1.0 {
                    short((peak_now - first_peaks[place]) / answer)
                } else {
                    String::new()
                },
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
    let mut table = Table::new(
        format!(
            "Data sources in one plan ({} plans of each)",
            effort.sized_plans
        ),
        &[
            "data sources",
            "",
            "its CPU, ms",
            "Terraform's own CPU, ms",
            "its CPU by Terraform's",
            "its peak, MiB",
            "calls",
            "connections",
            "the plan, s",
        ],
    );
    let mut cpu = lines(providers);
    let mut terraform = Line::new("Terraform itself".to_owned());
    for &count in effort.data_sources {
        progress(&format!("{count} data sources"));
        let emulator = endpoint(Catalog::builtin())?;
        let data = look_ups(count);
        let benches = run(client, providers, &emulator, &data, effort.sized_plans)?;
        for (place, bench) in benches.iter().enumerate() {
            let seen = &bench.seen;
            cpu[place].push(count, seen.cpu.median());
            if bench.provider.role == Role::This {
                terraform.push(count, seen.terraform_cpu.median());
            }
            table.row([
                count.to_string(),
                bench.provider.name.clone(),
                seen.cpu.summary().to_string(),
                seen.terraform_cpu.summary().to_string(),
                seen.cpu.over(&seen.terraform_cpu).summary().to_string(),
                seen.peak.summary().to_string(),
                short(seen.calls.median()),
                short(seen.connections.median()),
                short(seen.elapsed.median() / 1e3),
            ]);
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
