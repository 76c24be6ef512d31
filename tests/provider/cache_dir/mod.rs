//! The directory through which processes share responses.

mod entries;
mod faults;
mod waiting;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use swas_testing::emulator::{Emulator, Image};
use swas_testing::running_provider::{Result, RunningProvider};
use tempfile::TempDir;

use crate::support::{configure, expect_state, file_names, provider_config, start, with};

/// A read whose response is shared.
fn system() -> Value {
    json!({"image_type": "system"})
}

/// A provider block that shares responses in the folder.
fn sharing(emulator: &Emulator, folder: &Path) -> Value {
    let block = with(&provider_config(emulator), "max_retry_timeout", 60);
    with(&block, "cache_dir", folder.to_str())
}

/// Starts a process with the provider block.
async fn process(block: &Value) -> Result<RunningProvider> {
    let provider = RunningProvider::start(start()).await?;
    configure(&provider, block).await?;
    Ok(provider)
}

/// Reads in a process of its own, and returns the state. Expects no diagnostics.
async fn read_with(block: &Value, data_source: &str, arguments: &Value) -> Result<Value> {
    let provider = process(block).await?;
    let state = expect_state(&provider.read(data_source, arguments).await?)?;
    provider.end().await?;
    Ok(state)
}

/// Reads system images in a process of its own.
async fn read(block: &Value) -> Result<Value> {
    read_with(block, "swas_images", &system()).await
}

/// Paths of the files whose names have this ending.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut names = file_names(folder);
    names.retain(|name| name.ends_with(ending));
    names.iter().map(|name| folder.join(name)).collect()
}

/// The path of the only entry.
fn entry(folder: &Path) -> PathBuf {
    let entries = files(folder, ".json");
    assert_eq!(entries.len(), 1, "{entries:?}");
    entries[0].clone()
}

/// Adds a time to the one of an entry, in seconds.
fn shift_time(entry: &Path, seconds: i64) -> Result<()> {
    let content = fs::read_to_string(entry)?;
    let (header, body) = content.split_once('\n').ok_or("no header")?;
    let mut header: Value = serde_json::from_str(header)?;
    let sent = header["sent"].as_i64().ok_or("no time")?;
    header["sent"] = (sent + seconds * 1000).into();
    fs::write(entry, format!("{header}\n{body}"))?;
    Ok(())
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn image(id: &str, image_type: &str) -> Image {
    Image {
        id: id.to_owned(),
        name: format!("Name of {id}"),
        image_type: image_type.to_owned(),
        platform: "Linux".to_owned(),
        description: None,
    }
}
