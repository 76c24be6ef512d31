//! The README's picture of a plan, rendered from a real one.
//!
//! `UPDATE_DOCS=1 cargo test --test documents -- picture` rewrites it.

use std::env;
use std::fs;
use std::path::Path;

use anstyle_svg::Term;
use libtest_mimic::Failed;
use swas_testing::emulator::{Emulator, Options};
use swas_testing::terraform::{Client, Workspace};

use super::configurations::read;
use super::folder::PROVIDER;

const CONFIGURATION: &str = "examples/terraform/quickstart/main.tf";
const PICTURE: &str = "examples/terraform/quickstart/plan.svg";

pub fn readme_picture_matches_a_real_plan(client: &Client) -> Result<(), Failed> {
    let emulator = Emulator::start(Options::default())?;
    let mut workspace = Workspace::new(client, PROVIDER.as_ref())?;
    workspace.envs(emulator.environment().iter().cloned());
    workspace.write("main.tf", &read(CONFIGURATION)?)?;
    workspace.init()?.checked()?;
    let plan = workspace.plan_in_color()?.checked()?;
    let shown = format!("$ terraform plan\n{}", plan.stdout.trim_end());
    let svg = Term::new().render_svg(&shown);
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(PICTURE), &svg)?;
    }
    assert_eq!(
        lines(&read(PICTURE)?),
        lines(&svg),
        "{PICTURE} shows another plan: run this test with UPDATE_DOCS=1"
    );
    Ok(())
}

/// The lines of text in a picture, without the duration of reads and the order of their
/// ends, which vary.
fn lines(svg: &str) -> Vec<String> {
    let (_, text) = svg.split_once("<text").unwrap_or_default();
    let mut lines: Vec<String> = text
        .lines()
        .map(|line| {
            let parts = line.split('<').filter_map(|tag| tag.split_once('>'));
            let line: String = parts.map(|(_, text)| text).collect();
            match line.split_once(" after ") {
                Some((read, took)) => {
                    let id = took.split_once(' ').map_or("", |(_, id)| id);
                    format!("{read} {id}")
                }
                None => line,
            }
        })
        .collect();
    lines.sort();
    lines
}
