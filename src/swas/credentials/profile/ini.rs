//! The INI file of Alibaba Cloud's SDKs.

use std::path::Path;

use ini::{Ini, Properties};

use super::{Field, Profile, ProfileFile};
use crate::swas::credentials::Reason;

/// Reads the file's sections as the profiles that the CLI would write for them.
pub(super) fn parse(path: &Path, content: &[u8]) -> Result<ProfileFile, Reason> {
    let malformed =
        |problem: &str| Reason::Malformed(format!("the file {} {problem}", path.display()));
    let text = std::str::from_utf8(content).map_err(|_| malformed("is not text"))?;
    // Its message may quote the line, and it tells a place further on.
    let sections = Ini::load_from_str(text);
    let sections = sections.map_err(|_| malformed("is not valid INI"))?;
    let profiles = sections.iter().filter_map(|(name, section)| {
        let name = name?.to_owned();
        is_enabled(section).then(|| profile(name, section))
    });
    Ok(ProfileFile {
        current: Field(None),
        profiles: profiles.collect(),
        path: path.to_owned(),
    })
}

/// A section that says nothing about it is enabled.
fn is_enabled(section: &Properties) -> bool {
    section
        .get("enable")
        .is_none_or(|word| word.trim().eq_ignore_ascii_case("true") || word.trim() == "1")
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
    Profile {
        name,
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
                ("role", Some("RamRoleArn")),
                ("other", Some("bearer"))
            ]
        );
        assert_eq!(file.profiles[0].access_key_id.0.as_deref(), Some("id"));
    }

    #[test]
    fn a_malformed_file_is_named_and_not_quoted() {
        let error = parse("credentials.ini".as_ref(), b"[default]\ngoldfish\n").unwrap_err();
        let error = error.to_string();
        assert_eq!(error, "the file credentials.ini is not valid INI");
    }
}
