//! Regression tests with the fuzzers' seeds: every file of `fuzz/seeds` is an input
//! that its fuzzer must accept.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use aliyun::fuzzing;
use swas_provider::internals;
use swas_provider::provider::SwasProvider;

#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

struct Fuzzer(&'static str, fn(&[u8]));

const FUZZERS: [Fuzzer; 8] = [
    Fuzzer("response", internals::response),
    Fuzzer("cache_entry", internals::cache_entry),
    Fuzzer("block", |data| internals::block(&SwasProvider, data)),
    Fuzzer("environment", internals::environment),
    Fuzzer("sts_response", fuzzing::sts_response),
    Fuzzer("profiles", fuzzing::profiles),
    Fuzzer("redaction", fuzz::redaction),
    Fuzzer("retry_after", fuzz::retry_after),
];

fn fuzz_dir(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz")
        .join(name)
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn names(folder: &Path) -> BTreeSet<String> {
    let files = files(folder);
    let names = files.iter().filter_map(|file| file.file_stem());
    names
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

#[test]
fn fuzzer_seeds_do_not_panic() {
    for Fuzzer(name, fuzzer) in FUZZERS {
        let seeds = files(&fuzz_dir("seeds").join(name));
        assert!(seeds.len() > 1, "{name} has {} seeds", seeds.len());
        for seed in seeds {
            let data = fs::read(&seed).unwrap();
            let read = std::panic::catch_unwind(|| fuzzer(&data));
            assert!(read.is_ok(), "{}", seed.display());
        }
    }
}

#[test]
fn every_fuzzer_has_seeds() {
    let fuzzers: BTreeSet<String> = FUZZERS
        .iter()
        .map(|Fuzzer(name, _)| (*name).to_owned())
        .collect();
    assert_eq!(names(&fuzz_dir("targets")), fuzzers);
    assert_eq!(names(&fuzz_dir("seeds")), fuzzers);
}
