//! What the actions answer.

use super::*;

#[test]
fn list_images_answers_the_catalog() {
    let emulator = start();
    let (status, body) = call(&emulator, list_images(&[]));
    let catalog = Catalog::builtin();
    let expected = serde_json::to_value(catalog.images("cn-hangzhou")).expect("JSON");
    assert_eq!((status, &body["Images"]), (200, &expected));
    assert!(body["RequestId"].is_string());
}

#[test]
fn an_image_has_the_fields_of_the_api() {
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
fn fifty_image_ids_are_not_too_many() {
    let emulator = start();
    let ids = serde_json::to_string(&vec!["x"; 50]).expect("JSON");
    assert!(image_names(&emulator, &[("ImageIds", &ids)]).is_empty());
}

#[test]
fn get_is_as_good_as_post() {
    let emulator = start();
    let query = signed("GET", list_images(&[]));
    let (status, _) = json(agent().get(format!("{}/?{query}", emulator.url())).send());
    assert_eq!(status, 200);
    assert_eq!(emulator.requests()[0].target, format!("/?{query}"));
}

#[test]
fn list_regions_names_regions_in_either_language() {
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
fn list_custom_images_answers_page_by_page() {
    let emulator = start();
    let images: Vec<Value> = (0..23)
        .map(|id| serde_json::json!({"ImageId": id}))
        .collect();
    let catalog = Catalog::default().with_custom_images("cn-hangzhou", images.clone());
    emulator.set_catalog(catalog);
    let region = ("RegionId", "cn-hangzhou");
    for (asked, expected) in [
        (&[region][..], &images[..10]),
        (&[region, ("PageNumber", "3")], &images[20..]),
        (&[region, ("PageNumber", "4")], &[]),
        (&[region, ("PageSize", "100")], &images),
    ] {
        let (_, body) = call(&emulator, changed(parameters("ListCustomImages"), asked));
        assert_eq!(
            body["CustomImages"].as_array().map(Vec::as_slice),
            Some(expected)
        );
        assert_eq!(body["TotalCount"], "23");
    }
    for wrong in [("PageSize", "101"), ("PageNumber", "0"), ("Share", "no")] {
        let asked = changed(parameters("ListCustomImages"), &[region, wrong]);
        assert_eq!(error(call(&emulator, asked)).0, 403);
    }
}

#[test]
fn list_custom_images_without_share_lists_images_of_other_accounts_too() {
    let emulator = start();
    let named = |name: &str| vec![serde_json::json!({"ImageId": name})];
    let catalog = Catalog::default()
        .with_custom_images("cn-hangzhou", named("own"))
        .with_shared_images("cn-hangzhou", named("shared"));
    emulator.set_catalog(catalog);
    let region = ("RegionId", "cn-hangzhou");
    for (asked, expected) in [
        (&[region][..], &["own", "shared"][..]),
        (&[region, ("Share", "False")], &["own"]),
        (&[region, ("Share", "True")], &["shared"]),
    ] {
        let (_, body) = call(&emulator, changed(parameters("ListCustomImages"), asked));
        let images = body["CustomImages"].as_array().into_iter().flatten();
        let ids: Vec<_> = images.map(|image| image["ImageId"].clone()).collect();
        assert_eq!(ids, expected, "{asked:?}");
        assert_eq!(body["TotalCount"], expected.len().to_string());
    }
}

#[test]
fn list_plans_answers_the_plans_of_a_region() {
    let emulator = start();
    for region in Catalog::builtin().regions {
        let asked = [("RegionId", region.id.as_str())];
        let (status, body) = call(&emulator, changed(parameters("ListPlans"), &asked));
        assert_eq!((status, &body["Plans"]), (200, &region.plans.into()));
        let has_plans = body["Plans"][0]["PlanId"].is_string();
        // A region that is closing down sells nothing.
        assert_eq!(has_plans, region.id != "cn-nanjing", "{}", region.id);
    }
    let nowhere = changed(parameters("ListPlans"), &[("RegionId", "cn-nowhere")]);
    let refused = error(call(&emulator, nowhere));
    assert_eq!(refused, (404, "InvalidRegionId.NotFound".to_owned()));
}

#[test]
fn request_ids_are_fresh_and_have_the_shape_of_a_uuid() {
    let emulator = start();
    let id = || call(&emulator, list_images(&[])).1["RequestId"].to_string();
    let first = id();
    assert_ne!(first, id());
    let lengths = first.trim_matches('"').split('-').map(str::len);
    assert_eq!(lengths.collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
}
