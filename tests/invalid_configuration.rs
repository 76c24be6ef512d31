//! Mistakes in a configuration are found before anything is sent, all of them in
//! one run, each at its place.

use rmpv::Value;
use swas_testing::diagnostics::shown;
use swas_testing::emulator::{Emulator, Options};
use swas_testing::plugin_client::Start;
use swas_testing::plugin_client::values::{object, unknown, unknown_not_null};
use swas_testing::running_provider::{Result, RunningProvider};

#[path = "support/golden.rs"]
mod golden;

use golden::assert_golden;

const FOLDER: &str = "invalid_configuration";
// What no text may hold.
const SECRET: &str = "swordfish";

type Block = Vec<(&'static str, Value)>;

fn start() -> Start {
    Start::new(env!("CARGO_BIN_EXE_terraform-provider-swas"))
}

fn endpoint(swas: &str) -> Block {
    vec![("endpoints", endpoints(swas))]
}

fn endpoints(swas: impl Into<Value>) -> Value {
    vec![object([("swas", swas.into())])].into()
}

fn keys(access_key: &str, secret_key: &str) -> Block {
    vec![
        ("access_key", access_key.into()),
        ("secret_key", secret_key.into()),
    ]
}

fn image_ids(ids: impl IntoIterator<Item = Value>) -> Block {
    vec![("image_ids", ids.into_iter().collect::<Vec<_>>().into())]
}

#[tokio::test]
async fn mistakes_in_the_provider_block_are_found_by_validation() -> Result<()> {
    let provider = RunningProvider::start(start()).await?;
    for (name, block) in [
        ("protocol_in_lower_case", vec![("protocol", "https".into())]),
        ("protocol_unknown", vec![("protocol", "gopher".into())]),
        (
            "region_in_upper_case",
            vec![("region", "CN-Hangzhou".into())],
        ),
        ("region_empty", vec![("region", "".into())]),
        (
            "region_of_another_host",
            vec![("region", "a.example/#".into())],
        ),
        (
            "key_without_secret",
            vec![("access_key", "LTAItestid".into())],
        ),
        ("secret_without_key", vec![("secret_key", SECRET.into())]),
        ("token_without_key", vec![("security_token", SECRET.into())]),
        ("keys_empty", keys("", "")),
        (
            "keys_with_a_line_break",
            keys("LTAItestid\n", "swordfish\r\n"),
        ),
        ("keys_with_spaces", keys(" LTAItestid", "swordfish ")),
        ("endpoint_empty", endpoint("")),
        ("endpoint_with_a_space", endpoint("swas.example com")),
        ("endpoint_of_another_scheme", endpoint("ftp://swas.example")),
        ("endpoint_with_a_path", endpoint("https://swas.example/api")),
        ("endpoint_with_a_query", endpoint("swas.example?a=b")),
        (
            "endpoint_with_a_password",
            endpoint("https://user:swordfish@swas.example"),
        ),
        // Mistyped, so that it is read as something else than a password.
        (
            "endpoint_with_a_password_and_a_space",
            endpoint("https://user:swordfish@swas example"),
        ),
        (
            "endpoint_with_a_password_of_another_scheme",
            endpoint("ftp://user:swordfish@a.example"),
        ),
        (
            "endpoint_with_a_slash_in_a_password",
            endpoint("https://user:/swordfish@swas.example"),
        ),
        (
            "provider_block_with_all_mistakes",
            vec![
                ("region", "CN".into()),
                ("access_key", "LTAI\u{7}".into()),
                ("security_token", " ".into()),
                ("protocol", "HTPS".into()),
                ("endpoints", endpoints("a b")),
            ],
        ),
    ] {
        let text = shown(&provider.validate_provider(&block).await?);
        assert!(!text.contains(SECRET), "{name}: {text}");
        assert_golden(FOLDER, name, &text);
        // Values that Terraform knows only now get the same check again.
        assert_eq!(shown(&provider.configure(&block).await?), text, "{name}");
    }
    provider.end().await?;
    Ok(())
}

#[tokio::test]
async fn mistakes_in_a_data_block_are_found_by_validation() -> Result<()> {
    let provider = RunningProvider::start(start()).await?;
    for (name, block) in [
        (
            "image_type_misspelled",
            vec![("image_type", "sytem".into())],
        ),
        (
            "image_type_in_upper_case",
            vec![("image_type", "System".into())],
        ),
        (
            "image_type_unknown",
            vec![("image_type", "container".into())],
        ),
        ("image_type_empty", vec![("image_type", "".into())]),
        (
            "image_type_with_a_line_break",
            vec![("image_type", "system\n".into())],
        ),
        (
            "region_id_malformed",
            vec![("region_id", "cn_hangzhou".into())],
        ),
        (
            "region_id_too_long",
            vec![("region_id", "a".repeat(64).into())],
        ),
        ("image_id_empty", image_ids(["".into(), "a".into()])),
        ("image_id_blank", image_ids(["a".into(), " \t".into()])),
        ("image_id_null", image_ids(["a".into(), Value::Nil])),
        (
            "image_id_twice",
            image_ids(["a", "b", "a", "a"].map(Value::from)),
        ),
        ("image_id_with_a_line_break", image_ids(["a\nb".into()])),
        ("platform_misspelled", vec![("platform", "linux".into())]),
        ("name_regex_empty", vec![("name_regex", "".into())]),
        (
            "name_regex_unclosed",
            vec![("name_regex", "Ubuntu-(".into())],
        ),
        (
            "name_regex_with_look_ahead",
            vec![("name_regex", "Ubuntu(?!-9)".into())],
        ),
        (
            "data_block_with_all_mistakes",
            vec![
                ("region_id", "CN".into()),
                ("image_type", "apps".into()),
                (
                    "image_ids",
                    vec!["a".into(), Value::Nil, "".into(), "a".into()].into(),
                ),
            ],
        ),
    ] {
        let text = shown(&provider.validate("swas_images", &block).await?);
        assert_golden(FOLDER, name, &text);
    }
    provider.end().await?;
    Ok(())
}

#[tokio::test]
async fn mistakes_in_a_block_for_one_image_are_found_by_validation() -> Result<()> {
    let provider = RunningProvider::start(start()).await?;
    for (name, block) in [
        ("one_image_without_a_choice", vec![]),
        ("one_image_name_empty", vec![("name", " ".into())]),
        (
            "one_image_with_all_mistakes",
            vec![
                ("region_id", "CN".into()),
                ("image_id", "a b\n".into()),
                ("name", "Ubuntu".into()),
                ("name_regex", "[".into()),
                ("image_type", "os".into()),
                ("platform", "win".into()),
                ("most_recent", true.into()),
            ],
        ),
    ] {
        let text = shown(&provider.validate("swas_image", &block).await?);
        assert_golden(FOLDER, name, &text);
    }
    provider.end().await?;
    Ok(())
}

#[tokio::test]
async fn mistakes_in_the_environment_name_the_variable() -> Result<()> {
    for (name, variable, value) in [
        ("environment_region", "ALIBABA_CLOUD_REGION", "CN-Hangzhou"),
        (
            "environment_region_id",
            "ALIBABA_CLOUD_REGION_ID",
            "hangzhou!",
        ),
        (
            "environment_endpoint",
            "ALIBABA_CLOUD_SWAS_ENDPOINT",
            "ftp://a.example",
        ),
        (
            "environment_endpoint_with_a_password",
            "ALIBABA_CLOUD_SWAS_ENDPOINT",
            "https://user:swordfish@a.example",
        ),
    ] {
        let provider = RunningProvider::start(start().env(variable, value)).await?;
        let text = shown(&provider.configure(&[]).await?);
        provider.end().await?;
        assert!(!text.contains(SECRET), "{name}: {text}");
        assert_golden(FOLDER, name, &text);
    }
    Ok(())
}

#[tokio::test]
async fn what_is_not_known_yet_breaks_no_rule() -> Result<()> {
    let provider = RunningProvider::start(start()).await?;
    for value in [unknown, unknown_not_null] {
        let provider_blocks = [
            vec![
                ("region", value()),
                ("access_key", value()),
                ("secret_key", value()),
                ("security_token", value()),
                ("protocol", value()),
                ("endpoints", endpoints(value())),
            ],
            vec![("endpoints", value())],
            vec![("access_key", value())],
            vec![("secret_key", value())],
            vec![("access_key", "LTAItestid".into()), ("secret_key", value())],
        ];
        for block in provider_blocks {
            let told = shown(&provider.validate_provider(&block).await?);
            assert_eq!(told, "", "{block:?}");
        }
        let data_blocks = [
            (
                "swas_images",
                vec![
                    ("region_id", value()),
                    ("image_type", value()),
                    ("platform", value()),
                    ("name_regex", value()),
                    ("image_ids", value()),
                ],
            ),
            ("swas_images", image_ids([value(), "a".into(), value()])),
            // Each may turn out to be null, and then nothing is missing and
            // nothing in conflict.
            ("swas_image", vec![("name", value())]),
            ("swas_image", vec![("name_regex", value())]),
            ("swas_image", vec![("image_id", value())]),
            (
                "swas_image",
                vec![("image_id", value()), ("name", "Ubuntu".into())],
            ),
            (
                "swas_image",
                vec![
                    ("image_id", "a".into()),
                    ("name", value()),
                    ("name_regex", value()),
                    ("most_recent", value()),
                ],
            ),
            ("swas_regions", vec![("accept_language", value())]),
        ];
        for (data_source, block) in data_blocks {
            let told = shown(&provider.validate(data_source, &block).await?);
            assert_eq!(told, "", "{data_source}: {block:?}");
        }
    }
    provider.end().await?;
    Ok(())
}

#[tokio::test]
async fn one_unknown_value_hides_no_other_mistake() -> Result<()> {
    let provider = RunningProvider::start(start()).await?;
    let block = [
        ("region_id", unknown()),
        ("image_type", "sytem".into()),
        ("image_ids", vec!["a".into(), unknown(), "a".into()].into()),
    ];
    let text = shown(&provider.validate("swas_images", &block).await?);
    provider.end().await?;
    assert_golden(FOLDER, "mistakes_beside_unknown_values", &text);
    Ok(())
}

#[tokio::test]
async fn nothing_is_sent_before_the_first_read() -> Result<()> {
    let emulator = Emulator::start(Options::default())?;
    let start = start()
        .env("ALIBABA_CLOUD_REGION", "cn-hangzhou")
        .env("ALIBABA_CLOUD_SWAS_ENDPOINT", emulator.url())
        .env("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAItestid")
        .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "testsecret");
    let provider = RunningProvider::start(start).await?;
    provider.validate_provider(&[]).await?;
    provider.configure(&[]).await?;
    provider.validate("swas_images", &[]).await?;
    let wrong = [("image_type", "sytem".into())];
    provider.validate("swas_images", &wrong).await?;
    assert_eq!(emulator.connections(), 0);
    // The emulator would have seen it: it sees this.
    provider.read("swas_images", &[]).await?;
    assert_eq!(emulator.connections(), 1);
    provider.end().await?;
    Ok(())
}
