//! Fuzzes the parsing of temporary credentials that a service issues.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| aliyun::fuzzing::sts_response(data));
