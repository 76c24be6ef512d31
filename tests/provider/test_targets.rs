//! Every test file belongs to a Cargo target.

use std::fs;
use std::path::{Path, PathBuf};

use swas_testing::running_provider::Result;

/// Requires a target in Cargo.toml for each file in `tests` and each folder with a
/// `main.rs`, since `autotests` is off, and a module for each file beside a `main.rs`.
#[test]
fn every_test_file_belongs_to_a_target() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    assert!(manifest.contains("\nautotests = false\n"));
    for file in rust_files(&root.join("tests"))? {
        let Some(stem) = file.file_stem().and_then(|stem| stem.to_str()) else {
            return Err(format!("{} has no name", file.display()).into());
        };
        let folder = file.parent().unwrap_or(root);
        let (named, by) = if stem == "main" || folder == root.join("tests") {
            let path = file.strip_prefix(root)?.display();
            (format!("\npath = \"{path}\"\n"), root.join("Cargo.toml"))
        } else {
            let (module, folder) = match (stem, folder.file_name(), folder.parent()) {
                ("mod", Some(name), Some(parent)) => (name.to_string_lossy(), parent),
                _ => (stem.into(), folder),
            };
            let roots = ["main.rs", "mod.rs"].map(|name| folder.join(name));
            let by = roots.into_iter().find(|file| file.is_file());
            let by =
                by.ok_or_else(|| format!("{} has no main.rs or mod.rs beside it", file.display()))?;
            (format!("mod {module};\n"), by)
        };
        let text = fs::read_to_string(&by)?;
        assert!(
            text.contains(&named),
            "{}: {}",
            file.display(),
            by.display()
        );
    }
    Ok(())
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}
