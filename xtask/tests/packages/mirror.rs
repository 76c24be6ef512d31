//! Installation from mirrors, without the registry.

use std::fs;
use std::io::Write;
use std::path::Path;

use libtest_mimic::Failed;
use serde_json::json;
use sha2::{Digest, Sha256};
use swas_testing::terraform::Client;
use zip::write::SimpleFileOptions;

use crate::fixture::{Fixture, HOSTS, Packages, Result, packages, platform};
use crate::network::Server;

pub fn filesystem_mirror_installs_the_package(client: &Client) -> std::result::Result<(), Failed> {
    let packages = packages()?;
    let mut fixture = Fixture::new(client)?;
    let mirror = fixture.path("mirror");
    for host in HOSTS {
        copy_package(packages, &mirror.join(host).join("swas-rs/swas"))?;
    }
    let location = format!("path = \"{}\"", mirror.display());
    fixture.configure(&mirror_config("filesystem_mirror", &location))?;
    fixture.init_and_plan()?;
    assert_locked(&fixture, &content_checksum(packages)?)?;
    Ok(())
}

pub fn network_mirror_installs_the_package(client: &Client) -> std::result::Result<(), Failed> {
    let packages = packages()?;
    let (fixture, _server) = with_network_mirror(client, packages)?;
    fixture.init_and_plan()?;
    assert_locked(&fixture, &content_checksum(packages)?)?;
    // The second installation verifies the checksums of the lock file.
    fixture.remove_installation()?;
    fixture.init_and_plan()?;
    Ok(())
}

pub fn network_mirror_with_a_changed_package_fails_checksum(
    client: &Client,
) -> std::result::Result<(), Failed> {
    let packages = packages()?;
    let (fixture, _server) = with_network_mirror(client, packages)?;
    fixture.run("init")?;
    fixture.remove_installation()?;
    for host in HOSTS {
        let folder = fixture.path("mirror").join(host).join("swas-rs/swas");
        let archive = folder.join(packages.archive().file_name().ok_or("no name")?);
        let mut package = zip::ZipWriter::new(fs::File::create(archive)?);
        package.start_file(packages.program(), SimpleFileOptions::default())?;
        package.write_all(b"another program")?;
        package.finish()?;
    }
    let error = fixture.run("init").expect_err("init fails").to_string();
    assert!(error.contains("checksum"), "{error}");
    Ok(())
}

/// A fixture with a network mirror.
fn with_network_mirror(client: &Client, packages: &Packages) -> Result<(Fixture, Server)> {
    let mut fixture = Fixture::new(client)?;
    let mirror = fixture.path("mirror");
    for host in HOSTS {
        let folder = mirror.join(host).join("swas-rs/swas");
        copy_package(packages, &folder)?;
        write_index(packages, &folder)?;
    }
    let server = Server::start(&mirror)?;
    let certificates = fixture.path("certificates.pem");
    fs::write(&certificates, server.certificate())?;
    fixture.env("SSL_CERT_FILE", certificates);
    let location = format!("url = \"{}\"", server.url());
    fixture.configure(&mirror_config("network_mirror", &location))?;
    Ok((fixture, server))
}

fn mirror_config(kind: &str, location: &str) -> String {
    format!("provider_installation {{\n  {kind} {{\n    {location}\n  }}\n}}\n")
}

fn copy_package(packages: &Packages, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let archive = packages.archive();
    let name = archive.file_name().ok_or("no name")?;
    fs::copy(&archive, folder.join(name))?;
    Ok(())
}

/// Writes the two documents of the provider network mirror protocol: the versions, and
/// the packages of a version.
fn write_index(packages: &Packages, folder: &Path) -> Result<()> {
    let version = &packages.version;
    let versions = json!({ "versions": { version: {} } });
    fs::write(folder.join("index.json"), versions.to_string())?;
    let archive = packages.archive();
    let sum = hex::encode(Sha256::digest(fs::read(&archive)?));
    let name = archive.file_name().ok_or("no name")?.to_string_lossy();
    let archives = json!({ "archives": { platform(): {
        "url": name,
        "hashes": [format!("zh:{sum}"), content_checksum(packages)?],
    }}});
    fs::write(folder.join(format!("{version}.json")), archives.to_string())?;
    Ok(())
}

/// The `h1:` checksum of the package for this machine in lock files: a hash over the file
/// names and their digests, in the format of `sha256sum`.
fn content_checksum(packages: &Packages) -> Result<String> {
    use base64::Engine;
    let folder = tempfile::tempdir()?;
    packages.unpack(folder.path())?;
    let mut files: Vec<_> = fs::read_dir(folder.path())?.collect::<std::io::Result<_>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    let mut sums = Sha256::new();
    for file in files {
        let name = file.file_name();
        let sum = hex::encode(Sha256::digest(fs::read(file.path())?));
        sums.update(format!("{sum}  {}\n", name.to_string_lossy()));
    }
    let encoding = base64::engine::general_purpose::STANDARD;
    Ok(format!("h1:{}", encoding.encode(sums.finalize())))
}

fn assert_locked(fixture: &Fixture, checksum: &str) -> Result<()> {
    let lock = fixture.lock()?;
    assert!(lock.contains(checksum), "{checksum} is not in {lock}");
    Ok(())
}
