//! Sharing of entries between processes, and the age of entries.

use std::fs;

use serde_json::{Value, json};
use swas_testing::emulator::{Emulator, Options, Reply};
use swas_testing::plugin_client::Protocol;
use swas_testing::running_provider::{Result, RunningProvider};

use super::{entry, files, folder, image, read, read_with, sharing, shift_time, system};
use crate::machine::Machine;
use crate::support::{
    configure, emulator, error_text, expect_state, provider_config, start, start_provider, with,
};

#[tokio::test]
async fn public_responses_are_cached_for_other_processes() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let block = sharing(&emulator, folder.path());
    let plans = r#"{"Plans": [
        {"PlanId": "a", "OriginPrice": "$1,234.56", "Memory": 0.5, "Core": "2", "PlanType": "NEW",
         "SupportPlatform": "[\"Windows\",\"Linux\"]", "Tokens": 7, "Flow": null},
        {"PlanId": "b", "OriginPrice": null}, {"PlanId": "c"}]}"#;
    emulator.reply_to("ListPlans", Reply::json(plans));
    for (data_source, arguments) in [
        ("swas_images", json!({"image_type": "system"})),
        ("swas_images", json!({"image_type": "app"})),
        ("swas_plans", json!({})),
        ("swas_regions", json!({})),
        ("swas_regions", json!({"accept_language": "en-US"})),
    ] {
        let before = emulator.requests().len();
        let state = read_with(&block, data_source, &arguments).await?;
        for _ in 0..2 {
            let cached = read_with(&block, data_source, &arguments).await?;
            assert_eq!(cached, state, "{data_source} {arguments}");
        }
        assert_eq!(emulator.requests().len(), before + 1, "{data_source}");
    }
    Ok(())
}

#[tokio::test]
async fn custom_images_are_requested_by_each_process_and_never_cached() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let block = sharing(&emulator, folder.path());
    emulator.add_image("cn-hangzhou", image("m-mine", "custom"));
    for (id, image_type) in [("m-upper", "CUSTOM"), ("m-blank", " Custom ")] {
        emulator.add_image("cn-hangzhou", image(id, image_type));
    }
    let state = read_with(&block, "swas_images", &json!({})).await?;
    assert!(state["ids"].to_string().contains("m-mine"));
    emulator.add_image("cn-hangzhou", image("m-new", "custom"));
    let state = read_with(&block, "swas_images", &json!({})).await?;
    assert!(state["ids"].to_string().contains("m-new"));
    read_with(&block, "swas_images", &json!({"image_type": "custom"})).await?;
    read_with(&block, "swas_custom_images", &json!({})).await?;
    let requests = emulator.requests();
    let types: Vec<_> = requests
        .iter()
        .map(|request| request.parameter("ImageType"))
        .collect();
    assert_eq!(types[..3], [None, Some("custom"), Some("custom")]);
    assert_eq!(requests.len(), 4);
    let content = fs::read_to_string(entry(folder.path()))?;
    for custom in ["m-mine", "m-upper", "m-blank", "custom"] {
        assert!(!content.contains(custom), "{content}");
    }
    Ok(())
}

#[tokio::test]
async fn list_with_untyped_image_is_not_cached() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let list = r#"{"Images": [{"ImageId": "a"}]}"#;
    emulator.reply_always(Reply::json(list));
    let block = sharing(&emulator, folder.path());
    read_with(&block, "swas_images", &json!({})).await?;
    assert_eq!(files(folder.path(), ".json").len(), 0);
    Ok(())
}

#[tokio::test]
async fn image_by_id_is_read_from_cached_list() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let block = sharing(&emulator, folder.path());
    let images = read(&block).await?;
    let id = &images["ids"][0];
    let by_id = json!({"image_id": id, "image_type": "system"});
    read_with(&block, "swas_image", &by_id).await?;
    assert_eq!(emulator.requests().len(), 1);
    // An ID that no list has is requested by each process.
    emulator.reply_next(Reply::json(
        r#"{"Images": [{"ImageId": "unlisted", "ImageType": "system"}]}"#,
    ));
    let by_id = json!({"image_id": "unlisted", "image_type": "system"});
    read_with(&block, "swas_image", &by_id).await?;
    assert_eq!(emulator.requests().len(), 2);
    let content = fs::read_to_string(entry(folder.path()))?;
    assert!(!content.contains("unlisted"));
    Ok(())
}

#[tokio::test]
async fn cache_key_has_identity_endpoint_and_parameters() -> Result<()> {
    let (emulator, other, folder) = (emulator(), emulator(), folder());
    let secret = Options::default().access_key_secret;
    emulator.add_key("LTAIother", &secret, None);
    let block = sharing(&emulator, folder.path());
    read(&block).await?;
    read(&with(&block, "access_key", "LTAIother")).await?;
    read(&with(&block, "region", "us-west-1")).await?;
    assert_eq!(emulator.requests().len(), 3);
    read(&sharing(&other, folder.path())).await?;
    assert_eq!(other.requests().len(), 1);
    // The same host under another name.
    let url = emulator.url().replace("127.0.0.1", "localhost");
    read(&with(&block, "endpoints", json!([{"swas": url}]))).await?;
    assert_eq!(emulator.requests().len(), 4);
    assert_eq!(files(folder.path(), ".json").len(), 5);
    Ok(())
}

#[tokio::test]
async fn cache_key_has_role_in_place_of_temporary_key() -> Result<()> {
    let machine = Machine::with_key()?;
    let emulator = &machine.emulator;
    let folder = folder();
    let role = |name: &str| json!([{"role_arn": crate::machine::role(name)}]);
    let mut block = with(
        &provider_config(emulator),
        "cache_dir",
        folder.path().to_str(),
    );
    block["endpoints"][0]["sts"] = emulator.url().into();
    let reader = with(&block, "assume_role", role("reader"));
    read(&reader).await?;
    read(&reader).await?;
    let lists = || {
        emulator
            .requests()
            .iter()
            .filter(|it| it.parameter("Action") == Some("ListImages"))
            .count()
    };
    assert_eq!(lists(), 1);
    read(&with(&block, "assume_role", role("one"))).await?;
    read(&block).await?;
    assert_eq!(lists(), 3);
    Ok(())
}

#[tokio::test]
async fn cache_entry_expires_at_max_age() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let block = sharing(&emulator, folder.path());
    read(&block).await?;
    let entry = entry(folder.path());
    for (seconds, max_age, requests) in [
        (-50, 60, 1),
        (-50, 60, 2),
        // From the future, for example if the clock was set.
        (100, 60, 3),
        (-3600, 7200, 3),
        (-3600, 7200, 4),
    ] {
        shift_time(&entry, seconds)?;
        read(&with(&block, "cache_max_age", max_age)).await?;
        assert_eq!(emulator.requests().len(), requests, "{seconds} {max_age}");
    }
    Ok(())
}

#[tokio::test]
async fn failure_is_not_cached() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    emulator.reply_next(Reply::error(403, "Forbidden.RAM", "No."));
    let block = sharing(&emulator, folder.path());
    let provider = RunningProvider::start(start()).await?;
    configure(&provider, &block).await?;
    error_text(&provider, &system()).await?;
    assert_eq!(files(folder.path(), ".json").len(), 0);
    read(&block).await?;
    Ok(())
}

#[tokio::test]
async fn cache_has_no_secrets_and_no_key_id() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let block = sharing(&emulator, folder.path());
    read(&block).await?;
    read_with(&block, "swas_plans", &json!({})).await?;
    for file in files(folder.path(), "") {
        let content = fs::read_to_string(&file)?;
        for secret in emulator.secrets() {
            assert!(!content.contains(&secret), "{content}");
        }
        assert!(!content.contains("LTAI"), "{content}");
    }
    Ok(())
}

#[tokio::test]
async fn no_file_is_written_without_cache_dir() -> Result<()> {
    let emulator = emulator();
    let folder = folder();
    let start = start()
        .env("TMPDIR", folder.path())
        .env("HOME", folder.path());
    let provider = RunningProvider::start(start).await?;
    configure(&provider, &provider_config(&emulator)).await?;
    for data_source in [
        "swas_images",
        "swas_plans",
        "swas_regions",
        "swas_custom_images",
    ] {
        expect_state(&provider.read(data_source, &json!({})).await?)?;
    }
    provider.end().await?;
    assert_eq!(files(folder.path(), ""), Vec::<std::path::PathBuf>::new());
    Ok(())
}

#[tokio::test]
async fn cache_dir_and_max_age_are_read_from_the_environment() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let block = provider_config(&emulator);
    let read = async |max_age: &str| {
        let start = start()
            .env("HOME", folder.path())
            .env("SWAS_CACHE_DIR", "~/of/mine")
            .env("SWAS_CACHE_MAX_AGE", max_age);
        let provider = RunningProvider::start(start).await?;
        let diagnostics = provider.configure(&block).await?;
        if let Some(error) = diagnostics.first() {
            return Ok(error.detail.clone());
        }
        expect_state(&provider.read("swas_images", &system()).await?)?;
        Result::Ok(String::new())
    };
    assert_eq!(read("100").await?, "");
    shift_time(&entry(&folder.path().join("of/mine")), -80)?;
    assert_eq!(read("100").await?, "");
    assert_eq!(emulator.requests().len(), 1);
    assert_eq!(read(" ").await?, "");
    assert_eq!(emulator.requests().len(), 2);
    for (value, expected) in [
        (
            "soon",
            "\"SWAS_CACHE_MAX_AGE\" is \"soon\", but must be a number.",
        ),
        ("0", "\"SWAS_CACHE_MAX_AGE\""),
    ] {
        let error = read(value).await?;
        assert!(error.starts_with(expected), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn cached_list_is_used_by_both_protocols() -> Result<()> {
    let (emulator, folder): (Emulator, _) = (emulator(), folder());
    let block = sharing(&emulator, folder.path());
    for protocol in [Protocol::V5, Protocol::V6] {
        let provider = start_provider(protocol).await?;
        configure(&provider, &block).await?;
        let state: Value = expect_state(&provider.read("swas_images", &system()).await?)?;
        assert_ne!(state["ids"], json!([]));
    }
    assert_eq!(emulator.requests().len(), 1);
    Ok(())
}
