//! No secret is in anything that the process writes or answers.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use rmpv::Value;
use swas_testing::emulator::signature::percent_encode;
use swas_testing::emulator::{Answer, Emulator, Options};
use swas_testing::plugin_client::Protocol;

use crate::support::ended;
use crate::support::provider::{Provider, endpoints};

const SECRET: &str = "sW0rd+f1sh/with=every&k1nd%of?sign";
const TOKEN: &str = "CAIS+gF1q6Ft5B2yf/SjIr5bAbZ1Qw==";

fn emulator() -> Emulator {
    let options = Options {
        access_key_secret: SECRET.to_owned(),
        security_token: Some(TOKEN.to_owned()),
        ..Options::default()
    };
    Emulator::start(options).expect("an endpoint")
}

/// Everything that comes out of a process that logs all it can while it reads
/// with `secret`: its log, and what it tells the client.
async fn written(emulator: &Emulator, secret: &str) -> String {
    let mut provider = Provider::start_as(Protocol::V6, |start| start.env("TF_LOG", "trace")).await;
    let set: [(&str, Value); 5] = [
        ("region", "cn-hangzhou".into()),
        ("access_key", Options::default().access_key_id.into()),
        ("secret_key", secret.into()),
        ("security_token", TOKEN.into()),
        ("endpoints", endpoints(emulator.url().into())),
    ];
    provider.configure(&set).await;
    let read = provider.read(&[]).await;
    let state = read.state.map(|state| state.msgpack).unwrap_or_default();
    provider.connection.shutdown().await.expect("an answer");
    ended(&mut provider.process).await;
    let log = provider.process.stderr();
    assert!(log.contains("calling"), "nothing was logged: {log}");
    format!(
        "{log}\n{}\n{:?}\n{}",
        provider.process.stdout(),
        read.diagnostics,
        String::from_utf8_lossy(&state),
    )
}

/// The ways in which a secret may be written, whatever stands around it.
fn forms(secret: &str) -> Vec<String> {
    let once = percent_encode(secret);
    let twice = percent_encode(&once);
    let mut forms = vec![
        secret.to_owned(),
        lower_hex(&once),
        lower_hex(&twice),
        once,
        twice,
    ];
    // JSON and Rust's Debug quote what they must.
    forms.push(format!("{secret:?}").trim_matches('"').to_owned());
    // In base64, three alignments: what depends on the neighbors is cut off.
    for lead in 0..3 {
        let text = format!("{}{secret}", "?".repeat(lead));
        let whole = text.len() / 3 * 3;
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let encoded = engine.encode(&text.as_bytes()[..whole]);
            forms.push(encoded[if lead == 0 { 0 } else { 4 }..].to_owned());
        }
    }
    forms
}

/// The same percent-encoded text with hex digits in lower case.
fn lower_hex(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (digits, rest) = part.split_at(2);
        format!("{text}%{}{rest}", digits.to_lowercase())
    })
}

fn assert_hidden(written: &str, emulator: &Emulator, other: &str) {
    let mut secrets = vec![SECRET.to_owned(), TOKEN.to_owned(), other.to_owned()];
    for request in emulator.requests() {
        secrets.push(
            request
                .parameter("Signature")
                .expect("a signature")
                .to_owned(),
        );
    }
    assert!(secrets.len() > 3, "nothing was signed");
    for secret in secrets {
        for form in forms(&secret) {
            assert!(!written.contains(&form), "{form} is in {written}");
        }
    }
}

#[tokio::test]
async fn a_read_that_succeeds_tells_no_secret() {
    let emulator = emulator();
    let written = written(&emulator, SECRET).await;
    assert_hidden(&written, &emulator, SECRET);
}

#[tokio::test]
async fn a_read_that_is_refused_tells_no_secret() {
    let emulator = emulator();
    let other = "an0ther+s3cret/=";
    // The API repeats the text that it signed, and the token is in there.
    let written = written(&emulator, other).await;
    assert!(written.contains("SignatureDoesNotMatch"), "{written}");
    assert_hidden(&written, &emulator, other);
}

#[tokio::test]
async fn an_endpoint_that_repeats_what_it_got_makes_nothing_known() {
    let once = percent_encode(TOKEN);
    let twice = percent_encode(&once);
    for echo in [TOKEN, &once, &twice] {
        for answer in [
            Answer::error(400, "Echo", &format!("You sent {echo}!")),
            Answer::error(400, echo, "You sent this."),
            Answer::error(400, "Echo", &format!("{}{echo}", "x".repeat(490))),
            Answer::html(502, &format!("<p>{echo}</p>")),
            Answer::json(format!("{{\"Images\": {echo:?}}}")),
            Answer::redirect(&format!("http://localhost/{once}")),
            Answer::raw(200, "x").with_header("content-type", echo),
        ] {
            let emulator = emulator();
            emulator.answer_always(answer.clone());
            let written = written(&emulator, SECRET).await;
            assert!(written.contains("call failed"), "{answer:?}: {written}");
            assert_hidden(&written, &emulator, SECRET);
        }
    }
}

#[tokio::test]
async fn a_network_that_fails_tells_no_secret() {
    let emulator = emulator();
    emulator.answer_always(Answer::close());
    let written = written(&emulator, SECRET).await;
    assert!(written.contains("call failed"), "{written}");
    assert_hidden(&written, &emulator, SECRET);
}
