//! Failing metadata services and credentials URIs.

use swas_testing::emulator::Reply;
use swas_testing::running_provider::Result;

use crate::golden::Golden;
use crate::machine::{CLOSED_ENDPOINT, METADATA, Machine, Run};

/// Responses of other services, and error responses. They contain secrets that must be
/// redacted.
fn invalid_responses() -> [(&'static str, Reply); 10] {
    let incomplete = r#"{"Code": "Success", "AccessKeyId": "a", "AccessKeySecret": "swordfish"}"#;
    let no_end = r#"{"Code": "Success", "AccessKeyId": "a", "AccessKeySecret": "swordfish",
                     "SecurityToken": "swordfish", "Expiration": "swordfish"}"#;
    let credentials = |id: &str, secret: &str| {
        Reply::json(format!(
            r#"{{"Code": "Success", "AccessKeyId": "{id}", "AccessKeySecret": "{secret}",
                 "SecurityToken": "swordfish", "Expiration": "2099-10-31T08:15:30Z"}}"#
        ))
    };
    [
        ("page", Reply::html(200, "<html>swordfish</html>")),
        ("error", Reply::raw(500, "swordfish")),
        ("redirect", Reply::redirect("http://evil.example/swordfish")),
        (
            "error code",
            Reply::json(r#"{"Code": "Failed", "swordfish": "swordfish"}"#),
        ),
        (
            "error code and message",
            Reply::error(404, "EntityNotExist.Role", "The role does not exist."),
        ),
        (
            "error with HTTP 200",
            Reply::error(200, "NoRole", "No role for /credentials/swordfish."),
        ),
        ("incomplete", Reply::json(incomplete)),
        ("end that is none", Reply::json(no_end)),
        ("blank secret", credentials("STS.a", " ")),
        (
            "end of a line in the ID",
            credentials("STS.a\\r\\nX: b", "swordfish"),
        ),
    ]
}

#[tokio::test]
async fn failing_credentials_uri_error_names_address() -> Result<()> {
    let mut golden = Golden::default();
    for (case, response) in invalid_responses() {
        let machine = Machine::new()?;
        machine.emulator.reply_always(response);
        let uri = machine.emulator.credentials_uri();
        let uri = format!("{uri}/swordfish?key=swordfish");
        golden.add(
            case,
            &machine.set("credentials_uri", uri).error_text().await?,
        );
    }
    let machine = Machine::new()?.set("credentials_uri", format!("{CLOSED_ENDPOINT}/credentials"));
    golden.add("unreachable", &machine.error_text().await?);
    golden.assert("sidecars_that_give_nothing");
    Ok(())
}

#[tokio::test]
async fn failing_metadata_service_error_names_role() -> Result<()> {
    let mut golden = Golden::default();
    for (case, response) in invalid_responses() {
        let machine = Machine::new()?.ecs().set("ecs_role_name", "testrole");
        machine.emulator.reply_next(Reply::normal());
        machine.emulator.reply_always(response);
        golden.add(case, &machine.error_text().await?);
    }
    let off = Machine::new()?.env("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true");
    let secret = Machine::new()?.env(METADATA, "http://user:swordfish@127.0.0.1:1/?swordfish");
    for (case, machine, role) in [
        ("with a password in the address", secret, "testrole"),
        ("without the role", Machine::new()?.ecs(), "ghost"),
        ("unreachable", Machine::new()?, "testrole"),
        ("turned off", off, "testrole"),
    ] {
        golden.add(
            case,
            &machine.set("ecs_role_name", role).error_text().await?,
        );
    }
    golden.assert("metadata_services_that_give_nothing");
    Ok(())
}
