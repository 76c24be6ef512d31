//! What the provider costs. Cargo wants a library or a program in every package;
//! this one has benchmarks only: `cargo bench --bench plan` measures the process that
//! Terraform starts, beside others.
