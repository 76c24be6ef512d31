//! Every mode of the CLI's profiles and every type of the INI file.

use libtest_mimic::Failed;
use swas_testing::terraform::{Client, TerraformTest};

use super::scene::{Scene, secret};
use super::sources::{ALTERNATIVES, OIDC_PROVIDER, Source, profile, role};

/// Every mode of a profile that the provider block asks for.
pub const MODES: [Source; 8] = [
    Source {
        name: "profile_AK",
        rank: ALTERNATIVES,
        set: |scene| other_profile(scene, "AK", &keys("LTAIother")),
        key: "LTAIother",
    },
    Source {
        name: "profile_StsToken",
        rank: ALTERNATIVES,
        set: |scene| other_profile(scene, "StsToken", &sts_token()),
        key: "STS.static",
    },
    Source {
        name: "profile_RamRoleArn",
        rank: ALTERNATIVES,
        set: |scene| other_profile(scene, "RamRoleArn", &ram_role_arn()),
        key: "STS.role-reader.",
    },
    Source {
        name: "profile_EcsRamRole",
        rank: ALTERNATIVES,
        set: |scene| other_profile(scene, "EcsRamRole", ""),
        key: "STS.ecs-testrole.",
    },
    Source {
        name: "profile_ChainableRamRoleArn",
        rank: ALTERNATIVES,
        set: |scene| other_profile(scene, "ChainableRamRoleArn", &chained()),
        key: "STS.role-last.",
    },
    Source {
        name: "profile_OIDC",
        rank: ALTERNATIVES,
        set: |scene| {
            let fields = oidc(scene);
            other_profile(scene, "OIDC", &fields);
        },
        key: "STS.oidc-reader.",
    },
    Source {
        name: "profile_CredentialsURI",
        rank: ALTERNATIVES,
        set: |scene| {
            let fields = uri(scene);
            other_profile(scene, "CredentialsURI", &fields);
        },
        key: "STS.uri-profile.",
    },
    Source {
        name: "profile_External",
        rank: ALTERNATIVES,
        set: |scene| {
            let fields = external(scene);
            other_profile(scene, "External", &fields);
        },
        key: "STS.static",
    },
];

/// Writes a file with a profile of the mode, and asks for it.
fn other_profile(scene: &mut Scene, mode: &str, fields: &str) {
    let url = scene.emulator.url();
    scene.env("ALIBABA_CLOUD_ECS_METADATA_SERVICE_ENDPOINT", &url);
    let other = format!(r#"{{"name": "other", "mode": "{mode}"{fields}}}"#);
    let profiles = format!("{}, {other}", profile("default", "LTAIcurrent"));
    scene.cli_file("default", &profiles);
    scene.block("profile = \"other\"");
}

pub fn tests() -> Vec<TerraformTest> {
    let modes = MODES.into_iter().map(|mode| {
        TerraformTest::new(format!("alone::{}", mode.name), move |client| {
            let mut scene = Scene::new(client)?;
            (mode.set)(&mut scene);
            let key = scene.key()?;
            assert!(key.starts_with(mode.key), "{key}");
            Ok(())
        })
    });
    let more = [
        TerraformTest::new("alone::profile_chain_of_three", chain_of_three),
        TerraformTest::new("alone::ini_sts", |client| {
            let token = "goldfish+/static=";
            let fields = format!(
                "type = sts\naccess_key_id = STS.static\naccess_key_secret = {}\n\
                 security_token = {token}\n",
                secret("STS.static")
            );
            ini_gives(client, &fields, "STS.static")
        }),
        TerraformTest::new("alone::ini_ecs_ram_role", |client| {
            ini_gives(
                client,
                "type = ecs_ram_role\nrole_name = testrole\n",
                "STS.ecs-testrole.",
            )
        }),
        TerraformTest::new("alone::ini_ram_role_arn", |client| {
            let fields = format!(
                "type = ram_role_arn\naccess_key_id = LTAIini\naccess_key_secret = {}\n\
                 role_arn = {}\nrole_session_name = session\n",
                secret("LTAIini"),
                role("reader")
            );
            ini_gives(client, &fields, "STS.role-reader.")
        }),
        TerraformTest::new("a_profile_gives_the_region", profile_gives_the_region),
    ];
    modes.chain(more).collect()
}

fn keys(key: &str) -> String {
    let secret = secret(key);
    format!(r#", "access_key_id": "{key}", "access_key_secret": "{secret}""#)
}

fn sts_token() -> String {
    keys("STS.static") + r#", "sts_token": "goldfish+/static=""#
}

fn ram_role_arn() -> String {
    keys("LTAIother")
        + &format!(
            r#", "ram_role_arn": "{}", "expired_seconds": 900"#,
            role("reader")
        )
}

fn chained() -> String {
    let role = role("last");
    format!(r#", "source_profile": "default", "ram_role_arn": "{role}""#)
}

fn oidc(scene: &Scene) -> String {
    let file = scene.home_file("oidc/token", "testtoken");
    format!(
        r#", "oidc_provider_arn": "{OIDC_PROVIDER}", "oidc_token_file": "{file}",
            "ram_role_arn": "{}", "ram_session_name": "session""#,
        role("reader")
    )
}

fn uri(scene: &Scene) -> String {
    let uri = scene.emulator.credentials_uri();
    format!(r#", "credentials_uri": "{uri}/profile""#)
}

fn external(scene: &Scene) -> String {
    let printed = format!(
        r#"{{"mode": "StsToken"{}, "expiration": "2124-05-25T11:45:17Z"}}"#,
        sts_token()
    );
    let file = scene.home_file("bin/printed with spaces.json", &printed);
    format!(r#", "process_command": "cat '{file}'""#)
}

/// A role that is assumed with a role that is assumed with a key.
fn chain_of_three(client: &Client) -> Result<(), Failed> {
    let mut scene = Scene::new(client)?;
    let middle = format!(
        r#"{{"name": "middle", "mode": "RamRoleArn"{}}}"#,
        ram_role_arn()
    );
    let last = format!(
        r#"{{"name": "last", "mode": "ChainableRamRoleArn", "source_profile": "middle",
            "ram_role_arn": "{}"}}"#,
        role("last")
    );
    scene.cli_file("last", &format!("{middle}, {last}"));
    scene.block("");
    assert_eq!(scene.key()?, "STS.role-last.2");
    assert_eq!(
        scene.keys_of("AssumeRole"),
        ["LTAIother", "STS.role-reader.1"]
    );
    assert_eq!(
        scene.calls("AssumeRole")[0].parameter("DurationSeconds"),
        Some("900")
    );
    Ok(())
}

fn ini_gives(client: &Client, fields: &str, expected: &str) -> Result<(), Failed> {
    let mut scene = Scene::new(client)?;
    let url = scene.emulator.url();
    scene.env("ALIBABA_CLOUD_ECS_METADATA_SERVICE_ENDPOINT", &url);
    scene.home_file(
        ".alibabacloud/credentials.ini",
        &format!("[default]\n{fields}"),
    );
    let key = scene.key()?;
    assert!(key.starts_with(expected), "{key}");
    Ok(())
}

/// Also to those whose keys are elsewhere, and only where nobody names one.
fn profile_gives_the_region(client: &Client) -> Result<(), Failed> {
    for (variable, block, expected) in [
        ("", "", "us-west-1"),
        ("ap-southeast-1", "", "ap-southeast-1"),
        ("ap-southeast-1", "region = \"cn-hangzhou\"", "cn-hangzhou"),
    ] {
        let mut scene = Scene::new(client)?;
        scene.cli_file("default", &profile("default", "LTAIcurrent"));
        scene.env("ALIBABA_CLOUD_REGION", variable);
        scene.env("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAIenv");
        scene.env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", &secret("LTAIenv"));
        scene.block(block);
        assert_eq!(scene.key()?, "LTAIenv");
        let calls = scene.calls("ListImages");
        assert_eq!(calls[0].parameter("RegionId"), Some(expected));
    }
    Ok(())
}
