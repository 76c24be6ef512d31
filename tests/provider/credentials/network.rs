//! Network settings of calls: endpoints, proxies, certificates and the User-Agent.

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
use crate::support::error_text;

const ENDPOINTS: [&str; 2] = ["ALIBABA_CLOUD_SWAS_ENDPOINT", "ALIBABA_CLOUD_STS_ENDPOINT"];

/// A machine with a role to assume, so that both endpoints are called.
fn machine() -> Result<Machine> {
    Ok(Machine::with_key()?.assume("reader"))
}

/// Puts the endpoint behind TLS, with a trusted certificate authority.
fn with_tls_front(machine: Machine, front: &TlsFront) -> Machine {
    let endpoint = format!("localhost:{}", front.address.port());
    let file = machine.path("authority.pem");
    machine
        .file("authority.pem", &front.authority)
        .env("SSL_CERT_FILE", file)
        .env(ENDPOINTS[0], endpoint)
}

#[tokio::test]
async fn user_agent_names_provider_terraform_and_suffix() -> Result<()> {
    for (variable, argument, expected) in [
        ("", None, ""),
        ("ci/7", None, " ci/7"),
        ("ci/7", Some("module/2 (x)"), " module/2 (x)"),
    ] {
        let machine = machine()?.env("TF_APPEND_USER_AGENT", variable);
        let machine = machine.set("configuration_source", argument);
        machine.listing_key().await?;
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
async fn endpoint_precedence_block_over_environment() -> Result<()> {
    let machine = machine()?
        .env(ENDPOINTS[0], CLOSED_ENDPOINT)
        .env(ENDPOINTS[1], CLOSED_ENDPOINT);
    let url = machine.emulator.url();
    let machine = machine.set("endpoints", json!([{"swas": url, "sts": url}]));
    assert!(machine.listing_key().await?.starts_with("STS.role-reader."));
    Ok(())
}

#[tokio::test]
async fn protocol_http_uses_plain_http() -> Result<()> {
    let machine = machine()?;
    let host = machine.emulator.address().to_string();
    let machine = machine.env(ENDPOINTS[0], &host).env(ENDPOINTS[1], &host);
    assert!(
        machine
            .set("protocol", "HTTP")
            .listing_key()
            .await?
            .starts_with("STS.role-reader.")
    );
    Ok(())
}

#[tokio::test]
async fn endpoint_without_scheme_defaults_to_https() -> Result<()> {
    for variable in ENDPOINTS {
        let machine = machine()?;
        let host = machine.emulator.address().to_string();
        let text = machine.env(variable, &host).error_text().await?;
        assert!(text.contains(&host), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn private_ca_in_ssl_cert_file_is_trusted() -> Result<()> {
    let machine = Machine::with_key()?;
    let front = TlsFront::start("localhost", machine.emulator.address())?;
    let endpoint = format!("localhost:{}", front.address.port());
    let machine = machine.env(ENDPOINTS[0], endpoint);
    let text = machine.error_text().await?;
    assert!(text.contains("No trusted TLS connection"), "{text}");
    assert_eq!(
        with_tls_front(machine, &front).listing_key().await?,
        "LTAIenv"
    );
    Ok(())
}

#[tokio::test]
async fn proxy_variables_are_used_unless_no_proxy_matches() -> Result<()> {
    for (variable, scheme) in [
        ("HTTPS_PROXY", "http://user:swordfish@"),
        ("https_proxy", ""),
        ("ALL_PROXY", "socks5://"),
        ("all_proxy", "socks5h://"),
    ] {
        let machine = Machine::with_key()?;
        let front = TlsFront::start("swas.example", machine.emulator.address())?;
        let proxy = ConnectProxy::start(front.address)?;
        let machine = with_tls_front(machine, &front)
            .env(ENDPOINTS[0], "swas.example")
            .env(variable, format!("{scheme}{}", proxy.address));
        assert_eq!(machine.listing_key().await?, "LTAIenv", "{variable}");
        assert_eq!(proxy.targets(), ["swas.example:443"], "{variable}");

        machine.env("NO_PROXY", "example").error_text().await?;
        assert_eq!(proxy.targets().len(), 1, "{variable}");
    }
    Ok(())
}

#[tokio::test]
async fn https_proxy_is_used_over_tls() -> Result<()> {
    let machine = Machine::with_key()?;
    let front = TlsFront::start("swas.example", machine.emulator.address())?;
    let proxy = ConnectProxy::start(front.address)?;
    let proxy_front = TlsFront::start("localhost", proxy.address)?;
    let trusted = format!("{}{}", front.authority, proxy_front.authority);
    let file = machine.path("authorities.pem");
    let machine = machine
        .file("authorities.pem", &trusted)
        .env("SSL_CERT_FILE", file)
        .env(ENDPOINTS[0], "swas.example")
        .env(
            "HTTPS_PROXY",
            format!("https://localhost:{}", proxy_front.address.port()),
        );
    assert_eq!(machine.listing_key().await?, "LTAIenv");
    assert_eq!(proxy.targets(), ["swas.example:443"]);
    Ok(())
}

#[tokio::test]
async fn missing_root_certificates_error_names_ssl_cert_file() -> Result<()> {
    let machine = Machine::with_key()?.file("none.pem", "");
    let none = machine.path("none.pem");
    let machine = machine.env("SSL_CERT_FILE", none);
    assert_eq!(machine.listing_key().await?, "LTAIenv");
    let text = machine
        .env(ENDPOINTS[0], "localhost:9")
        .error_text()
        .await?;
    assert!(text.starts_with("error: No trusted certificates"), "{text}");
    assert!(text.contains("SSL_CERT_FILE"), "{text}");
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn endless_certificate_file_is_an_error() -> Result<()> {
    let machine = Machine::with_key()?;
    let pipe = machine.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status()?.success());
    let machine = machine.env(ENDPOINTS[0], "localhost:9");
    let mut golden = Golden::default();
    let machine = machine.env("SSL_CERT_FILE", pipe);
    golden.add("a pipe", &machine.error_text().await?);
    // Without a size, and endless.
    for file in ["/dev/zero", "/proc/self/pagemap"] {
        let machine = Machine::with_key()?.env(ENDPOINTS[0], "localhost:9");
        let machine = machine.env("SSL_CERT_FILE", file);
        golden.add(file, &machine.error_text().await?);
    }
    fs::create_dir_all(machine.path("certificates"))?;
    let large = fs::File::create(machine.path("certificates/large.pem"))?;
    large.set_len(17 * 1024 * 1024)?;
    let folder = machine.path("certificates");
    let file = machine.path("none.pem");
    let machine = machine.file("none.pem", "").env("SSL_CERT_FILE", file);
    let machine = machine.env("SSL_CERT_DIR", folder);
    golden.add("a folder of much", &machine.error_text().await?);
    golden.assert("certificates_without_end");
    Ok(())
}

/// The host of the endpoint determines the region of the images in the response.
#[tokio::test]
async fn endpoint_of_another_region_gives_a_warning() -> Result<()> {
    let machine = Machine::with_key()?;
    let host = "swas.cn-hangzhou.aliyuncs.com";
    let front = TlsFront::start(host, machine.emulator.address())?;
    let proxy = ConnectProxy::start(front.address)?;
    let machine = with_tls_front(machine, &front)
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
        let text = shown(&read.diagnostics);
        assert_eq!(text.lines().next().unwrap_or_default(), expected);
        assert!(read.state.is_some(), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn sts_endpoint_follows_provider_region() -> Result<()> {
    for (region, expected) in [
        ("cn-hangzhou", "sts.cn-hangzhou.aliyuncs.com:443"),
        ("", "sts.aliyuncs.com:443"),
    ] {
        // The proxy records the target and forwards to a closed port.
        let proxy = ConnectProxy::start(([127, 0, 0, 1], 9).into())?;
        let machine = Machine::with_key()?
            .env("HTTPS_PROXY", format!("http://{}", proxy.address))
            .env(ENDPOINTS[1], "")
            .env("ALIBABA_CLOUD_ROLE_ARN", role("reader"))
            .env("ALIBABA_CLOUD_REGION", region);
        let provider = machine.start().await?;
        let text = error_text(&provider, &json!({"region_id": "us-west-1"})).await?;
        assert_eq!(proxy.targets(), [expected]);
        assert!(text.contains("the central one, sts.aliyuncs.com"), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn credentials_are_never_sent_in_plain_text_through_a_proxy() -> Result<()> {
    for source in SOURCES
        .iter()
        .filter(|source| ["env uri", "env ecs"].contains(&source.name))
    {
        let machine = (source.set)(Machine::new()?);
        let proxy = ConnectProxy::start(machine.emulator.address())?;
        let front = TlsFront::start("localhost", machine.emulator.address())?;
        let machine = with_tls_front(machine, &front);
        let address = format!("http://{}", proxy.address);
        let machine = machine
            .env("HTTP_PROXY", &address)
            .env("ALL_PROXY", &address);
        assert!(
            machine.listing_key().await?.starts_with(source.key),
            "{source:?}"
        );
        assert_eq!(proxy.plain_requests(), 0);
    }
    Ok(())
}

#[tokio::test]
async fn proxy_is_bypassed_for_http_and_loopback() -> Result<()> {
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
            _ => with_tls_front(machine, &front),
        };
        assert!(machine.listing_key().await?.starts_with("STS.role-reader."));
        assert_eq!((proxy.targets().len(), proxy.plain_requests()), (0, 0));
    }
    Ok(())
}
