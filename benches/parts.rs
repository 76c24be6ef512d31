//! Benchmarks of the parts of a read: signing a call, and decoding, sorting and
//! encoding from ten to 25,000 images, the maximum of a response.
//!
//! ```text
//! cargo bench --bench parts
//! ```

use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde::Serialize;
use serde_json::json;
use swas_provider::internals::{decode, encode, signing as sign, sort};
use swas_testing::emulator::{Catalog, Image};

const SIZES: [usize; 5] = [10, 100, 1_000, 10_000, 25_000];

const REGION: &str = "cn-hangzhou";

/// The API's limit of image IDs per call.
const IDS: usize = 50;

fn images(count: usize) -> Vec<Image> {
    Catalog::sized(count).images(REGION).to_vec()
}

fn signing(criterion: &mut Criterion) {
    let ids = images(IDS).into_iter().map(|image| image.id).collect();
    let mut group = criterion.benchmark_group("signing");
    for (name, ids) in [("region", None), ("50 IDs", Some(ids))] {
        let sign = sign(ids).expect("random numbers");
        group.bench_function(name, |bencher| bencher.iter(&sign));
    }
    group.finish();
}

/// Benchmarks `routine` with the `input` for each number of images.
fn for_each_size<I, O>(
    criterion: &mut Criterion,
    name: &str,
    input: impl Fn(usize) -> I,
    routine: impl Fn(I) -> O,
) where
    I: Clone,
{
    let mut group = criterion.benchmark_group(name);
    group
        .sample_size(20)
        .measurement_time(Duration::from_secs(3));
    for size in SIZES {
        group.throughput(Throughput::Elements(size as u64));
        let input = input(size);
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter_batched(|| input.clone(), &routine, BatchSize::LargeInput);
        });
    }
    group.finish();
}

/// A response with the images in an unrelated order.
fn response(size: usize) -> Vec<u8> {
    let mut images = images(size);
    images.sort_by(|one, other| one.id.cmp(&other.id));
    let response = json!({"RequestId": "R", "Images": images});
    response.to_string().into()
}

fn decoding(criterion: &mut Criterion) {
    for_each_size(criterion, "decoding", response, |text| {
        decode(&text).expect("a response")
    });
}

fn sorting(criterion: &mut Criterion) {
    let decoded = |size| decode(&response(size)).expect("a response");
    for_each_size(criterion, "sorting", decoded, sort);
}

/// An image in the state of `swas_images`.
#[derive(Clone, Serialize)]
struct ImageState {
    id: String,
    image_id: String,
    image_name: String,
    image_type: String,
    platform: String,
    description: String,
}

fn encoding(criterion: &mut Criterion) {
    let state = |size| {
        let images = images(size).into_iter().map(|image| ImageState {
            id: image.id.clone(),
            image_id: image.id,
            image_name: image.name,
            image_type: image.image_type,
            platform: image.platform,
            description: image.description.unwrap_or_default(),
        });
        images.collect::<Vec<_>>()
    };
    for_each_size(criterion, "encoding", state, |state| {
        encode(&state).expect("a state")
    });
}

criterion_group!(parts, signing, decoding, sorting, encoding);
criterion_main!(parts);
