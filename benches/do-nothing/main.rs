//! A provider that does nothing, on the same plugin module: what remains of a
//! plan when the work is taken away.
//!
//! It has one data source, `swas_nothing`, which gives back its block, so that
//! it can stand in for the provider in the same plan.

use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use swas_provider::plugin::{Mode, Plugin, Reattach, Service, serve};
use swas_provider::terraform::{
    Attribute, DataSource, Diagnostics, PROTOCOL_VERSIONS, Parser, Provider, ReadError,
    RegisteredDataSource, Schema, Server, Type, Unsettled, Value,
};

/// The provider's.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

const PLUGIN: Plugin = Plugin {
    cookie: (
        "TF_PLUGIN_MAGIC_COOKIE",
        "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
    ),
    protocols: PROTOCOL_VERSIONS,
    log_variables: &["TF_LOG_PROVIDER"],
    log_module: "provider.do-nothing",
    descriptors: &[],
    reattach: Reattach {
        variable: "TF_REATTACH_PROVIDERS",
        names: &["registry.terraform.io/swas-rs/swas"],
    },
};

struct DoNothing;

/// A block without arguments.
#[derive(Deserialize)]
struct Empty {}

struct Nothing;

#[derive(Deserialize, Serialize)]
struct Block {
    id: Value<String>,
}

impl Provider for DoNothing {
    type Block = Empty;
    type Settings = ();
    type Configured = ();

    fn schema(&self) -> Schema {
        Schema::default()
    }

    fn parse(&self, _: &Empty, _: &mut Parser<'_>) {}

    fn configure(&self, (): (), _: &str, _: &mut Diagnostics) -> Result<(), Diagnostics> {
        Ok(())
    }

    fn data_sources(&self) -> Vec<RegisteredDataSource<()>> {
        vec![RegisteredDataSource::of::<Nothing>()]
    }
}

impl DataSource for Nothing {
    type Configured = ();
    type Block = Block;
    type Query = ();

    const TYPE_NAME: &'static str = "swas_nothing";

    fn schema() -> Schema {
        Schema {
            attributes: vec![Attribute::optional("id", Type::String, "Comes back.")],
            ..Schema::default()
        }
    }

    fn parse(_: &Block, _: &mut Parser<'_>) -> Result<(), Unsettled> {
        Ok(())
    }

    async fn read((): &(), (): (), block: Block, _: &mut Diagnostics) -> Result<Block, ReadError> {
        Ok(block)
    }
}

fn main() -> ExitCode {
    let service = || {
        let server = Server::new(DoNothing);
        Service {
            routes: server.clone().into_routes(),
            interrupted: Box::new(move || server.cancel_reads()),
        }
    };
    match serve(&PLUGIN, Mode::Client, service) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("do-nothing: {error}");
            ExitCode::FAILURE
        }
    }
}
