//! Tables and charts of one run, for the terminal and for docs/performance.md.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use swas_testing::terraform::Client;

use super::Result;
use super::chart::{self, Bar, Line};
use super::table::Table;

/// The markers around the generated figures in the page.
const BEGIN: &str = "<!-- Written by `cargo bench --bench plan -- --write`: -->\n";
const END: &str = "<!-- End of what is written. -->\n";

/// The results of a run.
pub struct Report {
    markdown: String,
    charts: Vec<Chart>,
}

struct Chart {
    name: String,
    title: String,
    kind: ChartKind,
}

enum ChartKind {
    Bars(Vec<Bar>),
    Lines(String, Vec<Line>),
}

impl Report {
    /// Creates a report with a paragraph about the machine and the build.
    pub fn new(clients: &[Client], built_for: Option<&str>, quick: bool) -> Self {
        let mut report = Self {
            markdown: String::new(),
            charts: Vec::new(),
        };
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let names: Vec<String> = clients.iter().map(Client::name).collect();
        let caveat = if quick {
            " A quick run: these figures are rough."
        } else {
            ""
        };
        report.note(&format!(
            "{processors} processors{}, {}, {}{}. Each figure is a median and, in parentheses, the \
             range of the middle 80 % of the measurements. Ratios are medians of ratios within \
             one round.{caveat}",
            processor()
                .map(|model| format!(" ({model})"))
                .unwrap_or_default(),
            std::env::consts::OS,
            names.join(", "),
            built_for
                .map(|platform| format!(", built for {platform}"))
                .unwrap_or_default(),
        ));
        report
    }

    /// Adds a table.
    pub fn table(&mut self, table: &Table) {
        self.note(table.to_string().trim_end());
    }

    /// Adds a paragraph.
    pub fn note(&mut self, text: &str) {
        if !self.markdown.is_empty() {
            self.markdown.push('\n');
        }
        self.markdown.push_str(text);
        self.markdown.push('\n');
    }

    /// Adds a chart of bars.
    pub fn bars(&mut self, name: &str, title: &str, bars: Vec<Bar>) {
        self.chart(name, title, ChartKind::Bars(bars));
    }

    /// Adds a chart of lines over `x_axis`.
    pub fn lines(&mut self, name: &str, title: &str, x_axis: &str, lines: Vec<Line>) {
        self.chart(name, title, ChartKind::Lines(x_axis.to_owned(), lines));
    }

    fn chart(&mut self, name: &str, title: &str, kind: ChartKind) {
        self.charts.push(Chart {
            name: name.to_owned(),
            title: title.to_owned(),
            kind,
        });
    }

    /// The tables without charts, for the terminal.
    pub fn markdown(&self) -> &str {
        &self.markdown
    }

    /// Replaces the generated figures in docs/performance.md.
    pub fn write(&self) -> Result<()> {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
        let page = docs.join("performance.md");
        let text = fs::read_to_string(&page)?;
        let (before, rest) = text
            .split_once(BEGIN)
            .ok_or("the page has no start marker")?;
        let (_, after) = rest.split_once(END).ok_or("the page has no end marker")?;
        let mut figures = self.markdown.clone();
        for chart in &self.charts {
            let file = chart.write(&docs.join("performance"))?;
            let file = file.strip_prefix(&docs)?.display();
            write!(figures, "\n![{}]({file})\n", chart.title)?;
        }
        fs::write(&page, format!("{before}{BEGIN}\n{figures}\n{END}{after}"))?;
        Ok(())
    }
}

impl Chart {
    /// Draws the chart in `folder` and returns the file.
    fn write(&self, folder: &Path) -> Result<PathBuf> {
        fs::create_dir_all(folder)?;
        let file = folder.join(format!("{}.svg", self.name));
        match &self.kind {
            ChartKind::Bars(bars) => chart::bars(&file, &self.title, bars)?,
            ChartKind::Lines(x_axis, lines) => chart::lines(&file, &self.title, x_axis, lines)?,
        }
        Ok(file)
    }
}

/// The processor's name from `/proc/cpuinfo`.
fn processor() -> Option<String> {
    let info = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = info.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(": ")?.1.trim().to_owned())
}
