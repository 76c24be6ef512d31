//! The calls of the plugin protocol, implemented once for both of its versions.
//!
//! Errors that a user can cause are diagnostics in a response: Terraform shows a gRPC
//! status as "The plugin returned an unexpected error". A panic in the provider's code
//! becomes a diagnostic too, and the process continues.

use std::sync::{Arc, OnceLock};

use tokio::sync::Notify;

use super::call::{catch_panic, run_diagnostics, span};
use super::diagnostics::{Diagnostic, Diagnostics};
use super::dynamic_value::DynamicValue;
use super::parser::{ConfigError, Parser};
use super::proto::tfplugin::deferred::Reason;
use super::proto::tfplugin::{
    Deferred, FunctionError, ServerCapabilities, call_function, configure_provider, get_functions,
    get_metadata, get_provider_schema, get_resource_identity_schemas, read_data_source,
    stop_provider, validate_data_source_config, validate_provider_config,
};
use super::provider::{Provider, ReadError, RegisteredDataSource};
use super::schema::Schema;
use super::session::Session;

/// Serves a provider. Clones share it.
pub struct Server<P: Provider>(Arc<ServerState<P>>);

struct ServerState<P: Provider> {
    provider: P,
    /// Built at the first call that needs it.
    schema: OnceLock<Schema>,
    data_sources: Vec<RegisteredDataSource<P::ProviderData>>,
    /// Cancels the reads of all connections.
    stop: Notify,
}

impl<P: Provider> Clone for Server<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P: Provider> Server<P> {
    /// Creates a server, in which each connection has its own configuration.
    pub fn new(provider: P) -> Self {
        Self(Arc::new(ServerState {
            data_sources: provider.data_sources(),
            provider,
            schema: OnceLock::new(),
            stop: Notify::new(),
        }))
    }

    fn provider_schema(&self) -> &Schema {
        self.0.schema.get_or_init(|| self.0.provider.schema())
    }

    fn data_source(
        &self,
        type_name: &str,
    ) -> Result<&RegisteredDataSource<P::ProviderData>, Diagnostic> {
        let mut all = self.0.data_sources.iter();
        let found = all.find(|registered| registered.type_name == type_name);
        found.ok_or_else(|| {
            let all = self.0.data_sources.iter();
            let names: Vec<_> = all.map(|registered| registered.type_name).collect();
            Diagnostic::error(
                "Unknown data source",
                format!(
                    "This provider has no data source \"{type_name}\". It has: {}.",
                    names.join(", ")
                ),
            )
        })
    }

    /// Lists the type names of the data sources.
    pub(super) fn metadata(&self) -> get_metadata::Response {
        get_metadata::Response {
            server_capabilities: Some(capabilities()),
            data_sources: self
                .0
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
    pub(super) async fn schema(&self) -> get_provider_schema::Response {
        let schema = catch_panic(span("GetProviderSchema", ""), async {
            get_provider_schema::Response {
                provider: Some(self.provider_schema().into()),
                data_source_schemas: self
                    .0
                    .data_sources
                    .iter()
                    .map(|registered| {
                        let schema = registered.data_source.schema();
                        (registered.type_name.to_owned(), schema.into())
                    })
                    .collect(),
                server_capabilities: Some(capabilities()),
                ..Default::default()
            }
        });
        schema
            .await
            .unwrap_or_else(|bug| get_provider_schema::Response {
                diagnostics: vec![bug.into()],
                ..Default::default()
            })
    }

    /// Returns no identities: there are no managed resources.
    pub(super) fn identity_schemas() -> get_resource_identity_schemas::Response {
        get_resource_identity_schemas::Response::default()
    }

    /// Decodes and validates the provider block.
    fn parse_config(
        &self,
        config: &DynamicValue,
        diagnostics: &mut Diagnostics,
    ) -> Result<P::Config, ConfigError> {
        let mut parser = Parser::new(diagnostics);
        let model = parser.decode(self.provider_schema(), config)?;
        Ok(self.0.provider.parse(&model, &mut parser))
    }

    /// Validates the provider block and returns it unchanged.
    pub(super) async fn validate_provider(
        &self,
        request: validate_provider_config::Request,
    ) -> validate_provider_config::Response {
        let config = request.config.unwrap_or_default();
        let diagnostics = run_diagnostics(span("ValidateProviderConfig", ""), async {
            let mut diagnostics = Diagnostics::default();
            // `configure` validates arguments that are unknown now.
            let _ = self.parse_config(&config, &mut diagnostics);
            diagnostics
        });
        let diagnostics = diagnostics.await;
        validate_provider_config::Response {
            prepared_config: Some(config),
            diagnostics,
        }
    }

    /// Validates a data block.
    pub(super) async fn validate_data_source(
        &self,
        request: validate_data_source_config::Request,
    ) -> validate_data_source_config::Response {
        let config = request.config.unwrap_or_default();
        let span = span("ValidateDataResourceConfig", &request.type_name);
        let diagnostics = run_diagnostics(span, async {
            match self.data_source(&request.type_name) {
                Ok(registered) => registered.validate(&config),
                Err(error) => error.into(),
            }
        });
        validate_data_source_config::Response {
            diagnostics: diagnostics.await,
        }
    }

    /// Configures the provider for one connection.
    pub(super) async fn configure(
        &self,
        session: &Session<P>,
        request: configure_provider::Request,
    ) -> configure_provider::Response {
        let config = request.config.unwrap_or_default();
        let diagnostics = run_diagnostics(span("ConfigureProvider", ""), async {
            let mut diagnostics = Diagnostics::default();
            let parsed = match self.parse_config(&config, &mut diagnostics) {
                Ok(parsed) if !diagnostics.has_error() => parsed,
                _ => return diagnostics,
            };
            let provider = &self.0.provider;
            match provider.configure(parsed, &request.terraform_version, &mut diagnostics) {
                Ok(data) => session.set_provider_data(data),
                Err(errors) => diagnostics.append(errors),
            }
            diagnostics
        });
        configure_provider::Response {
            diagnostics: diagnostics.await,
        }
    }

    /// Reads a data source. Canceled by [`Self::stop`] and [`Self::cancel_reads`].
    pub(super) async fn read(
        &self,
        session: &Session<P>,
        request: read_data_source::Request,
    ) -> read_data_source::Response {
        let deferral_allowed = request
            .client_capabilities
            .is_some_and(|capabilities| capabilities.deferral_allowed);
        let config = request.config.unwrap_or_default();
        let read = catch_panic(span("ReadDataSource", &request.type_name), async {
            let registered = self.data_source(&request.type_name)?;
            let Some(data) = session.provider_data() else {
                return Err(Diagnostic::error(
                    "Provider not configured",
                    "Terraform requested a read on a connection on which it has not configured \
                     the provider. Please report this.",
                ));
            };
            Ok(registered.data_source.read(&data, &config).await)
        });
        let canceled = || {
            Err(Diagnostic::error(
                "Read canceled",
                format!(
                    "The read of \"{}\" was canceled before it was done.",
                    request.type_name
                ),
            ))
        };
        let result = tokio::select! {
            result = read => result,
            () = session.canceled() => canceled(),
            () = self.0.stop.notified() => canceled(),
        };
        let (state, mut diagnostics) = match result {
            Ok(Ok(result)) => result,
            Ok(Err(error)) | Err(error) => (Err(error.into()), Diagnostics::default()),
        };
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
                    "\"{}\" is read while planning, and it needs the provider's argument \
                     \"{argument}\", whose value is known only after apply. Set \"{argument}\" \
                     to a value that is known while planning, or add \"depends_on\" to the data \
                     block, with the resource that the value comes from, so that Terraform reads \
                     it while applying.",
                    request.type_name,
                ),
            )),
        }
        response.diagnostics = diagnostics.into();
        response
    }

    /// Returns no functions: the provider has none.
    pub(super) fn functions() -> get_functions::Response {
        get_functions::Response::default()
    }

    /// Returns an error: the provider has no functions.
    pub(super) fn call_function(request: &call_function::Request) -> call_function::Response {
        call_function::Response {
            result: None,
            error: Some(FunctionError {
                text: format!("This provider has no function \"{}\".", request.name),
                function_argument: None,
            }),
        }
    }

    /// Cancels the running reads of all connections, and not later ones.
    pub fn cancel_reads(&self) {
        self.0.stop.notify_waiters();
    }

    /// Cancels the running reads of the client's connection, and not later ones: a process
    /// in debug mode outlives the run that was stopped.
    pub(super) fn stop(session: &Session<P>) -> stop_provider::Response {
        tracing::debug!("the client requested a stop");
        session.cancel_reads();
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
