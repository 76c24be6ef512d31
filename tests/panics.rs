//! Panics end the process, and Terraform reports where they occurred.
//!
//! The real provider has no known bug to test with. This test program starts itself as
//! another provider.

use std::env;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::{Arguments, Trial};
use serde::{Deserialize, Serialize};
use serde_json::json;
use swas_provider::plugin::{Mode, Service, serve};
use swas_provider::terraform::{
    Attribute, ConfigError, DataSource, Diagnostics, DynamicValue, PROTOCOL_VERSIONS, Parser,
    Provider, ReadError, RegisteredDataSource, Schema, Server, Session, Type, Value,
};
use swas_testing::plugin_client::values::encode;
use swas_testing::plugin_client::{COOKIE_NAME, Start};
use swas_testing::running_provider::{self, RunningProvider};
use tokio::runtime::Builder;

/// Time limit for the end of a process.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The text in each panic message.
const SECRET: &str = "swordfish";

/// A provider that panics when it gets the secret and the name of the call.
struct PanickingProvider;

#[derive(Deserialize, Serialize)]
struct Block {
    text: Value<String>,
}

/// Panics if the block says so for this call.
fn panic_in(call: &str, block: &Block) {
    let text = block.text.known();
    assert!(
        text.is_none_or(|text| *text != format!("{SECRET} in {call}")),
        "cannot do {text:?}"
    );
}

fn schema() -> Schema {
    Schema {
        attributes: vec![Attribute::optional("text", Type::String, "Any text.")],
        ..Schema::default()
    }
}

impl Provider for PanickingProvider {
    type Model = Block;
    type Config = ();
    type ProviderData = ();

    fn schema(&self) -> Schema {
        schema()
    }

    fn parse(&self, block: &Block, _: &mut Parser<'_>) {
        panic_in("Configure", block);
    }

    async fn configure(&self, (): (), _: &str, _: &mut Diagnostics) -> Result<(), Diagnostics> {
        Ok(())
    }

    fn data_sources(&self) -> Vec<RegisteredDataSource<()>> {
        vec![RegisteredDataSource::of::<Panicking>()]
    }
}

/// A data source of the provider.
struct Panicking;

impl DataSource for Panicking {
    type ProviderData = ();
    type Model = Block;
    type Filter = ();

    const TYPE_NAME: &'static str = "panicking";

    fn schema() -> Schema {
        schema()
    }

    fn parse(block: &Block, _: &mut Parser<'_>) -> Result<(), ConfigError> {
        panic_in("Validate", block);
        Ok(())
    }

    async fn read(
        (): &(),
        (): (),
        block: Block,
        _: &mut Diagnostics,
    ) -> Result<DynamicValue, ReadError> {
        tokio::task::yield_now().await;
        panic_in("Read", &block);
        Ok(DynamicValue::encode(&block)?)
    }
}

/// Serves the provider until the client ends it.
fn serve_provider() -> ExitCode {
    let service = || Service {
        routes: Server::new(PanickingProvider).into_routes(),
        interrupted: Box::new(|| ()),
    };
    match serve::<Arc<Session<PanickingProvider>>>(PROTOCOL_VERSIONS, Mode::Client, service) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn main() -> ExitCode {
    if env::var_os(COOKIE_NAME).is_some() {
        return serve_provider();
    }
    let trials = [
        ("panic_in_configure_ends_the_process", Call::Configure),
        ("panic_in_validation_ends_the_process", Call::Validate),
        ("panic_in_read_ends_the_process", Call::Read),
    ]
    .map(|(name, call)| {
        Trial::test(name, move || {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            runtime
                .block_on(panic_ends_the_process(call))
                .map_err(|error| error.to_string().into())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

/// The call that panics.
#[derive(Clone, Copy, Debug)]
enum Call {
    Configure,
    Validate,
    Read,
}

/// The client gets an error at once, and stderr has the location of the panic, after the
/// log, but not its message.
async fn panic_ends_the_process(call: Call) -> running_provider::Result<()> {
    let start = Start::new(env::current_exe()?).env("TF_LOG_PROVIDER", "trace");
    let mut provider = RunningProvider::start(start).await?;
    provider
        .client
        .configure(encode(&json!({"text": "harmless"})))
        .await?;
    let block = encode(&json!({"text": format!("{SECRET} in {call:?}")}));
    let client = &provider.client;
    let failed = match call {
        Call::Configure => client.configure(block).await.is_err(),
        Call::Validate => client
            .validate_data_source(Panicking::TYPE_NAME, block)
            .await
            .is_err(),
        Call::Read => client
            .read_data_source(Panicking::TYPE_NAME, block)
            .await
            .is_err(),
    };
    assert!(failed, "{call:?}");
    let status = provider
        .process
        .wait_exit(TIMEOUT)
        .await
        .ok_or("the process continues")?;
    assert!(!status.success(), "{status}");
    let stderr = provider.process.stderr();
    let (log, panic) = stderr.split_once("panic: ").ok_or("no panic on stderr")?;
    assert!(log.contains("GetProviderSchema"), "{log}");
    assert!(panic.contains(concat!(" at ", file!(), ":")), "{panic}");
    assert!(panic.contains("Please report"), "{panic}");
    assert!(!stderr.contains(SECRET), "{stderr}");
    Ok(())
}
