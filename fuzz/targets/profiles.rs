//! Fuzzes the parsing of profile files.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| aliyun::fuzzing::profiles(data));
