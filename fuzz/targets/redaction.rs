//! Fuzzes the redaction of secrets in API responses.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::redaction(data));
