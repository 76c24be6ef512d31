//! The built-in catalog.

use std::collections::HashSet;

use super::*;

fn ids(region: &Region) -> HashSet<&str> {
    region.images.iter().map(|one| one.id.as_str()).collect()
}

#[test]
fn builtin_catalog_has_images_of_every_kind_in_each_region() {
    let catalog = Catalog::builtin();
    let regions: Vec<&str> = catalog.regions.iter().map(|r| r.id.as_str()).collect();
    let expected = ["cn-hangzhou", "ap-southeast-1", "cn-nanjing", "us-west-1"];
    assert_eq!(regions, expected);
    for Region { id, images, .. } in &catalog.regions {
        let has = |matches: &dyn Fn(&Image) -> bool| images.iter().any(matches);
        for image_type in ["system", "app", "custom"] {
            for platform in ["Linux", "Windows"] {
                let found = has(&|one| one.image_type == image_type && one.platform == platform);
                assert!(found, "{id} {image_type} {platform}");
            }
        }
        assert!(has(&|one| one.description.is_none()));
        assert!(has(&|one| one.description.as_deref() == Some("")));
        assert!(has(&|one| one.description.as_deref() > Some("")));
    }
}

#[test]
fn builtin_image_ids_are_hex_unique_and_shared_by_system_images_only() {
    let catalog = Catalog::builtin();
    for region in &catalog.regions {
        assert_eq!(ids(region).len(), region.images.len());
        for image in &region.images {
            let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
            assert!(image.id.len() == 32 && image.id.bytes().all(hex));
            let regions = catalog.regions.iter();
            let count = regions.filter(|r| ids(r).contains(&*image.id)).count();
            let is_shared = image.image_type == "system";
            let expected = if is_shared { catalog.regions.len() } else { 1 };
            assert_eq!(count, expected, "{}", image.name);
        }
    }
}

#[test]
fn sized_catalog_has_the_given_number_of_images_in_each_region() {
    let catalog = Catalog::sized(1000);
    let sizes = catalog.regions.iter().map(|region| ids(region).len());
    assert_eq!(sizes.collect::<Vec<_>>(), [1000; 4]);
}

#[test]
fn orders_are_deterministic_and_keep_all_entries() {
    let ordered = |order: Order| {
        let mut entries: Vec<u32> = (0..50).collect();
        order.apply(&mut entries);
        entries
    };
    let listed = ordered(Order::AsListed);
    let mut shuffled = ordered(Order::Shuffled(7));
    assert!(ordered(Order::Reversed).iter().rev().eq(&listed));
    assert_eq!(shuffled, ordered(Order::Shuffled(7)));
    assert_ne!(shuffled, ordered(Order::Shuffled(8)));
    assert_ne!(shuffled, listed);
    shuffled.sort_unstable();
    assert_eq!(shuffled, listed);
}
