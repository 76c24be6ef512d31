//! Log lines on stderr in the JSON format of HashiCorp's go-hclog, from which Terraform
//! copies them into its own log.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::time::Duration;

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

/// The maximum length of one field's text, in bytes. Several fit into the 64 KiB at
/// which go-plugin splits a line.
const MAX_FIELD_LENGTH: usize = 8 * 1024;

/// The maximum length of a line, in bytes, below the 64 KiB at which go-plugin splits it.
const MAX_LINE_LENGTH: usize = 60 * 1024;

/// The time limit for writing queued lines when this process exits.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(200);

/// Returns the level in the first of `variables` that is set.
///
/// `JSON` selects a format and all levels. An unknown level means all levels too, as in
/// Terraform.
pub(crate) fn level(
    variables: &[&str],
    variable: impl Fn(&str) -> Option<OsString>,
) -> LevelFilter {
    let requested = variables
        .iter()
        .filter_map(|name| variable(name)?.into_string().ok())
        .find(|value| !value.is_empty());
    match requested.map(|level| level.to_ascii_lowercase()).as_deref() {
        None | Some("off" | "none") => LevelFilter::OFF,
        Some("error") => LevelFilter::ERROR,
        Some("warn") => LevelFilter::WARN,
        Some("info") => LevelFilter::INFO,
        Some("debug") => LevelFilter::DEBUG,
        Some(_) => LevelFilter::TRACE,
    }
}

/// Writes the log events of `crates` at `level` and above to stderr.
///
/// Events of other crates are not logged: those of HTTP and TLS libraries may hold
/// request data, including secrets.
pub(super) fn start(module: &'static str, crates: &[&'static str], level: LevelFilter) -> Log {
    if level == LevelFilter::OFF {
        return Log(None);
    }
    let lines = LineQueue::to_stderr().ok();
    let log = Log(lines.clone());
    let layer = Hclog { module, lines };
    let own = Targets::new().with_targets(crates.iter().map(|name| (*name, level)));
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(own));
    // Fails only if logging has been started before, which is fine.
    let _ = tracing::subscriber::set_global_default(subscriber);
    log
}

/// The log lines that may not have been written yet.
#[must_use]
pub(super) struct Log(Option<LineQueue>);

impl Log {
    /// Waits until all lines are written, up to [`FLUSH_TIMEOUT`].
    pub(super) fn finish(self) {
        if let Some(lines) = self.0 {
            lines.finish(FLUSH_TIMEOUT);
        }
    }
}

/// Logs the location of each panic. The panic's message is not logged: it may quote a
/// value of the configuration.
pub(super) fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string);
        tracing::error!(location, "this is a bug: a call panicked");
    }));
}

struct Hclog {
    module: &'static str,
    /// `None` if the writer thread could not be started: lines are then written directly.
    lines: Option<LineQueue>,
}

impl Hclog {
    fn write(&self, line: String) {
        let Some(lines) = &self.lines else {
            // There is nowhere to report that logging failed.
            let _ = io::stderr().lock().write_all(line.as_bytes());
            return;
        };
        let dropped = lines.enqueue(line);
        if dropped > 0 {
            let message = format!("dropped {dropped} log lines that were not read in time");
            let line = base_fields(
                self.module,
                Level::WARN,
                &message,
                OffsetDateTime::now_utc(),
            );
            lines.enqueue(format!("{}\n", Value::Object(line)));
        }
    }
}

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for Hclog {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(SpanFields(fields.others));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        // An event has the fields of its spans too.
        let mut span_fields = Map::new();
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(SpanFields(fields)) = span.extensions().get() {
                span_fields.extend(fields.clone());
            }
        }
        self.write(render(
            self.module,
            event,
            span_fields,
            OffsetDateTime::now_utc(),
        ));
    }
}

struct SpanFields(Map<String, Value>);

fn render(
    module: &str,
    event: &Event<'_>,
    span_fields: Map<String, Value>,
    now: OffsetDateTime,
) -> String {
    let mut fields = Fields::default();
    event.record(&mut fields);
    let Fields { message, others } = fields;

    let mut line = base_fields(module, *event.metadata().level(), &message, now);
    let base = line.clone();
    line.extend(span_fields);
    line.extend(others);

    let mut text = Value::Object(line).to_string();
    if text.len() > MAX_LINE_LENGTH {
        text = Value::Object(base).to_string();
    }
    text.push('\n');
    text
}

/// Returns the fields that every line has.
fn base_fields(
    module: &str,
    level: Level,
    message: &str,
    now: OffsetDateTime,
) -> Map<String, Value> {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
    let mut line = Map::new();
    let mut insert = |name: &str, value: &str| line.insert(name.to_owned(), value.into());
    insert("@level", level_name(level));
    insert("@message", message);
    insert("@module", module);
    insert("@timestamp", &now.format(&format).unwrap_or_default());
    line
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    others: Map<String, Value>,
}

impl Fields {
    fn insert(&mut self, field: &Field, value: impl Into<Value>) {
        self.others.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = format!("{value:?}");
        if text.len() > MAX_FIELD_LENGTH {
            text.truncate(text.floor_char_boundary(MAX_FIELD_LENGTH));
            text.push('…');
        }
        if field.name() == "message" {
            self.message = text;
        } else {
            self.insert(field, text);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // Without the quotation marks that Debug would add.
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value);
    }

    /// `Duration::as_millis` returns a `u128`.
    fn record_u128(&mut self, field: &Field, value: u128) {
        match u64::try_from(value) {
            Ok(value) => self.record_u64(field, value),
            Err(_) => self.record_debug(field, &value),
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.insert(field, value);
    }
}
