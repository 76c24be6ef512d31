//! Unreachable endpoints, failing proxies and timeouts.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
#[cfg(target_os = "linux")]
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, date_time_ymd};
use serde_json::json;
use swas_testing::emulator::Reply;
use swas_testing::network::{ConnectProxy, TlsFront};
use swas_testing::running_provider::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
#[cfg(target_os = "linux")]
use tokio::net::TcpStream;
use tokio::net::{TcpListener, TcpSocket};
#[cfg(target_os = "linux")]
use tokio::time::timeout;

use super::machine;
use crate::golden::Golden;
use crate::machine::Run;

/// An address without a server.
const CLOSED: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9);

/// A certificate that rcgen cannot make, and its key. Made by `openssl x509 -req`.
const VERSION_1: &str = include_str!("../../data/certificate-version-1.pem");

/// A certificate, its key, and the CA with an RSA key of 1024 bits that issued it. Made like
/// [`VERSION_1`].
const SHORT_KEY: &str = include_str!("../../data/certificate-short-key.pem");

#[tokio::test]
async fn unreachable_endpoint_error_names_endpoint_and_cause() -> Result<()> {
    // The port is bound without listening: connections are refused, and no other
    // process takes the port.
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let refused = socket.local_addr()?.to_string();
    // Resolvers reject a label of this length without a query.
    let unknown =
        "http://no-name-on-any-network-has-a-part-of-more-than-sixty-three-letters.invalid";
    let mut golden = Golden::default();
    for case in [
        "connection refused",
        "unknown host",
        "no TLS",
        "malformed host name",
    ] {
        let machine = machine()?;
        let address = machine.emulator.address();
        let endpoint = match case {
            "connection refused" => refused.clone(),
            "unknown host" => unknown.to_owned(),
            "no TLS" => address.to_string(),
            _ => format!("{}.invalid", "a".repeat(64)),
        };
        let machine = machine.set("endpoints", json!([{"swas": endpoint}]));
        golden.add(case, &machine.error_text().await?);
        assert_eq!(machine.emulator.requests(), [], "{case}");
    }
    golden.assert("unreachable_endpoints");
    Ok(())
}

#[tokio::test]
async fn untrusted_certificate_error_says_what_is_wrong_with_it() -> Result<()> {
    let of_host = |host: &str| CertificateParams::new([host.to_owned()]).expect("a host");
    let here = || of_host("127.0.0.1");
    let mut expired = here();
    expired.not_before = date_time_ymd(2019, 1, 1);
    expired.not_after = date_time_ymd(2020, 1, 1);
    let mut future = here();
    future.not_before = date_time_ymd(3000, 1, 1);
    let mut authority = here();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let mut of_client = here();
    of_client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    // All authorities of `TlsFront` have the same name.
    let same_name = TlsFront::start("127.0.0.1", CLOSED)?.authority;

    let mut golden = Golden::default();
    for (case, params) in [
        ("another host", of_host("swas.example")),
        ("no subjectAltName", CertificateParams::default()),
        ("expired", expired),
        ("not valid yet", future),
        ("unknown issuer", here()),
        ("issuer of the same name with another key", here()),
        ("issuer with a short key", here()),
        ("certificate of a CA", authority),
        ("certificate of a client", of_client),
        ("version 1", here()),
    ] {
        let machine = machine()?;
        let address = machine.emulator.address();
        let front = match case {
            "version 1" => TlsFront::with_pem(VERSION_1, address)?,
            "issuer with a short key" => TlsFront::with_pem(SHORT_KEY, address)?,
            _ => TlsFront::with_params(&params, address)?,
        };
        let trusted = match case {
            "unknown issuer" => SHORT_KEY,
            "issuer of the same name with another key" => &same_name,
            _ => &front.authority,
        };
        let file = machine.path("authority.pem");
        let machine = machine
            .file("authority.pem", trusted)
            .env("SSL_CERT_FILE", file)
            .set("endpoints", json!([{"swas": front.address.to_string()}]))
            .set("max_retry_timeout", 300);
        golden.add(case, &machine.error_text().await?);
        assert_eq!(machine.emulator.requests(), [], "{case}");
    }
    golden.assert("untrusted_certificates");
    Ok(())
}

/// No host has this name, and resolvers reject a label of this length without a query.
const UNKNOWN_REGION: &str =
    "http://{region}-of-more-than-sixty-three-letters-in-one-label-of-a-host-name.invalid";

#[tokio::test]
async fn unknown_host_of_unknown_region_error_names_closest_region_without_retry() -> Result<()> {
    let mut golden = Golden::default();
    for (case, service) in [("SWAS", "swas"), ("STS", "sts")] {
        let machine = machine()?.set("region", "cn-hangzou");
        let url = machine.emulator.url();
        let mut endpoints = json!({"swas": url, "sts": url});
        endpoints[service] = UNKNOWN_REGION.into();
        let machine = machine
            .set("endpoints", json!([endpoints]))
            .assume("reader");
        let machine = machine.set("max_retry_timeout", 300);
        golden.add(case, &machine.error_text().await?);
    }
    golden.assert("unknown_hosts_of_unknown_regions");
    Ok(())
}

#[tokio::test]
async fn refusing_proxy_error_shows_its_status() -> Result<()> {
    let plain = machine()?;
    let of_http = plain.emulator.address();
    let own = TlsFront::start("127.0.0.1", of_http)?.address;
    let refusing = |status| ConnectProxy::refusing(status).map(|proxy| proxy.address);
    let mut golden = Golden::default();
    for (case, proxy) in [
        ("403", refusing(403)?.to_string()),
        ("404", refusing(404)?.to_string()),
        ("407", refusing(407)?.to_string()),
        (
            "407 with a user",
            format!("DOMAIN\\user:swordfish@{}", refusing(407)?),
        ),
        ("502", refusing(502)?.to_string()),
        ("plain text", format!("https://{of_http}")),
        ("untrusted certificate", format!("https://{own}")),
    ] {
        let machine = machine()?.env("HTTPS_PROXY", proxy);
        let machine = machine.set("endpoints", json!([{"swas": BEHIND}]));
        golden.add(case, &machine.error_text().await?);
    }
    let machine = machine()?.env("HTTPS_PROXY", refusing(502)?.to_string());
    let machine = machine.set(
        "endpoints",
        json!([{"swas": "https://swas.{region}.example"}]),
    );
    let machine = machine
        .set("region", "cn-hangzou")
        .set("max_retry_timeout", 300);
    golden.add("502, unknown region", &machine.error_text().await?);
    let machine = self::machine()?.assume("reader");
    let machine = machine
        .env("HTTPS_PROXY", refusing(502)?.to_string())
        .env("ALIBABA_CLOUD_STS_REGION", "cn-hangzou")
        .set(
            "endpoints",
            json!([{"sts": "https://sts.{region}.aliyuncs.com"}]),
        )
        .set("max_retry_timeout", 300);
    golden.add("502, unknown region of STS", &machine.error_text().await?);
    golden.assert("proxies_that_refuse");
    Ok(())
}

/// A host that is reachable only through the proxy.
const BEHIND: &str = "https://swas.example";

#[tokio::test]
async fn failing_proxy_error_names_its_variable() -> Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let refused = socket.local_addr()?;
    let closing = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let closed = closing.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = closing.accept().await {
            // Closing with unread data would reset the connection.
            let _ = stream.read(&mut [0; 4096]).await;
        }
    });
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let not_http = other.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = other.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n").await;
        }
    });
    let mut golden = Golden::default();
    for (case, variable, value) in [
        (
            "refused",
            "HTTPS_PROXY",
            format!("http://user:swordfish@{refused}"),
        ),
        ("without a scheme", "https_proxy", refused.to_string()),
        (
            "SOCKS",
            "ALL_PROXY",
            format!("socks5://user:swordfish@{refused}"),
        ),
        ("closed", "HTTPS_PROXY", closed.to_string()),
        ("not HTTP", "HTTPS_PROXY", not_http.to_string()),
        (
            "another scheme",
            "HTTPS_PROXY",
            "gopher://swordfish".to_owned(),
        ),
        (
            "malformed",
            "HTTPS_PROXY",
            "http://user:swordfish@:x".to_owned(),
        ),
    ] {
        let machine = machine()?.env(variable, &value);
        let machine = machine.set("endpoints", json!([{"swas": BEHIND}]));
        golden.add(case, &machine.error_text().await?);

        let sts = json!([{"swas": machine.emulator.url(), "sts": BEHIND}]);
        let machine = machine.set("endpoints", sts).assume("reader");
        golden.add(format!("{case}, for STS"), &machine.error_text().await?);
    }
    golden.assert("proxies_that_fail");
    Ok(())
}

/// Starts a listener that gets no further connection, as behind a firewall that drops packets.
#[cfg(target_os = "linux")]
async fn unreachable() -> Result<(TcpListener, Vec<TcpStream>)> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    let listener = socket.listen(1)?;
    let mut waiting = Vec::new();
    let address = listener.local_addr()?;
    let limit = Duration::from_millis(200);
    while let Ok(stream) = timeout(limit, TcpStream::connect(address)).await {
        waiting.push(stream?);
    }
    Ok((listener, waiting))
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn dropped_packets_are_a_connect_timeout() -> Result<()> {
    let (listener, _waiting) = unreachable().await?;
    let address = listener.local_addr()?;
    for scheme in ["http", "https"] {
        let endpoint = format!("{scheme}://{address}");
        let machine = machine()?
            .set("client_connect_timeout", 150)
            .set("max_retry_timeout", 0)
            .set("endpoints", json!([{"swas": endpoint}]));
        let text = machine.error_text().await?;
        assert!(text.contains("it took more than 150 ms"), "{text}");
        assert!(text.contains("client_connect_timeout"), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn timeout_error_names_the_timeout_setting() -> Result<()> {
    let mut golden = Golden::default();
    // The TLS handshake is part of connecting, and this listener never completes it.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let silent = silent.local_addr()?.to_string();
    for (service, action) in [("swas", "ListImages"), ("sts", "AssumeRole")] {
        let machine = machine()?.assume("reader").set("client_read_timeout", 150);
        machine.emulator.reply_to(action, Reply::hang());
        golden.add(format!("{action}, silent"), &machine.error_text().await?);

        let url = machine.emulator.url();
        let mut endpoints = json!({"swas": url, "sts": url});
        endpoints[service] = silent.clone().into();
        let machine = machine.set("endpoints", json!([endpoints]));
        let machine = machine
            .set("client_connect_timeout", 150)
            .set("client_read_timeout", 60_000);
        golden.add(
            format!("{action}, no connection"),
            &machine.error_text().await?,
        );
    }
    golden.assert("time_outs");
    Ok(())
}
