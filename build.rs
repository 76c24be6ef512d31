//! Compiles `proto/` with protox, a protobuf compiler in Rust, so that nobody
//! needs `protoc`.

use std::path::PathBuf;
use std::{env, fs};

use prost::Message;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let plugin = protox::compile(["goplugin.proto"], ["proto"])?;
    let provider = protox::compile(["tfplugin5.proto", "tfplugin6.proto"], ["proto"])?;

    // gRPC reflection hands these descriptors to tools such as grpcurl.
    let out = PathBuf::from(env::var("OUT_DIR")?);
    // Two sets, one after the other, are the set of both.
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
