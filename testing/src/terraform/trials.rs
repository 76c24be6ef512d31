//! Tests that run with every client, and are ignored where there is none.

use std::any::type_name;
use std::env;
use std::fmt;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};

use super::{Client, ClientError};

/// The environment variable that turns a missing client into a failure.
pub const REQUIRE_VARIABLE: &str = "SWAS_REQUIRE_TERRAFORM";

type Test = dyn Fn(&Client) -> Result<(), Failed> + Send + Sync;

/// A test that runs once with every client.
#[derive(Clone)]
pub struct TerraformTest {
    name: &'static str,
    applies: fn(&Client) -> bool,
    test: Arc<Test>,
}

impl TerraformTest {
    /// A test for every client, named as the function is, behind its module. It
    /// fails by an error or a panic.
    pub fn of<T>(test: T) -> Self
    where
        T: Fn(&Client) -> Result<(), Failed> + Send + Sync + 'static,
    {
        let name = type_name::<T>();
        Self {
            name: name.split_once("::").map_or(name, |(_, name)| name),
            applies: |_| true,
            test: Arc::new(test),
        }
    }

    /// Leaves out the clients of which `applies` is false.
    #[must_use]
    pub fn only_for(mut self, applies: fn(&Client) -> bool) -> Self {
        self.applies = applies;
        self
    }

    fn with(&self, client: &Client) -> Trial {
        let (test, client) = (Arc::clone(&self.test), client.clone());
        let name = format!("{}::{}", self.name, client.name());
        Trial::test(name, move || test(&client))
    }

    /// Stands for the test where it cannot run: ignored, and a failure when it
    /// is run all the same.
    fn missing(&self, required: bool) -> Trial {
        let message = format!("no Terraform or OpenTofu to run {} with", self.name);
        Trial::test(self.name, move || Err(message.into())).with_ignored_flag(!required)
    }
}

impl fmt::Debug for TerraformTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TerraformTest")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The `main` of a program that holds such tests alone.
pub fn run_terraform_tests(tests: &[TerraformTest]) -> ExitCode {
    libtest_mimic::run(&Arguments::from_args(), terraform_tests(tests)).exit_code()
}

/// Each of these tests with every client of this machine. Where there is none,
/// tests are ignored, and with `SWAS_REQUIRE_TERRAFORM` set to anything but the
/// empty text they fail.
pub fn terraform_tests(tests: &[TerraformTest]) -> Vec<Trial> {
    let required = env::var_os(REQUIRE_VARIABLE).is_some_and(|value| !value.is_empty());
    trials(tests, Client::discover(), required)
}

fn trials(
    tests: &[TerraformTest],
    clients: Result<Vec<Client>, ClientError>,
    required: bool,
) -> Vec<Trial> {
    let clients = match clients {
        Ok(clients) => clients,
        Err(error) => {
            let message = error.to_string();
            return vec![Trial::test("clients", move || Err(message.into()))];
        }
    };
    let each = tests.iter().flat_map(|test| {
        let mut trials: Vec<Trial> = clients
            .iter()
            .filter(|client| (test.applies)(client))
            .map(|client| test.with(client))
            .collect();
        if trials.is_empty() {
            // A test for clients of one kind alone is not asked for where there
            // are others.
            trials.push(test.missing(required && clients.is_empty()));
        }
        trials
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terraform::{Product, Version};

    fn client(version: &str) -> Client {
        Client {
            path: "terraform".into(),
            product: Product::Terraform,
            version: Version::parse(version).unwrap(),
        }
    }

    fn any(client: &Client) -> Result<(), Failed> {
        Err(client.name().into())
    }

    fn new(client: &Client) -> Result<(), Failed> {
        any(client)
    }

    fn listed(clients: Vec<Client>, required: bool) -> Vec<(String, bool)> {
        let tests = [
            TerraformTest::of(any),
            TerraformTest::of(new).only_for(|client| client.version.at_least(1, 8)),
        ];
        trials(&tests, Ok(clients), required)
            .iter()
            .map(|trial| {
                let name = trial.name().strip_prefix("terraform::trials::tests::");
                (name.unwrap().to_owned(), trial.has_ignored_flag())
            })
            .collect()
    }

    #[test]
    fn every_test_is_listed_with_every_client_it_applies_to() {
        let clients = || vec![client("1.0.3"), client("1.11.4")];
        let expected = [
            ("any::terraform-1.0.3", false),
            ("any::terraform-1.11.4", false),
            ("new::terraform-1.11.4", false),
        ];
        let expected = expected.map(|(name, ignored)| (name.to_owned(), ignored));
        assert_eq!(listed(clients(), false), expected);
    }

    #[test]
    fn tests_without_a_client_are_ignored_unless_clients_are_required() {
        let expected = |ignored| vec![("any".to_owned(), ignored), ("new".to_owned(), ignored)];
        assert_eq!(listed(vec![], false), expected(true));
        assert_eq!(listed(vec![], true), expected(false));
        assert_eq!(
            listed(vec![client("1.0.3")], true)[1],
            ("new".to_owned(), true)
        );
    }
}
