//! Fuzzes the decoding of configuration blocks from Terraform.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| swas_provider::internals::block(
    &swas_provider::provider::SwasProvider,
    data
));
