//! Compiles `proto/` with protox, a protobuf compiler in Rust, so that the build does not
//! need `protoc`.

use std::path::PathBuf;
use std::{env, fs};

use prost::Message;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let plugin = protox::compile(["goplugin.proto"], ["proto"])?;
    let provider = protox::compile(["tfplugin5.proto", "tfplugin6.proto"], ["proto"])?;

    // The descriptors are for gRPC reflection.
    let out = PathBuf::from(env::var("OUT_DIR")?);
    // Concatenated, two encoded file descriptor sets are their union.
    let descriptors = [plugin.encode_to_vec(), provider.encode_to_vec()];
    fs::write(out.join("descriptors.bin"), descriptors.concat())?;

    let server = || tonic_prost_build::configure().build_client(false);
    server().compile_fds(plugin)?;
    server()
        .codec_path("crate::terraform::Codec")
        .extern_path(".tfplugin.DynamicValue", "crate::terraform::DynamicValue")
        .compile_fds(provider)?;
    Ok(())
}
