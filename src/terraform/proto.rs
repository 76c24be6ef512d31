//! The generated types of the plugin protocol.

#![allow(dead_code, missing_docs, clippy::pedantic, reason = "generated code")]

pub mod tfplugin {
    tonic::include_proto!("tfplugin");
}
pub mod tfplugin6 {
    tonic::include_proto!("tfplugin6");
}
