//! Partial configurations of every source of credentials.

use serde_json::{Value, json};
use swas_testing::machine::sources::{chained, ram_role_arn, signed_in};

use super::*;
use crate::machine::{CLOSED_ENDPOINT, OIDC_PROVIDER};

/// The same as `role("env")`.
pub(super) const ROLE: &str = "acs:ram::1234567890123456:role/env";

/// Names and values of environment variables.
type Variables = &'static [(&'static str, &'static str)];

/// Variables that configure a source partially, and texts of the error.
pub(super) const VARIABLES: [(Variables, &[&str]); 27] = [
    (&[(ID, "LTAIenv")], &[ID, KEY_SECRET]),
    (&[(ID, "LTAIenv"), (KEY_SECRET, " ")], &[ID, KEY_SECRET]),
    (&[(KEY_SECRET, "swordfish")], &[ID, KEY_SECRET]),
    (&[(SECURITY_TOKEN, "swordfish")], &[ID, SECURITY_TOKEN]),
    (
        &[(ID, "LTAIenv"), (SECURITY_TOKEN, "swordfish")],
        &[ID, KEY_SECRET],
    ),
    (&[(PROVIDER_ARN, OIDC_PROVIDER)], &[PROVIDER_ARN, ROLE_ARN]),
    (&[(TOKEN, "swordfish")], &[TOKEN, PROVIDER_ARN]),
    (&[(TOKEN_FILE, "~/token")], &[TOKEN_FILE, PROVIDER_ARN]),
    (
        &[(PROVIDER_ARN, OIDC_PROVIDER), (ROLE_ARN, ROLE)],
        &[PROVIDER_ARN, TOKEN_FILE],
    ),
    (
        &[(PROVIDER_ARN, OIDC_PROVIDER), (TOKEN, "swordfish")],
        &[PROVIDER_ARN, ROLE_ARN],
    ),
    (
        &[(TOKEN, "swordfish"), (ROLE_ARN, ROLE)],
        &[TOKEN, PROVIDER_ARN],
    ),
    (
        &[(PROVIDER_ARN, "a"), (TOKEN, "swordfish"), (ROLE_ARN, ROLE)],
        &[PROVIDER_ARN],
    ),
    // A pod whose token is not mounted.
    (
        &[
            (PROVIDER_ARN, OIDC_PROVIDER),
            (TOKEN_FILE, "~/token"),
            (ROLE_ARN, ROLE),
        ],
        &[TOKEN_FILE, "HOME/token does not exist"],
    ),
    (
        &[
            (PROVIDER_ARN, OIDC_PROVIDER),
            (TOKEN_FILE, "~/empty"),
            (ROLE_ARN, ROLE),
        ],
        &[TOKEN_FILE, "HOME/empty is empty"],
    ),
    (
        &[
            (PROVIDER_ARN, OIDC_PROVIDER),
            (TOKEN_FILE, "~/.alibabacloud"),
            (ROLE_ARN, ROLE),
        ],
        &[TOKEN_FILE, "HOME/.alibabacloud cannot be read"],
    ),
    (&[(SHARED_FILE, "~/ghost")], &[SHARED_FILE, "HOME/ghost"]),
    (&[(CONFIG_FILE, "~/ghost")], &[CONFIG_FILE, "HOME/ghost"]),
    (
        &[(SHARED_FILE, "~/.alibabacloud")],
        &["HOME/.alibabacloud cannot be read"],
    ),
    (
        &[(SHARED_FILE, "~/first-run.json")],
        &["HOME/first-run.json has no \"access_key_id\""],
    ),
    (
        &[(CONFIG_FILE, "~/disabled.ini")],
        &["HOME/disabled.ini is disabled"],
    ),
    (
        &[(PROFILE, "ghost")],
        &[
            PROFILE,
            "config.json does not exist",
            "no profile \"ghost\"",
        ],
    ),
    (&[(PROFILE, "Default")], &[PROFILE, "case-sensitive"]),
    (
        &[(METADATA_ROLE, "testrole"), (METADATA_DISABLED, "Yes")],
        &[METADATA_ROLE, METADATA_DISABLED],
    ),
    (&[(METADATA_ROLE, "ghost")], &[METADATA_ROLE, "/ghost"]),
    (
        &[(METADATA_ROLE, "../../user-data")],
        &[METADATA_ROLE, "must be the name of a RAM role"],
    ),
    (
        &[
            (PROVIDER_ARN, OIDC_PROVIDER),
            (TOKEN, "swordfish"),
            (ROLE_ARN, ROLE),
            (SESSION_NAME, "two words"),
        ],
        &[SESSION_NAME, "must have 2 to 64 letters"],
    ),
    (&[(URI, "swordfish")], &[URI]),
];

/// Files with their content, and a text of the error.
pub(super) const FILES: [(&str, &str, &str); 45] = [
    (CLI, "", "not valid JSON"),
    (CLI, "{\"profiles\": [{\"swordfish", "not valid JSON"),
    (CLI, "[]", "not have the form of the Alibaba Cloud CLI"),
    (
        CLI,
        r#"{"profiles": {"swordfish": 1}}"#,
        "not have the form of the Alibaba Cloud CLI",
    ),
    (CLI, "{\0\"\0", "in UTF-16"),
    (CLI, r#"{"current": "default"}"#, "it has no \"profiles\""),
    (
        CLI,
        r#"{"default": {"access_key_id": "a"}}"#,
        "it has no \"profiles\"",
    ),
    (
        CLI,
        r#"{"Current": "b", "profiles": [{"name": "b", "mode": "EcsRamRole"}]}"#,
        "keys must be in lower case",
    ),
    (
        CLI,
        r#"{"profiles": [{"name": "default", "Mode": "EcsRamRole"}]}"#,
        "keys must be in lower case",
    ),
    (
        CLI,
        r#"{"profiles": [{"name": "default"}, {"name": "default", "mode": "EcsRamRole"}]}"#,
        "is defined more than once",
    ),
    (
        INI,
        "[default]\nenable = false\n[default]\ntype = ecs_ram_role\nrole_name = a\n",
        "is defined more than once",
    ),
    (
        CLI,
        r#"{"current": "a", "profiles": [{"name": "default", "mode": "EcsRamRole"}]}"#,
        "no profile \"a\", only \"default\"",
    ),
    (
        CLI,
        r#"{"current": "a", "profiles": []}"#,
        "no profile \"a\"",
    ),
    (
        CLI,
        r#"{"current": "", "profiles": [{"name": "a", "access_key_id": "a"}, {"name": "b"}]}"#,
        "no profile \"default\", only \"a\", \"b\"",
    ),
    (
        CLI,
        r#"{"profiles": [{"name": "Default", "access_key_id": "a"}]}"#,
        "no profile \"default\", only \"Default\" (names are case-sensitive)",
    ),
    (
        CLI,
        "\u{feff}{\"profiles\": [{\"name\": \"default\", \"access_key_id\": \"a\"}]}",
        "has no \"access_key_secret\"",
    ),
    (
        CLI,
        r#"{"profiles": [{"name": "default", "access_key_id": " ", "access_key_secret": "a"}]}"#,
        "has no \"access_key_id\"",
    ),
    (
        CLI,
        r#"{"profiles": [{"name": "default", "mode": "EcsRamRole", "ram_role_name": "../a"}]}"#,
        "\"ram_role_name\" of the profile \"default\"",
    ),
    (
        CLI,
        r#"{"profiles": [{"name": "default", "mode": "External", "process_command": "A=swordfish a"}]}"#,
        "begins with the assignment of a variable",
    ),
    (
        INI,
        "[default]\naccess_key_id = a\naccess_key_secret = swordfish\nrole_arn = a\n",
        "has no \"type\"",
    ),
    (
        INI,
        "[default]\ntype = access_key\naccess_key_id = a\naccess_key_secret = swordfish\nsecurity_token = swordfish\n",
        "\"security_token\" of the profile \"default\"",
    ),
    (INI, "swordfish", "not valid INI"),
    (INI, "[default\nenable = true", "not valid INI"),
    (
        INI,
        "type = access_key\naccess_key_id = a\n",
        "keys before its first section",
    ),
    (
        INI,
        "access_key_id = a\n[default]\nenable = false\n",
        "keys before its first section",
    ),
    (
        INI,
        "[Default]\naccess_key_id = a\n[b]\n",
        "no profile \"default\", only \"Default\", \"b\" (names are case-sensitive)",
    ),
    (
        INI,
        "[client]\naccess_key_id = a\n",
        "no profile \"default\", only \"client\"",
    ),
    (
        INI,
        "\u{feff}[default]\naccess_key_id = a\n",
        "has no \"access_key_secret\"",
    ),
    (
        INI,
        "\u{feff}access_key_id = a\n",
        "keys before its first section",
    ),
    (INI, "[\0d\0", "in UTF-16"),
    (
        INI,
        "[default]\nenable = yes\naccess_key_id = a\n",
        "has no \"access_key_secret\"",
    ),
    (
        INI,
        "[default]\nenable = maybe\naccess_key_id = a\n",
        "\"enable\" of the profile \"default\" of HOME/.alibabacloud/credentials.ini is \"maybe\"",
    ),
    (INI, "[default]\nenable = maybe\n", "is \"maybe\""),
    (
        INI,
        "[default]\nEnable = false\n",
        "has the key \"Enable\", not in lower case (line 2, section \"default\")",
    ),
    (
        INI,
        "[default]\naccess_key_secret = swordfish\n",
        "has no \"access_key_id\"",
    ),
    (
        INI,
        "[default]\ntype = sts\naccess_key_id = a\naccess_key_secret = swordfish\n",
        "has no \"security_token\"",
    ),
    (
        INI,
        "[default]\ntype = ram_role_arn\nrole_arn = a\n",
        "has no \"access_key_id\"",
    ),
    (
        INI,
        "[default]\ntype = bearer\nbearer_token = swordfish\n",
        "not supported",
    ),
    (INI, "[default]\nunknown = a\n", "has no \"access_key_id\""),
    (
        INI,
        "[default]\ntype = oidc_role_arn\nrole_arn = a\n",
        "has no \"oidc_token_file_path\"",
    ),
    (
        INI,
        "[default]\ntype = credentials_uri\ncredentials_uri = swordfish\n",
        "\"credentials_uri\" of the profile \"default\"",
    ),
    (
        INI,
        "[default]\ntype = ecs_ram_role\nrole_name = ghost\n",
        "ghost",
    ),
    (OTHER_INI, "swordfish", "not valid INI"),
    (
        OTHER_INI,
        "[default]\naccess_key_id = a\n",
        "has no \"access_key_secret\"",
    ),
    (
        OTHER_INI,
        "[Default]\naccess_key_id = a\n",
        "(names are case-sensitive)",
    ),
];

/// Fields of a CLI profile, and a text of the error.
pub(super) fn profiles() -> Vec<(Value, &'static str)> {
    let signed_out = |mode| signed_in(mode, -1, -1);
    let without = |mut fields: Value, name: &str| {
        fields[name] = Value::Null;
        fields
    };
    let role = json!({"mode": "OIDC", "oidc_provider_arn": OIDC_PROVIDER, "ram_role_arn": ROLE,
                      "oidc_token_file": "~/token"});
    let chained = chained("ghost");
    let ram_role = ram_role_arn();
    let id = "has no \"access_key_id\"";
    let key_secret = "has no \"access_key_secret\"";
    let arn = "has no \"ram_role_arn\"";
    vec![
        (json!({"access_key_secret": "swordfish"}), id),
        (json!({"sts_token": "swordfish"}), id),
        (json!({"ram_role_arn": ROLE}), id),
        (json!({"mode": "AK", "ram_role_arn": ROLE}), id),
        (json!({"mode": "AK", "expired_seconds": 900}), id),
        (json!({"mode": "AK", "private_key": "swordfish"}), id),
        (json!({"mode": "AK", "access_key_id": "a"}), key_secret),
        (
            json!({"mode": "StsToken", "access_key_id": "a", "access_key_secret": "swordfish"}),
            "has no \"sts_token\"",
        ),
        (json!({"mode": "StsToken", "sts_token": "swordfish"}), id),
        (without(ram_role.clone(), "access_key_id"), id),
        (without(ram_role.clone(), "access_key_secret"), key_secret),
        (without(ram_role, "ram_role_arn"), arn),
        (chained.clone(), "no profile \"ghost\", only \"default\""),
        (
            without(chained.clone(), "source_profile"),
            "has no \"source_profile\"",
        ),
        (json!({"mode": "EcsRamRole"}), METADATA_DISABLED),
        (
            json!({"mode": "EcsRamRole", "ram_role_name": "testrole"}),
            METADATA_DISABLED,
        ),
        (
            json!({"mode": "RamRoleArnWithRoleName", "ram_role_arn": ROLE}),
            METADATA_DISABLED,
        ),
        (role.clone(), "HOME/token does not exist"),
        (
            without(role.clone(), "oidc_token_file"),
            "has no \"oidc_token_file\"",
        ),
        (
            without(role.clone(), "oidc_provider_arn"),
            "has no \"oidc_provider_arn\"",
        ),
        (without(role, "ram_role_arn"), arn),
        (
            json!({"mode": "CredentialsURI", "credentials_uri": "swordfish"}),
            "\"credentials_uri\"",
        ),
        (
            json!({"mode": "CredentialsURI", "credentials_uri": format!("{CLOSED_ENDPOINT}/a")}),
            "no connection could be made",
        ),
        (
            json!({"mode": "External", "ram_role_arn": ROLE}),
            "has no \"process_command\"",
        ),
        (
            json!({"mode": "External", "process_command": "false"}),
            "the command \"false\" failed",
        ),
        (
            json!({"mode": "External", "process_command": "/nonexistent/sso swordfish"}),
            "the command \"/nonexistent/sso\" cannot be started",
        ),
        (
            json!({"mode": "External", "process_command": "echo {}"}),
            "the profile has no \"access_key_id\"",
        ),
        (signed_out("OAuth"), "has expired"),
        (
            without(signed_out("OAuth"), "oauth_access_token"),
            "has no \"oauth_access_token\"",
        ),
        (signed_out("CloudSSO"), "has expired"),
        (
            without(signed_out("CloudSSO"), "access_token"),
            "has no \"access_token\"",
        ),
        (
            json!({"mode": "BearerToken", "bearer_token": "swordfish"}),
            "not supported",
        ),
        (json!({"mode": "ak", "access_key_id": "a"}), "not supported"),
    ]
}
