//! Log lines on stderr in the JSON format of HashiCorp's go-hclog, from which Terraform
//! copies them into its own log.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use aliyun::text::sanitize_to;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::macros::format_description;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use super::stderr::LineQueue;

/// The module of log lines.
const MODULE: &str = "provider.terraform-provider-swas";

/// The variables that set the log level, in order of precedence.
const VARIABLES: [&str; 3] = ["TF_LOG_PROVIDER_SWAS", "TF_LOG_PROVIDER", "TF_LOG"];

/// The crates whose events are logged. Those of HTTP and TLS libraries may hold request
/// data, including secrets.
const CRATES: [&str; 2] = ["aliyun", "swas_provider"];

/// The maximum length of one field's text, in characters.
const MAX_FIELD_LENGTH: usize = 4000;

/// The maximum length of a line, in bytes, below the 64 KiB at which go-plugin splits it.
const MAX_LINE_LENGTH: usize = 60 * 1024;

/// The time limit for writing queued lines when this process exits.
pub(super) const FLUSH_TIMEOUT: Duration = Duration::from_millis(200);

/// Returns the level that the environment variables request.
///
/// `JSON` selects a format and all levels. An unknown level means all levels too, as in
/// Terraform.
pub(crate) fn level(variable: impl Fn(&str) -> Option<OsString>) -> LevelFilter {
    let requested = VARIABLES
        .iter()
        .filter_map(|name| variable(name)?.into_string().ok())
        .find(|value| !value.is_empty());
    requested.map_or(LevelFilter::OFF, |level| {
        level.parse().unwrap_or(LevelFilter::TRACE)
    })
}

/// Writes log events at `level` and above to stderr. Returns the queue of lines, which has
/// to be finished at the end.
pub(super) fn start(level: LevelFilter) -> Option<Arc<LineQueue>> {
    if level == LevelFilter::OFF {
        return None;
    }
    let started = LineQueue::to_stderr();
    let lines = started
        .inspect_err(|error| print(&format!("terraform-provider-swas: cannot log: {error}")))
        .map(Arc::new)
        .ok()?;
    let layer = Hclog(Arc::clone(&lines));
    let own = Targets::new().with_targets(CRATES.map(|name| (name, level)));
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(own));
    // Fails only if logging has been started before, which is fine.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Some(lines)
}

/// Prints a line to stderr. Ignores a closed stderr.
pub(super) fn print(line: &str) {
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}

struct Hclog(Arc<LineQueue>);

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for Hclog {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        // An event has the fields of its spans too.
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(Fields(span)) = span.extensions().get() {
                fields.0.extend(span.clone());
            }
        }
        event.record(&mut fields);
        let dropped = self.0.enqueue(fields.into_line(*event.metadata().level()));
        if dropped > 0 {
            let mut fields = Fields::default();
            let message = format!("dropped {dropped} log lines that were not read in time");
            fields.insert("@message", message);
            self.0.enqueue(fields.into_line(Level::WARN));
        }
    }
}

/// The fields of a line.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn insert(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Adds the fields that every line has. Leaves out all others if the line is too long.
    fn into_line(mut self, level: Level) -> String {
        let format = format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z"
        );
        let now = OffsetDateTime::now_utc().format(&format);
        self.insert("@level", level.as_str().to_ascii_lowercase());
        self.insert("@module", MODULE);
        self.insert("@timestamp", now.unwrap_or_default());
        let mut line = Value::Object(self.0.clone()).to_string();
        if line.len() > MAX_LINE_LENGTH {
            self.0.retain(|name, _| name.starts_with('@'));
            line = Value::Object(self.0).to_string();
        }
        line.push('\n');
        line
    }
}

impl Visit for Fields {
    /// Text may come from outside.
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = sanitize_to(&format!("{value:?}"), MAX_FIELD_LENGTH);
        match field.name() {
            "message" => self.insert("@message", text),
            name => self.insert(name, text),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // Without the quotation marks that Debug would add.
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field.name(), value);
    }

    /// `Duration::as_millis` returns a `u128`.
    fn record_u128(&mut self, field: &Field, value: u128) {
        self.insert(field.name(), u64::try_from(value).unwrap_or(u64::MAX));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.insert(field.name(), value);
    }
}
