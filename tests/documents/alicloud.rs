//! A fake of Alibaba Cloud's official provider, which is too large for tests. It has
//! only the schemas of the arguments in pages and examples.
//!
//! Terraform starts this test program as that provider.

use std::convert::Infallible;
use std::env;
use std::future::{Ready, ready};
use std::process::ExitCode;
use std::task::{Context, Poll};

use swas_provider::plugin::{Mode, Service, serve as serve_plugin};
use swas_testing::plugin_client::COOKIE_NAME;
use swas_testing::plugin_client::wire::tfplugin::Schema;
use swas_testing::plugin_client::wire::tfplugin::get_provider_schema;
use swas_testing::plugin_client::wire::tfplugin::schema::{Attribute, Block};
use tonic::body::Body;
use tonic::codegen::BoxFuture;
use tonic::codegen::http;
use tonic::server::{Grpc, NamedService};
use tonic::service::Routes;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

/// Reports whether Terraform started this process as the official provider.
pub fn is_started_by_terraform() -> bool {
    env::var_os(COOKIE_NAME).is_some()
}

/// Serves the official provider until Terraform ends it.
pub fn serve() -> ExitCode {
    let service = || Service {
        routes: Routes::default().add_service(Provider),
        interrupted: Box::new(|| ()),
    };
    match serve_plugin::<()>(&[6], Mode::Client, service) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The provider service. It returns schemas, and no diagnostics.
#[derive(Clone)]
struct Provider;

impl NamedService for Provider {
    const NAME: &'static str = "tfplugin6.Provider";
}

impl tower_service::Service<http::Request<Body>> for Provider {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let response = if request.uri().path().ends_with("/GetProviderSchema") {
            schemas()
        } else {
            // An empty message is a response without diagnostics for every other call.
            get_provider_schema::Response::default()
        };
        Box::pin(async move {
            let mut grpc = Grpc::new(ProstCodec::default());
            Ok(grpc.unary(FixedResponse(response), request).await)
        })
    }
}

/// A service with a fixed response.
struct FixedResponse(get_provider_schema::Response);

impl tower_service::Service<Request<()>> for FixedResponse {
    type Response = Response<get_provider_schema::Response>;
    type Error = Status;
    type Future = Ready<Result<Self::Response, Status>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Ok(Response::new(self.0.clone())))
    }
}

fn schemas() -> get_provider_schema::Response {
    let image = r#"["list",["object",{"id":"string","image_id":"string","image_name":"string","image_type":"string","platform":"string","description":"string"}]]"#;
    let plan = r#"["list",["object",{"id":"string","plan_id":"string","core":"number","memory":"number","disk_size":"number","bandwidth":"number","flow":"number","support_platform":["list","string"]}]]"#;
    get_provider_schema::Response {
        provider: Some(schema(
            &[],
            &[
                ("region", "string"),
                ("profile", "string"),
                ("access_key", "string"),
                ("secret_key", "string"),
            ],
            &[],
        )),
        resource_schemas: [(
            "alicloud_simple_application_server_instance".to_owned(),
            schema(
                &[
                    ("image_id", "string"),
                    ("plan_id", "string"),
                    ("period", "number"),
                ],
                &[
                    ("auto_renew", "bool"),
                    ("auto_renew_period", "number"),
                    ("data_disk_size", "number"),
                    ("instance_name", "string"),
                    ("password", "string"),
                    ("payment_type", "string"),
                    ("status", "string"),
                ],
                &[("id", "string")],
            ),
        )]
        .into(),
        data_source_schemas: [
            (
                "alicloud_simple_application_server_images".to_owned(),
                schema(
                    &[],
                    &[
                        ("ids", r#"["list","string"]"#),
                        ("image_type", "string"),
                        ("name_regex", "string"),
                        ("platform", "string"),
                        ("output_file", "string"),
                    ],
                    &[
                        ("id", "string"),
                        ("names", r#"["list","string"]"#),
                        ("images", image),
                    ],
                ),
            ),
            (
                "alicloud_simple_application_server_plans".to_owned(),
                schema(
                    &[],
                    &[
                        ("ids", r#"["list","string"]"#),
                        ("bandwidth", "number"),
                        ("core", "number"),
                        ("disk_size", "number"),
                        ("flow", "number"),
                        ("memory", "number"),
                        ("platform", "string"),
                        ("output_file", "string"),
                    ],
                    &[("id", "string"), ("plans", plan)],
                ),
            ),
        ]
        .into(),
        ..Default::default()
    }
}

type NamedType<'a> = (&'a str, &'a str);

fn schema(
    required: &[NamedType<'_>],
    optional: &[NamedType<'_>],
    computed: &[NamedType<'_>],
) -> Schema {
    let attribute = |&(name, kind): &NamedType<'_>| Attribute {
        name: name.to_owned(),
        r#type: match kind {
            "string" | "number" | "bool" => format!("\"{kind}\"").into_bytes(),
            json => json.as_bytes().to_vec(),
        },
        ..Attribute::default()
    };
    let required = required.iter().map(|one| Attribute {
        required: true,
        ..attribute(one)
    });
    let optional = optional.iter().map(|one| Attribute {
        optional: true,
        ..attribute(one)
    });
    let computed = computed.iter().map(|one| Attribute {
        computed: true,
        ..attribute(one)
    });
    Schema {
        version: 0,
        block: Some(Block {
            attributes: required.chain(optional).chain(computed).collect(),
            ..Block::default()
        }),
    }
}
