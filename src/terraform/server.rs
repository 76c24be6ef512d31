//! The calls of the plugin protocol, implemented once for both of its versions.
//!
//! Errors that a user can cause are diagnostics in a response: Terraform shows a gRPC
//! status as "The plugin returned an unexpected error".

use std::sync::Arc;

use aliyun::text::debug_quote;
use tokio::sync::Notify;

use super::diagnostics::{Diagnostic, Diagnostics};
use super::dynamic_value::DynamicValue;
use super::parser::{ConfigError, Parser};
use super::proto::tfplugin::deferred::Reason;
use super::proto::tfplugin::{
    Deferred, FunctionError, ServerCapabilities, call_function, configure_provider, get_metadata,
    get_provider_schema, read_data_source, stop_provider, validate_data_source_config,
    validate_provider_config,
};
use super::provider::{Provider, ReadError, RegisteredDataSource};
use super::schema::Schema;
use super::session::Session;

/// Serves a provider. Each connection has its own configuration.
pub struct Server<P: Provider> {
    provider: P,
    schema: Schema,
    data_sources: Vec<RegisteredDataSource<P::ProviderData>>,
    /// Cancels the reads of all connections.
    stop: Notify,
}

impl<P: Provider> Server<P> {
    /// Creates a server of a provider.
    pub fn new(provider: P) -> Arc<Self> {
        Arc::new(Self {
            schema: provider.schema(),
            data_sources: provider.data_sources(),
            provider,
            stop: Notify::new(),
        })
    }

    fn data_source(
        &self,
        type_name: &str,
    ) -> Result<&RegisteredDataSource<P::ProviderData>, Diagnostic> {
        let all = || self.data_sources.iter();
        let found = all().find(|registered| registered.type_name == type_name);
        found.ok_or_else(|| {
            let names: Vec<_> = all().map(|registered| registered.type_name).collect();
            let detail = format!(
                "This provider has no data source {}. It has: {}.",
                debug_quote(type_name),
                names.join(", ")
            );
            Diagnostic::error("Unknown data source", detail)
        })
    }

    /// Lists the type names of the data sources.
    pub(super) fn metadata(&self) -> get_metadata::Response {
        get_metadata::Response {
            server_capabilities: Some(capabilities()),
            data_sources: self
                .data_sources
                .iter()
                .map(|registered| get_metadata::DataSourceMetadata {
                    type_name: registered.type_name.to_owned(),
                })
                .collect(),
            ..Default::default()
        }
    }

    /// Returns the schemas of the provider and its data sources.
    pub(super) fn schema(&self) -> get_provider_schema::Response {
        get_provider_schema::Response {
            provider: Some((&self.schema).into()),
            data_source_schemas: self
                .data_sources
                .iter()
                .map(|registered| {
                    let schema = &*registered.schema;
                    (registered.type_name.to_owned(), schema.into())
                })
                .collect(),
            server_capabilities: Some(capabilities()),
            ..Default::default()
        }
    }

    /// Decodes and validates the provider block.
    fn parse_config(
        &self,
        config: &DynamicValue,
        diagnostics: &mut Diagnostics,
    ) -> Result<P::Config, ConfigError> {
        let mut parser = Parser::new(diagnostics);
        let model = parser.decode(&self.schema, config)?;
        Ok(self.provider.parse(&model, &mut parser))
    }

    /// Validates the provider block and returns it unchanged.
    pub(super) fn validate_provider(
        &self,
        request: validate_provider_config::Request,
    ) -> validate_provider_config::Response {
        let config = request.config.unwrap_or_default();
        let mut diagnostics = Diagnostics::default();
        // `configure` validates arguments that are unknown now.
        let _ = self.parse_config(&config, &mut diagnostics);
        validate_provider_config::Response {
            prepared_config: Some(config),
            diagnostics: diagnostics.into(),
        }
    }

    /// Validates a data block.
    pub(super) fn validate_data_source(
        &self,
        request: validate_data_source_config::Request,
    ) -> validate_data_source_config::Response {
        let config = request.config.unwrap_or_default();
        let diagnostics = match self.data_source(&request.type_name) {
            Ok(registered) => (registered.validate)(&registered.schema, &config),
            Err(error) => error.into(),
        };
        validate_data_source_config::Response {
            diagnostics: diagnostics.into(),
        }
    }

    /// Configures the provider for one connection.
    pub(super) async fn configure(
        &self,
        session: &Session<P>,
        request: configure_provider::Request,
    ) -> configure_provider::Response {
        let config = request.config.unwrap_or_default();
        let mut diagnostics = Diagnostics::default();
        let parsed = self.parse_config(&config, &mut diagnostics);
        if let Ok(parsed) = parsed
            && !diagnostics.has_error()
        {
            // Validation has shown the warnings about the block.
            diagnostics = Diagnostics::default();
            let version = &request.terraform_version;
            let configured = self.provider.configure(parsed, version, &mut diagnostics);
            match configured.await {
                Ok(data) => session.set_provider_data(data),
                Err(errors) => diagnostics.append(errors),
            }
        }
        configure_provider::Response {
            diagnostics: diagnostics.into(),
        }
    }

    /// Reads a data source. Canceled by [`Self::stop`] and [`Self::cancel_reads`].
    pub(super) async fn read(
        &self,
        session: &Session<P>,
        request: read_data_source::Request,
    ) -> read_data_source::Response {
        let type_name = &request.type_name;
        let config = request.config.unwrap_or_default();
        let mut diagnostics = Diagnostics::default();
        let read = self.read_state(session, type_name, &config, &mut diagnostics);
        let canceled = || {
            let detail = format!("The read of \"{type_name}\" was canceled before it was done.");
            Err(Diagnostic::error("Read canceled", detail).into())
        };
        let state = tokio::select! {
            state = read => state,
            () = session.stop.notified() => canceled(),
            () = self.stop.notified() => canceled(),
        };
        let deferral_allowed = request
            .client_capabilities
            .is_some_and(|capabilities| capabilities.deferral_allowed);
        let mut response = read_data_source::Response::default();
        match state {
            Ok(state) => response.state = Some(state),
            Err(ReadError::Failed(errors)) => diagnostics.append(errors),
            Err(ReadError::ProviderUnknown(argument)) if deferral_allowed => {
                response.state = Some(DynamicValue::unknown());
                response.deferred = Some(Deferred {
                    reason: Reason::ProviderConfigUnknown.into(),
                });
                tracing::debug!(%argument, "deferred a read");
            }
            Err(ReadError::ProviderUnknown(argument)) => diagnostics.push(Diagnostic::error(
                "Provider argument not known yet",
                format!(
                    "\"{type_name}\" is read while planning, and it needs the provider's argument \
                     \"{argument}\", whose value is known only after apply. Set \"{argument}\" \
                     to a value that is known while planning, or add \"depends_on\" to the data \
                     block, with the resource that the value comes from, so that Terraform reads \
                     it while applying.",
                ),
            )),
        }
        response.diagnostics = diagnostics.into();
        response
    }

    async fn read_state(
        &self,
        session: &Session<P>,
        type_name: &str,
        config: &DynamicValue,
        diagnostics: &mut Diagnostics,
    ) -> Result<DynamicValue, ReadError> {
        let data_source = self.data_source(type_name)?;
        let Some(data) = session.provider_data() else {
            let detail = "Terraform requested a read on a connection on which it has not \
                          configured the provider. Please report this.";
            return Err(Diagnostic::error("Provider not configured", detail).into());
        };
        (data_source.read)(&data_source.schema, &data, config, diagnostics).await
    }

    /// Returns an error: the provider has no functions.
    pub(super) fn call_function(request: &call_function::Request) -> call_function::Response {
        let name = debug_quote(&request.name);
        call_function::Response {
            result: None,
            error: Some(FunctionError {
                text: format!("This provider has no function {name}."),
                function_argument: None,
            }),
        }
    }

    /// Cancels the running reads of all connections, and not later ones.
    pub fn cancel_reads(&self) {
        self.stop.notify_waiters();
    }

    /// Cancels the running reads of the client's connection, and not later ones: a process
    /// in debug mode outlives the run that was stopped.
    pub(super) fn stop(session: &Session<P>) -> stop_provider::Response {
        tracing::debug!("the client requested a stop");
        session.stop.notify_waiters();
        stop_provider::Response::default()
    }
}

fn capabilities() -> ServerCapabilities {
    ServerCapabilities {
        // Saves one call per process if the client has cached the schema.
        get_provider_schema_optional: true,
        ..Default::default()
    }
}
