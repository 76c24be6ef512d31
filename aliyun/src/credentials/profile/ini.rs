//! The INI file of Alibaba Cloud's SDKs.

use std::path::Path;

use ini::{Ini, Properties};

use super::configured::PREFERENCES;
use super::{Field, Profile, ProfileFile};
use crate::credentials::Reason;

/// The keys that are read, in lower case. In another case they are an error: without its
/// `ENABLE` or `ROLE_ARN`, a section could be another identity.
const KEYS: [&str; 11] = [
    "type",
    "enable",
    "region_id",
    "access_key_id",
    "access_key_secret",
    "security_token",
    "sts_token",
    "role_name",
    "role_arn",
    "role_session_name",
    "policy",
];

/// Reads the file's sections as the profiles that the CLI would write for them.
pub(crate) fn parse(path: &Path, content: &[u8]) -> Result<ProfileFile, Reason> {
    let malformed =
        |problem: &str| Reason::Malformed(format!("the file {} {problem}", path.display()));
    let text = std::str::from_utf8(content).map_err(|_| malformed("is not text"))?;
    // Its message may quote the line, and it tells a place further on.
    let sections = Ini::load_from_str(text);
    let sections = sections.map_err(|_| malformed("is not valid INI"))?;
    if !sections.general_section().is_empty() {
        // Some tools take them for the default profile, and others ignore them.
        return Err(malformed(
            "has keys before its first section: put \"[default]\" above them",
        ));
    }
    let mut keys = sections.iter().flat_map(|(_, section)| section.iter());
    if keys.any(|(key, _)| !KEYS.contains(&key) && KEYS.contains(&&*key.to_ascii_lowercase())) {
        return Err(malformed("has keys that are not in lower case"));
    }
    let profiles = sections
        .iter()
        .filter_map(|(name, section)| Some(profile(name?.to_owned(), section)));
    Ok(ProfileFile {
        current: Field(None),
        profiles: profiles.collect(),
        path: path.to_owned(),
    })
}

fn profile(name: String, section: &Properties) -> Profile {
    let get = |key| section.get(key).map(|value| value.trim().to_owned());
    let mode = get("type").map(|kind| match kind.as_str() {
        "access_key" => "AK".to_owned(),
        "sts" | "sts_token" => "StsToken".to_owned(),
        "ecs_ram_role" => "EcsRamRole".to_owned(),
        "ram_role_arn" => "RamRoleArn".to_owned(),
        _ => kind,
    });
    let is_preference = |key| PREFERENCES.contains(&key) || ["type", "enable"].contains(&key);
    let is_empty = section
        .iter()
        .all(|(key, value)| is_preference(key) || value.trim().is_empty());
    Profile {
        name,
        is_empty,
        enable: get("enable").into(),
        mode: mode.into(),
        region_id: get("region_id").into(),
        access_key_id: get("access_key_id").into(),
        access_key_secret: get("access_key_secret").into(),
        sts_token: get("security_token").or_else(|| get("sts_token")).into(),
        ram_role_name: get("role_name").into(),
        ram_role_arn: get("role_arn").into(),
        ram_session_name: get("role_session_name").into(),
        policy: get("policy").into(),
        ..Profile::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_profiles() {
        let text = "[default]\nenable = true\ntype = access_key\naccess_key_id = id\n\
                    access_key_secret = goldfish\n\n[off]\nenable=false\n\
                    [role]\ntype=ram_role_arn\nrole_arn=arn\n[other]\ntype=bearer\n";
        let file = parse("credentials.ini".as_ref(), text.as_bytes()).unwrap();
        let found: Vec<_> = file
            .profiles
            .iter()
            .map(|profile| (profile.name.as_str(), profile.mode.0.as_deref()))
            .collect();
        assert_eq!(
            found,
            [
                ("default", Some("AK")),
                ("off", None),
                ("role", Some("RamRoleArn")),
                ("other", Some("bearer"))
            ]
        );
        assert_eq!(file.profiles[0].access_key_id.0.as_deref(), Some("id"));
    }

    #[test]
    fn a_malformed_file_is_named_and_not_quoted() {
        for (content, expected) in [
            (&b"[default]\ngoldfish\n"[..], "is not valid INI"),
            (b"[default\ngoldfish = a\n", "is not valid INI"),
            (b"\xE9 = goldfish\n", "is not text"),
            (
                b"goldfish = a\n[default]\n",
                "has keys before its first section: put \"[default]\" above them",
            ),
            (
                b"[default]\nENABLE = false\n",
                "has keys that are not in lower case",
            ),
        ] {
            let error = parse("credentials.ini".as_ref(), content).unwrap_err();
            let expected = format!("the file credentials.ini {expected}");
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn a_section_is_enabled_unless_a_boolean_says_otherwise() {
        for (line, expected) in [
            ("", ""),
            ("enable =", ""),
            ("enable = Yes", ""),
            ("enable = on", ""),
            (
                "enable = 0",
                "the profile \"default\" of credentials.ini is disabled by \"enable\"",
            ),
            (
                "enable = maybe",
                "\"enable\" of the profile \"default\" of credentials.ini is \"maybe\", and must be \
                 \"true\" or \"false\"",
            ),
        ] {
            let text = format!("[default]\n{line}\naccess_key_id = a\n");
            let file = parse("credentials.ini".as_ref(), text.as_bytes()).unwrap();
            let error = file.named("default").err().map(|error| error.to_string());
            assert_eq!(error.unwrap_or_default(), expected, "{line}");
        }
    }
}
