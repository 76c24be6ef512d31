//! Compiles `proto/` with protox, a protobuf compiler in Rust, so that nobody
//! needs `protoc`.

use std::path::PathBuf;
use std::{env, fs};

use prost::Message;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let files = protox::compile(
        ["tfplugin5.proto", "tfplugin6.proto", "goplugin.proto"],
        ["proto"],
    )?;

    // gRPC reflection hands these descriptors to tools such as grpcurl.
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), files.encode_to_vec())?;

    tonic_prost_build::configure()
        .build_client(false)
        .extern_path(".tfplugin.DynamicValue", "crate::terraform::DynamicValue")
        .compile_fds(files)?;
    Ok(())
}
