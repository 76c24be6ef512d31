//! Credentials that a service hands out.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| aliyun::fuzzing::granted(data));
