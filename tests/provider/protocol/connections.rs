//! Connections to one process: each has its own configuration and cancellation.
//!
//! Terraform opens one connection for each instance of a provider. With `--debug`, all of
//! them lead to one process.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use swas_testing::diagnostics::shown;
use swas_testing::emulator::{Catalog, Emulator, Image, Options, Reply};
use swas_testing::plugin_client::wire::tfplugin::read_data_source::Response;
use swas_testing::plugin_client::{Connection, ProviderClient, Signal};
use swas_testing::running_provider::{Result, RunningProvider};
use tokio::task::JoinHandle;

use crate::support::{PROTOCOLS, expect_state, start_provider, wait_for_requests};

const REGION: &str = "cn-hangzhou";

/// An account with one access key and one image, behind an endpoint of its own.
struct Account {
    name: &'static str,
    emulator: Emulator,
}

impl Account {
    fn new(name: &'static str) -> Result<Self> {
        let image = Image {
            id: format!("m-{name}"),
            name: name.to_owned(),
            image_type: "custom".to_owned(),
            platform: "Linux".to_owned(),
            description: None,
        };
        let emulator = Emulator::start(Options {
            access_key_id: format!("LTAI{name}"),
            access_key_secret: format!("secret-of-{name}"),
            catalog: Catalog::builtin().with_images(REGION, vec![image]),
            ..Options::default()
        })?;
        Ok(Self { name, emulator })
    }

    fn settings(&self) -> Value {
        json!({
            "region": REGION,
            "access_key": format!("LTAI{}", self.name),
            "secret_key": format!("secret-of-{}", self.name),
            "endpoints": [{"swas": self.emulator.url()}],
            "max_retry_timeout": 0,
        })
    }

    fn keys(&self) -> BTreeSet<String> {
        let requests = self.emulator.requests().into_iter();
        requests
            .map(|request| request.parameters["AccessKeyId"].clone())
            .collect()
    }
}

/// A process with two connections.
struct SharedProcess {
    provider: RunningProvider,
    clients: [ProviderClient; 2],
    _second: Connection,
}

impl SharedProcess {
    async fn start(provider: RunningProvider) -> Result<Self> {
        let second = provider.process.connect().await?;
        Ok(Self {
            clients: [provider.client.clone(), second.provider()],
            provider,
            _second: second,
        })
    }

    /// Configures one of the connections.
    async fn configure(&self, connection: usize, account: &Account) -> Result<()> {
        let config = self.provider.provider_block(&account.settings())?;
        let response = self.clients[connection].configure(config).await?;
        assert_eq!(shown(&response.diagnostics), "");
        Ok(())
    }

    /// Reads images through one of the connections.
    fn read(&self, connection: usize) -> Result<JoinHandle<Response>> {
        let config = self.provider.data_block("swas_images", &json!({}))?;
        let client = self.clients[connection].clone();
        Ok(tokio::spawn(async move {
            let read = client.read_data_source("swas_images", config).await;
            read.expect("a response")
        }))
    }

    /// Starts a read on both connections and never responds to their API calls.
    async fn hanging_reads(&self, accounts: &[Account; 2]) -> Result<[JoinHandle<Response>; 2]> {
        for (connection, account) in accounts.iter().enumerate() {
            account.emulator.reply_always(Reply::hang());
            self.configure(connection, account).await?;
        }
        let reads = [self.read(0)?, self.read(1)?];
        for account in accounts {
            wait_for_requests(&account.emulator, 1).await;
        }
        Ok(reads)
    }
}

fn accounts() -> Result<[Account; 2]> {
    Ok([Account::new("first")?, Account::new("second")?])
}

fn assert_canceled(response: &Response) {
    let text = shown(&response.diagnostics);
    assert!(text.contains("Read canceled"), "{text}");
}

fn assert_has_image_of(account: &Account, response: &Response) -> Result<()> {
    let state = expect_state(response)?;
    assert_eq!(state["ids"], json!([format!("m-{}", account.name)]));
    Ok(())
}

#[tokio::test]
async fn connections_with_different_configurations_read_their_own_accounts() -> Result<()> {
    for protocol in PROTOCOLS {
        let accounts = accounts()?;
        let [first, second] = &accounts;
        let shared = SharedProcess::start(start_provider(protocol).await?).await?;
        shared.configure(0, first).await?;
        first.emulator.reply_always(Reply::hang());
        let running_read = shared.read(0)?;
        wait_for_requests(&first.emulator, 1).await;
        shared.configure(1, second).await?;
        for _ in 0..2 {
            assert_has_image_of(second, &shared.read(1)?.await?)?;
        }
        first.emulator.clear_script();
        first.emulator.release();
        assert_has_image_of(first, &running_read.await?)?;
        for (connection, account) in [(0, first), (1, second), (0, first)] {
            assert_has_image_of(account, &shared.read(connection)?.await?)?;
        }
        for account in &accounts {
            let own = BTreeSet::from([format!("LTAI{}", account.name)]);
            assert_eq!(account.keys(), own, "{protocol:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn connection_without_configuration_cannot_read_with_that_of_another() -> Result<()> {
    for protocol in PROTOCOLS {
        let account = Account::new("first")?;
        let shared = SharedProcess::start(start_provider(protocol).await?).await?;
        shared.configure(0, &account).await?;
        let response = shared.read(1)?.await?;
        let text = shown(&response.diagnostics);
        assert!(text.contains("Provider not configured"), "{text}");
        assert_eq!((response.state, account.emulator.connections()), (None, 0));
    }
    Ok(())
}

#[tokio::test]
async fn stop_cancels_the_reads_of_its_own_connection_only() -> Result<()> {
    for protocol in PROTOCOLS {
        let accounts = accounts()?;
        let shared = SharedProcess::start(start_provider(protocol).await?).await?;
        let [canceled, other] = shared.hanging_reads(&accounts).await?;
        shared.clients[0].stop().await?;
        assert_canceled(&canceled.await?);
        accounts[1].emulator.release();
        assert_has_image_of(&accounts[1], &other.await?)?;
    }
    Ok(())
}

#[tokio::test]
async fn interrupt_cancels_the_reads_of_all_connections() -> Result<()> {
    let accounts = accounts()?;
    let shared = SharedProcess::start(start_provider(PROTOCOLS[1]).await?).await?;
    let reads = shared.hanging_reads(&accounts).await?;
    shared.provider.process.signal(Signal::SIGINT)?;
    for read in reads {
        assert_canceled(&read.await?);
    }
    Ok(())
}
