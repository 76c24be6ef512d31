//! Resolves the value of an argument: the provider block, then the environment.

use std::fmt;

use super::arguments::{CACHE_DIR, CACHE_MAX_AGE, NumberArgument, TextArgument};
use crate::terraform::{
    AttributePath, ConfigError, Diagnostic, Diagnostics, Number, Parser, Value,
};
use aliyun::env::{self, Environment};
use aliyun::http::proxy::is_proxy_var;
use aliyun::text::debug_quote;

/// Variable of Terraform with text for the User-Agent.
pub(super) const APPEND_USER_AGENT: &str = "TF_APPEND_USER_AGENT";

/// A value and its source.
#[derive(Clone, Debug)]
pub(super) struct Setting<T> {
    pub(super) value: T,
    pub(super) source: Source,
}

/// The argument or the environment variable that a value comes from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Argument(AttributePath),
    Variable(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(path) => write!(f, "\"{path}\""),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

/// Resolves arguments, and collects the errors of both sources.
pub(super) struct Resolver<'r, 'd> {
    pub(super) parser: &'r mut Parser<'d>,
    pub(super) environment: &'r Environment,
    pub(super) variables: &'r mut VariableReport,
}

/// Results that are about environment variables.
#[derive(Debug, Default)]
pub(super) struct VariableReport {
    /// Invalid variables. Validation ignores them, because it must not depend on the
    /// environment.
    pub(super) errors: Diagnostics,
    /// Warnings about values of variables.
    pub(super) warnings: Diagnostics,
    /// Deprecated variables that an argument replaces, with the name of the argument.
    deprecated: Vec<(&'static str, &'static str)>,
}

impl Resolver<'_, '_> {
    /// Resolves text: the argument, then its variables.
    pub(super) fn text<T>(
        &mut self,
        row: &TextArgument<impl Fn(&str, &AttributePath) -> Result<T, Diagnostic>>,
        value: &Value<String>,
    ) -> Result<Option<Setting<T>>, ConfigError> {
        let source = Source::Argument(self.parser.path(row.name));
        match self.parser.text(row.name, value, &row.parse)? {
            Some(value) => Ok(Some(Setting { value, source })),
            None => self.variable(row.variables, &row.parse),
        }
    }

    /// Returns the first of these variables that is set.
    pub(super) fn variable<T>(
        &mut self,
        variables: &[&'static str],
        check: impl FnOnce(&str, &AttributePath) -> Result<T, Diagnostic>,
    ) -> Result<Option<Setting<T>>, ConfigError> {
        match self.environment.find(variables) {
            Some(variable) => self
                .parse_variable(variable.name, variable.value, check)
                .map(Some),
            None => Ok(None),
        }
    }

    fn parse_variable<T>(
        &mut self,
        name: String,
        text: &str,
        parse: impl FnOnce(&str, &AttributePath) -> Result<T, Diagnostic>,
    ) -> Result<Setting<T>, ConfigError> {
        let parsed = parse(text, &AttributePath::attribute(&name));
        let value = parsed.map_err(|error| self.variables.reject(error))?;
        let source = Source::Variable(name);
        Ok(Setting { value, source })
    }

    /// Resolves a number: the argument, then its variable.
    pub(super) fn number<T>(
        &mut self,
        row: &NumberArgument<T>,
        value: &Value<Number>,
    ) -> Result<Option<Setting<T>>, ConfigError> {
        let source = Source::Argument(self.parser.path(row.name));
        let parse = |number: &Number, path: &AttributePath| (row.parse)(*number, path);
        if let Some(value) = self.parser.value(row.name, value, parse)? {
            return Ok(Some(Setting { value, source }));
        }
        let Some(text) = self.environment.exact(row.variable) else {
            return Ok(None);
        };
        if row.is_deprecated {
            self.variables.deprecated.push((row.variable, row.name));
        }
        let parse = |text: &str, path: &AttributePath| {
            let number = text.trim().parse::<f64>().map_err(|_| {
                let detail = format!("\"{path}\" is {}, but must be a number.", debug_quote(text));
                Diagnostic::invalid(path, detail)
            });
            (row.parse)(number?.into(), path)
        };
        let setting = self.parse_variable(row.variable.to_owned(), text, parse);
        setting.map(Some)
    }

    /// Resolves the nested block `name` with `resolve`. Returns `None` without such a block.
    pub(super) fn block<M, T>(
        &mut self,
        name: &str,
        blocks: &Value<Vec<M>>,
        resolve: impl FnOnce(&M, &mut Resolver<'_, '_>) -> Result<T, ConfigError>,
    ) -> Result<Option<T>, ConfigError> {
        let (environment, variables) = (self.environment, &mut *self.variables);
        self.parser.block(name, blocks, |block, parser| {
            resolve(
                block,
                &mut Resolver {
                    parser,
                    environment,
                    variables,
                },
            )
        })
    }
}

impl VariableReport {
    /// Adds the error of a variable. It points at no argument.
    pub(super) fn reject(&mut self, error: Diagnostic) -> ConfigError {
        let error = error.at(AttributePath::default());
        self.errors.push(error.clone());
        ConfigError::Invalid(error)
    }

    /// Adds errors for variables that are not text, and for booleans that are neither true
    /// nor false. They would count as unset.
    pub(super) fn check(&mut self, environment: &Environment) {
        let own = [
            CACHE_DIR.variables[0],
            CACHE_MAX_AGE.variable,
            APPEND_USER_AGENT,
        ];
        let is_read =
            |name: &str| env::is_prefixed(name) || own.contains(&name) || is_proxy_var(name);
        for variable in environment.without_text(is_read) {
            let detail = format!("{variable} is not valid UTF-8. Correct or unset it.");
            self.reject(Diagnostic::error("Invalid environment variable", detail));
        }
        for variable in environment.invalid_booleans() {
            let detail = format!(
                "{} is {}, but must be \"true\" or \"false\". Correct or unset it.",
                variable.name,
                debug_quote(variable.value)
            );
            self.reject(Diagnostic::error("Invalid environment variable", detail));
        }
    }

    /// Returns one warning about all deprecated variables that were read.
    pub(super) fn deprecation_warning(&self, environment: &Environment) -> Diagnostics {
        let arguments = self.deprecated.iter();
        let arguments = arguments.map(|(name, argument)| {
            format!("\n- {name}: set \"{argument}\" in the provider block")
        });
        deprecation_warning(environment, arguments)
    }
}

/// Returns one warning about the deprecated variables that were read since the last one, and
/// with these lines.
pub(super) fn deprecation_warning(
    environment: &Environment,
    arguments: impl Iterator<Item = String>,
) -> Diagnostics {
    let variables = environment.take_deprecated().into_iter();
    let variables = variables.map(|(name, current)| format!("\n- {name}: set {current}"));
    let lines: String = variables.chain(arguments).collect();
    if lines.is_empty() {
        return Diagnostics::default();
    }
    let detail = format!(
        "These environment variables are deprecated. They were read, because their \
             replacements are not set. Set the replacements instead:{lines}"
    );
    Diagnostic::warning("Deprecated environment variables", detail).into()
}
