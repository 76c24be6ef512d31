//! Arrows between the parts point one way: `main` uses `plugin`, `provider` and
//! `terraform`; `provider` uses `terraform` and `swas`; these and `plugin` know
//! none of the others. And every file says what it is.

mod circles;
mod paths;

use std::fs;
use std::path::{Path, PathBuf};

use circles::{circles, rooms};
use paths::{Arrow, CRATE, arrows};

/// Every part, with those that it may use besides itself.
const PARTS: [(&str, &[&str]); 5] = [
    ("main", &["plugin", "provider", "terraform"]),
    ("plugin", &[]),
    ("provider", &["swas", "terraform"]),
    ("swas", &[]),
    ("terraform", &[]),
];

/// What is wrong with the arrows of one file.
///
/// The root of the library has modules and nothing else, so that whoever names
/// anything there that is no part, or all of it, goes around these rules.
fn wrong_arrows(file: &Path, source: &str) -> Vec<String> {
    let module = module_of(file);
    let Some(part) = module.first() else {
        return Vec::new();
    };
    let allowed = PARTS.iter().find(|(name, _)| name == part);
    let Some((_, allowed)) = allowed else {
        return vec![format!("{} belongs to no known part", file.display())];
    };
    if source.contains("#[path") {
        return vec![format!(
            "{}: #[path] makes it part of another module",
            file.display()
        )];
    }
    arrows(source, &module)
        .into_iter()
        .filter(|arrow| arrow.to[0] != *part && !allowed.contains(&arrow.to[0].as_str()))
        .map(|arrow| format!("{}: {CRATE}::{}", file.display(), arrow.to.join("::")))
        .collect()
}

/// The module that a file below `src` is.
fn module_of(file: &Path) -> Vec<String> {
    let module = file.with_extension("");
    let mut module: Vec<String> = module
        .iter()
        .map(|step| step.to_string_lossy().into_owned())
        .collect();
    if module.last().is_some_and(|last| last == "mod") || module == ["lib"] {
        module.pop();
    }
    module
}

/// The files of the library and what is in them, by their paths below `src`.
fn sources() -> Vec<(PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = files(&src);
    assert!(files.len() > 20, "only {} files were found", files.len());
    let source = |file: PathBuf| {
        let source = fs::read_to_string(&file).unwrap();
        (file.strip_prefix(&src).unwrap().to_owned(), source)
    };
    files.into_iter().map(source).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

#[test]
fn no_arrow_points_the_wrong_way() {
    let wrong: Vec<String> = sources()
        .iter()
        .flat_map(|(file, source)| wrong_arrows(file, source))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

/// Each opens with what it is.
#[test]
fn every_file_says_what_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [
        "src",
        "testing",
        "xtask",
        "tests",
        "examples",
        "fuzz/targets",
    ];
    let files = folders.iter().flat_map(|folder| files(&root.join(folder)));
    let silent: Vec<PathBuf> = files
        .filter(|file| !fs::read_to_string(file).unwrap().starts_with("//! "))
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn files_and_folders_need_each_other_in_no_circle() {
    let arrows: Vec<Arrow> = sources()
        .iter()
        .flat_map(|(file, source)| arrows(source, &module_of(file)))
        .collect();
    for part in ["plugin", "terraform", "swas", "provider"] {
        assert_eq!(circles(rooms(&[part], &arrows)), [""; 0], "{part}");
    }
}

/// The emulator and the Terraform harness are for tests, examples and benchmarks.
#[test]
fn the_provider_is_built_without_the_harness() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let manifest = fs::read_to_string(manifest).unwrap();
    let mut section = "";
    let mut users = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line;
        }
        if line.starts_with("swas-testing") || line.contains("\"testing\" }") {
            users.push(section);
        }
    }
    assert_eq!(users, ["[dev-dependencies]"]);
}

#[test]
fn a_wrong_arrow_is_found_however_it_is_spelled() {
    let sources = r#"
        swas/client.rs: use crate::terraform::Diagnostic;
        swas/client.rs: use crate::{swas::Error, plugin::Mode};
        swas/client.rs: use {std::fmt, crate::plugin::{Mode, serve}};
        swas/client.rs: use crate::swas::Error; use crate :: terraform;
        swas/client.rs: use super::super::provider::checks;
        swas/client.rs: use super::super::{swas, provider};
        swas/client.rs: use super::{Error, super::provider};
        swas/client.rs: use crate as house;
        swas/client.rs: use crate::*;
        swas/client.rs: use swas_provider::terraform::Value;
        swas/client.rs: use ::swas_provider::terraform::Value;
        swas/client.rs: extern crate swas_provider as house;
        swas/client.rs: fn f() -> crate::terraform::Value<u8> { todo!() }
        swas/client.rs: fn f() { super::super::plugin::serve() }
        swas/client.rs: fn f<'a>(x: &'a str) { crate::plugin::serve() }
        swas/client.rs: macro_rules! m { () => { $crate::plugin::serve() } }
        swas/client.rs: #[cfg(test)] mod tests { use super::super::super::plugin; }
        swas/client.rs: mod a { mod b {} use super::super::super::plugin; }
        swas/client.rs: #[path = "../plugin/tls.rs"] mod tls;
        swas/client.rs: use crate::r#plugin::Mode;
        swas/client.rs: #[cfg(test)] use crate::plugin::Mode;
        swas/client.rs: fn f() { assert_eq!(crate::plugin::LIMIT, 1) }
        swas/client.rs: fn f() { println!("{}", super::super::plugin::LIMIT) }
        swas/client.rs: impl<T: From<crate::plugin::Mode>> A for T {}
        swas/client.rs: pub(in crate::plugin) struct A;
        swas/client.rs: #[derive(A)] struct B(#[a(crate::plugin)] u8);
        swas/mod.rs: use super::terraform;
        swas/mod.rs: use super::*;
        swas/mod.rs: pub use super::{terraform as language};
        terraform/server.rs: use crate::swas::Error;
        terraform/server.rs: use crate::provider::SwasProvider;
        terraform/server.rs: use crate::plugin::serve;
        plugin/mod.rs: use crate::terraform::Server;
        plugin/mod.rs: use super::swas;
        plugin/tls.rs: use super::super::provider;
        provider/mod.rs: use crate::plugin::serve;
        provider/images.rs: use super::super::plugin;
        main.rs: use swas_provider::swas::Client;
        main.rs: use swas_provider::{plugin, swas::Client};
        main.rs: use swas_provider::*;
        basement/mod.rs:
    "#;
    for line in sources.trim().lines() {
        let (file, source) = line.trim().split_once(':').unwrap();
        let found = wrong_arrows(Path::new(file), source);
        assert_ne!(found, Vec::<String>::new(), "{line}");
    }
}

#[test]
fn a_right_arrow_passes() {
    let sources = r#"
        provider/images.rs: use crate::{swas::{Client, Image}, terraform::Value};
        provider/images.rs: use super::checks; use super::super::swas;
        swas/client.rs: use super::Error; pub(crate) struct A; use crate::swas::*;
        swas/client.rs: mod tests { use super::*; use super::super::Error; }
        swas/client.rs: /* crate::plugin /* */ crate::plugin */ // use crate::plugin;
        swas/client.rs: const A: &str = "crate::plugin"; /// See [`crate::plugin`].
        swas/client.rs: use reqwest::plugin; use other::super_plugin::terraform;
        swas/error.rs: use super::client; impl A { fn f(self) { self.super_ } }
        main.rs: use swas_provider::plugin::{Mode, serve}; use swas_provider::terraform;
        lib.rs: pub mod plugin; pub mod swas;
    "#;
    for line in sources.trim().lines() {
        let (file, source) = line.trim().split_once(':').unwrap();
        let found = wrong_arrows(Path::new(file), source);
        assert_eq!(found, Vec::<String>::new(), "{line}");
    }
}

#[test]
fn a_circle_is_found_however_it_closes() {
    let client = "swas/client.rs: use super::error::Error;\n";
    for (others, expected) in [
        ("swas/error.rs: use super::keys;", vec![]),
        (
            "swas/error.rs: mod tests { use super::super::client; }",
            vec![],
        ),
        (
            "swas/error.rs: use super::client::Client;",
            vec!["client", "error"],
        ),
        (
            "swas/error/code.rs: type A = crate::swas::client::Client;",
            vec!["client", "error"],
        ),
        (
            "swas/error.rs: use super::{keys};
             swas/keys.rs: use crate::swas::Client;
             swas/mod.rs: pub use client::Client;
             swas/images.rs: use super::Client;",
            vec!["client", "error", "keys"],
        ),
    ] {
        let sources = format!("{client}{others}");
        let arrows: Vec<Arrow> = sources
            .lines()
            .filter_map(|line| line.trim().split_once(':'))
            .flat_map(|(file, source)| arrows(source, &module_of(Path::new(file))))
            .collect();
        assert_eq!(circles(rooms(&["swas"], &arrows)), expected, "{others}");
    }
}
