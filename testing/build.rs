//! Generates the gRPC clients of `proto/`. The provider's build generates the servers.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=../proto");
    let files = protox::compile(
        ["tfplugin5.proto", "tfplugin6.proto", "goplugin.proto"],
        ["../proto"],
    )?;
    tonic_prost_build::configure()
        .build_server(false)
        .build_transport(false)
        .compile_fds(files)?;
    Ok(())
}
