//! Entry points of fuzzers and benchmarks to private code. Not part of the public API.

use std::ffi::OsString;

use aliyun::access_key::Credentials;
use aliyun::client::Operation;
use aliyun::credentials::source::CredentialsSource;
use aliyun::fuzzing;
use aliyun::http::error::HttpError;
use aliyun::http::protocol::Protocol;
use aliyun::http::request::Request;
use aliyun::rpc::endpoint::EndpointResolver;
use aliyun::rpc::json;
use aliyun::rpc::region::RegionId;
use aliyun::rpc::request::{Call, SigningContext};
use aliyun::rpc::signature::SignatureMethod;
use serde::Serialize;

use crate::plugin::environment::ClientEnvironment;
use crate::plugin::logging;
use crate::swas::catalog::shared::entry;
use crate::swas::operations::custom_images::ListCustomImages;
use crate::swas::operations::images::sorted::Sorted;
use crate::swas::operations::images::{self, ListImages};
use crate::swas::operations::plans::ListPlans;
use crate::swas::operations::regions::ListRegions;
use crate::swas::service::SWAS;
use crate::terraform::Provider;
use crate::terraform::dynamic_value::DynamicValue;
use crate::terraform::raw_value::RawValue;

/// Decodes `data` as a response of every operation. The first two bytes set the HTTP
/// status.
pub fn response(data: &[u8]) {
    fuzzing::response::<ListImages>(data);
    fuzzing::response::<ListCustomImages>(data);
    fuzzing::response::<ListPlans>(data);
    fuzzing::response::<ListRegions>(data);
}

/// Reads `data` as an entry of `cache_dir` for every operation that is shared.
pub fn cache_entry(data: &[u8]) {
    let region = RegionId::any();
    entry::fuzz_entry(
        &ListImages {
            region: region.clone(),
            image_type: None,
            image_ids: None,
        },
        data,
    );
    entry::fuzz_entry(
        &ListPlans {
            region: region.clone(),
        },
        data,
    );
    let accept_language = None;
    entry::fuzz_entry(
        &ListRegions {
            region,
            accept_language,
        },
        data,
    );
}

/// Parses lines `NAME=value` as the client's environment variables.
pub fn environment(data: &[u8]) {
    let variable = |name: &str| {
        let mut lines = data.split(|byte| *byte == b'\n');
        lines.find_map(|line| {
            let value = line.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
            Some(OsString::from(String::from_utf8_lossy(value).into_owned()))
        })
    };
    if let Ok(client) = ClientEnvironment::read(&[5, 6], variable) {
        assert!([5, 6].contains(&client.protocol));
        let tls_requested = variable("PLUGIN_CLIENT_CERT").is_some_and(|value| !value.is_empty());
        assert_eq!(
            client.certificate.is_some(),
            tls_requested,
            "plaintext only without a certificate"
        );
    }
    logging::level(variable);
}

/// Decodes and validates the same bytes as every kind of block. They are JSON if the first
/// byte is 1, and MessagePack otherwise.
pub fn block<P: Provider>(provider: &P, data: &[u8]) {
    let Some((format, bytes)) = data.split_first() else {
        return;
    };
    let value = match format {
        1 => DynamicValue::from_json(bytes),
        _ => DynamicValue::from_msgpack(bytes),
    };
    let mut diagnostics = crate::terraform::Diagnostics::default();
    let mut parser = crate::terraform::Parser::new(&mut diagnostics);
    if let Ok(model) = parser.decode::<P::Model>(&provider.schema(), &value) {
        let _ = provider.parse(&model, &mut parser);
    }
    for data_source in provider.data_sources() {
        let _ = (data_source.validate)(&data_source.schema, &value);
    }
    let _ = RawValue::parse(&value)
        .and_then(RawValue::decode::<crate::terraform::Value<crate::terraform::Number>>);
}

/// Returns a function that signs a call for these images or, with `None`, for all images of a
/// region.
///
/// # Errors
///
/// If the operating system has no random numbers.
pub fn signing(
    image_ids: Option<Vec<String>>,
) -> Result<impl Fn() -> Result<Request, HttpError>, HttpError> {
    let operation = ListImages {
        region: RegionId::any(),
        image_type: None,
        image_ids,
    };
    let endpoint = EndpointResolver::parse("swas.cn-hangzhou.aliyuncs.com", Protocol::Https);
    let endpoint = endpoint.expect("a host name").endpoint(&SWAS, None);
    let credentials = Credentials {
        access_key_id: "LTAItestid".to_owned(),
        access_key_secret: "testsecret".into(),
        security_token: None,
        expiration: None,
        source: CredentialsSource::Arguments,
    };
    let context = SigningContext::now()?;
    Ok(move || {
        let call = Call {
            service: &SWAS,
            action: ListImages::ACTION,
            endpoint: &endpoint,
            parameters: operation.parameters(),
        };
        call.sign(SignatureMethod::default(), &credentials, &context)
    })
}

/// Decodes a response of the API. Returns `None` if it is invalid.
pub fn decode(text: &[u8]) -> Option<images::ListImagesResponse> {
    json::read(text).ok()
}

/// Sorts the images of a response.
pub fn sort(response: images::ListImagesResponse) -> Sorted {
    ListImages::into_output(response)
}

/// Encodes a model as MessagePack. Returns `None` if it cannot be serialized.
pub fn encode(model: &impl Serialize) -> Option<Vec<u8>> {
    Some(DynamicValue::encode(model).ok()?.msgpack)
}
