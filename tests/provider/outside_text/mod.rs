//! Text from outside in diagnostics and log lines: no invisible characters, no line breaks,
//! and bounded.

mod sources;

use regex::Regex;
use serde_json::{Value, json};
use swas_testing::diagnostics::shown;
use swas_testing::emulator::Reply;
use swas_testing::running_provider::{Result, RunningProvider};

use crate::support::{configure, emulator, log_lines, provider_config, start};

/// An Arabic letter mark, a zero-width space, a direction override, a deprecated format
/// character, a byte order mark and a tag.
const FORMAT: &str = "\u{61c}\u{200b}\u{202e}\u{206a}\u{feff}\u{e0041}";

/// Escape sequences of terminals, and separators of lines.
const CONTROL: &str = "\u{1b}[2J\u{9b}\u{7f}\u{2028}\u{2029}";

/// Text with characters of each kind, in which `FAKE` is at the beginning of lines.
pub const DISGUISED: &str =
    "x\nFAKE\rFAKE\u{2028}FAKE\u{202e}\u{61c}\u{feff}\u{e0041}\u{1b}[2J\u{85}FAKE";

/// Longer than any diagnostic and any log line.
const LONG: usize = 100_000;

fn assert_presentable(text: &str) {
    let invisible = Regex::new(r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}&&[^\n]]").expect("an expression");
    assert!(!invisible.is_match(text), "{text:?}");
    assert!(text.len() < LONG, "{} bytes", text.len());
}

/// Asserts that [`DISGUISED`] is presentable in diagnostics, and begins no line of them.
pub fn assert_no_line_is_disguised(case: &str, diagnostics: &str) {
    assert_presentable(diagnostics);
    let mut lines = diagnostics.lines().map(str::trim_start);
    assert!(
        !lines.any(|line| line.starts_with("FAKE")),
        "{case}: {diagnostics}"
    );
}

/// Returns the diagnostics of a read with a process that logs everything, and its log.
async fn read_with(reply: Reply, block: &Value) -> Result<(String, String)> {
    let emulator = emulator();
    emulator.reply_always(reply);
    let provider = RunningProvider::start(start().env("TF_LOG", "trace")).await?;
    configure(&provider, &provider_config(&emulator)).await?;
    let response = provider.read("swas_images", block).await?;
    Ok((shown(&response.diagnostics), provider.end().await?))
}

#[tokio::test]
async fn api_error_with_invisible_characters_is_escaped_and_bounded() -> Result<()> {
    let message = format!("Not\nallowed{FORMAT}{CONTROL}{}", "x".repeat(LONG));
    let reply = Reply::error(403, &format!("Forbidden{FORMAT}"), &message);
    let (diagnostics, log) = read_with(reply, &json!({})).await?;
    assert!(
        diagnostics.contains("Not allowed\\u{61c}\\u{200b}\\u{202e}"),
        "{diagnostics}"
    );
    assert_presentable(&diagnostics);
    assert_lines_are_presentable(&log, "Forbidden\\u{61c}");
    Ok(())
}

#[tokio::test]
async fn argument_with_invisible_characters_is_escaped_and_bounded() -> Result<()> {
    let name = format!("a\nb{FORMAT}{CONTROL}{}", "x".repeat(LONG));
    for block in [
        json!({"region_id": name}),
        json!({"image_ids": [name]}),
        json!({"name_regex": format!("({name}")}),
        json!({"image_type": name}),
    ] {
        let (diagnostics, log) = read_with(Reply::error(404, "x", "x"), &block).await?;
        assert_presentable(&diagnostics);
        assert_lines_are_presentable(&log, "ReadDataSource");
    }
    Ok(())
}

#[tokio::test]
async fn file_and_profile_names_with_invisible_characters_are_escaped_and_bounded() -> Result<()> {
    let emulator = emulator();
    for file in [
        format!("/nowhere/{FORMAT}"),
        format!("/nowhere/{}", "x".repeat(LONG)),
    ] {
        let mut block = provider_config(&emulator);
        let block = block.as_object_mut().ok_or("no block")?;
        block.remove("access_key");
        block.remove("secret_key");
        block.insert("profile".to_owned(), json!(format!("p{FORMAT}")));
        block.insert("shared_credentials_file".to_owned(), json!(file));
        let provider = RunningProvider::start(start().env("TF_LOG", "trace")).await?;
        let block = Value::Object(block.clone());
        let configured = shown(&provider.configure(&block).await?);
        let response = provider.read("swas_images", &json!({})).await?;
        let diagnostics = configured + &shown(&response.diagnostics);
        assert!(diagnostics.contains("/nowhere/"), "{diagnostics}");
        assert_presentable(&diagnostics);
        assert_lines_are_presentable(&provider.end().await?, "");
    }
    Ok(())
}

/// Asserts that some line has `expected`, and that all lines are presentable.
fn assert_lines_are_presentable(log: &str, expected: &str) {
    assert!(log.replace("\\\\", "\\").contains(expected), "{log}");
    for line in log_lines(log) {
        for value in line.values().filter_map(|value| value.as_str()) {
            assert_presentable(value);
            assert!(!value.contains('\n'), "{value}");
        }
    }
}
