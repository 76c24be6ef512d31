//! Secrets are redacted in all output and files, at the most verbose log level.

use std::fs;
use std::path::Path;

use libtest_mimic::Failed;
use swas_testing::emulator::{Emulator, Options, Reply};
use swas_testing::secrets::leak;
use swas_testing::terraform::{Client, TerraformTest, Workspace};

use crate::scenario::{Outcome, PROVIDER, since_1_0};

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([
        TerraformTest::of(secrets_are_redacted_in_successful_run),
        TerraformTest::of(secrets_are_redacted_in_failed_run),
    ])
}

fn secrets_are_redacted_in_successful_run(client: &Client) -> Outcome {
    assert_secrets_redacted(client, None)
}

fn secrets_are_redacted_in_failed_run(client: &Client) -> Outcome {
    for action in ["AssumeRoleWithOIDC", "AssumeRole", "ListImages"] {
        assert_secrets_redacted(client, Some(action))?;
    }
    Ok(())
}

/// Applies with keys, tokens and roles in the configuration. The response to the action
/// `failing` is an error that repeats the request.
fn assert_secrets_redacted(client: &Client, failing: Option<&str>) -> Outcome {
    let keys = "  access_key = \"LTAIblock\"\n  secret_key = \"swordfish+/block=\"\n";
    let oidc = "  assume_role_with_oidc {\n    oidc_token        = \"swordfish-token\"\n    \
                role_arn          = \"acs:ram::1234567890123456:role/block\"\n    \
                oidc_provider_arn = \"acs:ram::1234567890123456:oidc-provider/test\"\n  }\n";
    for source in [keys, oidc] {
        let emulator = Emulator::start(Options {
            oidc_token: "swordfish-token".to_owned(),
            ..Options::default()
        })?;
        emulator.add_key("LTAIblock", "swordfish+/block=", None);
        let configuration = format!(
            "provider \"swas\" {{\n  region = \"cn-hangzhou\"\n{source}  assume_role {{\n    \
             role_arn = \"acs:ram::1234567890123456:role/top\"\n  }}\n}}\n\
             data \"swas_images\" \"all\" {{}}\n"
        );
        let mut workspace =
            Workspace::initialized(client, PROVIDER.as_ref(), &emulator, &configuration)?;
        let log = workspace.temporary_dir().join("terraform.log");
        workspace
            .env("ALIBABA_CLOUD_STS_ENDPOINT", emulator.url())
            .env("TF_LOG", "TRACE")
            .env("TF_LOG_PATH", &log);
        if let Some(action) = failing {
            emulator.reply_to(action, Reply::echo());
        }
        let output = workspace.apply()?;
        let fails = failing.is_some_and(|action| source == oidc || action != "AssumeRoleWithOIDC");
        assert_eq!(output.status.success(), !fails, "{output}");
        let log = fs::read_to_string(log)?;
        assert!(log.contains("calling"), "the provider has logged nothing");

        let mut written = vec![("the terminal".to_owned(), output.text())];
        read_all(&workspace.dir(), &mut written)?;
        read_all(&workspace.temporary_dir(), &mut written)?;
        assert!(written.len() > 2, "only {} files", written.len());
        for (name, text) in &written {
            assert_eq!(leak(text, &emulator.secrets()), None, "in {name}");
        }
    }
    Ok(())
}

/// Reads all files below a folder, except the configuration.
fn read_all(folder: &Path, written: &mut Vec<(String, String)>) -> Result<(), Failed> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let kind = fs::symlink_metadata(&path)?.file_type();
        if kind.is_dir() {
            read_all(&path, written)?;
        } else if kind.is_file() && path.file_name().is_none_or(|name| name != "main.tf") {
            let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
            written.push((path.display().to_string(), text));
        }
    }
    Ok(())
}
