//! Every argument, alone and beside each other one of its block, is an error or has
//! an effect: on the requests, the state or the diagnostics. What is only read and
//! is set all the same is an error.

mod data_blocks;
mod long_values;
mod provider_block;
mod scenarios;
