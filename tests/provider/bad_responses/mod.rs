//! Failed calls: the diagnostic names the action, the endpoint, the response and the
//! fix. A failure is never an empty list of images, and secrets are redacted.

mod api;
mod network;
mod unexpected_body;

use serde_json::json;
use swas_testing::emulator::Reply;
use swas_testing::running_provider::Result;

use crate::golden::Golden;
use crate::machine::{Machine, Run, TOKEN, secret};
use crate::support::error_text;

/// A machine with a complete provider block for the emulator.
fn machine() -> Result<Machine> {
    let machine = Machine::new()?;
    let url = machine.emulator.url();
    Ok(machine
        .set("region", "cn-hangzhou")
        .set("access_key", "STS.static")
        .set("secret_key", secret("STS.static"))
        .set("security_token", TOKEN)
        .set("endpoints", json!([{"swas": url}])))
}

/// Reads once per response, which has to fail, and compares the diagnostics.
async fn assert_errors(
    snapshot: &str,
    cases: impl IntoIterator<Item = (&str, Reply)>,
) -> Result<()> {
    let machine = machine()?;
    let provider = machine.start().await?;
    let mut golden = Golden::default();
    for (name, response) in cases {
        machine.configure(&provider).await?;
        machine.emulator.reply_always(response);
        let text = error_text(&provider, &json!({})).await?;
        machine.assert_secrets_kept(&text);
        golden.add(name, &text);
    }
    machine.assert_secrets_kept(&provider.end().await?);
    golden.assert(snapshot);
    Ok(())
}
