//! Fuzzes the reading of responses that processes share through a directory.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| swas_provider::internals::cache_entry(data));
