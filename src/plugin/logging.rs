//! Log lines on stderr in the JSON form that HashiCorp's go-hclog reads, which
//! is how Terraform takes a plugin's log lines into its own log.

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

use super::stderr::Lines;

/// The longest text of one field, in bytes. A few of them fit the 64 KiB at
/// which go-plugin cuts a line in two.
const LONGEST_TEXT: usize = 8 * 1024;

/// The longest line, in bytes, leaving room for the end of the line.
const LONGEST_LINE: usize = 60 * 1024;

/// How long the end of this process waits for what has been logged to be written.
const WRITING_LIMIT: Duration = Duration::from_millis(200);

/// The level that the first of `variables` which is set asks for.
///
/// `JSON` chooses a format and every level. A word that is no level means every
/// level too, as it does for Terraform itself.
pub(crate) fn level(variables: &[&str], variable: impl Fn(&str) -> Option<String>) -> LevelFilter {
    let asked = variables
        .iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()));
    match asked.map(|level| level.to_ascii_lowercase()).as_deref() {
        None | Some("off" | "none") => LevelFilter::OFF,
        Some("error") => LevelFilter::ERROR,
        Some("warn") => LevelFilter::WARN,
        Some("info") => LevelFilter::INFO,
        Some("debug") => LevelFilter::DEBUG,
        Some(_) => LevelFilter::TRACE,
    }
}

/// Sends this crate's log events of `level` and above to stderr.
///
/// Events of other crates stay out: those of HTTP and TLS libraries may show what
/// travels, secrets included.
pub(super) fn start(module: &'static str, crates: &[&'static str], level: LevelFilter) -> Log {
    if level == LevelFilter::OFF {
        return Log(None);
    }
    let lines = Lines::to_stderr().ok();
    let log = Log(lines.clone());
    let layer = Hclog { module, lines };
    let own = Targets::new().with_targets(crates.iter().map(|name| (*name, level)));
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(own));
    // Fails only when logging has been started before, and then it works.
    let _ = tracing::subscriber::set_global_default(subscriber);
    log
}

/// What has been logged and may not have been written yet.
#[must_use]
pub(super) struct Log(Option<Lines>);

impl Log {
    /// Waits until it has been written, if somebody reads it.
    pub(super) fn finish(self) {
        if let Some(lines) = self.0 {
            lines.finish(WRITING_LIMIT);
        }
    }
}

/// Logs where a panic happened, and nothing of its message, which may quote a
/// value from the configuration.
pub(super) fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string);
        tracing::error!(location, "this is a bug: a call panicked");
    }));
}

struct Hclog {
    module: &'static str,
    /// Lines go straight to stderr where there is no thread to write them.
    lines: Option<Lines>,
}

impl Hclog {
    fn write(&self, line: String) {
        let Some(lines) = &self.lines else {
            // There is nowhere to report that logging failed.
            let _ = io::stderr().lock().write_all(line.as_bytes());
            return;
        };
        let left_out = lines.put(line);
        if left_out > 0 {
            let message = format!("left out {left_out} log lines that nobody read in time");
            let line = head(
                self.module,
                Level::WARN,
                &message,
                OffsetDateTime::now_utc(),
            );
            lines.put(format!("{}\n", Value::Object(line)));
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
        // What happens in a span has its fields too.
        let mut around = Map::new();
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(SpanFields(fields)) = span.extensions().get() {
                around.extend(fields.clone());
            }
        }
        self.write(render(
            self.module,
            event,
            around,
            OffsetDateTime::now_utc(),
        ));
    }
}

struct SpanFields(Map<String, Value>);

fn render(
    module: &str,
    event: &Event<'_>,
    around: Map<String, Value>,
    now: OffsetDateTime,
) -> String {
    let mut fields = Fields::default();
    event.record(&mut fields);
    let Fields { message, others } = fields;

    let mut line = head(module, *event.metadata().level(), &message, now);
    let base = line.clone();
    line.extend(around);
    line.extend(others);

    let mut text = Value::Object(line).to_string();
    if text.len() > LONGEST_LINE {
        text = Value::Object(base).to_string();
    }
    text.push('\n');
    text
}

/// What every line has.
fn head(module: &str, level: Level, message: &str, now: OffsetDateTime) -> Map<String, Value> {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
    let mut line = Map::new();
    let mut put = |name: &str, value: &str| line.insert(name.to_owned(), value.into());
    put("@level", level_name(level));
    put("@message", message);
    put("@module", module);
    put("@timestamp", &now.format(&format).unwrap_or_default());
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
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.others.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = format!("{value:?}");
        if text.len() > LONGEST_TEXT {
            text.truncate(text.floor_char_boundary(LONGEST_TEXT));
            text.push('…');
        }
        if field.name() == "message" {
            self.message = text;
        } else {
            self.put(field, text);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // Without the quotation marks that Debug would add.
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    /// Milliseconds, for one, are counted in so many bits.
    fn record_u128(&mut self, field: &Field, value: u128) {
        match u64::try_from(value) {
            Ok(value) => self.record_u64(field, value),
            Err(_) => self.record_debug(field, &value),
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }
}
