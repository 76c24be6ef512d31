//! Files of profiles as users have them.

use serde_json::{Value, json};

use super::sources::{MODES, Source, source};
use super::{Machine, OIDC_PROVIDER, OIDC_TOKEN, TOKEN, role, secret};

/// The INI file of Alibaba Cloud's SDKs, in the home directory.
pub const INI: &str = ".alibabacloud/credentials.ini";

/// The configuration file of the Alibaba Cloud CLI, in the home directory.
pub const CLI: &str = ".aliyun/config.json";

/// Every type of a section of an INI file.
pub const INI_TYPES: [Source; 6] = [
    source("access_key", "LTAIini", |machine| {
        ini(machine, "access_key", &keys("LTAIini"))
    }),
    source("sts", "STS.static", |machine| {
        let keys = format!("{}security_token = {TOKEN}\n", keys("STS.static"));
        ini(machine, "sts", &keys)
    }),
    source("ram_role_arn", "STS.role-reader.", |machine| {
        let role = role("reader");
        let fields = format!("{}role_arn = {role}\n", keys("LTAIini"));
        ini(machine, "ram_role_arn", &fields)
    }),
    source("ecs_ram_role", "STS.ecs-testrole.", |machine| {
        ini(machine.ecs(), "ecs_ram_role", "role_name = testrole\n")
    }),
    source("oidc_role_arn", "STS.oidc-reader.", |machine| {
        let (file, role) = (machine.path("oidc/token"), role("reader"));
        let fields = format!(
            "role_arn = {role}\noidc_provider_arn = {OIDC_PROVIDER}\n\
             oidc_token_file_path = {file}\nrole_session_name = session\n"
        );
        ini(
            machine.file("oidc/token", OIDC_TOKEN),
            "oidc_role_arn",
            &fields,
        )
    }),
    source("credentials_uri", "STS.uri-ini.", |machine| {
        let uri = machine.emulator.credentials_uri();
        let fields = format!("credentials_uri = {uri}/ini\n");
        ini(machine, "credentials_uri", &fields)
    }),
];

/// Files with inline comments, a byte order mark or other line breaks. `LTAItestid` is the
/// key of [`Options`](crate::emulator::Options).
pub const FILES: [Source; 4] = [
    // As the READMEs of the SDKs show it.
    source("INI with inline comments", "LTAItestid", |machine| {
        let text = "[default]                          # the profile that is used\n\
                    type = access_key                  # kind of credentials\n\
                    access_key_id = LTAItestid         # ID\n\
                    access_key_secret = testsecret     ; secret\n";
        machine.file(INI, text)
    }),
    source("INI with a byte order mark", "LTAItestid", |machine| {
        machine.file(INI, format!("\u{feff}{TEST_KEY}"))
    }),
    source("INI with CRLF", "LTAItestid", |machine| {
        machine.file(INI, TEST_KEY.replace('\n', "\r\n"))
    }),
    source("JSON with a byte order mark", "LTAItestid", |machine| {
        let document = json!({"current": "default", "profiles": [{
            "name": "default", "mode": "AK", "access_key_id": "LTAItestid",
            "access_key_secret": "testsecret", "region_id": "cn-hangzhou",
        }]});
        machine.file(CLI, format!("\u{feff}{document}"))
    }),
];

const TEST_KEY: &str = "[default]\ntype = access_key\naccess_key_id = LTAItestid\n\
                        access_key_secret = testsecret\n";

/// The keys of an INI file with an access key.
pub fn keys(id: &str) -> String {
    let secret = secret(id);
    format!("access_key_id = {id}\naccess_key_secret = {secret}\n")
}

fn ini(machine: Machine, kind: &str, fields: &str) -> Machine {
    machine.file(INI, format!("[default]\ntype = {kind}\n{fields}"))
}

/// A machine with a profile of a mode of [`MODES`], without the field `mode`.
///
/// # Panics
///
/// Panics if there is no such mode.
pub fn without_mode(machine: Machine, name: &str) -> (Machine, &'static str) {
    let mode = MODES.iter().find(|mode| mode.name == name);
    let mode = mode.expect("a mode");
    let machine = (mode.set)(machine);
    let content = std::fs::read(machine.path(CLI)).expect("a file");
    let mut document: Value = serde_json::from_slice(&content).expect("JSON");
    for profile in document["profiles"].as_array_mut().expect("profiles") {
        profile.as_object_mut().expect("a profile").remove("mode");
    }
    (machine.file(CLI, document.to_string()), mode.key)
}
