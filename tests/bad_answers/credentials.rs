//! Reads for which the configuration does not say enough.

use rmpv::Value;
use swas_testing::plugin_client::Start;
use swas_testing::running_provider::Result;

use crate::golden::assert_golden;
use crate::scene::{Failing, KEY, SECRET, assert_secrets_kept, emulator, endpoints, start};

const ID_VARIABLE: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
const SECRET_VARIABLE: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";

#[tokio::test]
async fn without_credentials_every_place_looked_at_is_named() -> Result<()> {
    let region = || vec![("region", "cn-hangzhou".into())];
    assert_told_without_a_call("no_credentials", start(), region()).await?;
    let id_only = start().env(ID_VARIABLE, KEY);
    assert_told_without_a_call("no_secret_in_the_environment", id_only, region()).await?;
    let secret_only = start().env(SECRET_VARIABLE, SECRET).env(ID_VARIABLE, " ");
    assert_told_without_a_call("no_id_in_the_environment", secret_only, region()).await
}

#[tokio::test]
async fn without_a_region_nothing_is_guessed() -> Result<()> {
    let keys = start().env(ID_VARIABLE, KEY).env(SECRET_VARIABLE, SECRET);
    assert_told_without_a_call("no_region", keys, vec![]).await
}

async fn assert_told_without_a_call(
    name: &str,
    start: Start,
    mut block: Vec<(&str, Value)>,
) -> Result<()> {
    let emulator = emulator()?;
    block.push(("endpoints", endpoints(emulator.url())));
    let failing = Failing::start(start, &block).await?;
    let text = failing.read(&[]).await?;
    assert_secrets_kept(&text, &emulator);
    assert_secrets_kept(&failing.end().await?, &emulator);
    assert_eq!(emulator.connections(), 0, "{name}");
    assert_golden("bad_answers", name, &text);
    Ok(())
}
