//! Arrows between the parts point one way: `main` uses `plugin`, `provider` and
//! `terraform`; `provider` uses `terraform` and `swas`; these and `plugin` know
//! none of the others.

mod paths;

use std::fs;
use std::path::{Path, PathBuf};

use paths::{CRATE, ModulePath, paths};

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
    paths(source, &module)
        .into_iter()
        .filter(|path| {
            let used = path.first().map_or("", String::as_str);
            used != part && !allowed.contains(&used)
        })
        .map(|path| format!("{}: {CRATE}::{}", file.display(), path.join("::")))
        .collect()
}

/// The module that a file below `src` is.
fn module_of(file: &Path) -> ModulePath {
    let mut module: ModulePath = file
        .with_extension("")
        .iter()
        .map(|step| step.to_string_lossy().into_owned())
        .collect();
    if module.last().is_some_and(|last| last == "mod") || module == ["lib"] {
        module.pop();
    }
    module
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                sources(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

#[test]
fn no_arrow_points_the_wrong_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = sources(&src);
    assert!(files.len() > 20, "only {} files were found", files.len());
    let wrong: Vec<String> = files
        .iter()
        .flat_map(|file| {
            let source = fs::read_to_string(file).unwrap();
            wrong_arrows(file.strip_prefix(&src).unwrap(), &source)
        })
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
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
    for (file, source) in [
        ("swas/client.rs", "use crate::terraform::Diagnostic;"),
        ("swas/client.rs", "use crate::{swas::Error, plugin::Mode};"),
        (
            "swas/client.rs",
            "use crate::{\n    self as house,\n    swas,\n};",
        ),
        (
            "swas/client.rs",
            "use {std::fmt, crate::plugin::{Mode, serve}};",
        ),
        (
            "swas/client.rs",
            "use crate::swas::Error; use crate :: terraform;",
        ),
        ("swas/client.rs", "use super::super::provider::checks;"),
        ("swas/client.rs", "use super::super::{swas, provider};"),
        ("swas/client.rs", "use super::{Error, super::provider};"),
        ("swas/client.rs", "use self::super::super::provider;"),
        ("swas/mod.rs", "use super::terraform;"),
        ("swas/mod.rs", "use super::*;"),
        ("swas/mod.rs", "pub use super::{terraform as language};"),
        ("swas/client.rs", "use crate as house;"),
        ("swas/client.rs", "use crate::*;"),
        ("swas/client.rs", "use swas_provider::terraform::Value;"),
        ("swas/client.rs", "use ::swas_provider::terraform::Value;"),
        ("swas/client.rs", "extern crate swas_provider as house;"),
        (
            "swas/client.rs",
            "fn f() -> crate::terraform::Value<u8> { todo!() }",
        ),
        ("swas/client.rs", "fn f() { super::super::plugin::serve() }"),
        (
            "swas/client.rs",
            "fn f(c: char) { if c == '\"' { crate::plugin::serve() } }",
        ),
        (
            "swas/client.rs",
            "fn f<'a>(x: &'a str) { crate::plugin::serve() }",
        ),
        (
            "swas/client.rs",
            "macro_rules! m { () => { $crate::plugin::serve() } }",
        ),
        (
            "swas/client.rs",
            "#[cfg(test)] mod tests { use super::super::super::plugin; }",
        ),
        (
            "swas/client.rs",
            "mod a { mod b {} use super::super::super::plugin; }",
        ),
        ("swas/client.rs", "#[path = \"../plugin/tls.rs\"] mod tls;"),
        ("swas/client.rs", "use crate::r#plugin::Mode;"),
        ("swas/client.rs", "use crate::/* not */plugin::Mode;"),
        (
            "swas/client.rs",
            "const A: &str = r#\"\"\"#; use crate::plugin::Mode;",
        ),
        (
            "swas/client.rs",
            "const A: &str = \"\\\\\"; use crate::plugin::Mode;",
        ),
        ("terraform/server.rs", "use crate::swas::Error;"),
        ("terraform/server.rs", "use crate::provider::SwasProvider;"),
        ("terraform/server.rs", "use crate::plugin::serve;"),
        ("plugin/mod.rs", "use crate::terraform::Server;"),
        ("plugin/mod.rs", "use super::swas;"),
        ("plugin/tls.rs", "use super::super::provider;"),
        ("provider/mod.rs", "use crate::plugin::serve;"),
        ("provider/images.rs", "use super::super::plugin;"),
        ("main.rs", "use swas_provider::swas::Client;"),
        ("main.rs", "use swas_provider::{plugin, swas::Client};"),
        ("main.rs", "use swas_provider::*;"),
        ("basement/mod.rs", ""),
    ] {
        let found = wrong_arrows(Path::new(file), source);
        assert_ne!(found, Vec::<String>::new(), "{file}: {source}");
    }
}

#[test]
fn a_right_arrow_passes() {
    for (file, source) in [
        (
            "provider/images.rs",
            "use crate::{swas::{Client, Image}, terraform::Value};",
        ),
        (
            "provider/images.rs",
            "use super::checks; use super::super::swas;",
        ),
        (
            "swas/client.rs",
            "use super::Error; pub(crate) struct A; use crate::swas::*;",
        ),
        (
            "swas/client.rs",
            "mod tests { use super::*; use super::super::Error; }",
        ),
        (
            "swas/client.rs",
            "// use crate::plugin;\n/* crate::plugin /* */ crate::plugin */",
        ),
        (
            "swas/client.rs",
            "/// See [`crate::plugin`].\nconst A: &str = \"crate::plugin\";",
        ),
        (
            "swas/client.rs",
            "const A: &str = r#\"\"crate::plugin\"#; const B: u8 = b'\\'';",
        ),
        (
            "swas/client.rs",
            "use reqwest::plugin; use other::super_plugin::terraform;",
        ),
        (
            "swas/error.rs",
            "use super::client; impl A { fn f(self) { self.super_ } }",
        ),
        (
            "main.rs",
            "use swas_provider::plugin::{Mode, serve}; use swas_provider::terraform;",
        ),
        ("lib.rs", "pub mod plugin; pub mod swas;"),
    ] {
        let found = wrong_arrows(Path::new(file), source);
        assert_eq!(found, Vec::<String>::new(), "{file}: {source}");
    }
}
