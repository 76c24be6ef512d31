//! Imports between the four modules of `src/` form no cycle. The compiler enforces the
//! boundary of the crate `aliyun`, of which every module may use `text`.

use std::fs;
use std::path::{Path, PathBuf};

/// Each module with the paths that it must not use.
const FORBIDDEN: [(&str, &[&str]); 4] = [
    (
        "plugin",
        &[
            "crate::terraform",
            "crate::swas",
            "crate::provider",
            "aliyun::",
        ],
    ),
    (
        "terraform",
        &[
            "crate::plugin",
            "crate::swas",
            "crate::provider",
            "aliyun::",
        ],
    ),
    (
        "swas",
        &["crate::plugin", "crate::terraform", "crate::provider"],
    ),
    ("provider", &["crate::plugin"]),
];

#[test]
fn module_imports_are_acyclic() {
    for (module, forbidden) in FORBIDDEN {
        let files = files(&Path::new("src").join(module));
        assert!(files.len() > 5, "only {} files in {module}", files.len());
        for file in files {
            let source = fs::read_to_string(&file).unwrap();
            let source = source.replace("aliyun::text::", "");
            // `super` is the crate's root in the `mod.rs` of a module.
            let is_module_root = file == Path::new("src").join(module).join("mod.rs");
            for name in forbidden {
                let from_root = name.replace("crate::", "super::");
                assert!(
                    !(is_module_root && source.contains(&from_root)),
                    "{} names {name}",
                    file.display()
                );
                let relative = name.replace("crate::", "super::super::");
                assert!(
                    !source.contains(&relative),
                    "{} names {name}",
                    file.display()
                );
                assert!(!source.contains(name), "{} names {name}", file.display());
            }
            // Paths that hide their target module.
            for hidden in ["use crate::{", "crate::*", "super::super::super::super"] {
                assert!(!source.contains(hidden), "{}: {hidden}", file.display());
            }
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = paths.partition(|path| path.is_dir());
    let inner = folders.iter().flat_map(|folder| self::files(folder));
    inner.chain(files).collect()
}
