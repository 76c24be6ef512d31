//! Responses to each call of the plugin protocol, in both versions.

mod connections;
mod go_plugin;
mod malformed;
mod provider_block;
mod reads;
mod schemas;
