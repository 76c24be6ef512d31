//! Fuzzes the parsing of API responses.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| swas_provider::internals::response(data));
