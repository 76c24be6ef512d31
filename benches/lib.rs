//! Benchmarks of the provider. The library is empty: Cargo requires a library or a
//! binary in every package.
//!
//! - `cargo bench --bench parts`: the CPU-bound parts of a read
//! - `cargo bench --bench plan`: the process that Terraform starts, compared with others
