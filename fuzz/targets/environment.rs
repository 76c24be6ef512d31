//! Fuzzes the parsing of environment variables.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| swas_provider::internals::environment(data));
