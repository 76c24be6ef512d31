//! Resolves the value of an argument: the provider block, then the environment.

use std::fmt;

use super::arguments::{
    CACHE_DIR, CACHE_MAX_AGE, CONNECT_TIMEOUT, NumberArgument, READ_TIMEOUT, RETRY_TIMEOUT,
};
use crate::provider::validators;
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
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(path) => write!(f, "\"{path}\""),
            Self::Variable(name) => f.write_str(name),
            Self::Default => f.write_str("the default"),
        }
    }
}

impl Source {
    /// Returns the path of a diagnostic about the value. Variables have none.
    pub(super) fn path(&self) -> AttributePath {
        match self {
            Self::Argument(path) => path.clone(),
            Self::Variable(_) | Self::Default => AttributePath::default(),
        }
    }
}

/// Resolves arguments, and collects the diagnostics of both sources.
pub(super) struct Resolver<'r, 'd> {
    pub(super) parser: &'r mut Parser<'d>,
    pub(super) environment: &'r Environment,
    /// Diagnostics about environment variables. Validation ignores them, because it must not
    /// depend on the environment.
    pub(super) variables: &'r mut Diagnostics,
}

impl Resolver<'_, '_> {
    /// Resolves text: the argument, then its variables in order of precedence.
    pub(super) fn text<T>(
        &mut self,
        name: &str,
        value: &Value<String>,
        variables: &[&'static str],
        parse: impl Fn(&str, &AttributePath) -> Result<T, Diagnostic>,
    ) -> Result<Option<Setting<T>>, ConfigError> {
        let source = Source::Argument(self.parser.path(name));
        match self.parser.text(name, value, &parse)? {
            Some(value) => Ok(Some(Setting { value, source })),
            None => self.variable(variables, parse),
        }
    }

    /// Returns the first of these variables that is set.
    pub(super) fn variable<T>(
        &mut self,
        variables: &[&'static str],
        parse: impl FnOnce(&str, &AttributePath) -> Result<T, Diagnostic>,
    ) -> Result<Option<Setting<T>>, ConfigError> {
        let Some(variable) = self.environment.find(variables) else {
            return Ok(None);
        };
        let parsed = parse(variable.value, &AttributePath::attribute(&variable.name));
        let source = Source::Variable(variable.name);
        match parsed {
            Ok(value) => Ok(Some(Setting { value, source })),
            Err(error) => {
                self.report(&source, error.clone());
                Err(ConfigError::Invalid(error))
            }
        }
    }

    /// Adds a diagnostic about a value.
    pub(super) fn report(&mut self, source: &Source, diagnostic: Diagnostic) {
        let diagnostic = diagnostic.at(source.path());
        match source {
            Source::Argument(_) => self.parser.push(diagnostic),
            Source::Variable(_) | Source::Default => self.variables.push(diagnostic),
        }
    }

    /// Resolves a number: the argument, then its variable, then the default.
    pub(super) fn number(
        &mut self,
        row: &NumberArgument,
        value: &Value<Number>,
    ) -> Result<Setting<u64>, ConfigError> {
        let source = Source::Argument(self.parser.path(row.name));
        let in_range = |number: Number, path: &AttributePath| {
            validators::integer_between(number, path, &row.range, row.unit)
        };
        let parse = |number: &Number, path: &AttributePath| in_range(*number, path);
        if let Some(value) = self.parser.value(row.name, value, parse)? {
            return Ok(Setting { value, source });
        }
        let variable = self.variable(&[row.variable], |text, path| {
            let number = text.trim().parse::<f64>().map_err(|_| {
                let detail = format!("\"{path}\" is {}, but must be a number.", debug_quote(text));
                Diagnostic::invalid(path, detail)
            });
            in_range(number?.into(), path)
        })?;
        if variable.is_some() && !row.variable.starts_with("SWAS_") {
            let replacement = format!("\"{}\" in the provider block", row.name);
            self.environment
                .record_deprecated(row.variable, replacement);
        }
        Ok(variable.unwrap_or(Setting {
            value: row.default,
            source: Source::Default,
        }))
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

    /// Adds errors for variables that are not text, and for booleans that are neither true
    /// nor false. They would count as unset.
    pub(super) fn check_variables(&mut self) {
        let numbers = [CACHE_MAX_AGE, CONNECT_TIMEOUT, READ_TIMEOUT, RETRY_TIMEOUT];
        let numbers = numbers.map(|number| number.variable);
        let own = [CACHE_DIR, APPEND_USER_AGENT];
        let is_own = |name: &str| own.contains(&name) || numbers.contains(&name);
        let is_read = |name: &str| env::is_prefixed(name) || is_own(name) || is_proxy_var(name);
        let without_text = self.environment.without_text(is_read).into_iter();
        let without_text = without_text.map(|name| format!("{name} is not valid UTF-8"));
        let booleans = self.environment.invalid_booleans().map(|variable| {
            let value = debug_quote(variable.value);
            format!(
                "{} is {value}, but must be \"true\" or \"false\"",
                variable.name
            )
        });
        for problem in without_text.chain(booleans) {
            let detail = format!("{problem}. Correct or unset it.");
            let error = Diagnostic::error("Invalid environment variable", detail);
            self.variables.push(error);
        }
    }
}

/// Returns one warning about the deprecated variables that were read since the last one.
pub(super) fn deprecation_warning(environment: &Environment) -> Diagnostics {
    let variables = environment.take_deprecated().into_iter();
    let lines: Vec<_> = variables
        .map(|(name, replacement)| format!("\n- {name}: set {replacement}"))
        .collect();
    if lines.is_empty() {
        return Diagnostics::default();
    }
    let lines = lines.concat();
    let detail = format!(
        "These environment variables are deprecated. They were read, because their \
         replacements are not set. Set the replacements instead:{lines}"
    );
    Diagnostic::warning("Deprecated environment variables", detail).into()
}
