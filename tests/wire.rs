//! What travels to the API: as little as it takes, and nothing of it in a URL.

use std::collections::BTreeMap;

use rmpv::Value;
use swas_testing::diagnostics::{has_error, shown};
use swas_testing::emulator::{Emulator, Options, Request};
use swas_testing::plugin_client::Start;
use swas_testing::plugin_client::values::{decode, object};
use swas_testing::running_provider::{Result, RunningProvider};

const UBUNTU: &str = "0123456789abcdef0123456789abcdef";

/// A provider that reads from an emulator.
struct Scene {
    emulator: Emulator,
    provider: RunningProvider,
}

impl Scene {
    async fn start(options: Options) -> Result<Self> {
        let token = options
            .security_token
            .clone()
            .map_or(Value::Nil, Value::from);
        let emulator = Emulator::start(options)?;
        let binary = env!("CARGO_BIN_EXE_terraform-provider-swas");
        let provider = RunningProvider::start(Start::new(binary)).await?;
        let endpoints = vec![object([("swas", emulator.url().into())])];
        let block = [
            ("region", "cn-hangzhou".into()),
            ("access_key", "LTAItestid".into()),
            ("secret_key", "testsecret".into()),
            ("security_token", token),
            ("endpoints", endpoints.into()),
        ];
        assert_eq!(shown(&provider.configure(&block).await?), "");
        Ok(Self { emulator, provider })
    }

    /// Reads `swas_images`, which must succeed, and returns its state.
    async fn read(&self, arguments: &[(&str, Value)]) -> Result<Value> {
        let answer = self.provider.read("swas_images", arguments).await?;
        let said = answer.diagnostics;
        assert!(!has_error(&said), "{}", shown(&said));
        Ok(decode(&answer.state.ok_or("no state")?)?)
    }

    /// The only request that was made.
    fn request(&self) -> Request {
        let mut requests = self.emulator.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests.remove(0)
    }

    /// The request that one read makes.
    async fn request_of(arguments: &[(&str, Value)]) -> Result<Request> {
        let scene = Self::start(Options::default()).await?;
        scene.read(arguments).await?;
        let request = scene.request();
        scene.provider.end().await?;
        Ok(request)
    }
}

/// The parameters, with those that differ between any two requests masked.
fn parameters(request: &Request) -> BTreeMap<&str, &str> {
    let masked = ["Signature", "SignatureNonce", "Timestamp"];
    let parameters = request.parameters.iter();
    parameters
        .map(|(name, value)| {
            let differs = masked.contains(&name.as_str());
            (name.as_str(), if differs { "…" } else { value.as_str() })
        })
        .collect()
}

/// The parameters of a call of ListImages, with some added or changed.
fn list_images<'a>(others: &[(&'a str, &'a str)]) -> BTreeMap<&'a str, &'a str> {
    let common = [
        ("AccessKeyId", "LTAItestid"),
        ("Action", "ListImages"),
        ("Format", "JSON"),
        ("RegionId", "cn-hangzhou"),
        ("Signature", "…"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", "…"),
        ("SignatureVersion", "1.0"),
        ("Timestamp", "…"),
        ("Version", "2020-06-01"),
    ];
    common.into_iter().chain(others.iter().copied()).collect()
}

#[tokio::test]
async fn a_call_is_a_post_whose_url_holds_nothing() -> Result<()> {
    let request = Scene::request_of(&[]).await?;
    assert_eq!(request.method, "POST");
    assert_eq!(request.target, "/");
    Ok(())
}

#[tokio::test]
async fn a_call_has_no_header_that_it_does_not_need() -> Result<()> {
    let request = Scene::request_of(&[]).await?;
    let mut names: Vec<&str> = request.headers.iter().map(|(name, _)| &**name).collect();
    names.sort_unstable();
    let needed = [
        "accept",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    ];
    assert_eq!(names, needed);
    let content_type = request.header("content-type");
    assert_eq!(content_type, Some("application/x-www-form-urlencoded"));
    assert_eq!(
        request.header("user-agent"),
        Some(concat!(
            "terraform-provider-swas/",
            env!("CARGO_PKG_VERSION"),
            " Terraform/1.11.4"
        ))
    );
    Ok(())
}

#[tokio::test]
async fn the_parameters_are_those_that_the_configuration_says() -> Result<()> {
    for (arguments, others) in [
        (vec![], vec![]),
        (
            vec![("region_id", "us-west-1".into())],
            vec![("RegionId", "us-west-1")],
        ),
        (
            vec![("image_type", "system".into())],
            vec![("ImageType", "system")],
        ),
        (
            vec![(
                "image_ids",
                vec![Value::from(UBUNTU), "a b*~+&=\"".into()].into(),
            )],
            vec![(
                "ImageIds",
                r#"["0123456789abcdef0123456789abcdef","a b*~+&=\""]"#,
            )],
        ),
        (
            vec![
                ("region_id", "ap-southeast-1".into()),
                ("image_type", "custom".into()),
                ("image_ids", vec![Value::from("镜像")].into()),
            ],
            vec![
                ("RegionId", "ap-southeast-1"),
                ("ImageType", "custom"),
                ("ImageIds", r#"["镜像"]"#),
            ],
        ),
    ] {
        let request = Scene::request_of(&arguments).await?;
        assert_eq!(parameters(&request), list_images(&others), "{arguments:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_temporary_key_sends_its_token() -> Result<()> {
    let scene = Scene::start(Options {
        security_token: Some("goldfish/+=".to_owned()),
        ..Options::default()
    })
    .await?;
    scene.read(&[]).await?;
    let request = scene.request();
    let expected = list_images(&[("SecurityToken", "goldfish/+=")]);
    assert_eq!(parameters(&request), expected);
    scene.provider.end().await?;
    Ok(())
}

#[tokio::test]
async fn the_secret_stays_here() -> Result<()> {
    let request = Scene::request_of(&[]).await?;
    assert!(!format!("{request:?}").contains("testsecret"));
    Ok(())
}

#[tokio::test]
async fn reads_share_one_connection() -> Result<()> {
    let scene = Scene::start(Options::default()).await?;
    let regions = ["cn-hangzhou", "us-west-1", "ap-southeast-1"];
    for region in regions.iter().cycle().take(12) {
        let state = scene.read(&[("region_id", (*region).into())]).await?;
        assert_eq!(state["region_id"], Value::from(*region));
    }
    assert_eq!(scene.emulator.requests().len(), 12);
    assert_eq!(scene.emulator.connections(), 1);
    scene.provider.end().await?;
    Ok(())
}

#[tokio::test]
async fn no_two_calls_share_a_nonce() -> Result<()> {
    let scene = Scene::start(Options::default()).await?;
    for _ in 0..10 {
        scene.read(&[]).await?;
    }
    let requests = scene.emulator.requests();
    let mut nonces: Vec<_> = requests
        .iter()
        .map(|request| request.parameter("SignatureNonce"))
        .collect();
    nonces.sort_unstable();
    nonces.dedup();
    assert_eq!(nonces.len(), 10);
    scene.provider.end().await?;
    Ok(())
}

#[tokio::test]
async fn an_empty_list_of_ids_matches_nothing_without_a_call() -> Result<()> {
    let scene = Scene::start(Options::default()).await?;
    let none = Value::Array(vec![]);
    let state = scene.read(&[("image_ids", none.clone())]).await?;
    for attribute in ["images", "ids", "names"] {
        assert_eq!(state[attribute], none, "{attribute}");
    }
    assert_eq!(scene.emulator.connections(), 0);
    scene.provider.end().await?;
    Ok(())
}
