//! The gRPC services of both protocol versions, which call [`Server`].

use std::sync::Arc;

use tonic::service::Routes;
use tonic::{Request, Response, Status};

use super::proto::tfplugin::{
    call_function, configure_provider, get_functions, get_metadata, get_provider_schema,
    get_resource_identity_schemas, read_data_source, stop_provider, validate_data_source_config,
    validate_provider_config,
};
use super::proto::tfplugin5::provider_server::ProviderServer as ProviderServer5;
use super::proto::tfplugin6::provider_server::ProviderServer as ProviderServer6;
use super::proto::{tfplugin5, tfplugin6};
use super::provider::Provider;
use super::server::Server;
use super::session::Session;

/// The supported versions of the plugin protocol.
pub const PROTOCOL_VERSIONS: &[u32] = &[5, 6];

/// The maximum size of a message in either direction, in bytes. Terraform has the same
/// limit.
const MAX_MESSAGE_SIZE: usize = 256 * 1024 * 1024;

impl<P: Provider> Server<P> {
    /// Returns the services of both versions. A client calls the negotiated one.
    #[must_use]
    pub fn into_routes(self: Arc<Self>) -> Routes {
        Routes::default()
            .add_service(
                ProviderServer5::from_arc(Arc::clone(&self))
                    .max_decoding_message_size(MAX_MESSAGE_SIZE)
                    .max_encoding_message_size(MAX_MESSAGE_SIZE),
            )
            .add_service(
                ProviderServer6::from_arc(self)
                    .max_decoding_message_size(MAX_MESSAGE_SIZE)
                    .max_encoding_message_size(MAX_MESSAGE_SIZE),
            )
    }
}

/// Implements the service of one version. A response is an expression of the server, the
/// session and the request.
macro_rules! implement_service {
    ($version:ident, |$server:ident, $session:ident, $request:ident| {
        $($method:ident: $messages:ident => $response:expr,)*
    }) => {
        #[tonic::async_trait]
        impl<P: Provider> $version::provider_server::Provider for Server<P> {
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

/// Implements the services of both versions. Each line has the name of a method in versions
/// 5 and 6, the module of its messages, and its response.
macro_rules! implement_services {
    (|$server:ident, $session:ident, $request:ident| {
        $($method5:ident, $method6:ident: $messages:ident => $response:expr,)*
    }) => {
        implement_service!(tfplugin5, |$server, $session, $request| {
            $($method5: $messages => $response,)*
        });
        implement_service!(tfplugin6, |$server, $session, $request| {
            $($method6: $messages => $response,)*
        });
    };
}

implement_services!(|server, session, request| {
    get_metadata, get_metadata: get_metadata => server.metadata(),
    get_schema, get_provider_schema: get_provider_schema => Server::schema(server).await,
    get_resource_identity_schemas, get_resource_identity_schemas: get_resource_identity_schemas
        => get_resource_identity_schemas::Response::default(),
    prepare_provider_config, validate_provider_config: validate_provider_config
        => server.validate_provider(request).await,
    validate_data_source_config, validate_data_resource_config: validate_data_source_config
        => server.validate_data_source(request).await,
    configure, configure_provider: configure_provider
        => Server::configure(server, session, request).await,
    read_data_source, read_data_source: read_data_source => server.read(session, request).await,
    get_functions, get_functions: get_functions => get_functions::Response::default(),
    call_function, call_function: call_function => Server::<P>::call_function(&request),
    stop, stop_provider: stop_provider => Self::stop(session),
});
