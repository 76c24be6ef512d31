//! Every argument, alone and in each pair of its block, has an effect on requests,
//! state or diagnostics, or is an error. Setting a computed attribute is an error.

mod data_blocks;
mod long_values;
mod provider_block;
mod scenarios;
