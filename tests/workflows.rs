//! Workflows of GitHub Actions: what may change or sign a release.

use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::Value;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// A job of a workflow, and the name for messages.
struct Job {
    name: String,
    content: Value,
}

impl Job {
    fn steps(&self) -> impl Iterator<Item = &Value> {
        self.content["steps"].as_array().into_iter().flatten()
    }

    fn actions(&self) -> impl Iterator<Item = &str> {
        self.steps().filter_map(|step| step["uses"].as_str())
    }

    fn scripts(&self) -> impl Iterator<Item = &str> {
        self.steps().filter_map(|step| step["run"].as_str())
    }

    fn may_write(&self) -> bool {
        self.content["permissions"]
            .as_object()
            .is_some_and(|it| it.values().any(|access| access == "write"))
    }

    fn has_secrets(&self) -> bool {
        self.content.to_string().contains("secrets.")
    }
}

fn workflows() -> Result<Vec<(String, Value)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/workflows");
    let mut workflows = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let content = serde_saphyr::from_str(&fs::read_to_string(&path)?)?;
        workflows.push((name.into_owned(), content));
    }
    assert!(workflows.len() >= 2, "{}", workflows.len());
    Ok(workflows)
}

fn jobs() -> Result<Vec<Job>> {
    let mut jobs = Vec::new();
    for (file, workflow) in workflows()? {
        let all = workflow["jobs"].as_object().ok_or("no jobs")?;
        jobs.extend(all.iter().map(|(name, job)| Job {
            name: format!("{file}: {name}"),
            content: job.clone(),
        }));
    }
    Ok(jobs)
}

#[test]
fn workflows_have_read_permissions_by_default() -> Result {
    for (file, workflow) in workflows()? {
        let expected = serde_json::json!({ "contents": "read" });
        assert_eq!(workflow["permissions"], expected, "{file}");
    }
    Ok(())
}

#[test]
fn actions_are_pinned_by_commit() -> Result {
    for job in jobs()? {
        for action in job.actions() {
            let commit = action.split_once('@').map(|(_, commit)| commit);
            let pinned = commit.is_some_and(|it| {
                it.len() == 40 && it.bytes().all(|byte| byte.is_ascii_hexdigit())
            });
            assert!(pinned, "{}: {action}", job.name);
        }
    }
    Ok(())
}

#[test]
fn checkouts_keep_no_credentials() -> Result {
    for job in jobs()? {
        let checkouts = job.steps().filter(|step| {
            let action = step["uses"].as_str();
            action.is_some_and(|it| it.starts_with("actions/checkout@"))
        });
        for checkout in checkouts {
            assert_eq!(
                checkout["with"]["persist-credentials"], false,
                "{}",
                job.name
            );
        }
    }
    Ok(())
}

#[test]
fn jobs_that_run_tests_have_neither_secrets_nor_write_permissions() -> Result {
    for job in jobs()? {
        let runs_tests = |script: &str| script.contains("cargo test") || script.contains(".ci/run");
        if job.scripts().any(runs_tests) {
            assert!(!job.may_write(), "{}", job.name);
            assert!(!job.has_secrets(), "{}", job.name);
        }
    }
    Ok(())
}

#[test]
fn release_is_signed_in_a_protected_environment_that_runs_no_project_code() -> Result {
    let mut signing = 0;
    for job in jobs()?.iter().filter(|job| job.has_secrets()) {
        signing += 1;
        assert_eq!(job.content["environment"], "release", "{}", job.name);
        for action in job.actions() {
            assert!(!action.starts_with("actions/checkout@"), "{}", job.name);
        }
        for script in job.scripts() {
            assert!(!script.contains("cargo"), "{}: {script}", job.name);
            assert!(!script.contains("rustup"), "{}: {script}", job.name);
        }
        let verifies = |script: &str| script.contains("gh attestation verify");
        assert!(job.scripts().any(verifies), "{}", job.name);
    }
    assert_eq!(signing, 1);
    Ok(())
}

#[test]
fn packages_are_attested_and_uploaded_directly_after_the_build() -> Result {
    let jobs = jobs()?;
    let builds = |job: &&Job| job.scripts().any(|script| script.contains("xtask dist"));
    let release = jobs
        .iter()
        .filter(|job| job.name.starts_with("release.yml"));
    let [job] = release.filter(builds).collect::<Vec<_>>()[..] else {
        return Err("packages are built in another number of jobs".into());
    };
    let steps: Vec<&Value> = job.steps().collect();
    let build = |step: &&Value| {
        step["run"]
            .as_str()
            .is_some_and(|it| it.contains("xtask dist"))
    };
    let after = steps.iter().position(build).ok_or("no build")? + 1;
    let next: Vec<&str> = steps[after..]
        .iter()
        .map(|step| step["uses"].as_str().unwrap_or("a script"))
        .collect();
    assert!(
        next[0].starts_with("actions/attest-build-provenance@"),
        "{next:?}"
    );
    assert!(next.len() > 1, "{next:?}");
    for step in &next[1..] {
        assert!(step.starts_with("actions/upload-artifact@"), "{next:?}");
    }
    Ok(())
}

#[test]
fn packages_from_pypi_are_pinned_by_hash() -> Result {
    for job in jobs()? {
        for line in job.scripts().flat_map(str::lines) {
            let installs = line.contains("pip install") || line.contains("pip download");
            assert!(
                !installs || line.contains("--require-hashes"),
                "{}: {line}",
                job.name
            );
        }
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testing/requirements");
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let content = fs::read_to_string(&path)?.replace("\\\n", " ");
        for line in content
            .lines()
            .filter(|it| !it.is_empty() && !it.starts_with('#'))
        {
            let pinned = line.contains("==") && line.contains("--hash=sha256:");
            assert!(pinned, "{}: {line}", path.display());
        }
    }
    Ok(())
}

#[test]
fn vulnerable_dependencies_fail_a_workflow() -> Result {
    let all_checks = "cargo deny --all-features check";
    let jobs = jobs()?;
    assert!(
        jobs.iter()
            .flat_map(Job::scripts)
            .any(|script| script.trim() == all_checks)
    );
    Ok(())
}
