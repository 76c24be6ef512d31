//! Configurations in pages and examples are formatted, valid and work, the tests of
//! `examples/terraform/testing` pass, and links between pages resolve.

mod alicloud;
mod configurations;
mod deprecated_variables;
mod folder;
mod links;
mod picture;
mod pinning;
mod registry;
mod test_references;
mod testing;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use swas_testing::emulator::{Emulator, Options};
use swas_testing::terraform::{Client, Product, TerraformTest, terraform_tests};

use configurations::{Configuration, example, page_configurations, pages, read};
use folder::Folder;

fn main() -> ExitCode {
    if alicloud::is_started_by_terraform() {
        return alicloud::serve();
    }
    let terraforms = [
        TerraformTest::of(testing::module_tests_pass_with_mocks),
        TerraformTest::of(testing::every_data_source_has_a_mock_matching_the_schema),
        TerraformTest::of(picture::readme_picture_matches_a_real_plan),
    ]
    // OpenTofu does not load mocks from files, and has different messages.
    .map(|test| {
        test.only_for(|client| supports_mocks(client) && client.product == Product::Terraform)
    });
    let others = [
        TerraformTest::of(configurations_are_formatted),
        TerraformTest::of(configurations_are_valid),
        TerraformTest::of(configurations_apply_with_the_emulator),
        TerraformTest::of(pinning::pinned_image_changes_only_when_triggered),
        TerraformTest::of(testing::module_tests_pass_with_the_emulator),
    ]
    .map(|test| test.only_for(supports_mocks));
    let mut trials = terraform_tests(&[terraforms.as_slice(), &others].concat());
    trials.extend(registry::tests());
    trials.push(Trial::test(
        "embedded_files_match_their_sources",
        embedded_files_match_their_sources,
    ));
    trials.push(Trial::test(
        "pages_using_most_recent_refer_to_pinning",
        pinning::pages_using_most_recent_refer_to_pinning,
    ));
    trials.push(Trial::test(
        "examples_in_guides_stand_alone",
        examples_in_guides_stand_alone,
    ));
    trials.push(Trial::test(
        "tests_named_in_pages_exist",
        tests_named_in_pages_exist,
    ));
    trials.push(Trial::test(
        "every_api_error_code_is_documented",
        every_api_error_code_is_documented,
    ));
    trials.push(Trial::test(
        "every_data_source_is_listed_in_readme_and_policies",
        every_data_source_is_listed_in_readme_and_policies,
    ));
    trials.push(Trial::test(
        "every_deprecated_variable_is_documented",
        every_deprecated_variable_is_documented,
    ));
    trials.push(Trial::test("page_links_resolve", page_links_resolve));
    trials.push(Trial::test(
        "registry_pages_have_front_matter_and_resolvable_links",
        registry_pages_have_front_matter_and_resolvable_links,
    ));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Reports whether the client supports all features in the pages. Mocks are the newest.
fn supports_mocks(client: &Client) -> bool {
    client.version.at_least(1, 8)
}

/// The configurations in pages, and the example that no other test runs. Its module is
/// validated separately, because an error in the root would hide one in the module.
fn configurations() -> Result<Vec<Configuration>, Failed> {
    let mut all = page_configurations()?;
    assert!(all.len() > 15, "only {} configurations found", all.len());
    all.push(example("server")?);
    all.push(example("server/server")?);
    Ok(all)
}

fn configurations_are_formatted(client: &Client) -> Result<(), Failed> {
    let mut wrong = Vec::new();
    let examples = ["server", "testing"].map(example);
    for configuration in examples
        .into_iter()
        .chain(page_configurations()?.into_iter().map(Ok))
    {
        let configuration = configuration?;
        let folder = Folder::with(client, &configuration)?;
        let output = folder
            .workspace
            .run(["fmt", "-check", "-diff", "-recursive"])?;
        if !output.status.success() {
            wrong.push(format!("{}:\n{output}", configuration.location));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

fn configurations_are_valid(client: &Client) -> Result<(), Failed> {
    let mut wrong = Vec::new();
    for configuration in configurations()? {
        let folder = Folder::with(client, &configuration)?;
        let errors = folder.errors()?.into_iter();
        wrong.extend(errors.map(|error| format!("{}: {error}", configuration.location)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// The configurations that need only a key can be applied.
fn configurations_apply_with_the_emulator(client: &Client) -> Result<(), Failed> {
    let emulator = Emulator::start(Options::default())?;
    let mut all = page_configurations()?;
    let others = ["alicloud", "endpoints {", "assume_role"];
    all.retain(|one| one.contains("data \"swas_") && !others.iter().any(|it| one.contains(it)));
    assert!(all.len() > 8, "only {} configurations found", all.len());
    for configuration in all {
        let mut folder = Folder::with(client, &configuration)?;
        folder
            .workspace
            .envs(emulator.environment().iter().cloned())
            .env("ALIBABA_CLOUD_REGION", "cn-hangzhou")
            .env("TF_VAR_image_account", "1234567890123456");
        let output = folder.workspace.apply()?;
        let location = &configuration.location;
        assert!(output.status.success(), "{location}: {output}");
    }
    Ok(())
}

/// Examples outside the reference pages name their providers, so that a copy works.
fn examples_in_guides_stand_alone() -> Result<(), Failed> {
    let mut all = page_configurations()?;
    all.retain(|one| !one.location.starts_with("docs/data-sources/"));
    assert!(all.len() > 10, "only {} configurations found", all.len());
    let incomplete = all.iter().filter(|one| !one.contains("required_providers"));
    let incomplete: Vec<_> = incomplete.map(|one| &one.location).collect();
    assert!(incomplete.is_empty(), "{incomplete:?}");
    Ok(())
}

/// Links between pages lead to existing pages and headings.
fn page_links_resolve() -> Result<(), Failed> {
    let pages = pages()?;
    let links = pages
        .iter()
        .flat_map(|(page, text)| links::links_in(page, text));
    let dead = links.filter(|link| !link.resolves(&pages));
    let dead: Vec<String> = dead.map(|link| link.to_string()).collect();
    assert!(dead.is_empty(), "{}", dead.join("\n"));
    Ok(())
}

/// Registry pages have front matter, and links that resolve in the registries.
fn registry_pages_have_front_matter_and_resolvable_links() -> Result<(), Failed> {
    let pages = pages()?;
    let shown = pages
        .iter()
        .filter(|(page, _)| links::is_registry_page(page));
    for (page, text) in shown {
        let header = text
            .strip_prefix("---\n")
            .and_then(|rest| rest.split_once("\n---\n"));
        let (header, _) = header.ok_or_else(|| format!("{page} has no header"))?;
        let keys: Vec<&str> = header
            .lines()
            .filter(|line| !line.starts_with(' '))
            .filter_map(|line| line.split(':').next())
            .collect();
        // The registry refuses a subcategory on the start page, and guides have none.
        let has_subcategory = page.starts_with("docs/data-sources/");
        let expected: &[_] = if has_subcategory {
            &["page_title", "subcategory", "description"]
        } else {
            &["page_title", "description"]
        };
        assert_eq!(keys, expected, "{page}");
        let unfit = links::links_in(page, text)
            .into_iter()
            .find(|link| !link.resolves_in_registries());
        let unfit = unfit.map(|link| link.to_string());
        assert_eq!(unfit, None);
    }
    Ok(())
}

fn tests_named_in_pages_exist() -> Result<(), Failed> {
    assert_eq!(test_references::missing_tests()?, [""; 0]);
    Ok(())
}

fn every_api_error_code_is_documented() -> Result<(), Failed> {
    let page = "docs/guides/troubleshooting.md";
    assert_eq!(test_references::undocumented_codes(page)?, [""; 0]);
    Ok(())
}

/// The guide on migration lists exactly the deprecated variables that the code reads.
fn every_deprecated_variable_is_documented() -> Result<(), Failed> {
    let known = deprecated_variables::read_by_the_code()?;
    assert!(known.len() > 10, "{known:?}");
    assert_eq!(deprecated_variables::documented()?, known);
    Ok(())
}

/// The README lists every data source, and the guide on policies its permissions.
fn every_data_source_is_listed_in_readme_and_policies() -> Result<(), Failed> {
    let pages = pages()?;
    let files = pages.iter().filter_map(|(page, _)| {
        let file = page.strip_prefix("docs/data-sources/")?;
        file.strip_suffix(".md")
    });
    let names: Vec<String> = files.map(|name| format!("swas_{name}")).collect();
    assert!(names.len() > 4, "{names:?}");
    for page in ["README.md", "docs/guides/ram-policies.md"] {
        let text = read(page)?;
        let is_listed = |name: &str| {
            [']', '`']
                .iter()
                .any(|end| text.contains(&format!("{name}{end}")))
        };
        let missing: Vec<_> = names.iter().filter(|name| !is_listed(name)).collect();
        assert!(missing.is_empty(), "{page} does not name {missing:?}");
    }
    Ok(())
}

fn embedded_files_match_their_sources() -> Result<(), Failed> {
    let shown = configurations::embedded_files()?;
    assert!(!shown.is_empty(), "no page shows a file");
    for (location, file, text) in shown {
        assert_eq!(
            read(&file)?.trim(),
            text.trim(),
            "{location} does not show {file}"
        );
    }
    Ok(())
}
