//! Mistakes in what the provider block says of credentials and the network are
//! found by validation, each at its argument.

use rmpv::Value;
use swas_testing::diagnostics::shown;
use swas_testing::plugin_client::Start;
use swas_testing::plugin_client::values::{object, unknown, unknown_not_null};
use swas_testing::running_provider::{Result, RunningProvider};

use crate::golden::assert_golden;
use crate::scene::{Block, SECRET};

const ROLE: &str = "acs:ram::1234567890123456:role/reader";

fn start() -> Start {
    Start::new(env!("CARGO_BIN_EXE_terraform-provider-swas"))
}

fn role(set: &[(&'static str, Value)]) -> Block {
    let role = [("role_arn", ROLE.into())];
    vec![(
        "assume_role",
        vec![object(role.into_iter().chain(set.iter().cloned()))].into(),
    )]
}

fn oidc(set: &[(&'static str, Value)]) -> Block {
    vec![(
        "assume_role_with_oidc",
        vec![object(set.iter().cloned())].into(),
    )]
}

#[tokio::test]
async fn mistakes_are_found_at_their_arguments() -> Result<()> {
    let provider = RunningProvider::start(start()).await?;
    let mistakes = [
        mistakes_in_sources(),
        mistakes_in_roles(),
        mistakes_in_the_network(),
    ];
    for (name, block) in mistakes.concat() {
        let text = shown(&provider.validate_provider(&block).await?);
        assert!(!text.contains(SECRET), "{name}: {text}");
        assert_golden("no_credentials", &format!("invalid_{name}"), &text);
        // Values that Terraform knows only now get the same check again.
        assert_eq!(shown(&provider.configure(&block).await?), text, "{name}");
    }
    provider.end().await?;
    Ok(())
}

fn mistakes_in_sources() -> Vec<(&'static str, Block)> {
    vec![
        ("profile_empty", vec![("profile", "".into())]),
        (
            "file_with_a_line_break",
            vec![("shared_credentials_file", "a\n".into())],
        ),
        (
            "ecs_role_name_of_a_path",
            vec![("ecs_role_name", "../a".into())],
        ),
        (
            "credentials_uri_without_scheme",
            vec![("credentials_uri", "127.0.0.1:80".into())],
        ),
        (
            "credentials_uri_of_another_scheme",
            vec![("credentials_uri", "ftp://user:swordfish@a.example".into())],
        ),
        (
            "credentials_uri_with_a_tab",
            vec![("credentials_uri", "http://a\t".into())],
        ),
        (
            "conflicting_sources",
            vec![
                ("ecs_role_name", "a".into()),
                ("credentials_uri", "http://a.example/".into()),
                ("profile", "a".into()),
                ("shared_credentials_file", "a".into()),
            ],
        ),
    ]
}

fn mistakes_in_roles() -> Vec<(&'static str, Block)> {
    vec![
        (
            "role_arn_malformed",
            vec![(
                "assume_role",
                vec![object([("role_arn", "reader".into())])].into(),
            )],
        ),
        (
            "role_arn_of_a_user",
            vec![(
                "assume_role",
                vec![object([("role_arn", "acs:ram::1:user/a".into())])].into(),
            )],
        ),
        (
            "session_name_too_short",
            role(&[("session_name", "a".into())]),
        ),
        (
            "session_name_with_a_space",
            role(&[("session_name", "a b".into())]),
        ),
        (
            "session_too_short",
            role(&[("session_expiration", 899.into())]),
        ),
        (
            "session_too_long",
            role(&[("session_expiration", 43201.into())]),
        ),
        (
            "session_of_a_fraction",
            role(&[("session_expiration", 900.5.into())]),
        ),
        ("policy_of_no_json", role(&[("policy", "swordfish".into())])),
        (
            "external_id_with_a_line_break",
            role(&[("external_id", "a\nb".into())]),
        ),
        (
            "oidc_provider_arn_malformed",
            oidc(&[("oidc_provider_arn", ROLE.into())]),
        ),
        (
            "oidc_token_twice",
            oidc(&[
                ("oidc_token", SECRET.into()),
                ("oidc_token_file", "a".into()),
            ]),
        ),
        (
            "oidc_token_with_a_line_break",
            oidc(&[("oidc_token", "swordfish\n".into())]),
        ),
        (
            "oidc_session_too_short",
            oidc(&[("session_expiration", 0.into())]),
        ),
    ]
}

fn mistakes_in_the_network() -> Vec<(&'static str, Block)> {
    vec![
        (
            "sts_endpoint_with_a_path",
            vec![(
                "endpoints",
                vec![object([("sts", "a.example/b".into())])].into(),
            )],
        ),
        (
            "connect_timeout_of_nothing",
            vec![("client_connect_timeout", 0.into())],
        ),
        (
            "read_timeout_below_nothing",
            vec![("client_read_timeout", (-1).into())],
        ),
        (
            "read_timeout_of_an_hour",
            vec![("client_read_timeout", 3_600_000.into())],
        ),
        (
            "configuration_source_too_long",
            vec![("configuration_source", "x".repeat(1025).into())],
        ),
        (
            "configuration_source_with_a_header",
            vec![("configuration_source", "a\r\nX-B: c".into())],
        ),
        (
            "configuration_source_of_other_letters",
            vec![("configuration_source", "模块".into())],
        ),
    ]
}

/// Every argument, each with a value that is good.
fn all_arguments() -> Vec<(&'static str, Option<&'static str>, Value)> {
    vec![
        ("region", None, "cn-hangzhou".into()),
        ("access_key", None, "LTAItestid".into()),
        ("secret_key", None, SECRET.into()),
        ("security_token", None, SECRET.into()),
        ("protocol", None, "HTTP".into()),
        ("client_connect_timeout", None, 600_000.into()),
        ("client_read_timeout", None, 1.into()),
        ("configuration_source", None, "x".repeat(1024).into()),
        ("assume_role", Some("role_arn"), ROLE.into()),
        ("assume_role", Some("session_name"), "ci@build-7_a.b".into()),
        ("assume_role", Some("session_expiration"), 43200.into()),
        ("assume_role", Some("policy"), "{}".into()),
        ("assume_role", Some("external_id"), "partner/1".into()),
        ("endpoints", Some("swas"), "127.0.0.1:1".into()),
        ("endpoints", Some("sts"), "127.0.0.1:1".into()),
    ]
}

/// A block in which `of` chooses the value of each argument.
fn block(of: impl Fn(usize, &Value) -> Value) -> Block {
    let mut block = Block::new();
    let mut nested: Vec<(&'static str, Vec<(&'static str, Value)>)> = Vec::new();
    for (place, (name, inner, good)) in all_arguments().into_iter().enumerate() {
        let value = of(place, &good);
        match inner {
            None => block.push((name, value)),
            Some(inner) => match nested.iter_mut().find(|(block, _)| *block == name) {
                Some((_, arguments)) => arguments.push((inner, value)),
                None => nested.push((name, vec![(inner, value)])),
            },
        }
    }
    let nested = nested.into_iter();
    block.extend(nested.map(|(name, arguments)| (name, vec![object(arguments)].into())));
    block
}

#[tokio::test]
async fn what_is_good_or_not_known_yet_breaks_no_rule() -> Result<()> {
    let provider = RunningProvider::start(start()).await?;
    let good = provider
        .validate_provider(&block(|_, good| good.clone()))
        .await?;
    assert_eq!(shown(&good), "");
    for value in [unknown, unknown_not_null] {
        let all = provider.validate_provider(&block(|_, _| value())).await?;
        assert_eq!(shown(&all), "");
        for name in ["assume_role", "assume_role_with_oidc", "endpoints"] {
            let whole = provider.validate_provider(&[(name, value())]).await?;
            assert_eq!(shown(&whole), "", "{name}");
        }
    }
    provider.end().await?;
    Ok(())
}

/// A read that needs a value which is not known yet says which.
#[tokio::test]
async fn every_unknown_argument_is_named_by_a_read() -> Result<()> {
    for (place, (name, inner, _)) in all_arguments().into_iter().enumerate() {
        let provider = RunningProvider::start(start()).await?;
        let block = block(|at, good| if at == place { unknown() } else { good.clone() });
        assert_eq!(shown(&provider.configure(&block).await?), "", "{name}");
        let answer = provider.read("swas_images", &[]).await?;
        provider.end().await?;
        let text = shown(&answer.diagnostics);
        let argument = match inner {
            Some(inner) => format!("{name}[0].{inner}"),
            None => name.to_owned(),
        };
        let expected = format!("the provider's argument \"{argument}\"");
        assert!(text.contains(&expected), "{argument}: {text}");
    }
    Ok(())
}

#[tokio::test]
async fn unknown_sources_are_named_by_a_read() -> Result<()> {
    for (name, block) in [
        ("profile", vec![("profile", unknown())]),
        (
            "shared_credentials_file",
            vec![("shared_credentials_file", unknown())],
        ),
        ("ecs_role_name", vec![("ecs_role_name", unknown())]),
        ("credentials_uri", vec![("credentials_uri", unknown())]),
        ("assume_role", vec![("assume_role", unknown())]),
        (
            "assume_role_with_oidc",
            vec![("assume_role_with_oidc", unknown())],
        ),
        (
            "assume_role_with_oidc[0].oidc_token",
            oidc(&[("oidc_token", unknown())]),
        ),
        (
            "assume_role_with_oidc[0].oidc_token_file",
            oidc(&[("oidc_token_file", unknown())]),
        ),
    ] {
        let provider = RunningProvider::start(start()).await?;
        let mut block = block;
        block.push(("region", "cn-hangzhou".into()));
        assert_eq!(shown(&provider.configure(&block).await?), "", "{name}");
        let answer = provider.read("swas_images", &[]).await?;
        provider.end().await?;
        let text = shown(&answer.diagnostics);
        let expected = format!("the provider's argument \"{name}\"");
        assert!(text.contains(&expected), "{name}: {text}");
    }
    Ok(())
}
