//! Links between pages.

use std::fmt;
use std::path::{Component, Path, PathBuf};

use super::configurations::exists;

/// A link to a file in this repository.
pub struct Link {
    from: String,
    /// The path of the target in the repository.
    page: String,
    heading: Option<String>,
    is_absolute_url: bool,
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} links to {}", self.from, self.page)?;
        match &self.heading {
            Some(heading) => write!(f, "#{heading}"),
            None => Ok(()),
        }
    }
}

/// The start page in the registries.
const START_PAGE: &str = "docs/index.md";

/// The address of the repository. Pages in the registries use it, because the
/// registries contain only the pages.
const REPOSITORY_URLS: [&str; 2] = [
    "https://github.com/swas-rs/terraform-provider-swas/tree/main/",
    "https://github.com/swas-rs/terraform-provider-swas/blob/main/",
];

/// The address of the published pages. The start page uses it, because it is in another
/// folder there.
const REGISTRY_URL: &str = "https://registry.terraform.io/providers/swas-rs/swas/latest/docs/";

/// The links of a page to files in the repository.
pub fn links_in(page: &str, text: &str) -> Vec<Link> {
    let targets = text.split("](").skip(1);
    let targets = targets.filter_map(|rest| rest.split_once(')'));
    let links = targets.filter_map(|(target, _)| {
        let published = target.strip_prefix(REGISTRY_URL).map(page_of_registry_path);
        let absolute = published.as_deref().or_else(|| {
            REPOSITORY_URLS
                .iter()
                .find_map(|web| target.strip_prefix(web))
        });
        if target.contains("://") && absolute.is_none() {
            return None;
        }
        let target = absolute.unwrap_or(target);
        let (file, heading) = match target.split_once('#') {
            Some((file, heading)) => (file, Some(heading.to_owned())),
            None => (target, None),
        };
        Some(Link {
            from: page.to_owned(),
            page: match file {
                "" => page.to_owned(),
                file if absolute.is_some() => file.to_owned(),
                file => resolve_path(page, file),
            },
            heading,
            is_absolute_url: absolute.is_some(),
        })
    });
    links.collect()
}

impl Link {
    /// Reports whether the link resolves in the registries. A page has only other pages
    /// beside it there, and the start page is in a different folder.
    pub fn resolves_in_registries(&self) -> bool {
        self.is_absolute_url
            || self.from == self.page
            || (is_registry_page(&self.page) && self.from != START_PAGE)
    }

    /// Reports whether the target and its heading exist.
    pub fn resolves(&self, pages: &[(String, String)]) -> bool {
        let page = pages.iter().find(|(name, _)| *name == self.page);
        match (&self.heading, page) {
            (Some(heading), Some((_, text))) => has_heading(text, heading),
            (Some(_), None) => false,
            (None, Some(_)) => true,
            // A folder, or a file that is not a page.
            (None, None) => exists(&self.page),
        }
    }
}

/// The page with this path in the registry, which may have a heading.
fn page_of_registry_path(path: &str) -> String {
    match path.split_once('#') {
        Some((path, heading)) => format!("docs/{path}.md#{heading}"),
        None => format!("docs/{path}.md"),
    }
}

/// Reports whether the page is published in the registries.
pub fn is_registry_page(page: &str) -> bool {
    let folders = ["docs/data-sources/", "docs/guides/"];
    page == START_PAGE || folders.iter().any(|folder| page.starts_with(folder))
}

/// Resolves a path relative to a page.
fn resolve_path(page: &str, file: &str) -> String {
    let folder = Path::new(page).parent().unwrap_or(Path::new(""));
    let mut path = PathBuf::new();
    for part in folder.join(file).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            other => path.push(other),
        }
    }
    path.display().to_string()
}

/// Reports whether a page has a heading or an anchor of this name.
fn has_heading(text: &str, name: &str) -> bool {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let mut names = headings.map(|line| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.collect::<String>().replace(' ', "-")
    });
    names.any(|heading| heading == name) || text.contains(&format!("<a id=\"{name}\">"))
}
