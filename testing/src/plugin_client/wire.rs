//! The generated messages and services of `proto/`.
#![allow(missing_docs, clippy::pedantic)]

/// The services of go-plugin.
pub mod plugin {
    tonic::include_proto!("plugin");
}

/// The messages of Terraform's plugin protocol.
pub mod tfplugin {
    tonic::include_proto!("tfplugin");
}

/// The provider service of protocol 5.
pub mod tfplugin5 {
    tonic::include_proto!("tfplugin5");
}

/// The provider service of protocol 6.
pub mod tfplugin6 {
    tonic::include_proto!("tfplugin6");
}
