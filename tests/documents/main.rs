//! What the pages and examples show works as it is shown: every configuration
//! in them is formatted and valid, and the tests of `examples/terraform/testing`
//! pass.

mod alicloud;
mod configurations;
mod folder;
mod links;
mod pinning;
mod testing;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use swas_testing::terraform::{Client, Product, TerraformTest, terraform_tests};

use configurations::{Configuration, documented, example, exists, pages, read};
use folder::Folder;

/// What pages show and the provider does not have yet. An entry that is no
/// longer needed fails the test.
const NOT_YET: &[&str] = &[
    "swas_plans",
    "swas_custom_images",
    "max_retry_timeout",
    // "assume_role" may be empty.
    "\"role_arn\" is required",
];

/// Pages that others link to and that are not there yet.
const PAGES_NOT_YET: &[&str] = &[
    "docs/data-sources/custom_images.md",
    "docs/data-sources/plans.md",
];

fn main() -> ExitCode {
    if alicloud::is_started_by_terraform() {
        return alicloud::serve();
    }
    let mocked = [
        TerraformTest::new("modules_are_tested_with_mocks", testing::mocks_work),
        TerraformTest::new("every_data_source_has_a_mock_that_fits", testing::mocks_fit),
    ]
    // OpenTofu takes no mocks from files.
    .map(|test| test.only_for(|client| is_new(client) && client.product == Product::Terraform));
    let others = [
        TerraformTest::new("configurations_are_formatted", are_formatted),
        TerraformTest::new("configurations_are_valid", are_valid),
        TerraformTest::new("a_pinned_image_stays_until_it_is_asked_for", pinning::works),
        TerraformTest::new(
            "modules_are_tested_with_the_emulator",
            testing::emulator_works,
        ),
    ]
    .map(|test| test.only_for(is_new));
    let mut trials = terraform_tests(&[mocked.as_slice(), &others].concat());
    trials.push(Trial::test("files_are_shown_as_they_are", are_shown));
    trials.push(Trial::test("links_lead_somewhere", links_lead_somewhere));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Whether the client has all that the pages use. The newest of it are mocks.
fn is_new(client: &Client) -> bool {
    client.version.at_least(1, 8)
}

/// All that pages show, and the example that no other test runs. Its module is
/// looked at by itself too: a mistake in the whole would hide one in there.
fn configurations() -> Result<Vec<Configuration>, Failed> {
    let mut all = documented()?;
    assert!(all.len() > 20, "only {} configurations found", all.len());
    all.push(example("server")?);
    all.push(example("server/server")?);
    Ok(all)
}

fn are_formatted(client: &Client) -> Result<(), Failed> {
    let mut wrong = Vec::new();
    let examples = ["server", "testing"].map(example);
    for configuration in examples
        .into_iter()
        .chain(documented()?.into_iter().map(Ok))
    {
        let configuration = configuration?;
        let folder = Folder::with(client, &configuration)?;
        let output = folder
            .workspace
            .run(["fmt", "-check", "-diff", "-recursive"])?;
        if !output.status.success() {
            wrong.push(format!("{}:\n{output}", configuration.place));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

fn are_valid(client: &Client) -> Result<(), Failed> {
    let mut wrong = Vec::new();
    let mut missing = Vec::new();
    for configuration in configurations()? {
        let folder = Folder::with(client, &configuration)?;
        for error in folder.errors()? {
            match NOT_YET.iter().find(|entry| error.contains(**entry)) {
                Some(entry) => missing.push(*entry),
                None => wrong.push(format!("{}: {error}", configuration.place)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for entry in NOT_YET {
        assert!(
            missing.contains(entry),
            "{entry} is there: NOT_YET is out of date"
        );
    }
    Ok(())
}

/// Links from page to page lead to a page and, where they name one, to a heading
/// in it.
fn links_lead_somewhere() -> Result<(), Failed> {
    let pages = pages()?;
    let mut dead = Vec::new();
    let mut missing = Vec::new();
    for (page, text) in &pages {
        for link in links::of(page, text) {
            if PAGES_NOT_YET.contains(&link.page.as_str()) {
                missing.push(link.page);
            } else if !link.leads_somewhere(&pages) {
                dead.push(link.to_string());
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
    for page in PAGES_NOT_YET {
        assert!(
            missing.iter().any(|one| one == page),
            "nothing links to {page}"
        );
        assert!(
            !exists(page),
            "{page} is there: PAGES_NOT_YET is out of date"
        );
    }
    Ok(())
}

fn are_shown() -> Result<(), Failed> {
    let shown = configurations::shown_files()?;
    assert!(!shown.is_empty(), "no page shows a file");
    for (place, file, text) in shown {
        assert_eq!(
            read(&file)?.trim(),
            text.trim(),
            "{place} does not show {file}"
        );
    }
    Ok(())
}
