//! Whatever goes wrong on the way to an answer, the user gets an error that says
//! what was tried, where, what came back and what to do. It is never an empty
//! list of images, and it never shows a secret.

mod api;
mod network;
mod not_the_api;

use serde_json::json;
use swas_testing::emulator::Reply;
use swas_testing::running_provider::Result;

use crate::golden::Golden;
use crate::machine::{Machine, Run, TOKEN, secret};
use crate::support::told;

/// A provider block that has all it takes, for the emulator.
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

/// Reads once from an endpoint that gives each answer in turn.
async fn assert_told(golden: &str, cases: impl IntoIterator<Item = (&str, Reply)>) -> Result<()> {
    let machine = machine()?;
    let provider = machine.start().await?;
    let mut told_so_far = Golden::default();
    for (name, answer) in cases {
        machine.configure(&provider).await?;
        machine.emulator.reply_always(answer);
        let text = told(&provider, &json!({})).await?;
        machine.assert_secrets_kept(&text);
        told_so_far.add(name, &text);
    }
    machine.assert_secrets_kept(&provider.end().await?);
    told_so_far.assert(golden);
    Ok(())
}
