//! Tables and charts of one run, for a person and for docs/performance.md.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use swas_testing::terraform::Client;

use super::Result;
use super::chart::{self, Bar, Line};
use super::table::Table;

/// What stands before and after the figures in the page.
const BEGIN: &str = "<!-- Written by `cargo bench --bench plan -- --write`: -->\n";
const END: &str = "<!-- End of what is written. -->\n";

/// What has been measured so far.
pub struct Report {
    markdown: String,
    charts: Vec<Chart>,
}

struct Chart {
    name: String,
    title: String,
    of: Of,
}

enum Of {
    Bars(Vec<Bar>),
    Lines(String, Vec<Line>),
}

impl Report {
    /// A report that only says on what machine it was made, and what for the providers
    /// were built, if that is known.
    pub fn new(clients: &[Client], built_for: Option<&str>, quick: bool) -> Self {
        let mut report = Self {
            markdown: String::new(),
            charts: Vec::new(),
        };
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let names: Vec<String> = clients.iter().map(Client::name).collect();
        let haste = if quick {
            " A quick run: these figures are rough."
        } else {
            ""
        };
        report.note(&format!(
            "{processors} processors{}, {}, {}{}. Each figure is a median and, in parentheses, the \
             range of the middle 80 % of the measurements. Ratios are medians of ratios within \
             one round.{haste}",
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
        self.chart(name, title, Of::Bars(bars));
    }

    /// Adds a chart of lines over `x_axis`.
    pub fn lines(&mut self, name: &str, title: &str, x_axis: &str, lines: Vec<Line>) {
        self.chart(name, title, Of::Lines(x_axis.to_owned(), lines));
    }

    fn chart(&mut self, name: &str, title: &str, of: Of) {
        self.charts.push(Chart {
            name: name.to_owned(),
            title: title.to_owned(),
            of,
        });
    }

    /// The tables. They refer to no chart: a terminal shows none.
    pub fn markdown(&self) -> &str {
        &self.markdown
    }

    /// Puts everything into docs/performance.md, in place of what an earlier
    /// run wrote there.
    pub fn write(&self) -> Result<()> {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
        let page = docs.join("performance.md");
        let text = fs::read_to_string(&page)?;
        let (before, rest) = text
            .split_once(BEGIN)
            .ok_or("the page has no place for figures")?;
        let (_, after) = rest
            .split_once(END)
            .ok_or("the place for figures has no end")?;
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
    /// Draws it in `folder`, and says where.
    fn write(&self, folder: &Path) -> Result<PathBuf> {
        fs::create_dir_all(folder)?;
        let file = folder.join(format!("{}.svg", self.name));
        match &self.of {
            Of::Bars(bars) => chart::bars(&file, &self.title, bars)?,
            Of::Lines(x_axis, lines) => chart::lines(&file, &self.title, x_axis, lines)?,
        }
        Ok(file)
    }
}

/// The processor's name, where Linux tells it.
fn processor() -> Option<String> {
    let info = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = info.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(": ")?.1.trim().to_owned())
}
