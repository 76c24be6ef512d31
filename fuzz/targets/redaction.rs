//! Answers that repeat what is secret.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| aliyun::fuzzing::redaction(data));
