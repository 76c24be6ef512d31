//! The provider service of protocols 5 and 6.

use tonic::transport::Channel;
use tonic::{Response, Status};

use super::connection::MAX_MESSAGE_SIZE;
use super::wire::tfplugin::{
    DynamicValue, call_function, configure_provider, get_functions, get_metadata,
    get_provider_schema, get_resource_identity_schemas, read_data_source, stop_provider,
    validate_data_source_config, validate_provider_config,
};
use super::wire::tfplugin5::provider_client::ProviderClient as Service5;
use super::wire::tfplugin6::provider_client::ProviderClient as Service6;

/// A version of Terraform's plugin protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Terraform 0.12 and later.
    V5,
    /// Terraform 1.0 and later.
    V6,
}

impl Protocol {
    /// Converts a version number. Returns `None` for other versions.
    pub fn new(version: u32) -> Option<Self> {
        match version {
            5 => Some(Self::V5),
            6 => Some(Self::V6),
            _ => None,
        }
    }

    /// The version number.
    pub fn version(self) -> u32 {
        match self {
            Self::V5 => 5,
            Self::V6 => 6,
        }
    }
}

/// A client of the provider service, with the same method names for protocols 5 and
/// 6. Concurrent calls on one client are allowed.
///
/// All methods return gRPC errors as `Status`. Errors that users can cause are
/// diagnostics in the response.
#[derive(Clone, Debug)]
pub struct ProviderClient(Service);

#[derive(Clone, Debug)]
enum Service {
    V5(Service5<Channel>),
    V6(Service6<Channel>),
}

/// Calls a method by its name in protocol 5 or 6.
macro_rules! call {
    ($client:ident, $name5:ident or $name6:ident, $request:expr) => {
        match $client.0.clone() {
            Service::V5(mut service) => service.$name5($request).await,
            Service::V6(mut service) => service.$name6($request).await,
        }
        .map(Response::into_inner)
    };
}

impl ProviderClient {
    pub(super) fn new(channel: Channel, protocol: Protocol) -> Self {
        let limit = MAX_MESSAGE_SIZE;
        Self(match protocol {
            Protocol::V5 => Service::V5(
                Service5::new(channel)
                    .max_decoding_message_size(limit)
                    .max_encoding_message_size(limit),
            ),
            Protocol::V6 => Service::V6(
                Service6::new(channel)
                    .max_decoding_message_size(limit)
                    .max_encoding_message_size(limit),
            ),
        })
    }

    /// Calls `GetMetadata`.
    pub async fn get_metadata(&self) -> Result<get_metadata::Response, Status> {
        call!(self, get_metadata or get_metadata, get_metadata::Request {})
    }

    /// Calls `GetSchema` or `GetProviderSchema`.
    pub async fn schema(&self) -> Result<get_provider_schema::Response, Status> {
        call!(self, get_schema or get_provider_schema, get_provider_schema::Request {})
    }

    /// Calls `GetResourceIdentitySchemas`.
    pub async fn identity_schemas(
        &self,
    ) -> Result<get_resource_identity_schemas::Response, Status> {
        call!(self, get_resource_identity_schemas or get_resource_identity_schemas, get_resource_identity_schemas::Request {})
    }

    /// Calls `PrepareProviderConfig` or `ValidateProviderConfig`.
    pub async fn validate_provider(
        &self,
        config: DynamicValue,
    ) -> Result<validate_provider_config::Response, Status> {
        let request = validate_provider_config::Request {
            config: Some(config),
        };
        call!(self, prepare_provider_config or validate_provider_config, request)
    }

    /// Calls `ValidateDataSourceConfig` or `ValidateDataResourceConfig`.
    pub async fn validate_data_source(
        &self,
        type_name: &str,
        config: DynamicValue,
    ) -> Result<validate_data_source_config::Response, Status> {
        let request = validate_data_source_config::Request {
            type_name: type_name.to_owned(),
            config: Some(config),
        };
        call!(self, validate_data_source_config or validate_data_resource_config, request)
    }

    /// Calls `Configure` or `ConfigureProvider` as Terraform 1.11.4 without deferral.
    pub async fn configure(
        &self,
        config: DynamicValue,
    ) -> Result<configure_provider::Response, Status> {
        self.configure_as(configure_provider::Request {
            terraform_version: "1.11.4".to_owned(),
            config: Some(config),
            client_capabilities: None,
        })
        .await
    }

    /// Calls `Configure` or `ConfigureProvider` with the given request.
    pub async fn configure_as(
        &self,
        request: configure_provider::Request,
    ) -> Result<configure_provider::Response, Status> {
        call!(self, configure or configure_provider, request)
    }

    /// Calls `ReadDataSource` without deferral.
    pub async fn read_data_source(
        &self,
        type_name: &str,
        config: DynamicValue,
    ) -> Result<read_data_source::Response, Status> {
        self.read_data_source_as(read_data_source::Request {
            type_name: type_name.to_owned(),
            config: Some(config),
            provider_meta: None,
            client_capabilities: None,
        })
        .await
    }

    /// Calls `ReadDataSource` with the given request.
    pub async fn read_data_source_as(
        &self,
        request: read_data_source::Request,
    ) -> Result<read_data_source::Response, Status> {
        call!(self, read_data_source or read_data_source, request)
    }

    /// Calls `GetFunctions`.
    pub async fn get_functions(&self) -> Result<get_functions::Response, Status> {
        call!(self, get_functions or get_functions, get_functions::Request {})
    }

    /// Calls `CallFunction`.
    pub async fn call_function(
        &self,
        name: &str,
        arguments: Vec<DynamicValue>,
    ) -> Result<call_function::Response, Status> {
        let request = call_function::Request {
            name: name.to_owned(),
            arguments,
        };
        call!(self, call_function or call_function, request)
    }

    /// Calls `Stop` or `StopProvider`.
    pub async fn stop(&self) -> Result<stop_provider::Response, Status> {
        call!(self, stop or stop_provider, stop_provider::Request {})
    }
}
