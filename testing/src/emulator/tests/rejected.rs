//! Rejected calls: one invalid part each, with the expected status and code.

use super::*;

#[test]
fn invalid_parameter_is_rejected_with_the_error_code_of_the_api() {
    let emulator = start();
    let too_many = serde_json::to_string(&vec!["x"; 51]).expect("JSON");
    let late = timestamp(time::Duration::minutes(-16));
    let early = timestamp(time::Duration::minutes(16));
    let format = "InvalidTimeStamp.Format";
    let image_type = "InvalidImageType.ValueNotSupported";
    for (name, value, status, code) in [
        ("Action", "listImages", 404, "InvalidAction.NotFound"),
        ("Version", "2020-06-02", 400, "InvalidVersion"),
        ("Format", "XML", 400, "InvalidFormat"),
        ("AccessKeyId", "other", 404, "InvalidAccessKeyId.NotFound"),
        ("SignatureMethod", "HMAC", 400, "InvalidSignatureMethod"),
        ("SignatureVersion", "2.0", 400, "InvalidSignatureVersion"),
        ("Timestamp", &late, 400, "InvalidTimeStamp.Expired"),
        ("Timestamp", &early, 400, "InvalidTimeStamp.Expired"),
        ("Timestamp", "2024-10-31 08:15:30", 400, format),
        ("Timestamp", "2024-10-31T08:15:30+08:00", 400, format),
        ("Timestamp", "2024-02-30T08:15:30Z", 400, format),
        (
            "SecurityToken",
            "any",
            400,
            "InvalidSecurityToken.Malformed",
        ),
        ("RegionId", "cn-nowhere", 404, "InvalidRegionId.NotFound"),
        ("RegionId", "", 400, "MissingRegionId"),
        ("ImageType", "System", 400, image_type),
        ("ImageType", "", 400, image_type),
        ("ImageIds", "a,b", 403, "InvalidParam"),
        ("ImageIds", "[1]", 403, "InvalidParam"),
        ("ImageIds", &too_many, 403, "InvalidParam"),
    ] {
        let actual = error(call(&emulator, list_images(&[(name, value)])));
        assert_eq!(actual, (status, code.to_owned()), "{name}={value}");
    }
}

#[test]
fn missing_parameter_is_rejected_with_the_error_code_of_the_api() {
    let emulator = start();
    for name in [
        "Action",
        "Version",
        "Format",
        "AccessKeyId",
        "SignatureMethod",
        "SignatureVersion",
        "SignatureNonce",
        "Timestamp",
        "RegionId",
    ] {
        let mut parameters = list_images(&[]);
        parameters.remove(name);
        let actual = error(call(&emulator, parameters));
        assert_eq!(actual, (400, format!("Missing{name}")));
    }
    let unsigned = json(post(&emulator, &form(&list_images(&[]))));
    assert_eq!(error(unsigned), (400, "MissingSignature".to_owned()));
}

#[test]
fn unsupported_language_is_rejected() {
    let emulator = start();
    let mut parameters = parameters("ListRegions");
    parameters.insert("AcceptLanguage".into(), "de-DE".into());
    let actual = error(call(&emulator, parameters));
    assert_eq!(actual, (403, "InvalidParam".to_owned()));
}

#[test]
fn signature_mismatch_error_contains_the_string_to_sign() {
    let emulator = start();
    let mut parameters = list_images(&[]);
    let expected = string_to_sign("POST", &parameters);
    let signature = sign("another secret", &expected);
    parameters.insert("Signature".into(), signature);
    let (status, body) = json(post(&emulator, &form(&parameters)));
    let message = body["Message"].as_str().expect("a message");
    assert!(message.ends_with(&expected), "{message}");
    assert_eq!(
        error((status, body)),
        (400, "SignatureDoesNotMatch".to_owned())
    );
}

#[test]
fn signature_covers_the_method() {
    let emulator = start();
    let response = json(post(&emulator, &signed("GET", list_images(&[]))));
    assert_eq!(error(response), (400, "SignatureDoesNotMatch".to_owned()));
}

#[test]
fn nonce_cannot_be_reused() {
    let emulator = start();
    let form = signed("POST", list_images(&[]));
    let (status, _) = json(post(&emulator, &form));
    let replayed = error(json(post(&emulator, &form)));
    assert_eq!(status, 200);
    assert_eq!(replayed, (400, "SignatureNonceUsed".to_owned()));
}

#[test]
fn rejected_call_does_not_use_up_its_nonce() {
    let emulator = start();
    let valid = list_images(&[]);
    let rejected = json(post(&emulator, &signed("GET", valid.clone())));
    assert_eq!(error(rejected), (400, "SignatureDoesNotMatch".to_owned()));
    assert_eq!(call(&emulator, valid).0, 200);
}

#[test]
fn temporary_key_requires_its_security_token() {
    let emulator = start_with(Options {
        security_token: Some("to/ken==".to_owned()),
        ..Options::default()
    });
    let valid = call(&emulator, list_images(&[("SecurityToken", "to/ken==")]));
    let wrong = error(call(&emulator, list_images(&[("SecurityToken", "other")])));
    let missing = error(call(&emulator, list_images(&[])));
    assert_eq!(valid.0, 200);
    assert_eq!(wrong, (400, "InvalidSecurityToken.Malformed".to_owned()));
    assert_eq!(missing, (400, "MissingSecurityToken".to_owned()));
}

#[test]
fn malformed_form_is_rejected() {
    let emulator = start();
    let form = signed("POST", list_images(&[]));
    for bad in ["&X=%zz", "&X=%FF", "&RegionId=us-west-1"] {
        let actual = error(json(post(&emulator, &format!("{form}{bad}"))));
        assert_eq!(actual, (400, "InvalidParameter".to_owned()), "{bad}");
    }
}

#[test]
fn other_paths_and_methods_are_rejected() {
    let emulator = start();
    let query = signed("GET", list_images(&[]));
    let url = emulator.url();
    let path = error(json(client().get(format!("{url}/api?{query}")).send()));
    let method = error(json(client().delete(format!("{url}/?{query}")).send()));
    assert_eq!(path, (404, "InvalidAction.NotFound".to_owned()));
    assert_eq!(method, (405, "UnsupportedHTTPMethod".to_owned()));
}
