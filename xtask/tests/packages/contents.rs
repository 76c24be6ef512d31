//! A package has what the registries want, and its checksum is listed.

use std::collections::BTreeMap;
use std::fs;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::scene::{packages, xtask};

pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("a_package_holds_the_provider_and_its_licenses", holds),
        Trial::test("all_files_of_a_release_have_their_checksums", checksums),
        Trial::test("the_manifest_names_both_protocols", manifest),
        Trial::test("the_sbom_names_what_is_linked", sbom),
        Trial::test("the_same_files_give_the_same_package", same),
    ]
}

fn holds() -> Result<(), Failed> {
    let packages = packages()?;
    let mut archive = zip::ZipArchive::new(fs::File::open(packages.archive())?)?;
    let mut content = BTreeMap::new();
    for index in 0..archive.len() {
        let file = archive.by_index(index)?;
        content.insert(
            file.name()?.into_owned(),
            file.unix_mode().map(|it| it & 0o777),
        );
    }
    let expected = [
        ("LICENSE-APACHE".to_owned(), Some(0o644)),
        ("LICENSE-MIT".to_owned(), Some(0o644)),
        (packages.program(), Some(0o755)),
    ];
    assert_eq!(content, BTreeMap::from(expected));
    Ok(())
}

fn checksums() -> Result<(), Failed> {
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
        // A signature is made of the checksums.
        if name.starts_with(&stem) && !name.contains("SHA256SUMS") {
            let digest = Sha256::digest(fs::read(packages.folder.join(&name))?);
            computed.insert(name, hex::encode(digest));
        }
    }
    assert_eq!(listed, computed);
    assert!(listed.len() >= 3, "{listed:?}");
    Ok(())
}

fn manifest() -> Result<(), Failed> {
    let manifest = json("manifest.json")?;
    let versions = &manifest["metadata"]["protocol_versions"];
    assert_eq!(manifest["version"], 1);
    assert_eq!(versions, &serde_json::json!(["5.0", "6.0"]));
    Ok(())
}

fn sbom() -> Result<(), Failed> {
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

fn same() -> Result<(), Failed> {
    let packages = packages()?;
    let folder = tempfile::tempdir()?;
    let provider = packages.unpack(&folder.path().join("unpacked"))?;
    let again = folder.path().join("dist");
    xtask(
        ["dist".as_ref(), "--binary".as_ref(), provider.as_os_str()],
        &again,
    )?;
    let name = packages.archive();
    let name = name.file_name().ok_or("no name")?;
    assert!(fs::read(packages.archive())? == fs::read(again.join(name))?);
    Ok(())
}
