//! A no-op provider on the same plugin module: the baseline of a plan without the
//! provider's work.
//!
//! It accepts the configuration of the benchmark with one data source, so that Terraform
//! makes the same calls, and returns the data block unchanged.

use std::process::ExitCode;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use swas_provider::plugin::{Mode, Service, serve};
use swas_provider::terraform::{
    Attribute, ConfigError, DataSource, Diagnostics, DynamicValue, NestedBlock, PROTOCOL_VERSIONS,
    Parser, Provider, ReadError, RegisteredDataSource, Schema, Server, Session, Type, Value,
};

/// The allocator of the provider.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

struct NoopProvider;

#[derive(Deserialize)]
#[expect(dead_code, reason = "decoded and ignored")]
struct ProviderModel {
    region: Value<String>,
    access_key: Value<String>,
    secret_key: Value<String>,
    endpoints: Value<Vec<Endpoints>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "decoded and ignored")]
struct Endpoints {
    swas: Value<String>,
}

/// The data source `swas_images`, without images.
struct Images;

#[derive(Deserialize, Serialize)]
struct ImagesModel {
    image_type: Value<String>,
}

/// An argument that is ignored.
fn argument(name: &'static str) -> Attribute {
    Attribute::optional(name, Type::String, "Not used.")
}

impl Provider for NoopProvider {
    type Model = ProviderModel;
    type Config = ();
    type ProviderData = ();

    fn schema(&self) -> Schema {
        Schema {
            attributes: ["region", "access_key", "secret_key"].map(argument).into(),
            blocks: vec![NestedBlock {
                name: "endpoints",
                block: Schema {
                    attributes: vec![argument("swas")],
                    ..Schema::default()
                },
                max_items: 1,
            }],
            ..Schema::default()
        }
    }

    fn parse(&self, _: &ProviderModel, _: &mut Parser<'_>) {}

    async fn configure(&self, (): (), _: &str, _: &mut Diagnostics) -> Result<(), Diagnostics> {
        Ok(())
    }

    fn data_sources(&self) -> Vec<RegisteredDataSource<()>> {
        vec![RegisteredDataSource::of::<Images>()]
    }
}

impl DataSource for Images {
    type ProviderData = ();
    type Model = ImagesModel;
    type Filter = ();

    const TYPE_NAME: &'static str = "swas_images";

    fn schema() -> Schema {
        Schema {
            attributes: vec![argument("image_type")],
            ..Schema::default()
        }
    }

    fn parse(_: &ImagesModel, _: &mut Parser<'_>) -> Result<(), ConfigError> {
        Ok(())
    }

    async fn read(
        (): &(),
        (): (),
        model: ImagesModel,
        _: &mut Diagnostics,
    ) -> Result<DynamicValue, ReadError> {
        Ok(DynamicValue::encode(&model)?)
    }
}

fn main() -> ExitCode {
    let service = || {
        let server = Server::new(NoopProvider);
        Service {
            routes: Arc::clone(&server).into_routes(),
            interrupted: Box::new(move || server.cancel_reads()),
        }
    };
    match serve::<Arc<Session<NoopProvider>>>(PROTOCOL_VERSIONS, Mode::Client, service) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("noop-provider: {error}");
            ExitCode::FAILURE
        }
    }
}
