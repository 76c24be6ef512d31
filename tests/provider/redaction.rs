//! Secrets are redacted in all output, at the most verbose log level and for every
//! response.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use swas_testing::diagnostics::shown;
use swas_testing::emulator::Reply;
use swas_testing::emulator::signature::percent_encode;
use swas_testing::machine::sources::{MODES, SOURCES};
use swas_testing::network::TlsFront;
use swas_testing::running_provider::Result;

use crate::machine::{Machine, Run, TOKEN, secret};
use crate::support::with;

fn machine() -> Result<Machine> {
    let machine = Machine::new()?.key_in_environment("STS.static");
    Ok(machine.env("ALIBABA_CLOUD_SECURITY_TOKEN", TOKEN))
}

/// Reads once and returns all output: the log, the diagnostics and the state.
async fn output(machine: &Machine) -> Result<String> {
    let provider = machine.start().await?;
    let read = provider.read("swas_images", &json!({})).await?;
    let state = read.state.map(|state| state.msgpack).unwrap_or_default();
    let state = String::from_utf8_lossy(&state);
    let log = provider.end().await?;
    assert!(log.contains("called "), "nothing was logged: {log}");
    Ok(format!("{log}\n{:?}\n{state}", read.diagnostics))
}

#[tokio::test]
async fn secrets_of_every_credentials_source_are_redacted() -> Result<()> {
    for source in SOURCES.into_iter().chain(MODES) {
        let action = match source.key {
            key if key.starts_with("STS.oidc") => "AssumeRoleWithOIDC",
            _ => "AssumeRole",
        };
        // The response to the action repeats the request.
        for failing in [None, Some(action), Some("ListImages")] {
            let machine = (source.set)(Machine::new()?).assume("top");
            if let Some(action) = failing {
                machine.emulator.reply_to(action, Reply::echo());
            }
            let output = output(&machine).await?;
            let failed = output.contains("severity: Error");
            assert_eq!(failed, failing.is_some(), "{}: {output}", source.name);
            machine.assert_secrets_kept(&output);
        }
    }
    Ok(())
}

#[tokio::test]
async fn secrets_are_redacted_in_rejected_read() -> Result<()> {
    let machine = machine()?.env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret("another"));
    // The API repeats the string to sign, which contains the token.
    let output = output(&machine).await?;
    assert!(output.contains("SignatureDoesNotMatch"), "{output}");
    machine.assert_secrets_kept(&output);
    Ok(())
}

#[tokio::test]
async fn secrets_echoed_by_endpoint_are_redacted() -> Result<()> {
    let once = percent_encode(TOKEN);
    let twice = percent_encode(&once);
    let thrice = percent_encode(&twice);
    let base64 = STANDARD.encode(format!("a:{TOKEN}"));
    for echo in [TOKEN, &once, &twice, &thrice, &base64] {
        for response in [
            Reply::error(400, "Echo", &format!("You sent {echo}!")),
            Reply::error(400, echo, "You sent this."),
            Reply::error(400, "Echo", &format!("{}{echo}", "x".repeat(490))),
            Reply::html(502, &format!("<p>{echo}</p>")),
            Reply::json(format!("{{\"Images\": {echo:?}}}")),
            Reply::redirect(&format!("http://localhost/{once}")),
            Reply::redirect(&format!("http://{once}/")),
            Reply::raw(200, "x").with_header("content-type", &format!("text/{echo}")),
            Reply::raw(200, "x").with_header("content-type", echo),
            Reply::close(),
        ] {
            let machine = machine()?;
            machine.emulator.reply_always(response.clone());
            let output = output(&machine).await?;
            assert!(output.contains("called the API"), "{response:?}: {output}");
            machine.assert_secrets_kept(&output);
        }
    }
    Ok(())
}

/// State keeps the values.
#[tokio::test]
async fn secrets_in_values_of_responses_are_redacted_in_diagnostics() -> Result<()> {
    let machine = machine()?;
    let provider = machine.start().await?;
    provider.read("swas_images", &json!({})).await?;
    let call = machine.calls("ListImages").remove(0);
    let signature = call.signature().ok_or("no signature")?;
    let once = percent_encode(TOKEN);
    let base64 = STANDARD.encode(TOKEN);
    let mut output = String::new();
    for (number, echo) in [TOKEN, &once, &base64, signature].into_iter().enumerate() {
        let image = |id| json!({"ImageId": id, "ImageName": echo, "ImageType": echo});
        let plan = |currency| json!({"PlanId": currency, "Currency": currency, "PlanType": echo, "OriginPrice": 1});
        let response = json!({
            "Images": [image("a"), image("b")],
            "Plans": [plan(echo), plan("CNY")],
            "CustomImages": [{"ImageId": "a", "OsType": echo}],
            "TotalCount": 1,
        });
        machine
            .emulator
            .reply_always(Reply::json(response.to_string()));
        for (data_source, block) in [
            ("swas_images", json!({"image_type": "system"})),
            ("swas_image", json!({"name_regex": "."})),
            ("swas_image", json!({"name": "x"})),
            ("swas_plans", json!({"plan_type": "x"})),
            ("swas_plans", json!({})),
            ("swas_custom_images", json!({"os_type": "Windows"})),
        ] {
            // A response is cached for its region.
            let block = with(&block, "region_id", format!("cn-echo-{number}"));
            let read = provider.read(data_source, &block).await?;
            let diagnostics = shown(&read.diagnostics);
            assert!(diagnostics.contains("(redacted)"), "{block}: {diagnostics}");
            assert!(!diagnostics.contains(signature), "{block}: {diagnostics}");
            output.push_str(&diagnostics);
        }
    }
    let log = provider.end().await?;
    assert!(!log.contains(signature), "{log}");
    machine.assert_secrets_kept(&output);
    machine.assert_secrets_kept(&log);
    Ok(())
}

#[tokio::test]
async fn secrets_of_earlier_calls_are_redacted() -> Result<()> {
    let machine = Machine::with_key()?.assume("reader");
    let provider = machine.start().await?;
    provider.read("swas_images", &json!({})).await?;
    let first = machine.calls("ListImages");
    let sent = ["SecurityToken", "Signature"].map(|name| first[0].parameter(name).unwrap());
    // The next call is rejected, and retried with another token.
    machine.emulator.expire_issued_keys();
    let elsewhere = json!({"region_id": "cn-beijing"});
    provider.read("swas_images", &elsewhere).await?;
    let calls = machine.calls("ListImages");
    assert_ne!(calls[2].parameter("SecurityToken"), Some(sent[0]));

    let echo = format!("You once sent {} and {}.", sent[0], sent[1]);
    machine
        .emulator
        .reply_always(Reply::error(400, "Echo", &echo));
    let elsewhere = json!({"region_id": "cn-shanghai"});
    let read = provider.read("swas_images", &elsewhere).await?;
    let output = format!("{:?}{}", read.diagnostics, provider.end().await?);
    assert!(output.contains("You once sent (redacted) and (redacted)."));
    for secret in sent {
        assert!(!output.contains(secret), "{output}");
    }
    machine.assert_secrets_kept(&output);
    Ok(())
}

#[tokio::test]
async fn secrets_of_signature_v3_are_redacted() -> Result<()> {
    for action in ["AssumeRole", "ListImages"] {
        let machine = machine()?.set("signature_method", "ACS3-HMAC-SHA256");
        let machine = machine.assume("reader");
        machine.emulator.reply_to(action, Reply::echo());
        let output = output(&machine).await?;
        assert!(output.contains(",Signature=(redacted)"), "{output}");
        machine.assert_secrets_kept(&output);
    }
    Ok(())
}

#[tokio::test]
async fn secrets_of_earlier_v3_headers_are_redacted_in_every_encoding() -> Result<()> {
    let machine = machine()?.set("signature_method", "ACS3-HMAC-SHA256");
    let provider = machine.start().await?;
    provider.read("swas_images", &json!({})).await?;
    let call = machine.calls("ListImages").remove(0);
    let header = call.header("authorization").ok_or("no header")?;
    let signature = call.signature().ok_or("no signature")?;
    let mut output = String::new();
    for (number, echo) in [
        header.to_owned(),
        signature.to_owned(),
        signature.to_uppercase(),
        percent_encode(header),
        STANDARD.encode(header),
        format!("x-acs-security-token: {TOKEN}"),
    ]
    .iter()
    .enumerate()
    {
        for (kind, response) in [
            Reply::error(400, "Echo", &format!("You sent {echo}!")),
            Reply::html(502, &format!("<p>{echo}</p>")),
            Reply::raw(200, "x").with_header("content-type", &format!("text/{echo}")),
            Reply::redirect(&format!("http://{signature}/")),
        ]
        .into_iter()
        .enumerate()
        {
            machine.emulator.reply_always(response);
            // A failure is cached for its region.
            let block = json!({"region_id": format!("cn-echo-{number}-{kind}")});
            let read = provider.read("swas_images", &block).await?;
            assert!(read.state.is_none(), "{echo}: {read:?}");
            writeln!(output, "{:?}", read.diagnostics)?;
        }
    }
    output.push_str(&provider.end().await?);
    machine.assert_secrets_kept(&output);
    let output = output.to_lowercase();
    assert!(!output.contains(signature), "{output}");
    assert!(output.contains(",signature=(redacted)"), "{output}");
    Ok(())
}

#[tokio::test]
async fn token_in_certificate_name_is_redacted() -> Result<()> {
    const TOKEN_LIKE_A_HOST: &str = "goldfish-0123456789.static";
    let machine = Machine::new()?.key_in_environment("STS.static");
    let front = TlsFront::start(TOKEN_LIKE_A_HOST, machine.emulator.address())?;
    let authority = machine.path("authority.pem");
    let machine = machine
        .file("authority.pem", &front.authority)
        .env("SSL_CERT_FILE", authority)
        .env("ALIBABA_CLOUD_SECURITY_TOKEN", TOKEN_LIKE_A_HOST)
        .env(
            "ALIBABA_CLOUD_SWAS_ENDPOINT",
            format!("localhost:{}", front.address.port()),
        );
    let output = output(&machine).await?;
    assert!(
        output.contains("the certificate is for another host"),
        "{output}"
    );
    assert!(!output.contains(TOKEN_LIKE_A_HOST), "{output}");
    Ok(())
}
