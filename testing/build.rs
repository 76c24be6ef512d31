//! Compiles the client half of `proto/`, which the provider's own build leaves
//! out.

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
