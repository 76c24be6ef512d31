//! The gRPC services of both protocol versions, which call [`Server`].

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
    pub fn into_routes(self) -> Routes {
        Routes::default()
            .add_service(
                ProviderServer5::new(self.clone())
                    .max_decoding_message_size(MAX_MESSAGE_SIZE)
                    .max_encoding_message_size(MAX_MESSAGE_SIZE),
            )
            .add_service(
                ProviderServer6::new(self)
                    .max_decoding_message_size(MAX_MESSAGE_SIZE)
                    .max_encoding_message_size(MAX_MESSAGE_SIZE),
            )
    }
}

#[tonic::async_trait]
impl<P: Provider> tfplugin5::provider_server::Provider for Server<P> {
    async fn get_metadata(
        &self,
        _: Request<get_metadata::Request>,
    ) -> Result<Response<get_metadata::Response>, Status> {
        Ok(Response::new(self.metadata()))
    }

    async fn get_schema(
        &self,
        _: Request<get_provider_schema::Request>,
    ) -> Result<Response<get_provider_schema::Response>, Status> {
        Ok(Response::new(Server::schema(self).await))
    }

    async fn get_resource_identity_schemas(
        &self,
        _: Request<get_resource_identity_schemas::Request>,
    ) -> Result<Response<get_resource_identity_schemas::Response>, Status> {
        Ok(Response::new(Self::identity_schemas()))
    }

    async fn prepare_provider_config(
        &self,
        request: Request<validate_provider_config::Request>,
    ) -> Result<Response<validate_provider_config::Response>, Status> {
        Ok(Response::new(
            self.validate_provider(request.into_inner()).await,
        ))
    }

    async fn validate_data_source_config(
        &self,
        request: Request<validate_data_source_config::Request>,
    ) -> Result<Response<validate_data_source_config::Response>, Status> {
        Ok(Response::new(
            self.validate_data_source(request.into_inner()).await,
        ))
    }

    async fn configure(
        &self,
        request: Request<configure_provider::Request>,
    ) -> Result<Response<configure_provider::Response>, Status> {
        Ok(Response::new(
            Server::configure(self, &Session::from_request(&request), request.into_inner()).await,
        ))
    }

    async fn read_data_source(
        &self,
        request: Request<read_data_source::Request>,
    ) -> Result<Response<read_data_source::Response>, Status> {
        Ok(Response::new(
            self.read(&Session::from_request(&request), request.into_inner())
                .await,
        ))
    }

    async fn get_functions(
        &self,
        _: Request<get_functions::Request>,
    ) -> Result<Response<get_functions::Response>, Status> {
        Ok(Response::new(Self::functions()))
    }

    async fn call_function(
        &self,
        request: Request<call_function::Request>,
    ) -> Result<Response<call_function::Response>, Status> {
        Ok(Response::new(Server::<P>::call_function(request.get_ref())))
    }

    async fn stop(
        &self,
        request: Request<stop_provider::Request>,
    ) -> Result<Response<stop_provider::Response>, Status> {
        Ok(Response::new(Self::stop(&Session::from_request(&request))))
    }
}

#[tonic::async_trait]
impl<P: Provider> tfplugin6::provider_server::Provider for Server<P> {
    async fn get_metadata(
        &self,
        _: Request<get_metadata::Request>,
    ) -> Result<Response<get_metadata::Response>, Status> {
        Ok(Response::new(self.metadata()))
    }

    async fn get_provider_schema(
        &self,
        _: Request<get_provider_schema::Request>,
    ) -> Result<Response<get_provider_schema::Response>, Status> {
        Ok(Response::new(Server::schema(self).await))
    }

    async fn get_resource_identity_schemas(
        &self,
        _: Request<get_resource_identity_schemas::Request>,
    ) -> Result<Response<get_resource_identity_schemas::Response>, Status> {
        Ok(Response::new(Self::identity_schemas()))
    }

    async fn validate_provider_config(
        &self,
        request: Request<validate_provider_config::Request>,
    ) -> Result<Response<validate_provider_config::Response>, Status> {
        Ok(Response::new(
            self.validate_provider(request.into_inner()).await,
        ))
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<validate_data_source_config::Request>,
    ) -> Result<Response<validate_data_source_config::Response>, Status> {
        Ok(Response::new(
            self.validate_data_source(request.into_inner()).await,
        ))
    }

    async fn configure_provider(
        &self,
        request: Request<configure_provider::Request>,
    ) -> Result<Response<configure_provider::Response>, Status> {
        Ok(Response::new(
            Server::configure(self, &Session::from_request(&request), request.into_inner()).await,
        ))
    }

    async fn read_data_source(
        &self,
        request: Request<read_data_source::Request>,
    ) -> Result<Response<read_data_source::Response>, Status> {
        Ok(Response::new(
            self.read(&Session::from_request(&request), request.into_inner())
                .await,
        ))
    }

    async fn get_functions(
        &self,
        _: Request<get_functions::Request>,
    ) -> Result<Response<get_functions::Response>, Status> {
        Ok(Response::new(Self::functions()))
    }

    async fn call_function(
        &self,
        request: Request<call_function::Request>,
    ) -> Result<Response<call_function::Response>, Status> {
        Ok(Response::new(Server::<P>::call_function(request.get_ref())))
    }

    async fn stop_provider(
        &self,
        request: Request<stop_provider::Request>,
    ) -> Result<Response<stop_provider::Response>, Status> {
        Ok(Response::new(Self::stop(&Session::from_request(&request))))
    }
}
