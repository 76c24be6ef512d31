//! Fuzzes the parsing of retry-after headers.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| aliyun::fuzzing::retry_after(data));
