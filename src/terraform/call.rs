//! Logging of all protocol calls.

use std::time::Instant;

use tracing::Instrument;

/// Returns the output of `call`, and logs its duration. The span has the field names of
/// terraform-plugin-go.
pub(super) async fn timed<T>(
    rpc: &'static str,
    data_source: &str,
    call: impl Future<Output = T>,
) -> T {
    let data_source = (!data_source.is_empty()).then_some(data_source);
    let span = tracing::debug_span!("rpc", tf_rpc = rpc, tf_data_source_type = data_source);
    let timed = async {
        let start = Instant::now();
        let output = call.await;
        let ms = start.elapsed().as_secs_f64() * 1000.0;
        tracing::trace!(ms, "served a request");
        output
    };
    timed.instrument(span).await
}
