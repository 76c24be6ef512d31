//! The configurations in pages and in `examples/terraform/`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Files that make a configuration.
pub struct Configuration {
    /// Where it is: a page and the number of a line, or a folder.
    pub place: String,
    /// The name and text of each file.
    pub files: Vec<(String, String)>,
}

impl Configuration {
    /// Whether one of its files has this text.
    pub fn says(&self, text: &str) -> bool {
        self.files.iter().any(|(_, file)| file.contains(text))
    }
}

/// What comes before a block that shows a file: the file's name follows, as a
/// path in this repository.
const SHOWN_FILE: &str = "<!-- file: ";

/// The pages that are not in `docs/`.
const ROOT_PAGES: [&str; 5] = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
];

/// A block of code in a page.
struct Block {
    place: String,
    /// The file that it shows.
    file: Option<String>,
    text: String,
}

/// Every configuration in a page that is not a file of its own. Each stands by
/// itself.
pub fn documented() -> io::Result<Vec<Configuration>> {
    let blocks = all_blocks()?.into_iter().filter(|one| one.file.is_none());
    let configurations = blocks.map(|block| Configuration {
        place: block.place,
        files: vec![("main.tf".to_owned(), block.text)],
    });
    Ok(configurations.collect())
}

/// Every block in a page that shows a file: where it is, the file and the text.
pub fn shown_files() -> io::Result<Vec<(String, String, String)>> {
    let blocks = all_blocks()?.into_iter();
    let shown = blocks.filter_map(|block| Some((block.place, block.file?, block.text)));
    Ok(shown.collect())
}

/// The configuration in a folder of `examples/terraform/`, and what is below it.
pub fn example(name: &str) -> io::Result<Configuration> {
    let place = format!("examples/terraform/{name}");
    let folder = root().join(&place);
    let mut files = Vec::new();
    for file in files_below(&folder, "hcl")?
        .into_iter()
        .chain(files_below(&folder, "tf")?)
    {
        let name = file.strip_prefix(&folder).unwrap_or(&file);
        files.push((name.display().to_string(), fs::read_to_string(&file)?));
    }
    Ok(Configuration { place, files })
}

/// The text of a file of this repository.
pub fn read(file: &str) -> io::Result<String> {
    fs::read_to_string(root().join(file))
}

/// Whether there is a file or folder of this name in this repository.
pub fn exists(name: &str) -> bool {
    root().join(name).exists()
}

/// Every page that users read on, with its path in this repository.
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

/// The text of every source file in these folders.
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

/// The blocks of Terraform's language in a page. One in a list is indented.
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
                    place: format!("{page}:{number}"),
                    file: file.take(),
                    text: String::new(),
                };
                open = Some((block, &line[..line.len() - code.len()]));
            }
            None => {
                if let Some(name) = code.strip_prefix(SHOWN_FILE) {
                    file = Some(name.trim_end_matches(" -->").to_owned());
                }
            }
        }
    }
    blocks
}
