//! Tests of the provider's process, one module per subject. Tests that need Terraform
//! are in `tests/terraform`.

mod golden;
#[cfg(target_os = "linux")]
mod hostile_client;
mod hostile_endpoint;
mod machine;
#[cfg(target_os = "linux")]
mod memory;
mod support;

mod bad_responses;
#[cfg(unix)]
mod cache_dir;
mod credentials;
mod custom_images;
mod default_endpoints;
mod documentation;
mod every_argument;
mod fuzzing;
mod invalid_configuration;
mod lifetime;
mod logging;
mod most_recent;
mod mutual_tls;
mod no_credentials;
mod one_image;
mod outside_text;
mod plans;
mod protocol;
mod redaction;
mod resource_limits;
mod retries;
mod signature_v3;
mod startup;
mod test_targets;
mod unknown_arguments;
mod wire;
