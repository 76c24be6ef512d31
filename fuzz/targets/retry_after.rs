//! Headers that say how long to wait.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| aliyun::fuzzing::retry_after(data));
