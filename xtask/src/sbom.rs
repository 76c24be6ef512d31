//! The software bill of materials (SBOM) of the provider.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata as CargoMetadata, Node, Package, PackageId, Target};
use cyclonedx_bom::models::component::Classification;
use cyclonedx_bom::models::dependency::{Dependencies, Dependency};
use cyclonedx_bom::models::license::{LicenseChoice, Licenses};
use cyclonedx_bom::prelude::{Bom, Component, Components, Metadata, Purl};

use crate::error::Result;
use crate::project::{self, Project};

/// Lists the crates that are linked into the provider on any platform, as CycloneDX 1.5
/// in JSON. Without a timestamp and serial number, the SBOM is reproducible.
///
/// # Errors
///
/// Fails if `cargo metadata` fails or the SBOM cannot be written.
pub fn of(project: &Project) -> Result<Vec<u8>> {
    let provider = project.provider();
    let metadata = project::with_dependencies()?;
    let linked = linked(&metadata, &provider.id);
    let packages = metadata.packages.iter();
    let packages: BTreeMap<_, _> = packages
        .filter(|package| linked.contains_key(&package.id))
        .map(|package| (&package.id, package))
        .collect();

    let mut components: Vec<_> = packages
        .values()
        .filter(|package| package.id != provider.id)
        .map(|package| component(package, Classification::Library))
        .collect();
    components.sort_by(|a, b| a.bom_ref.cmp(&b.bom_ref));
    let mut dependencies: Vec<_> = linked
        .iter()
        .filter_map(|(id, dependencies)| {
            Some(Dependency {
                dependency_ref: reference(packages.get(id)?),
                dependencies: dependencies
                    .iter()
                    .filter_map(|id| packages.get(id))
                    .map(|package| reference(package))
                    .collect(),
            })
        })
        .collect();
    dependencies.sort_by(|a, b| a.dependency_ref.cmp(&b.dependency_ref));

    let bom = Bom {
        serial_number: None,
        metadata: Some(Metadata {
            component: Some(component(provider, Classification::Application)),
            ..Metadata::default()
        }),
        components: Some(Components(components)),
        dependencies: Some(Dependencies(dependencies)),
        ..Bom::default()
    };
    let mut text = Vec::new();
    bom.output_as_json_v1_5(&mut text)?;
    text.push(b'\n');
    Ok(text)
}

/// The packages that are linked into a program, with their direct dependencies. Procedural
/// macros and build dependencies are excluded.
fn linked<'a>(
    metadata: &'a CargoMetadata,
    program: &'a PackageId,
) -> BTreeMap<&'a PackageId, BTreeSet<&'a PackageId>> {
    let nodes = metadata.resolve.iter().flat_map(|graph| &graph.nodes);
    let nodes: BTreeMap<_, _> = nodes.map(|node| (&node.id, node)).collect();
    let macros: BTreeSet<_> = metadata
        .packages
        .iter()
        .filter(|package| package.targets.iter().any(Target::is_proc_macro))
        .map(|package| &package.id)
        .collect();

    let mut linked = BTreeMap::new();
    let mut queue = vec![program];
    while let Some(id) = queue.pop() {
        if linked.contains_key(id) {
            continue;
        }
        let node = nodes.get(id).copied().into_iter();
        let dependencies = node.flat_map(normal_dependencies);
        let dependencies: BTreeSet<_> = dependencies.filter(|id| !macros.contains(id)).collect();
        queue.extend(&dependencies);
        linked.insert(id, dependencies);
    }
    linked
}

fn normal_dependencies(node: &Node) -> impl Iterator<Item = &PackageId> {
    let is_normal = |kinds: &[cargo_metadata::DepKindInfo]| {
        kinds.iter().any(|it| it.kind == DependencyKind::Normal)
    };
    let dependencies = node.deps.iter();
    dependencies
        .filter(move |it| is_normal(&it.dep_kinds))
        .map(|it| &it.pkg)
}

fn component(package: &Package, classification: Classification) -> Component {
    let mut component = Component::new(
        classification,
        &package.name,
        &package.version.to_string(),
        Some(reference(package)),
    );
    component.purl = Purl::new("cargo", &package.name, &package.version.to_string()).ok();
    component.licenses = package.license.as_ref().map(|license| {
        // Older crates separate alternative licenses by a slash.
        let expression = license.replace('/', " OR ");
        Licenses(vec![LicenseChoice::expression(&expression)])
    });
    component
}

fn reference(package: &Package) -> String {
    format!("{}@{}", package.name, package.version)
}
