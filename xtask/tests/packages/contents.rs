//! The contents of packages, manifest, SBOM and checksums.

use std::collections::BTreeMap;
use std::fs;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::fixture::{packages, xtask};

pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test(
            "package_contains_provider_and_licenses",
            package_contains_provider_and_licenses,
        ),
        Trial::test(
            "checksums_cover_all_release_files",
            checksums_cover_all_release_files,
        ),
        Trial::test(
            "manifest_lists_both_protocols",
            manifest_lists_both_protocols,
        ),
        Trial::test(
            "sbom_lists_linked_crates_only",
            sbom_lists_linked_crates_only,
        ),
        Trial::test("package_is_reproducible", package_is_reproducible),
    ]
}

fn package_contains_provider_and_licenses() -> Result<(), Failed> {
    let packages = packages()?;
    let mut archive = zip::ZipArchive::new(fs::File::open(packages.archive())?)?;
    let mut modes = BTreeMap::new();
    for index in 0..archive.len() {
        let file = archive.by_index(index)?;
        modes.insert(
            file.name()?.into_owned(),
            file.unix_mode().map(|it| it & 0o777),
        );
    }
    let expected = [
        ("LICENSE-APACHE".to_owned(), Some(0o644)),
        ("LICENSE-MIT".to_owned(), Some(0o644)),
        (packages.program(), Some(0o755)),
    ];
    assert_eq!(modes, BTreeMap::from(expected));
    Ok(())
}

fn checksums_cover_all_release_files() -> Result<(), Failed> {
    let packages = packages()?;
    let stem = format!("terraform-provider-swas_{}_", packages.version);
    let list = fs::read_to_string(packages.folder.join(format!("{stem}SHA256SUMS")))?;
    let mut listed = BTreeMap::new();
    for line in list.lines() {
        let (sum, name) = line.split_once("  ").ok_or("no checksum")?;
        listed.insert(name.to_owned(), sum.to_owned());
    }
    let mut computed = BTreeMap::new();
    for entry in fs::read_dir(&packages.folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        // The checksum file does not cover itself and its signature.
        if name.starts_with(&stem) && !name.contains("SHA256SUMS") {
            let digest = Sha256::digest(fs::read(packages.folder.join(&name))?);
            computed.insert(name, hex::encode(digest));
        }
    }
    assert_eq!(listed, computed);
    assert!(listed.len() >= 3, "{listed:?}");
    Ok(())
}

fn manifest_lists_both_protocols() -> Result<(), Failed> {
    let manifest = json("manifest.json")?;
    let versions = &manifest["metadata"]["protocol_versions"];
    assert_eq!(manifest["version"], 1);
    assert_eq!(versions, &serde_json::json!(["5.0", "6.0"]));
    Ok(())
}

fn sbom_lists_linked_crates_only() -> Result<(), Failed> {
    let sbom = json("sbom.cdx.json")?;
    assert_eq!(sbom["bomFormat"], "CycloneDX");
    let subject = &sbom["metadata"]["component"];
    assert_eq!(subject["name"], "terraform-provider-swas");
    let components = sbom["components"].as_array().ok_or("no components")?;
    let has = |name: &str| components.iter().any(|it| it["name"] == name);
    for linked in ["rustls", "aws-lc-sys", "tonic", "tokio"] {
        assert!(has(linked), "{linked} is missing");
    }
    for other in ["protox", "serde_derive", "insta", "clap"] {
        assert!(!has(other), "{other} is not linked");
    }
    Ok(())
}

fn json(name: &str) -> Result<Value, Failed> {
    let packages = packages()?;
    let name = format!("terraform-provider-swas_{}_{name}", packages.version);
    Ok(serde_json::from_slice(&fs::read(
        packages.folder.join(name),
    )?)?)
}

fn package_is_reproducible() -> Result<(), Failed> {
    let packages = packages()?;
    let folder = tempfile::tempdir()?;
    let provider = packages.unpack(&folder.path().join("unpacked"))?;
    let rebuilt = folder.path().join("dist");
    xtask(
        ["dist".as_ref(), "--binary".as_ref(), provider.as_os_str()],
        &rebuilt,
    )?;
    let name = packages.archive();
    let name = name.file_name().ok_or("no name")?;
    assert!(fs::read(packages.archive())? == fs::read(rebuilt.join(name))?);
    Ok(())
}
