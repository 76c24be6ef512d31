//! What the provider costs. Cargo wants a library or a program in every package;
//! this one has benchmarks only.
//!
//! - `cargo bench --bench parts`: the parts of a read by themselves
//! - `cargo bench --bench plan`: the process that Terraform starts, beside others
