//! Plans under loads of several sizes.

use swas_testing::emulator::{Catalog, Emulator};
use swas_testing::terraform::{Client, Workspace};
use tempfile::TempDir;

use super::binaries::Provider;
use super::scenario::{configuration, endpoint, workspace};
use super::statistics::{Sample, mebibytes};
use super::usage::{ResourceUsage, WrappedProgram};
use super::{Result, progress, shuffled};

/// A configuration and an emulator, and the providers to measure.
pub struct Load<'a> {
    emulator: Emulator,
    /// One benchmark per provider.
    pub benches: Vec<Bench<'a>>,
}

/// A provider under a load, ready to plan.
pub struct Bench<'a> {
    pub provider: &'a Provider,
    workspace: Workspace,
    terraform: WrappedProgram,
    plugin: WrappedProgram,
    _folder: TempDir,
    pub measurements: Measurements,
}

/// The measurements, one per round.
#[derive(Default)]
pub struct Measurements {
    pub elapsed: Sample,
    pub cpu: Sample,
    pub peak: Sample,
    pub terraform_cpu: Sample,
    pub calls: Sample,
    pub connections: Sample,
}

impl<'a> Load<'a> {
    /// Prepares a workspace per provider with the data sources `data` and an emulator of
    /// `catalog`.
    pub fn new(
        client: &Client,
        providers: impl IntoIterator<Item = &'a Provider>,
        catalog: Catalog,
        data: &str,
    ) -> Result<Self> {
        let emulator = endpoint(catalog)?;
        let configuration = configuration(&emulator, data);
        let benches = providers
            .into_iter()
            .map(|provider| Bench::new(client, provider, &configuration));
        Ok(Self {
            benches: benches.collect::<Result<_>>()?,
            emulator,
        })
    }
}

impl<'a> Bench<'a> {
    fn new(client: &Client, provider: &'a Provider, configuration: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("swas-").tempdir()?;
        let terraform = WrappedProgram::new(folder.path(), "client", &client.path)?;
        let plugin = WrappedProgram::new(folder.path(), "provider", &provider.binary)?;
        let wrapped_client = Client {
            path: terraform.script.clone(),
            ..client.clone()
        };
        Ok(Self {
            provider,
            workspace: workspace(&wrapped_client, &plugin.script, configuration)?,
            terraform,
            plugin,
            _folder: folder,
            measurements: Measurements::default(),
        })
    }

    fn plan(&mut self, emulator: &Emulator) -> Result<()> {
        // Discards the usage of `init`.
        self.terraform.take_usage()?;
        self.plugin.take_usage()?;
        let (requests, connections) = (emulator.requests().len(), emulator.connections());
        let output = self.workspace.plan()?.checked()?;
        let ResourceUsage { cpu: total_cpu, .. } = self.terraform.take_usage()?;
        let usage = self.plugin.take_usage()?;
        let measurements = &mut self.measurements;
        measurements.elapsed.push(output.elapsed);
        measurements.cpu.push(usage.cpu);
        measurements.peak.push_number(mebibytes(usage.peak));
        measurements
            .terraform_cpu
            .push(total_cpu.saturating_sub(usage.cpu + usage.wrapper_cpu));
        measurements
            .calls
            .push_count((emulator.requests().len() - requests) as u64);
        measurements
            .connections
            .push_count((emulator.connections() - connections) as u64);
        Ok(())
    }
}

/// Plans with every provider under every load, in a random order per round.
pub fn run_rounds(loads: &mut [Load<'_>], rounds: usize) -> Result<()> {
    for round in 0..=rounds {
        progress(&format!("round {round} of {rounds}"));
        for index in shuffled(loads.len()) {
            let Load { emulator, benches } = &mut loads[index];
            for index in shuffled(benches.len()) {
                benches[index].plan(emulator)?;
                // The first round warms the page cache.
                if round == 0 {
                    benches[index].measurements = Measurements::default();
                }
            }
        }
    }
    Ok(())
}
