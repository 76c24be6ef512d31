//! Providers under loads of several sizes, planned with in turn, and what was seen.

use swas_testing::emulator::{Catalog, Emulator};
use swas_testing::terraform::{Client, Workspace};
use tempfile::TempDir;

use super::account::{Accounted, Used};
use super::binaries::Provider;
use super::scene::{configuration, endpoint, workspace};
use super::statistics::{Sample, mebibytes};
use super::{Result, progress, shuffled};

/// A configuration and an endpoint, with providers that are to plan it.
pub struct Load<'a> {
    emulator: Emulator,
    /// One of each provider, in their order.
    pub benches: Vec<Bench<'a>>,
}

/// One provider under one load, ready to be planned with.
pub struct Bench<'a> {
    pub provider: &'a Provider,
    workspace: Workspace,
    accounts: [Accounted; 2],
    _folder: TempDir,
    pub seen: Seen,
}

/// What was seen of it, one of each in every round.
#[derive(Default)]
pub struct Seen {
    pub elapsed: Sample,
    pub cpu: Sample,
    pub peak: Sample,
    pub terraform_cpu: Sample,
    pub calls: Sample,
    pub connections: Sample,
}

impl<'a> Load<'a> {
    /// Data sources that read from an endpoint with these images.
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

/// Plans with every provider under every load, in an order that is drawn for each round.
pub fn plan_in_turn(loads: &mut [Load<'_>], rounds: usize) -> Result<()> {
    for round in 0..=rounds {
        progress(&format!("round {round} of {rounds}"));
        for place in shuffled(loads.len()) {
            let Load { emulator, benches } = &mut loads[place];
            for place in shuffled(benches.len()) {
                benches[place].plan(emulator)?;
                // The first round only brings the files into memory.
                if round == 0 {
                    benches[place].seen = Seen::default();
                }
            }
        }
    }
    Ok(())
}
