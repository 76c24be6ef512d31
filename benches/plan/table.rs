//! Markdown tables.

use std::fmt::{self, Write};

/// A table with a title.
pub struct Table {
    title: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub fn new(title: impl Into<String>, columns: &[&str]) -> Self {
        Self {
            title: title.into(),
            columns: columns.iter().map(|&name| name.to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row. Missing cells are empty.
    pub fn row<T: ToString>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.rows
            .push(cells.into_iter().map(|cell| cell.to_string()).collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "### {}\n", self.title)?;
        line(f, &self.columns, self.columns.len())?;
        let rules = vec!["---".to_owned(); self.columns.len()];
        line(f, &rules, rules.len())?;
        for row in &self.rows {
            line(f, row, self.columns.len())?;
        }
        Ok(())
    }
}

fn line(f: &mut fmt::Formatter<'_>, cells: &[String], width: usize) -> fmt::Result {
    let mut text = String::from("|");
    for column in 0..width {
        write!(text, " {} |", cells.get(column).map_or("", String::as_str))?;
    }
    writeln!(f, "{text}")
}
