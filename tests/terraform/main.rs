//! Promises to users that need the real Terraform or OpenTofu, one module each.
//! Each test runs with every version that is here.

mod all_the_way;
mod credentials;
mod debugging;
mod examples;
mod few_calls;
mod kill_loop;
mod processes;
mod provider_block;
mod scene;
mod secrecy;
mod site;
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
        all_the_way::tests(),
        credentials::tests(),
        debugging::tests(),
        examples::tests(),
        few_calls::tests(),
        kill_loop::tests(),
        processes::tests(),
        provider_block::tests(),
        secrecy::tests(),
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
