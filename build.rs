//! Compiles `proto/` with protox, a protobuf compiler in Rust, so that the build does not
//! need `protoc`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let plugin = protox::compile(["goplugin.proto"], ["proto"])?;
    let provider = protox::compile(["tfplugin6.proto"], ["proto"])?;

    let server = || tonic_prost_build::configure().build_client(false);
    server().compile_fds(plugin)?;
    server().compile_fds(provider)?;
    Ok(())
}
