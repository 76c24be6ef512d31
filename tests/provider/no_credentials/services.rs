//! A metadata service or a sidecar that gives nothing.

use swas_testing::emulator::Reply;
use swas_testing::running_provider::Result;

use crate::golden::Golden;
use crate::machine::{CLOSED_ENDPOINT, Machine, Run};

/// Answers of something else, or of a service that fails. They hold what should
/// not be shown.
fn rubbish() -> [(&'static str, Reply); 8] {
    let incomplete = r#"{"Code": "Success", "AccessKeyId": "a", "AccessKeySecret": "swordfish"}"#;
    let no_end = r#"{"Code": "Success", "AccessKeyId": "a", "AccessKeySecret": "swordfish",
                     "SecurityToken": "swordfish", "Expiration": "swordfish"}"#;
    let granted = |id: &str, secret: &str| {
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
            "other JSON",
            Reply::json(r#"{"Code": "swordfish", "swordfish": "swordfish"}"#),
        ),
        ("incomplete", Reply::json(incomplete)),
        ("end that is none", Reply::json(no_end)),
        ("blank secret", granted("STS.a", " ")),
        (
            "end of a line in the ID",
            granted("STS.a\\r\\nX: b", "swordfish"),
        ),
    ]
}

#[tokio::test]
async fn a_sidecar_that_gives_nothing_is_named() -> Result<()> {
    let mut golden = Golden::default();
    for (case, answer) in rubbish() {
        let machine = Machine::new()?;
        machine.emulator.reply_always(answer);
        let uri = format!("{}?key=swordfish", machine.emulator.credentials_uri());
        golden.add(case, &machine.set("credentials_uri", uri).told().await?);
    }
    let machine = Machine::new()?.set("credentials_uri", format!("{CLOSED_ENDPOINT}/credentials"));
    golden.add("unreachable", &machine.told().await?);
    golden.assert("sidecars_that_give_nothing");
    Ok(())
}

#[tokio::test]
async fn a_metadata_service_that_gives_nothing_is_named() -> Result<()> {
    let mut golden = Golden::default();
    for (case, answer) in rubbish() {
        let machine = Machine::new()?.ecs().set("ecs_role_name", "testrole");
        machine.emulator.reply_next(Reply::normal());
        machine.emulator.reply_always(answer);
        golden.add(case, &machine.told().await?);
    }
    let off = Machine::new()?.env("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true");
    for (case, machine, role) in [
        ("without the role", Machine::new()?.ecs(), "ghost"),
        ("unreachable", Machine::new()?, "testrole"),
        ("turned off", off, "testrole"),
    ] {
        golden.add(case, &machine.set("ecs_role_name", role).told().await?);
    }
    golden.assert("metadata_services_that_give_nothing");
    Ok(())
}
