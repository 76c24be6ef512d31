//! Fuzzes the parsing of retry-after headers.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::retry_after(data));
