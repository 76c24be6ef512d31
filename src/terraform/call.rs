//! Logging and panic handling of all protocol calls.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures_util::FutureExt;
use tracing::{Instrument, Span};

use super::diagnostics::{Diagnostic, Diagnostics};
use super::proto::tfplugin;

/// Returns the diagnostics of `call`, or one about a bug if it panics.
pub(super) async fn run_diagnostics(
    span: Span,
    call: impl Future<Output = Diagnostics>,
) -> Vec<tfplugin::Diagnostic> {
    catch_panic(span, call)
        .await
        .unwrap_or_else(Diagnostics::from)
        .into()
}

/// Returns the span of a call, with the field names of terraform-plugin-go.
pub(super) fn span(rpc: &'static str, data_source: &str) -> Span {
    let data_source = (!data_source.is_empty()).then_some(data_source);
    tracing::debug_span!("rpc", tf_rpc = rpc, tf_data_source_type = data_source)
}

/// Returns the output of `call`, or a diagnostic about a bug if it panics.
///
/// The diagnostic does not hold the panic's message, which may quote a value of the
/// configuration.
pub(super) async fn catch_panic<T>(
    span: Span,
    call: impl Future<Output = T>,
) -> Result<T, Diagnostic> {
    let timed = async {
        let start = Instant::now();
        let output = call.await;
        let ms = start.elapsed().as_secs_f64() * 1000.0;
        tracing::trace!(ms, "served a request");
        output
    };
    let call = AssertUnwindSafe(timed.instrument(span));
    call.catch_unwind().await.map_err(|_| {
        Diagnostic::error(
            "Bug in the provider",
            "An internal error occurred. Please report this with your configuration and the log that \
             the environment variable TF_LOG_PROVIDER=trace makes Terraform write.",
        )
    })
}
