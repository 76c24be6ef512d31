//! Tests with real Terraform and OpenTofu, one module per subject. Each test runs with
//! every available version.

mod credentials;
mod debugging;
mod deprecated_variables;
mod end_to_end;
mod examples;
mod kill_loop;
mod process_cleanup;
mod profile_files;
mod provider_block;
mod rate_limits;
mod redaction;
mod scenario;
mod shared_workspace;
mod swas_custom_images;
mod swas_image;
mod swas_images;
mod swas_plans;
mod swas_regions;
mod unknown_values;
mod variables;

use std::process::ExitCode;

use swas_testing::terraform::run_terraform_tests;

fn main() -> ExitCode {
    let tests = [
        end_to_end::tests(),
        credentials::tests(),
        debugging::tests(),
        deprecated_variables::tests(),
        examples::tests(),
        rate_limits::tests(),
        kill_loop::tests(),
        process_cleanup::tests(),
        profile_files::tests(),
        provider_block::tests(),
        redaction::tests(),
        swas_custom_images::tests(),
        swas_image::tests(),
        swas_images::tests(),
        swas_plans::tests(),
        swas_regions::tests(),
        unknown_values::tests(),
        variables::tests(),
    ];
    run_terraform_tests(&tests.concat())
}
