//! The directory through which processes share responses.

use std::time::Duration;

use super::arguments::{CACHE_DIR, CACHE_MAX_AGE, MAX_PATH_LENGTH, text_up_to};
use super::model::ProviderModel;
use super::resolver::{Resolver, Setting};
use crate::swas::catalog::shared::SharedResponses;
use crate::swas::catalog::shared::directory::DirectoryError;
use crate::terraform::{ConfigError, Diagnostic, Diagnostics};
use aliyun::env::Environment;
use aliyun::text::debug_quote;

/// Resolved settings of the cache directory.
#[derive(Debug)]
pub(super) struct CacheConfig {
    directory: Setting<String>,
    max_age: Duration,
}

impl CacheConfig {
    /// Returns `None` if no directory is configured.
    pub(super) fn resolve(
        model: &ProviderModel,
        resolver: &mut Resolver<'_, '_>,
    ) -> Result<Option<Self>, ConfigError> {
        let directory = resolver.text(
            "cache_dir",
            &model.cache_dir,
            &[CACHE_DIR],
            text_up_to(MAX_PATH_LENGTH),
        );
        let max_age = resolver.number(&CACHE_MAX_AGE, &model.cache_max_age);
        let (directory, max_age) = (directory?, max_age?);
        Ok(directory.map(|directory| Self {
            directory,
            max_age: Duration::from_secs(max_age.value),
        }))
    }

    /// Opens the directory. If it cannot be used, adds a warning and returns `None`.
    ///
    /// # Errors
    ///
    /// If others could change its files.
    pub(super) async fn open(
        &self,
        stall_limit: Duration,
        environment: &Environment,
        warnings: &mut Diagnostics,
    ) -> Result<Option<SharedResponses>, Diagnostics> {
        let Setting { value, source } = &self.directory;
        let path = environment.expand(value).ok_or_else(|| {
            let detail = format!(
                "{source} is {}, but the home directory is not known. Set another path.",
                debug_quote(value)
            );
            self.error(detail)
        })?;
        match SharedResponses::open(path, self.max_age, stall_limit).await {
            Ok(shared) => Ok(Some(shared)),
            Err(DirectoryError::Io(error)) => {
                warnings.push(fault_warning(&error.to_string()));
                Ok(None)
            }
            Err(error) => {
                let detail = format!("{source} is {}, which {error}.", debug_quote(value));
                Err(self.error(detail))
            }
        }
    }

    fn error(&self, detail: String) -> Diagnostics {
        Diagnostic::error("Invalid cache directory", detail)
            .at(self.directory.source.path())
            .into()
    }
}

/// The warning about a directory that is not used because of a fault.
pub(super) fn fault_warning(fault: &str) -> Diagnostic {
    let detail = format!(
        "The cache directory cannot be used: {fault}. Responses are not shared with other \
         processes. Correct it, or remove \"cache_dir\" and {CACHE_DIR}."
    );
    Diagnostic::warning("Cache directory not used", detail)
}
