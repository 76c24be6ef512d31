//! Terraform configurations in documentation pages and in `examples/terraform/`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The files of a configuration.
pub struct Configuration {
    /// A page with a line number, or a folder.
    pub location: String,
    /// Name and text of each file.
    pub files: Vec<(String, String)>,
}

impl Configuration {
    /// Reports whether any file contains the text.
    pub fn contains(&self, text: &str) -> bool {
        self.files.iter().any(|(_, file)| file.contains(text))
    }
}

/// Marks a code block that embeds a file. The file's path in the repository follows.
const EMBEDDED_FILE_MARKER: &str = "<!-- file: ";

/// Pages outside `docs/`.
const ROOT_PAGES: [&str; 7] = [
    "README.md",
    "ARCHITECTURE.md",
    "BENCHMARKS.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "THREAT_MODEL.md",
];

/// A code block in a page.
struct Block {
    location: String,
    /// The file that the block embeds.
    file: Option<String>,
    text: String,
}

/// Configurations in pages, without embedded files. Each is complete in itself.
pub fn page_configurations() -> io::Result<Vec<Configuration>> {
    let blocks = all_blocks()?.into_iter().filter(|one| one.file.is_none());
    let configurations = blocks.map(|block| Configuration {
        location: block.location,
        files: vec![("main.tf".to_owned(), block.text)],
    });
    Ok(configurations.collect())
}

/// The embedded files in pages: location, file and text.
pub fn embedded_files() -> io::Result<Vec<(String, String, String)>> {
    let blocks = all_blocks()?.into_iter();
    let shown = blocks.filter_map(|block| Some((block.location, block.file?, block.text)));
    Ok(shown.collect())
}

/// A configuration in `examples/terraform/`, including its subfolders.
pub fn example(name: &str) -> io::Result<Configuration> {
    let location = format!("examples/terraform/{name}");
    let folder = root().join(&location);
    let mut files = Vec::new();
    for file in files_below(&folder, "hcl")?
        .into_iter()
        .chain(files_below(&folder, "tf")?)
    {
        let name = file.strip_prefix(&folder).unwrap_or(&file);
        files.push((name.display().to_string(), fs::read_to_string(&file)?));
    }
    Ok(Configuration { location, files })
}

pub fn read(file: &str) -> io::Result<String> {
    fs::read_to_string(root().join(file))
}

pub fn exists(name: &str) -> bool {
    root().join(name).exists()
}

/// All documentation pages, with their paths in the repository.
pub fn pages() -> io::Result<Vec<(String, String)>> {
    let mut pages = files_below(&root().join("docs"), "md")?;
    pages.extend(ROOT_PAGES.map(|page| root().join(page)));
    let read = |page: PathBuf| {
        let name = page.strip_prefix(root()).unwrap_or(&page);
        Ok((name.display().to_string(), fs::read_to_string(&page)?))
    };
    pages.into_iter().map(read).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn all_blocks() -> io::Result<Vec<Block>> {
    let pages = pages()?.into_iter();
    Ok(pages
        .flat_map(|(name, text)| blocks(&name, &text))
        .collect())
}

pub fn sources(folders: &[&str]) -> io::Result<Vec<String>> {
    let mut sources = Vec::new();
    for folder in folders {
        for file in files_below(&root().join(folder), "rs")? {
            sources.push(fs::read_to_string(file)?);
        }
    }
    Ok(sources)
}

fn files_below(folder: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if path.is_dir() && !is_hidden {
            files.extend(files_below(&path, extension)?);
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The Terraform code blocks in a page. Those in lists are indented.
fn blocks(page: &str, text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(Block, &str)> = None;
    let mut file = None;
    for (number, line) in (1..).zip(text.lines()) {
        let code = line.trim_start();
        match &mut open {
            Some(_) if code.starts_with("```") => {
                blocks.extend(open.take().map(|(block, _)| block));
            }
            Some((block, indent)) => {
                block
                    .text
                    .push_str(line.strip_prefix(*indent).unwrap_or(line));
                block.text.push('\n');
            }
            None if matches!(code, "```terraform" | "```hcl") => {
                let block = Block {
                    location: format!("{page}:{number}"),
                    file: file.take(),
                    text: String::new(),
                };
                open = Some((block, &line[..line.len() - code.len()]));
            }
            None => {
                if let Some(name) = code.strip_prefix(EMBEDDED_FILE_MARKER) {
                    file = Some(name.trim_end_matches(" -->").to_owned());
                }
            }
        }
    }
    blocks
}
