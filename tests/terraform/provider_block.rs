//! Invalid provider blocks and environment variables are errors.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use swas_testing::terraform::{Client, TerraformTest, Workspace};

use crate::scenario::{Outcome, PROVIDER, emulator, since_1_0};

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([
        TerraformTest::of(validate_reports_provider_block_errors),
        TerraformTest::of(malformed_variable_error_names_the_variable),
    ])
}

/// A configuration with this provider block and a data block.
fn configuration(arguments: &str) -> String {
    format!("provider \"swas\" {{\n{arguments}\n}}\ndata \"swas_images\" \"it\" {{}}\n")
}

fn validate_reports_provider_block_errors(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let many: Vec<_> = (0..60).map(|n| format!("\"{n} \"")).collect();
    let many = format!(
        "}}\ndata \"swas_images\" \"many\" {{\n  image_ids = [{}]",
        many.join(", ")
    );
    for (arguments, expected) in [
        // Two sources of credentials, one of which would be ignored.
        (
            "access_key = \"a\"\nsecret_key = \"b\"\nprofile = \"there-is-none\"",
            &["\"access_key\" and \"profile\" are both set, and only one can be used"][..],
        ),
        (
            "credentials_uri = \"http://a.example/\"\necs_role_name = \"a\"",
            &["\"ecs_role_name\" and \"credentials_uri\" are both set"],
        ),
        (
            "access_key = \"a\"\nsecret_key = \"b\"\nassume_role_with_oidc {\noidc_token = \"c\"\n}",
            &[
                "\"access_key\" and \"assume_role_with_oidc\" are both set",
                "is incomplete. Set in the block",
            ],
        ),
        (
            "assume_role_with_oidc {}",
            &[
                "Error: Incomplete \"assume_role_with_oidc\"",
                "- \"oidc_provider_arn\" or ALIBABA_CLOUD_OIDC_PROVIDER_ARN - \"role_arn\" or \
                 ALIBABA_CLOUD_ROLE_ARN - \"oidc_token\", \"oidc_token_file\", \
                 ALIBABA_CLOUD_OIDC_TOKEN or ALIBABA_CLOUD_OIDC_TOKEN_FILE",
            ],
        ),
        (
            "region = \"\"",
            &[
                "\"region\" is blank. Give it a value, or leave it out: remove it or set it to null.",
            ],
        ),
        (
            many.as_str(),
            &[
                "60 elements of \"image_ids\" are invalid:",
                "- \"image_ids[9]\" begins or ends with a space. Remove it, for example with \
                 trimspace(). - and 50 more",
            ],
        ),
    ] {
        let configuration = configuration(arguments);
        let workspace =
            Workspace::initialized(client, PROVIDER.as_ref(), &emulator, &configuration)?;
        let output = workspace.run(["validate"])?;
        assert_eq!(output.code(), Some(1), "{arguments}: {output}");
        let text = output.flat_text();
        for expected in expected {
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }
    assert_eq!(emulator.connections(), 0);
    Ok(())
}

fn malformed_variable_error_names_the_variable(client: &Client) -> Outcome {
    let emulator = emulator()?;
    for (variable, value, expected) in [
        (
            "ALIBABA_CLOUD_ROLE_ARN",
            &b"reader"[..],
            "\"ALIBABA_CLOUD_ROLE_ARN\" is \"reader\", but it must be an ARN such as",
        ),
        (
            "ALIBABA_CLOUD_REGION",
            b"Hangzhou",
            "\"ALIBABA_CLOUD_REGION\" is \"Hangzhou\", but a region ID has",
        ),
        // The public endpoint would be called if the variable were ignored.
        (
            "ALIBABA_CLOUD_SWAS_ENDPOINT",
            b"http://\xff",
            "ALIBABA_CLOUD_SWAS_ENDPOINT is not valid UTF-8",
        ),
    ] {
        let configuration = configuration("");
        let mut workspace =
            Workspace::initialized(client, PROVIDER.as_ref(), &emulator, &configuration)?;
        workspace.env("ALIBABA_CLOUD_REGION", "cn-hangzhou");
        workspace.env(variable, OsStr::from_bytes(value));
        let output = workspace.plan()?;
        assert_eq!(output.code(), Some(1), "{variable}: {output}");
        let text = output.flat_text();
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert_eq!(emulator.connections(), 0);
    Ok(())
}
