//! What an endpoint that means harm costs: some memory and some time, and neither
//! without end.

mod answers;
mod raw;

use std::time::Duration;

use serde_json::json;
use swas_testing::emulator::{Length, Reply};
use swas_testing::plugin_client::Protocol;
use swas_testing::running_provider::Result;

#[cfg(target_os = "linux")]
use crate::memory::most_memory;
use crate::support::{configured, emulator, read_beside_others, read_regions};

/// Almost as long as an answer may be, in bytes.
const LONG: usize = 31 * 1024 * 1024;

#[cfg(target_os = "linux")]
#[tokio::test]
async fn long_answers_are_in_memory_one_at_a_time() -> Result<()> {
    const READS: usize = 6;
    let emulator = emulator();
    emulator.reply_always(Reply::blanks(LONG as u64, Length::Announced));
    let provider = configured(Protocol::V6, &emulator).await?;
    for answer in read_regions(&provider, READS).await? {
        assert!(!answer.diagnostics.is_empty());
    }
    assert_eq!(emulator.requests().len(), READS);
    let most = most_memory(provider.process.pid())? / 1024;
    assert!(most < 80, "{most} MiB");
    Ok(())
}

#[tokio::test]
async fn a_long_answer_keeps_nobody_else_waiting() -> Result<()> {
    const LONGEST_WAIT: Duration = Duration::from_secs(1);
    let emulator = emulator();
    // Names that are alike until their ends, and at the very end a mistake.
    let name = "a".repeat(2000);
    let images: Vec<_> = (0..LONG / 2100)
        .map(
            |number| json!({"ImageId": number.to_string(), "ImageName": format!("{name}{number}")}),
        )
        .chain([json!({})])
        .collect();
    emulator.reply_always(Reply::json(json!({"Images": images}).to_string()));
    let provider = configured(Protocol::V6, &emulator).await?;
    let (answer, longest) = read_beside_others(&provider).await?;
    assert!(!answer.diagnostics.is_empty());
    assert!(longest < LONGEST_WAIT, "{longest:?}");
    Ok(())
}
