//! The gRPC services of both protocol versions, which call [`Server`].

use std::sync::Arc;
use std::task::{Context, Poll};

use tonic::body::Body;
use tonic::codegen::{Service, http};
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

use super::call::timed;
use super::proto::tfplugin::{
    call_function, configure_provider, get_functions, get_metadata, get_provider_schema,
    get_resource_identity_schemas, read_data_source, stop_provider, validate_data_source_config,
    validate_provider_config,
};
use super::proto::tfplugin6::provider_server::{self, ProviderServer};
use super::provider::Provider;
use super::server::Server;
use super::session::Session;

/// The supported versions of the plugin protocol.
pub const PROTOCOL_VERSIONS: &[u32] = &[5, 6];

/// The maximum size of a message in either direction, in bytes. Terraform has the same
/// limit.
const MAX_MESSAGE_SIZE: usize = 256 * 1024 * 1024;

/// Methods of version 5 with another name in version 6. Their messages are the same.
const RENAMED: [(&str, &str); 5] = [
    ("GetSchema", "GetProviderSchema"),
    ("PrepareProviderConfig", "ValidateProviderConfig"),
    ("ValidateDataSourceConfig", "ValidateDataResourceConfig"),
    ("Configure", "ConfigureProvider"),
    ("Stop", "StopProvider"),
];

impl<P: Provider> Server<P> {
    /// Returns the services of both versions. A client calls the negotiated one.
    #[must_use]
    pub fn into_routes(self: Arc<Self>) -> Routes {
        let service = ProviderServer::from_arc(self)
            .max_decoding_message_size(MAX_MESSAGE_SIZE)
            .max_encoding_message_size(MAX_MESSAGE_SIZE);
        Routes::new(Version5(service.clone())).add_service(service)
    }
}

/// The service of version 5, which passes calls to that of version 6.
#[derive(Clone)]
struct Version5<S>(S);

impl<S> NamedService for Version5<S> {
    const NAME: &'static str = "tfplugin5.Provider";
}

impl<S: Service<http::Request<Body>>> Service<http::Request<Body>> for Version5<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> S::Future {
        let (_, method) = request.uri().path().rsplit_once('/').unwrap_or_default();
        let renamed = RENAMED.iter().find(|(name, _)| *name == method);
        let method = renamed.map_or(method, |(_, name)| name);
        // Always a URI, as the method is from one.
        if let Ok(uri) = format!("/tfplugin6.Provider/{method}").parse() {
            *request.uri_mut() = uri;
        }
        self.0.call(request)
    }
}

/// Implements the service. Each line has the name of a method in version 6, the module of
/// its messages, and its response.
macro_rules! implement_service {
    (|$server:ident, $session:ident, $request:ident| {
        $($method:ident: $messages:ident => $response:expr,)*
    }) => {
        #[tonic::async_trait]
        impl<P: Provider> provider_server::Provider for Server<P> {
            $(
                #[allow(unused_variables, reason = "some responses do not need all of them")]
                async fn $method(
                    &self,
                    request: Request<$messages::Request>,
                ) -> Result<Response<$messages::Response>, Status> {
                    let $server = self;
                    // A request without a session gets one that is not configured.
                    let session: Option<&Arc<Session<P>>> = request.extensions().get();
                    let $session = &session.cloned().unwrap_or_default();
                    let $request = request.into_inner();
                    Ok(Response::new($response))
                }
            )*
        }
    };
}

implement_service!(|server, session, request| {
    get_metadata: get_metadata => server.metadata(),
    get_provider_schema: get_provider_schema
        => timed("GetProviderSchema", "", async { Server::schema(server) }).await,
    get_resource_identity_schemas: get_resource_identity_schemas
        => get_resource_identity_schemas::Response::default(),
    validate_provider_config: validate_provider_config
        => timed("ValidateProviderConfig", "", async { server.validate_provider(request) }).await,
    validate_data_resource_config: validate_data_source_config => {
        let type_name = request.type_name.clone();
        let validate = async { server.validate_data_source(request) };
        timed("ValidateDataResourceConfig", &type_name, validate).await
    },
    configure_provider: configure_provider
        => timed("ConfigureProvider", "", Server::configure(server, session, request)).await,
    read_data_source: read_data_source => {
        let type_name = request.type_name.clone();
        timed("ReadDataSource", &type_name, server.read(session, request)).await
    },
    get_functions: get_functions => get_functions::Response::default(),
    call_function: call_function => Server::<P>::call_function(&request),
    stop_provider: stop_provider => Self::stop(session),
});
