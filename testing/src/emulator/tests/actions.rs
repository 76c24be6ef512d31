//! The responses of the actions.

use super::*;

#[test]
fn list_images_returns_the_catalog() {
    let emulator = start();
    let (status, body) = call(&emulator, list_images(&[]));
    let catalog = Catalog::builtin();
    let expected = serde_json::to_value(catalog.images("cn-hangzhou")).expect("JSON");
    assert_eq!((status, &body["Images"]), (200, &expected));
    assert!(body["RequestId"].is_string());
}

#[test]
fn list_images_has_the_field_names_of_the_api() {
    let emulator = start();
    let (_, body) = call(&emulator, list_images(&[("ImageType", "app")]));
    let expected = serde_json::json!({
        "ImageId": Catalog::builtin().images("cn-hangzhou")[1].id,
        "ImageName": "WordPress-4.8.1",
        "ImageType": "app",
        "Platform": "Linux",
        "Description": "",
    });
    assert_eq!(body["Images"][1], expected);
    assert_eq!(body["Images"][6].get("Description"), None);
}

#[test]
fn list_images_filters_by_type_and_ids_together() {
    let emulator = start();
    let catalog = Catalog::builtin();
    let id = |name| &catalog.image("us-west-1", name).expect("listed").id;
    let ids = format!(r#"["{}","{}","no such ID"]"#, id("K3s"), id("Debian-12.5"));
    let region = ("RegionId", "us-west-1");
    let both = image_names(&emulator, &[region, ("ImageIds", &ids)]);
    let one = image_names(
        &emulator,
        &[region, ("ImageIds", &ids), ("ImageType", "system")],
    );
    assert_eq!(both, ["K3s", "Debian-12.5"]);
    assert_eq!(one, ["Debian-12.5"]);
}

#[test]
fn list_images_accepts_fifty_image_ids() {
    let emulator = start();
    let ids = serde_json::to_string(&vec!["x"; 50]).expect("JSON");
    assert!(image_names(&emulator, &[("ImageIds", &ids)]).is_empty());
}

#[test]
fn get_requests_are_accepted() {
    let emulator = start();
    let query = signed("GET", list_images(&[]));
    let (status, _) = json(client().get(format!("{}/?{query}", emulator.url())).send());
    assert_eq!(status, 200);
    assert_eq!(emulator.requests()[0].target, format!("/?{query}"));
}

#[test]
fn list_regions_translates_region_names() {
    let emulator = start();
    for (language, name) in [
        (None, "华东1（杭州）"),
        (Some("zh-CN"), "华东1（杭州）"),
        (Some("en-US"), "China (Hangzhou)"),
    ] {
        let mut parameters = parameters("ListRegions");
        parameters.extend(language.map(|text| ("AcceptLanguage".into(), text.into())));
        let (_, body) = call(&emulator, parameters);
        let expected = serde_json::json!({
            "RegionId": "cn-hangzhou",
            "LocalName": name,
            "RegionEndpoint": "swas.cn-hangzhou.aliyuncs.com",
        });
        assert_eq!(body["Regions"][0], expected, "{language:?}");
        assert_eq!(body["Regions"].as_array().map(Vec::len), Some(4));
    }
}

#[test]
fn list_custom_images_is_paginated() {
    let emulator = start();
    let images: Vec<Value> = (0..23)
        .map(|id| serde_json::json!({"ImageId": id}))
        .collect();
    let catalog = Catalog::default().with_custom_images("cn-hangzhou", images.clone());
    emulator.set_catalog(catalog);
    let region = ("RegionId", "cn-hangzhou");
    for (changes, expected) in [
        (&[region][..], &images[..10]),
        (&[region, ("PageNumber", "3")], &images[20..]),
        (&[region, ("PageNumber", "4")], &[]),
        (&[region, ("PageSize", "100")], &images),
    ] {
        let (_, body) = call(&emulator, changed(parameters("ListCustomImages"), changes));
        assert_eq!(
            body["CustomImages"].as_array().map(Vec::as_slice),
            Some(expected)
        );
        assert_eq!(body["TotalCount"], "23");
    }
    for invalid in [("PageSize", "101"), ("PageNumber", "0"), ("Share", "no")] {
        let parameters = changed(parameters("ListCustomImages"), &[region, invalid]);
        assert_eq!(error(call(&emulator, parameters)).0, 403);
    }
}

#[test]
fn list_custom_images_without_share_includes_shared_images() {
    let emulator = start();
    let named = |name: &str| vec![serde_json::json!({"ImageId": name})];
    let catalog = Catalog::default()
        .with_custom_images("cn-hangzhou", named("own"))
        .with_shared_images("cn-hangzhou", named("shared"));
    emulator.set_catalog(catalog);
    let region = ("RegionId", "cn-hangzhou");
    for (changes, expected) in [
        (&[region][..], &["own", "shared"][..]),
        (&[region, ("Share", "False")], &["own"]),
        (&[region, ("Share", "True")], &["shared"]),
    ] {
        let (_, body) = call(&emulator, changed(parameters("ListCustomImages"), changes));
        let images = body["CustomImages"].as_array().into_iter().flatten();
        let ids: Vec<_> = images.map(|image| image["ImageId"].clone()).collect();
        assert_eq!(ids, expected, "{changes:?}");
        assert_eq!(body["TotalCount"], expected.len().to_string());
    }
}

#[test]
fn list_plans_returns_the_plans_of_a_region() {
    let emulator = start();
    for region in Catalog::builtin().regions {
        let changes = [("RegionId", region.id.as_str())];
        let (status, body) = call(&emulator, changed(parameters("ListPlans"), &changes));
        assert_eq!((status, &body["Plans"]), (200, &region.plans.into()));
        let has_plans = body["Plans"][0]["PlanId"].is_string();
        // cn-nanjing is closing down and has no plans.
        assert_eq!(has_plans, region.id != "cn-nanjing", "{}", region.id);
    }
    let unknown = changed(parameters("ListPlans"), &[("RegionId", "cn-nowhere")]);
    let rejected = error(call(&emulator, unknown));
    assert_eq!(rejected, (404, "InvalidRegionId.NotFound".to_owned()));
}

#[test]
fn request_ids_are_unique_uuids() {
    let emulator = start();
    let id = || call(&emulator, list_images(&[])).1["RequestId"].to_string();
    let first = id();
    assert_ne!(first, id());
    let lengths = first.trim_matches('"').split('-').map(str::len);
    assert_eq!(lengths.collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
}
