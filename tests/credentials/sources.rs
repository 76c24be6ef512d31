//! Every source of credentials, in the order in which they win.

use super::scene::{Scene, secret};

/// A place to put credentials.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    pub name: &'static str,
    /// Sources of one rank in the provider block exclude each other.
    pub rank: u32,
    /// Puts them there.
    pub set: fn(&mut Scene),
    /// What the ID of the key then begins with.
    pub key: &'static str,
}

/// The rank of those that exclude each other.
pub const ALTERNATIVES: u32 = 3;

/// Every source.
pub const SOURCES: [Source; 15] = [
    Source {
        name: "block_keys",
        rank: 1,
        set: block_keys,
        key: "LTAIblock",
    },
    Source {
        name: "block_oidc",
        rank: 2,
        set: block_oidc,
        key: "STS.oidc-block.",
    },
    Source {
        name: "block_ecs",
        rank: ALTERNATIVES,
        set: block_ecs,
        key: "STS.ecs-testrole.",
    },
    Source {
        name: "block_uri",
        rank: ALTERNATIVES,
        set: block_uri,
        key: "STS.uri-block.",
    },
    Source {
        name: "block_profile",
        rank: ALTERNATIVES,
        set: block_profile,
        key: "LTAIother",
    },
    Source {
        name: "block_file",
        rank: ALTERNATIVES,
        set: block_file,
        key: "LTAIfile",
    },
    Source {
        name: "env_keys",
        rank: 4,
        set: env_keys,
        key: "LTAIenv",
    },
    Source {
        name: "env_oidc",
        rank: 5,
        set: env_oidc,
        key: "STS.oidc-env.",
    },
    Source {
        name: "env_file",
        rank: 6,
        set: env_file,
        key: "LTAIfile",
    },
    Source {
        name: "env_profile",
        rank: 7,
        set: env_profile,
        key: "LTAIother",
    },
    Source {
        name: "cli_file",
        rank: 8,
        set: cli_file,
        key: "LTAIcurrent",
    },
    Source {
        name: "ini_file",
        rank: 9,
        set: ini_file,
        key: "LTAIini",
    },
    Source {
        name: "env_ecs",
        rank: 10,
        set: env_ecs,
        key: "STS.ecs-testrole.",
    },
    Source {
        name: "guessed_ecs",
        rank: 11,
        set: guessed_ecs,
        key: "STS.ecs-testrole.",
    },
    Source {
        name: "env_uri",
        rank: 12,
        set: env_uri,
        key: "STS.uri-env.",
    },
];

/// A role of the account, by its name.
pub fn role(name: &str) -> String {
    format!("acs:ram::1234567890123456:role/{name}")
}

pub const OIDC_PROVIDER: &str = "acs:ram::1234567890123456:oidc-provider/test";

/// A profile of plain keys, as JSON.
pub fn profile(name: &str, key: &str) -> String {
    format!(
        r#"{{"name": "{name}", "mode": "AK", "access_key_id": "{key}",
            "access_key_secret": "{}", "region_id": "us-west-1"}}"#,
        secret(key)
    )
}

fn block_keys(scene: &mut Scene) {
    let secret = secret("LTAIblock");
    scene.block(&format!(
        "access_key = \"LTAIblock\"\nsecret_key = \"{secret}\""
    ));
}

fn block_oidc(scene: &mut Scene) {
    let role = role("block");
    scene.block(&format!(
        "assume_role_with_oidc {{\n\
           role_arn          = \"{role}\"\n\
           oidc_provider_arn = \"{OIDC_PROVIDER}\"\n\
           oidc_token        = \"testtoken\"\n\
         }}"
    ));
}

fn metadata_service(scene: &mut Scene) {
    let url = scene.emulator.url();
    scene.env("ALIBABA_CLOUD_ECS_METADATA_SERVICE_ENDPOINT", &url);
}

fn block_ecs(scene: &mut Scene) {
    metadata_service(scene);
    scene.block("ecs_role_name = \"testrole\"");
}

fn block_uri(scene: &mut Scene) {
    let uri = format!("{}/block", scene.emulator.credentials_uri());
    scene.block(&format!("credentials_uri = \"{uri}\""));
}

/// Both profiles of the CLI's file: those who come later do not write another.
fn cli_file(scene: &mut Scene) {
    let profiles = format!(
        "{}, {}",
        profile("default", "LTAIcurrent"),
        profile("other", "LTAIother")
    );
    scene.cli_file("default", &profiles);
}

fn block_profile(scene: &mut Scene) {
    cli_file(scene);
    scene.block("profile = \"other\"");
}

fn other_file(scene: &Scene) -> String {
    // With the names of all profiles that may be asked for.
    let profiles = format!(
        "{}, {}",
        profile("default", "LTAIfile"),
        profile("other", "LTAIfile")
    );
    scene.home_file(
        "elsewhere/config",
        &format!(r#"{{"profiles": [{profiles}]}}"#),
    )
}

fn block_file(scene: &mut Scene) {
    other_file(scene);
    scene.block("shared_credentials_file = \"~/elsewhere/config\"");
}

fn env_keys(scene: &mut Scene) {
    scene.env("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAIenv");
    scene.env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", &secret("LTAIenv"));
}

fn env_oidc(scene: &mut Scene) {
    let file = scene.home_file("oidc/token", "testtoken\n");
    scene.env("ALIBABA_CLOUD_ROLE_ARN", &role("env"));
    scene.env("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", OIDC_PROVIDER);
    scene.env("ALIBABA_CLOUD_OIDC_TOKEN_FILE", &file);
}

fn env_file(scene: &mut Scene) {
    let file = other_file(scene);
    scene.env("ALIBABA_CLOUD_CREDENTIALS_FILE", &file);
}

fn env_profile(scene: &mut Scene) {
    cli_file(scene);
    scene.env("ALIBABA_CLOUD_PROFILE", "other");
}

fn ini_file(scene: &mut Scene) {
    let section = |name| {
        let secret = secret("LTAIini");
        format!(
            "[{name}]\nenable = true\ntype = access_key\naccess_key_id = LTAIini\n\
             access_key_secret = {secret}\n"
        )
    };
    let text = format!("{}{}", section("default"), section("other"));
    scene.home_file(".alibabacloud/credentials.ini", &text);
}

fn env_ecs(scene: &mut Scene) {
    metadata_service(scene);
    // One that is not there, where it had better not be asked for.
    let name = if scene.block_has("ecs_role_name") {
        "ghost"
    } else {
        "testrole"
    };
    scene.env("ALIBABA_CLOUD_ECS_METADATA", name);
}

fn guessed_ecs(scene: &mut Scene) {
    metadata_service(scene);
}

fn env_uri(scene: &mut Scene) {
    let uri = format!("{}/env", scene.emulator.credentials_uri());
    scene.env("ALIBABA_CLOUD_CREDENTIALS_URI", &uri);
}
