//! What the parts of a read cost by themselves: signing a call, and decoding,
//! sorting and encoding from ten to a hundred thousand images.
//!
//! ```text
//! cargo bench --bench parts
//! ```

use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde::Serialize;
use serde_json::json;
use swas_provider::internals::{Signing, decode, encode, sort};
use swas_testing::emulator::{Catalog, Image};

const SIZES: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];

const REGION: &str = "cn-hangzhou";

/// How many IDs fit into one call.
const IDS: usize = 50;

fn images(count: usize) -> Vec<Image> {
    Catalog::sized(count).images(REGION).to_vec()
}

fn signing(criterion: &mut Criterion) {
    let ids = images(IDS).into_iter().map(|image| image.id).collect();
    let mut group = criterion.benchmark_group("signing");
    for (name, ids) in [("region", None), ("50 IDs", Some(ids))] {
        let call = Signing::new(ids).expect("random numbers");
        group.bench_function(name, |bencher| bencher.iter(|| call.sign()));
    }
    group.finish();
}

/// Runs `routine` on what `input` makes of each number of images.
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

/// An answer with the images in an order that has nothing to do with the right one.
fn answer(size: usize) -> Vec<u8> {
    let mut images = images(size);
    images.sort_by(|one, other| one.id.cmp(&other.id));
    let answer = json!({"RequestId": "R", "Images": images});
    answer.to_string().into()
}

fn decoding(criterion: &mut Criterion) {
    for_each_size(criterion, "decoding", answer, |text| {
        decode(&text).expect("an answer")
    });
}

fn sorting(criterion: &mut Criterion) {
    let decoded = |size| decode(&answer(size)).expect("an answer");
    for_each_size(criterion, "sorting", decoded, sort);
}

/// An image as it is in the state.
#[derive(Clone, Serialize)]
struct Listed {
    id: String,
    image_id: String,
    image_name: String,
    image_type: String,
    platform: String,
    description: String,
}

fn encoding(criterion: &mut Criterion) {
    let state = |size| {
        let images = images(size).into_iter().map(|image| Listed {
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
        encode(state).expect("a state")
    });
}

criterion_group!(parts, signing, decoding, sorting, encoding);
criterion_main!(parts);
