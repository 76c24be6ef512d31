//! Where calls go and how: endpoints, proxies, certificates, the User-Agent.

#[cfg(target_os = "linux")]
use std::fs;
use std::process::Command;

use serde_json::json;
use swas_testing::diagnostics::shown;
use swas_testing::machine::sources::SOURCES;
use swas_testing::network::{ConnectProxy, TlsFront};
use swas_testing::running_provider::Result;

#[cfg(target_os = "linux")]
use crate::golden::Golden;
use crate::machine::{CLOSED_ENDPOINT, Machine, Run, role};
use crate::support::told;

const ENDPOINTS: [&str; 2] = ["ALIBABA_CLOUD_SWAS_ENDPOINT", "ALIBABA_CLOUD_STS_ENDPOINT"];

/// A role is assumed, so that both endpoints are called.
fn machine() -> Result<Machine> {
    Ok(Machine::with_key()?.assume("reader"))
}

/// Has the endpoint speak TLS, with an authority that is trusted.
fn behind(machine: Machine, front: &TlsFront) -> Machine {
    let endpoint = format!("localhost:{}", front.address.port());
    let file = machine.path("authority.pem");
    machine
        .file("authority.pem", &front.authority)
        .env("SSL_CERT_FILE", file)
        .env(ENDPOINTS[0], endpoint)
}

#[tokio::test]
async fn the_user_agent_names_everybody() -> Result<()> {
    for (variable, argument, expected) in [
        ("", None, ""),
        ("ci/7", None, " ci/7"),
        ("ci/7", Some("module/2 (x)"), " module/2 (x)"),
    ] {
        let machine = machine()?.env("TF_APPEND_USER_AGENT", variable);
        let machine = machine.set("configuration_source", argument);
        machine.key().await?;
        let version = env!("CARGO_PKG_VERSION");
        let expected = format!("terraform-provider-swas/{version} Terraform/1.11.4{expected}");
        for action in ["AssumeRole", "ListImages"] {
            let calls = machine.calls(action);
            assert_eq!(calls[0].header("user-agent"), Some(expected.as_str()));
        }
    }
    Ok(())
}

#[tokio::test]
async fn endpoints_of_the_block_go_before_the_environment() -> Result<()> {
    let machine = machine()?
        .env(ENDPOINTS[0], CLOSED_ENDPOINT)
        .env(ENDPOINTS[1], CLOSED_ENDPOINT);
    let url = machine.emulator.url();
    let machine = machine.set("endpoints", json!([{"swas": url, "sts": url}]));
    assert!(machine.key().await?.starts_with("STS.role-reader."));
    Ok(())
}

#[tokio::test]
async fn http_is_spoken_where_the_block_says_so() -> Result<()> {
    let machine = machine()?;
    let host = machine.emulator.address().to_string();
    let machine = machine.env(ENDPOINTS[0], &host).env(ENDPOINTS[1], &host);
    assert!(
        machine
            .set("protocol", "HTTP")
            .key()
            .await?
            .starts_with("STS.role-reader.")
    );
    Ok(())
}

#[tokio::test]
async fn https_is_spoken_where_nobody_says_otherwise() -> Result<()> {
    for variable in ENDPOINTS {
        let machine = machine()?;
        let host = machine.emulator.address().to_string();
        let told = machine.env(variable, &host).told().await?;
        assert!(told.contains(&host), "{told}");
    }
    Ok(())
}

#[tokio::test]
async fn a_private_certificate_authority_is_trusted() -> Result<()> {
    let machine = Machine::with_key()?;
    let front = TlsFront::start("localhost", machine.emulator.address())?;
    let endpoint = format!("localhost:{}", front.address.port());
    let machine = machine.env(ENDPOINTS[0], endpoint);
    let told = machine.told().await?;
    assert!(told.contains("certificate is not trusted"), "{told}");
    assert_eq!(behind(machine, &front).key().await?, "LTAIenv");
    Ok(())
}

#[tokio::test]
async fn proxies_of_the_environment_are_used() -> Result<()> {
    for (variable, scheme) in [
        ("HTTPS_PROXY", "http://user:swordfish@"),
        ("https_proxy", ""),
        ("ALL_PROXY", "socks5://"),
        ("all_proxy", "socks5h://"),
    ] {
        let machine = Machine::with_key()?;
        let front = TlsFront::start("swas.example", machine.emulator.address())?;
        let proxy = ConnectProxy::start(front.address)?;
        let machine = behind(machine, &front)
            .env(ENDPOINTS[0], "swas.example")
            .env(variable, format!("{scheme}{}", proxy.address));
        assert_eq!(machine.key().await?, "LTAIenv", "{variable}");
        assert_eq!(proxy.targets(), ["swas.example:443"], "{variable}");

        machine.env("NO_PROXY", "example").told().await?;
        assert_eq!(proxy.targets().len(), 1, "{variable}");
    }
    Ok(())
}

#[tokio::test]
async fn a_machine_without_trusted_certificates_is_told_of() -> Result<()> {
    let machine = Machine::with_key()?.file("none.pem", "");
    let none = machine.path("none.pem");
    let machine = machine.env("SSL_CERT_FILE", none);
    assert_eq!(machine.key().await?, "LTAIenv");
    let told = machine.env(ENDPOINTS[0], "localhost:9").told().await?;
    assert!(told.starts_with("error: No trusted certificates"), "{told}");
    assert!(told.contains("SSL_CERT_FILE"), "{told}");
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn certificates_are_read_from_files_that_end() -> Result<()> {
    let machine = Machine::with_key()?;
    let pipe = machine.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status()?.success());
    let machine = machine.env(ENDPOINTS[0], "localhost:9");
    let mut golden = Golden::default();
    let machine = machine.env("SSL_CERT_FILE", pipe);
    golden.add("a pipe", &machine.told().await?);
    let machine = machine.env("SSL_CERT_FILE", "/dev/zero");
    golden.add("a device", &machine.told().await?);
    fs::create_dir_all(machine.path("certificates"))?;
    let large = fs::File::create(machine.path("certificates/large.pem"))?;
    large.set_len(17 * 1024 * 1024)?;
    let folder = machine.path("certificates");
    let file = machine.path("none.pem");
    let machine = machine.file("none.pem", "").env("SSL_CERT_FILE", file);
    let machine = machine.env("SSL_CERT_DIR", folder);
    golden.add("a folder of much", &machine.told().await?);
    golden.assert("certificates_without_end");
    Ok(())
}

/// The host decides which region's images an answer holds.
#[tokio::test]
async fn an_endpoint_of_another_region_is_warned_of() -> Result<()> {
    let machine = Machine::with_key()?;
    let host = "swas.cn-hangzhou.aliyuncs.com";
    let front = TlsFront::start(host, machine.emulator.address())?;
    let proxy = ConnectProxy::start(front.address)?;
    let machine = behind(machine, &front)
        .env(ENDPOINTS[0], host)
        .env("HTTPS_PROXY", format!("http://{}", proxy.address));
    let provider = machine.start().await?;
    for (region, expected) in [
        ("cn-hangzhou", ""),
        (
            "us-west-1",
            "warning at region_id: Endpoint of another region",
        ),
    ] {
        let read = provider
            .read("swas_images", &json!({"region_id": region}))
            .await?;
        let told = shown(&read.diagnostics);
        assert_eq!(told.lines().next().unwrap_or_default(), expected);
        assert!(read.state.is_some(), "{told}");
    }
    Ok(())
}

#[tokio::test]
async fn sts_is_called_in_the_region() -> Result<()> {
    for (region, expected) in [
        ("cn-hangzhou", "sts.cn-hangzhou.aliyuncs.com:443"),
        ("", "sts.aliyuncs.com:443"),
    ] {
        // It records who is asked for, and leads to nobody.
        let proxy = ConnectProxy::start(([127, 0, 0, 1], 9).into())?;
        let machine = Machine::with_key()?
            .env("HTTPS_PROXY", format!("http://{}", proxy.address))
            .env(ENDPOINTS[1], "")
            .env("ALIBABA_CLOUD_ROLE_ARN", role("reader"))
            .env("ALIBABA_CLOUD_REGION", region);
        let provider = machine.start().await?;
        let told = told(&provider, &json!({"region_id": "us-west-1"})).await?;
        assert_eq!(proxy.targets(), [expected]);
        assert!(
            told.contains("The one for all is sts.aliyuncs.com"),
            "{told}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn credentials_never_go_through_a_proxy_in_plain_text() -> Result<()> {
    for source in SOURCES
        .iter()
        .filter(|source| ["env uri", "env ecs"].contains(&source.name))
    {
        let machine = (source.set)(Machine::new()?);
        let proxy = ConnectProxy::start(machine.emulator.address())?;
        let front = TlsFront::start("localhost", machine.emulator.address())?;
        let machine = behind(machine, &front);
        let address = format!("http://{}", proxy.address);
        let machine = machine
            .env("HTTP_PROXY", &address)
            .env("ALL_PROXY", &address);
        assert!(machine.key().await?.starts_with(source.key), "{source:?}");
        assert_eq!(proxy.plain_requests(), 0);
    }
    Ok(())
}

#[tokio::test]
async fn what_is_plain_or_on_this_machine_goes_past_every_proxy() -> Result<()> {
    for scheme in ["http", "https"] {
        let machine = machine()?;
        let proxy = ConnectProxy::start(machine.emulator.address())?;
        let address = format!("http://{}", proxy.address);
        let machine = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]
            .iter()
            .fold(machine, |machine, name| machine.env(name, &address));
        let front = TlsFront::start("localhost", machine.emulator.address())?;
        let machine = match scheme {
            "http" => machine,
            _ => behind(machine, &front),
        };
        assert!(machine.key().await?.starts_with("STS.role-reader."));
        assert_eq!((proxy.targets().len(), proxy.plain_requests()), (0, 0));
    }
    Ok(())
}
