//! The mirrors by which users without the registry get providers.

use std::fs;
use std::io::Write;
use std::path::Path;

use libtest_mimic::Failed;
use serde_json::json;
use sha2::{Digest, Sha256};
use swas_testing::terraform::Client;
use zip::write::SimpleFileOptions;

use crate::network::Server;
use crate::scene::{HOSTS, Packages, Result, Scene, packages, platform};

/// A folder in which the packages lie as they are.
pub fn a_folder_of_packages_is_one(client: &Client) -> std::result::Result<(), Failed> {
    let packages = packages()?;
    let mut scene = Scene::new(client)?;
    let mirror = scene.path("mirror");
    for host in HOSTS {
        place(packages, &mirror.join(host).join("swas-rs/swas"))?;
    }
    let place = format!("path = \"{}\"", mirror.display());
    scene.configure(&mirror_config("filesystem_mirror", &place))?;
    scene.init_and_plan()?;
    assert_locked(&scene, &content_checksum(packages)?)?;
    Ok(())
}

/// A server that has the packages and lists them.
pub fn a_server_of_packages_is_one(client: &Client) -> std::result::Result<(), Failed> {
    let packages = packages()?;
    let (scene, _server) = served(client, packages)?;
    scene.init_and_plan()?;
    assert_locked(&scene, &content_checksum(packages)?)?;
    // The second time the checksums are known, and have to be the same.
    scene.forget_installation()?;
    scene.init_and_plan()?;
    Ok(())
}

/// A package that is no longer what was installed before.
pub fn a_changed_package_is_refused(client: &Client) -> std::result::Result<(), Failed> {
    let packages = packages()?;
    let (scene, _server) = served(client, packages)?;
    scene.run("init")?;
    scene.forget_installation()?;
    for host in HOSTS {
        let folder = scene.path("mirror").join(host).join("swas-rs/swas");
        let archive = folder.join(packages.archive().file_name().ok_or("no name")?);
        let mut package = zip::ZipWriter::new(fs::File::create(archive)?);
        package.start_file(packages.program(), SimpleFileOptions::default())?;
        package.write_all(b"another program")?;
        package.finish()?;
    }
    let error = scene.run("init").expect_err("it is installed").to_string();
    assert!(error.contains("checksum"), "{error}");
    Ok(())
}

/// A client that is to get the packages from a server.
fn served(client: &Client, packages: &Packages) -> Result<(Scene, Server)> {
    let mut scene = Scene::new(client)?;
    let mirror = scene.path("mirror");
    for host in HOSTS {
        let folder = mirror.join(host).join("swas-rs/swas");
        place(packages, &folder)?;
        list(packages, &folder)?;
    }
    let server = Server::start(&mirror)?;
    let certificates = scene.path("certificates.pem");
    fs::write(&certificates, server.certificate())?;
    scene.env("SSL_CERT_FILE", certificates);
    let place = format!("url = \"{}\"", server.url());
    scene.configure(&mirror_config("network_mirror", &place))?;
    Ok((scene, server))
}

fn mirror_config(kind: &str, place: &str) -> String {
    format!("provider_installation {{\n  {kind} {{\n    {place}\n  }}\n}}\n")
}

fn place(packages: &Packages, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let archive = packages.archive();
    let name = archive.file_name().ok_or("no name")?;
    fs::copy(&archive, folder.join(name))?;
    Ok(())
}

/// Writes the two documents of the mirror protocol: which versions there are,
/// and which packages a version has.
fn list(packages: &Packages, folder: &Path) -> Result<()> {
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

/// The checksum of what is in the package for this machine, as lock files have
/// it: the names of the files and their digests, as `sha256sum` prints them.
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

fn assert_locked(scene: &Scene, checksum: &str) -> Result<()> {
    let lock = scene.lock()?;
    assert!(lock.contains(checksum), "{checksum} is not in {lock}");
    Ok(())
}
