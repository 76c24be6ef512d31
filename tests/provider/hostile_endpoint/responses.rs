//! Malformed, endless and oversized responses: each is an error in bounded time and
//! memory, and is never read as the response to another request.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use swas_testing::diagnostics::shown;
use swas_testing::plugin_client::Signal;
use swas_testing::running_provider::{Result, RunningProvider};

use super::raw::{RawEndpoint, RawReply, Script};
#[cfg(target_os = "linux")]
use crate::memory;
use crate::support::{
    configure, error_text, read_measuring_latency, read_state, start, wait_for_exit, wait_until,
};

/// Memory limit of a process while it reads a response, in KiB.
const MEMORY_LIMIT: usize = 60 * 1024;

/// Limits for the duration of a read and for the latency of other calls.
const READ_TIME_LIMIT: Duration = Duration::from_mins(1);
const LATENCY_LIMIT: Duration = Duration::from_secs(1);

const IMAGES: &str = r#"{"Images":[{"ImageId":"good"}]}"#;

fn provider_config(endpoint: &RawEndpoint) -> Value {
    json!({
        "region": "cn-hangzhou",
        "access_key": "LTAItestid",
        "secret_key": "testsecret",
        "client_read_timeout": 2000,
        "endpoints": [{"swas": format!("http://{}", endpoint.address)}],
    })
}

async fn start_provider_for(endpoint: &RawEndpoint) -> Result<RunningProvider> {
    let provider = RunningProvider::start(start()).await?;
    configure(&provider, &provider_config(endpoint)).await?;
    Ok(provider)
}

/// Reads a response that has to fail, and returns the diagnostics.
async fn read_error(name: &str, script: impl Script) -> Result<String> {
    let endpoint = RawEndpoint::start(script).await?;
    let provider = start_provider_for(&endpoint).await?;
    let began = Instant::now();
    let (response, max_latency) = read_measuring_latency(&provider, &json!({})).await?;
    let elapsed = began.elapsed();
    assert_eq!(response.state, None, "{name}");
    #[cfg(target_os = "linux")]
    {
        let memory = memory::peak_memory(provider.process.pid())?;
        println!("{name}: {memory} KiB, {elapsed:?}, others waited {max_latency:?}");
        assert!(memory < MEMORY_LIMIT, "{name}: {memory} KiB");
    }
    assert!(elapsed < READ_TIME_LIMIT, "{name}: {elapsed:?}");
    assert!(max_latency < LATENCY_LIMIT, "{name}: {max_latency:?}");
    let text = shown(&response.diagnostics);
    assert!(text.len() < 4096, "{name}: {} bytes", text.len());
    assert!(!text.contains("Bug in the provider"), "{name}: {text}");
    Ok(text)
}

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

#[tokio::test]
async fn endless_response_is_a_bounded_error() -> Result<()> {
    let chunked = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n");
    let early = format!(
        "HTTP/1.1 103 Early Hints\r\nLink: {}\r\n\r\n",
        "a".repeat(1000)
    );
    let chunk = format!("400\r\n{}\r\n", " ".repeat(1024));
    for (name, first, repeated) in [
        ("informational responses", "", &*early),
        ("headers", HEAD, "X-More: of this\r\n"),
        ("a header", &format!("{HEAD}X-More: "), "more"),
        ("a status", "HTTP/1.1 200 ", "O"),
        ("a body", &format!("{HEAD}\r\n"), "          "),
        ("chunks", &chunked, &chunk),
        ("an extension of a chunk", &format!("{chunked}1;a="), "more"),
        (
            "trailers",
            &format!("{chunked}0\r\n"),
            "X-More: of this\r\n",
        ),
    ] {
        let (first, repeated) = (first.to_owned(), repeated.repeat(100));
        let script = move |_| RawReply::forever(first.clone(), repeated.clone());
        read_error(name, script).await?;
    }
    Ok(())
}

fn with_body(head: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes = format!("{HEAD}{head}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend(body);
    bytes
}

#[tokio::test]
async fn malformed_lengths_and_encodings_are_errors() -> Result<()> {
    let chunked = |body: &str| format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n{body}");
    let length = |value: &str| format!("{HEAD}Content-Length: {value}\r\n\r\n{IMAGES}");
    for (name, bytes) in [
        ("two lengths", with_body("Content-Length: 5\r\n", IMAGES)),
        ("a negative length", length("-1").into()),
        (
            "a length past 64 bits",
            length("99999999999999999999").into(),
        ),
        ("a length of 8 EiB", length("9223372036854775807").into()),
        ("no number", chunked("x\r\n").into()),
        (
            "a chunk past 64 bits",
            chunked("fffffffffffffffff\r\n").into(),
        ),
        ("a chunk of 8 EiB", chunked("7fffffffffffffff\r\n{").into()),
        ("a negative chunk", chunked("-1\r\n{\r\n0\r\n\r\n").into()),
        (
            "a chunk without its end",
            chunked("1\r\n{}}\r\n0\r\n\r\n").into(),
        ),
        (
            "gzip",
            with_body("Content-Encoding: gzip\r\n", [31, 139, 8, 0, 0, 0, 0, 0]),
        ),
        (
            "deflate",
            with_body("Content-Encoding: deflate\r\n", [120, 156, 1, 0]),
        ),
        (
            "br",
            with_body("Content-Encoding: br\r\n", [207, 255, 255, 127]),
        ),
        (
            "invalid UTF-8",
            with_body("", b"{\"Images\":[{\"ImageId\":\"\xff\xfe\"}]}"),
        ),
        ("UTF-16", with_body("", b"\xff\xfe{\0}\0")),
        (
            "deep lists",
            with_body("", format!("{{\"Images\":{}", "[".repeat(100_000))),
        ),
        (
            "deep objects",
            with_body("", "{\"Images\":".repeat(100_000)),
        ),
        (
            "deep nesting in an unknown field",
            with_body("", format!("{{\"A\":{}", "[".repeat(100_000))),
        ),
        (
            "a huge number",
            with_body("", format!("{{\"Images\":{}}}", "9".repeat(1_000_000))),
        ),
        (
            "a huge string for a list",
            with_body("", format!("{{\"Images\":\"{}\"}}", "a".repeat(4_000_000))),
        ),
        (
            "a huge name",
            with_body(
                "",
                format!(
                    r#"{{"Images":[{{"ImageId":"a","ImageName":"{}"}}]}}"#,
                    "a".repeat(4_000_000)
                ),
            ),
        ),
        (
            "a huge message",
            with_body(
                "",
                format!(r#"{{"Code":"A","Message":"{}"}}"#, "a".repeat(4_000_000)),
            ),
        ),
        (
            "a huge error",
            with_body(
                "",
                format!(r#"{{"Code":"{0}","Message":"{0}"}}"#, "a".repeat(2_000_000)),
            ),
        ),
        ("HTTP/0.9", IMAGES.into()),
        ("HTTP/2", b"\0\0\0\x04\0\0\0\0\0".into()),
        (
            "a switch of protocols",
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n".into(),
        ),
        ("no text at all", vec![0; 100_000]),
    ] {
        let text = read_error(name, move |_| RawReply::once(bytes.clone())).await?;
        assert!(text.starts_with("error: "), "{name}: {text}");
    }
    Ok(())
}

#[tokio::test]
async fn many_small_values_use_bounded_memory() -> Result<()> {
    let list = |name: &str, value: &str| {
        let values = vec![value; 4_000_000 / (value.len() + 1)].join(",");
        format!("{{\"{name}\":[{values}]}}")
    };
    for (name, body) in [
        ("images without an ID", list("Images", "{}")),
        ("images with one", list("Images", r#"{"ImageId":"a"}"#)),
        ("numbers", list("Images", "0")),
        ("a code", list("Code", "0")),
        ("a request ID", list("RequestId", "{}")),
    ] {
        let bytes = with_body("", body);
        let text = read_error(name, move |_| RawReply::once(bytes.clone())).await?;
        assert!(
            text.starts_with("error: Malformed response"),
            "{name}: {text}"
        );
    }
    Ok(())
}

/// Slow for names of `a` and `b`: no automaton of bounded size can skip its repetitions.
const SLOW_REGEX: &str = "a[ab]{400}[c-z0-9]";

/// A response with as many of the longest names as possible.
fn longest_names() -> RawReply {
    // Bits of squares are irregular enough.
    let letter = |n: usize| if n * n / 7 % 3 == 1 { 'a' } else { 'b' };
    let image = |id| {
        let name: String = (id..id + 512).map(letter).collect();
        format!(r#"{{"ImageId":"m-{id}","ImageName":"{name}"}}"#)
    };
    let images: Vec<_> = (0..7400).map(image).collect();
    RawReply::json(&format!("{{\"Images\":[{}]}}", images.join(",")))
}

#[tokio::test]
async fn slow_name_regex_over_a_long_response_blocks_no_other_call() -> Result<()> {
    let reply = longest_names();
    let endpoint = RawEndpoint::start(move |_| reply.clone()).await?;
    let provider = start_provider_for(&endpoint).await?;
    let arguments = json!({"name_regex": SLOW_REGEX});
    let began = Instant::now();
    let (response, max_latency) = read_measuring_latency(&provider, &arguments).await?;
    println!("{:?}, others waited {max_latency:?}", began.elapsed());
    assert!(response.state.is_some(), "{}", shown(&response.diagnostics));
    assert!(max_latency < LATENCY_LIMIT, "{max_latency:?}");
    Ok(())
}

#[tokio::test]
async fn sigterm_during_slow_name_regex_ends_the_process() -> Result<()> {
    let reply = longest_names();
    let endpoint = RawEndpoint::start(move |_| reply.clone()).await?;
    let mut provider = start_provider_for(&endpoint).await?;
    let client = provider.client.clone();
    let arguments = json!({"name_regex": SLOW_REGEX});
    let config = provider.data_block("swas_images", &arguments)?;
    let read = tokio::spawn(async move { client.read_data_source("swas_images", config).await });
    wait_until("a request", || endpoint.requests() > 0).await;
    provider.process.signal(Signal::SIGTERM)?;
    let began = Instant::now();
    wait_for_exit(&mut provider.process).await;
    println!("exited after {:?}", began.elapsed());
    read.abort();
    Ok(())
}

#[tokio::test]
async fn name_over_512_bytes_is_malformed() -> Result<()> {
    for (data_source, list, field) in [
        ("swas_images", "Images", "ImageName"),
        ("swas_custom_images", "CustomImages", "Name"),
    ] {
        let reply = |length| {
            let name = "a".repeat(length);
            let image = format!(r#"{{"ImageId":"good","{field}":"{name}"}}"#);
            RawReply::json(&format!(r#"{{"TotalCount":1,"{list}":[{image}]}}"#))
        };
        let replies = [reply(512), reply(513)];
        let endpoint = RawEndpoint::start(move |request| replies[request].clone()).await?;
        let provider = start_provider_for(&endpoint).await?;
        let longest = provider.read(data_source, &json!({})).await?;
        assert_eq!(shown(&longest.diagnostics), "");
        let provider = start_provider_for(&endpoint).await?;
        let text = shown(&provider.read(data_source, &json!({})).await?.diagnostics);
        let expected = format!("{list}[0].{field} is longer than 512 bytes");
        assert!(text.contains(&expected), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn each_redirect_status_is_an_error_and_is_not_followed() -> Result<()> {
    for status in [300, 301, 302, 303, 305, 307, 308] {
        let target = RawEndpoint::start(|_| RawReply::json(IMAGES)).await?;
        let location = target.address;
        let text = read_error("a redirect", move |_| {
            RawReply::once(format!(
                "HTTP/1.1 {status} x\r\nLocation: http://{location}/\r\nContent-Length: 0\r\n\r\n"
            ))
        });
        let text = text.await?;
        assert!(text.contains(&format!("HTTP {status}")), "{text}");
        assert_eq!(target.requests(), 0, "{status}");
    }
    Ok(())
}

#[tokio::test]
async fn bytes_after_a_response_are_never_read_as_the_next_response() -> Result<()> {
    const EVIL: &str = r#"{"Images":[{"ImageId":"evil"}]}"#;
    let length = EVIL.len();
    let evil = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{EVIL}");
    let endpoint =
        RawEndpoint::start(move |_| RawReply::json(IMAGES).then(evil.as_bytes())).await?;
    let provider = start_provider_for(&endpoint).await?;
    for number in 0..20 {
        let region = json!({"region_id": format!("cn-region-{number}")});
        assert_eq!(
            read_state(&provider, &region).await?["ids"],
            json!(["good"])
        );
    }
    assert_eq!(endpoint.requests(), 20);
    Ok(())
}

#[tokio::test]
async fn content_type_of_a_response_is_ignored() -> Result<()> {
    for content_type in ["text/html", "", "application/octet-stream", "\u{e9}"] {
        let length = IMAGES.len();
        let response = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{IMAGES}"
        );
        let endpoint = RawEndpoint::start(move |_| RawReply::once(response.clone())).await?;
        let provider = start_provider_for(&endpoint).await?;
        assert_eq!(
            read_state(&provider, &json!({})).await?["ids"],
            json!(["good"])
        );
    }
    let page = RawReply::json("<html>");
    let endpoint = RawEndpoint::start(move |_| page.clone()).await?;
    let provider = start_provider_for(&endpoint).await?;
    let text = error_text(&provider, &json!({})).await?;
    assert!(text.contains("is not JSON"), "{text}");
    Ok(())
}
