//! Validation: every error in a configuration is reported in one run, with its
//! attribute path, before any request is sent.

use serde_json::{Value, json};
use swas_testing::diagnostics::shown;
use swas_testing::plugin_client::values::{UNKNOWN, UNKNOWN_NOT_NULL};
use swas_testing::running_provider::{Result, RunningProvider};

use crate::golden::Golden;
use crate::machine::{Machine, OIDC_PROVIDER, Run, SECRET, role};
use crate::support::{PROTOCOLS, start, start_provider};

#[tokio::test]
async fn provider_block_validation_reports_every_error() -> Result<()> {
    let endpoint = |swas: &str| json!({"endpoints": [{"swas": swas}]});
    let assume = |name: &str, value: Value| json!({"assume_role": [{"role_arn": role("reader"), name: value}]});
    let oidc = |block: Value| json!({"assume_role_with_oidc": [block]});
    assert_found("mistakes_in_the_provider_block", None, &[
        json!({"protocol": "https"}),
        json!({"protocol": "gopher"}),
        json!({"region": "CN-Hangzhou"}),
        json!({"region": ""}),
        json!({"region": "a.example/#"}),
        json!({"access_key": "LTAItestid"}),
        json!({"access_key": "LTAItestid", "secret_key": ""}),
        json!({"secret_key": SECRET}),
        json!({"security_token": SECRET}),
        json!({"access_key": "", "secret_key": ""}),
        json!({"access_key": "LTAItestid\n", "secret_key": "swordfish\r\n"}),
        json!({"access_key": " LTAItestid", "secret_key": "swordfish "}),
        endpoint(""),
        endpoint("swas.example com"),
        endpoint("127.0.0.1:"),
        endpoint("//swas.example"),
        endpoint("swas.{Region}.aliyuncs.com"),
        endpoint("http://{region}"),
        endpoint("ftp://swas.example"),
        endpoint("https://swas.example/api"),
        endpoint("swas.example?a=b"),
        endpoint("https://user:swordfish@swas.example"),
        // A typo makes the password part of another component.
        endpoint("https://user:swordfish@swas example"),
        endpoint("ftp://user:swordfish@a.example"),
        endpoint("https://user:/swordfish@swas.example"),
        json!({"endpoints": [{"sts": "a.example/b"}]}),
        json!({
            "region": "CN", "access_key": "LTAI\u{7}", "security_token": " ", "protocol": "HTPS",
            "endpoints": [{"swas": "a b"}],
        }),
        json!({"profile": ""}),
        json!({"shared_credentials_file": "a\n"}),
        json!({"ecs_role_name": "../a"}),
        json!({"ecs_role_name": ".."}),
        json!({"credentials_uri": "127.0.0.1:80"}),
        json!({"credentials_uri": "ftp://user:swordfish@a.example"}),
        json!({"credentials_uri": "http://a\t"}),
        json!({
            "ecs_role_name": "a", "credentials_uri": "http://a.example/", "profile": "a",
            "shared_credentials_file": "a",
        }),
        // Two sources of credentials, one of which would be ignored.
        json!({"access_key": "LTAItestid", "secret_key": SECRET, "profile": "a"}),
        json!({"access_key": "LTAItestid", "secret_key": SECRET, "shared_credentials_file": "a"}),
        json!({"access_key": "LTAItestid", "secret_key": SECRET, "credentials_uri": "http://a.example/"}),
        json!({"access_key": "LTAItestid", "secret_key": SECRET, "ecs_role_name": "a"}),
        json!({
            "access_key": "LTAItestid", "secret_key": SECRET,
            "assume_role_with_oidc": [{"oidc_token": SECRET}],
        }),
        json!({"profile": "a", "assume_role_with_oidc": [{"oidc_token": SECRET}]}),
        json!({"security_token": SECRET, "ecs_role_name": "a"}),
        assume("role_arn", "reader".into()),
        assume("role_arn", "acs:ram::1:user/a".into()),
        assume("session_name", "a".into()),
        assume("session_name", "a b".into()),
        assume("session_expiration", 899.into()),
        assume("session_expiration", 43201.into()),
        assume("session_expiration", 900.5.into()),
        assume("policy", SECRET.into()),
        assume("external_id", "a\nb".into()),
        oidc(json!({"oidc_provider_arn": role("reader")})),
        oidc(json!({"oidc_token": SECRET, "oidc_token_file": "a"})),
        oidc(json!({"oidc_token": "swordfish\n"})),
        oidc(json!({"session_expiration": 0})),
        oidc(json!({})),
        oidc(json!({"oidc_token": SECRET})),
        oidc(json!({"role_arn": role("reader"), "oidc_token_file": "a"})),
        oidc(json!({"role_arn": UNKNOWN, "oidc_provider_arn": UNKNOWN, "oidc_token_file": UNKNOWN})),
        json!({"client_connect_timeout": 0}),
        json!({"client_read_timeout": -1}),
        json!({"client_read_timeout": 3_600_000}),
        json!({"client_connect_timeout": 30_001}),
        json!({"client_connect_timeout": 200, "client_read_timeout": 100}),
        json!({"signature_method": "HMAC-SHA256"}),
        json!({"signature_method": "v3"}),
        json!({"cache_dir": ""}),
        json!({"cache_dir": "a\nb"}),
        json!({"cache_max_age": 0}),
        json!({"cache_max_age": 86_401}),
        json!({"configuration_source": "x".repeat(1025)}),
        json!({"configuration_source": "a\r\nX-B: c"}),
        json!({"configuration_source": "模块"}),
    ])
    .await
}

/// Validation shows the warning; configuring would repeat it.
#[tokio::test]
async fn timeout_below_a_second_warning_names_the_unit() -> Result<()> {
    let block = json!({"client_connect_timeout": 10, "client_read_timeout": 30});
    let provider = start_provider(PROTOCOLS[1]).await?;
    let mut golden = Golden::default();
    golden.add(&block, &shown(&provider.validate_provider(&block).await?));
    golden.assert("timeouts_below_a_second");
    assert_eq!(shown(&provider.configure(&block).await?), "");
    Ok(())
}

#[tokio::test]
async fn data_block_validation_reports_every_error() -> Result<()> {
    assert_found(
        "mistakes_in_a_block_of_images",
        Some("swas_images"),
        &[
            json!({"image_type": "sytem"}),
            json!({"image_type": "System"}),
            json!({"image_type": "container"}),
            json!({"image_type": ""}),
            json!({"image_type": "system\n"}),
            json!({"region_id": "cn_hangzhou"}),
            json!({"region_id": "a".repeat(64)}),
            json!({"image_ids": ["", "a"]}),
            json!({"image_ids": ["a", " \t"]}),
            json!({"image_ids": ["a", null]}),
            json!({"image_ids": ["a\nb"]}),
            json!({"image_ids": (0..60).map(|_| " ").collect::<Vec<_>>()}),
            json!({"image_ids": (0..60).map(|n| format!("a {n} ")).collect::<Vec<_>>()}),
            json!({"platform": "linux"}),
            json!({"name_regex": ""}),
            json!({"name_regex": "Ubuntu-("}),
            json!({"name_regex": "Ubuntu(?!-9)"}),
            json!({"name_regex": "*Ubuntu*"}),
            json!({"name_regex": "*.vhd"}),
            json!({"name_regex": "*(64"}),
            json!({"region_id": "CN", "image_type": "apps", "image_ids": ["a", null, "", "a"]}),
            // Computed attributes.
            json!({"ids": ["a"]}),
            json!({"id": "a"}),
            json!({"names": []}),
            json!({"images": UNKNOWN}),
            json!({"ids": ["a"], "names": ["b"], "image_type": "apps"}),
            // An unknown value does not hide other errors.
            json!({"region_id": UNKNOWN, "image_type": "sytem", "image_ids": ["a", UNKNOWN, "a"]}),
            json!({"image_type": "apps", "image_ids": [UNKNOWN_NOT_NULL, ""]}),
        ],
    )
    .await?;
    assert_found(
        "mistakes_in_a_block_of_one_image",
        Some("swas_image"),
        &[
            json!({}),
            json!({"platform": "Linux", "most_recent": true}),
            json!({"name": " "}),
            json!({"image_id": ""}),
            json!({"image_id": "a", "most_recent": true}),
            json!({"name": "Ubuntu-22.04", "name_regex": "^Debian", "region_id": "CN"}),
            json!({"name": "Ubuntu-22.04", "name_regex": "^ubuntu", "image_type": UNKNOWN}),
            json!({"id": "a", "name_regex": "Debian-12"}),
            json!({"image_name": "a", "description": "b"}),
            json!({
                "region_id": "CN", "image_id": "a b\n", "name": "Ubuntu", "name_regex": "[",
                "image_type": "os", "platform": "win", "most_recent": true,
            }),
        ],
    )
    .await?;
    assert_found(
        "mistakes_in_a_block_of_custom_images",
        Some("swas_custom_images"),
        &[
            json!({"region_id": "CN", "os_type": "linux", "status": " ", "name_regex": "["}),
            json!({"image_ids": ["a", "a"], "status": "Available"}),
            json!({"id": "a", "ids": ["a"], "names": ["a"], "images": []}),
            json!({"tags": {"env": null}}),
            json!({"tags": {"a": null, "b": "", "c\"\n": null}}),
            json!({"tags": {" ": "prod", "env": "prod"}}),
            // An unknown value does not hide other errors.
            json!({"tags": {"a": UNKNOWN, "b": null}, "include_shared": UNKNOWN, "status": " "}),
        ],
    )
    .await?;
    assert_found(
        "mistakes_in_a_block_of_plans",
        Some("swas_plans"),
        &[
            json!({"region_id": "CN", "platform": "linux", "plan_type": " "}),
            json!({"core": 1.5, "min_core": "0.1"}),
            json!({"core": -1, "memory": -0.5, "min_core": -2, "max_price": -0.01}),
            json!({"core": "1e400", "min_memory": "-1e400"}),
        ],
    )
    .await?;
    let languages = [
        json!({"accept_language": "en"}),
        json!({"id": "a", "ids": ["a"], "regions": [], "names": UNKNOWN}),
    ];
    assert_found(
        "mistakes_in_a_block_of_regions",
        Some("swas_regions"),
        &languages,
    )
    .await
}

async fn validate(
    provider: &RunningProvider,
    data_source: Option<&str>,
    block: &Value,
) -> Result<String> {
    Ok(shown(&match data_source {
        Some(name) => provider.validate(name, block).await?,
        None => provider.validate_provider(block).await?,
    }))
}

/// Compares the diagnostics of each block with the golden file, in both protocols.
/// `configure` reports the same errors, for values that were unknown during validation.
async fn assert_found(snapshot: &str, data_source: Option<&str>, blocks: &[Value]) -> Result<()> {
    let [five, six] = [
        start_provider(PROTOCOLS[0]).await?,
        start_provider(PROTOCOLS[1]).await?,
    ];
    let mut golden = Golden::default();
    for block in blocks {
        let text = validate(&six, data_source, block).await?;
        assert!(!text.contains(SECRET), "{block}: {text}");
        assert_eq!(validate(&five, data_source, block).await?, text, "{block}");
        if data_source.is_none() {
            for provider in [&five, &six] {
                assert_eq!(shown(&provider.configure(block).await?), text, "{block}");
            }
        }
        golden.add(block, &text);
    }
    golden.assert(snapshot);
    Ok(())
}

#[tokio::test]
async fn invalid_environment_error_names_the_variable() -> Result<()> {
    let mut golden = Golden::default();
    for (variable, value) in [
        ("ALIBABA_CLOUD_REGION", "CN-Hangzhou"),
        ("ALIBABA_CLOUD_REGION_ID", "hangzhou!"),
        ("ALIBABA_CLOUD_SWAS_ENDPOINT", "ftp://a.example"),
        (
            "ALIBABA_CLOUD_SWAS_ENDPOINT",
            "https://user:swordfish@a.example",
        ),
        ("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED", "maybe"),
        ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "2"),
        ("ALIBABA_CLOUD_IMDSV1_DISABLED", "y"),
        ("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "enabled"),
        ("ALIBABA_CLOUD_IGNORE_PROFILE", "enabled"),
        ("ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS", "true # always"),
    ] {
        let provider = RunningProvider::start(start().env(variable, value)).await?;
        let text = shown(&provider.configure(&json!({})).await?);
        assert!(!text.contains(SECRET), "{text}");
        golden.add(format!("{variable}={value}"), &text);
    }
    golden.assert("mistakes_in_the_environment");
    Ok(())
}

/// An invalid role is an error only when it is used.
#[tokio::test]
async fn invalid_role_in_environment_error_names_the_variable() -> Result<()> {
    let mut golden = Golden::default();
    let keys = json!({"access_key": "LTAItestid", "secret_key": SECRET});
    let oidc = json!({"assume_role_with_oidc": [{}]});
    let good = [
        ("ALIBABA_CLOUD_ROLE_ARN", role("reader")),
        ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", OIDC_PROVIDER.to_owned()),
        ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "a".to_owned()),
        ("ALIBABA_CLOUD_ROLE_SESSION_NAME", "me".to_owned()),
    ];
    for (block, variable) in [
        (&keys, good[0].0),
        (&json!({}), good[0].0),
        (&json!({}), good[1].0),
        (&keys, good[3].0),
        (&oidc, good[3].0),
        (&oidc, good[0].0),
        (&oidc, good[1].0),
    ] {
        let machine = Machine::new()?.env("TF_LOG", "");
        let variables = if *block == keys {
            &good[..1]
        } else {
            &good[..]
        };
        let set = variables.iter();
        let machine = set.fold(machine, |machine, (name, value)| machine.env(name, value));
        let machine = machine.env(variable, "a reader");
        let arguments = block.as_object().into_iter().flatten();
        let machine = arguments.fold(machine, |machine, (name, value)| {
            machine.set(name, value.clone())
        });
        let text = machine.all_diagnostics().await?;
        golden.add(format!("{variable}, {block}"), &text);
    }
    golden.assert("malformed_roles_in_the_environment");
    Ok(())
}

#[cfg(unix)]
#[tokio::test]
async fn variable_not_in_utf8_error_names_the_variable() -> Result<()> {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let mut golden = Golden::default();
    let no_text = OsStr::from_bytes(b"\xffswordfish");
    for variable in [
        "ALIBABA_CLOUD_SWAS_ENDPOINT",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        "ALIBABA_CLOUD_CREDENTIALS_FILE",
        "TF_APPEND_USER_AGENT",
        "CLIENT_READ_TIMEOUT",
        "HTTPS_PROXY",
        "no_proxy",
    ] {
        let provider = RunningProvider::start(start().env(variable, no_text)).await?;
        golden.add(variable, &shown(&provider.configure(&json!({})).await?));
    }
    // Other variables are not validated.
    let other = start().env("OTHER", no_text);
    let provider = RunningProvider::start(other).await?;
    assert_eq!(shown(&provider.configure(&json!({})).await?), "");
    golden.assert("variables_that_are_no_text");
    Ok(())
}

#[tokio::test]
async fn valid_and_unknown_values_pass_validation() -> Result<()> {
    for protocol in PROTOCOLS {
        let provider = start_provider(protocol).await?;
        let good = crate::unknown_arguments::all_arguments();
        assert_eq!(validate(&provider, None, &good).await?, "");
        for value in [UNKNOWN, UNKNOWN_NOT_NULL] {
            let mut all = good.clone();
            let mut blocks = vec![
                json!({"access_key": value}),
                json!({"secret_key": value}),
                json!({"access_key": "LTAItestid", "secret_key": value}),
                json!({"assume_role_with_oidc": value}),
            ];
            for (name, argument) in all.as_object_mut().ok_or("no block")? {
                match argument.as_array_mut() {
                    None => *argument = value.into(),
                    Some(nested) => {
                        blocks.push(json!({name: value}));
                        let inner = nested[0].as_object_mut().into_iter().flatten();
                        inner.for_each(|(_, argument)| *argument = value.into());
                    }
                }
            }
            blocks.push(all);
            for block in blocks {
                assert_eq!(validate(&provider, None, &block).await?, "", "{block}");
                assert_eq!(shown(&provider.configure(&block).await?), "", "{block}");
            }
            for (data_source, block) in [
                (
                    "swas_images",
                    json!({"region_id": value, "image_type": value, "platform": value, "name_regex": value, "image_ids": value}),
                ),
                ("swas_images", json!({"image_ids": [value, "a", value]})),
                ("swas_images", json!({"image_ids": ["a", "b", "a", "a"]})),
                ("swas_custom_images", json!({"image_ids": ["a", "a"]})),
                ("swas_plans", json!({"plan_ids": ["a", "a"]})),
                (
                    "swas_plans",
                    json!({"core": 2, "min_core": 0, "memory": 0.5, "min_memory": 1.5, "disk_size": 0.5, "bandwidth": 0.5, "flow": 0.5, "max_price": 3.99}),
                ),
                ("swas_image", json!({"image_id": "a", "most_recent": false})),
                ("swas_image", json!({"image_id": "a", "most_recent": null})),
                ("swas_image", json!({"name": "a", "name_regex": value})),
                ("swas_image", json!({"name": value, "name_regex": "a"})),
                // Any of these may turn out to be null, so that no argument is missing
                // or conflicting.
                ("swas_image", json!({"name": value})),
                ("swas_image", json!({"name_regex": value})),
                ("swas_image", json!({"image_id": value})),
                ("swas_image", json!({"image_id": value, "name": "Ubuntu"})),
                (
                    "swas_image",
                    json!({"image_id": "a", "name": value, "name_regex": value, "most_recent": value}),
                ),
                (
                    "swas_plans",
                    json!({"region_id": value, "plan_ids": value, "platform": value, "plan_type": value, "core": value, "max_price": value}),
                ),
                ("swas_regions", json!({"accept_language": value})),
            ] {
                assert_eq!(
                    validate(&provider, Some(data_source), &block).await?,
                    "",
                    "{block}"
                );
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn no_request_is_sent_before_the_first_read() -> Result<()> {
    let machine = Machine::with_key()?;
    let provider = machine.start().await?;
    provider.validate_provider(&json!({})).await?;
    provider.validate("swas_images", &json!({})).await?;
    provider
        .validate("swas_images", &json!({"image_type": "sytem"}))
        .await?;
    assert_eq!(machine.emulator.connections(), 0);
    // Proves that the emulator counts connections.
    provider.read("swas_images", &json!({})).await?;
    assert_eq!(machine.emulator.connections(), 1);
    Ok(())
}
