//! Verification: what the program does, against published results.
//!
//! A [case](prodos_config::Case) names an experiment that the engine runs, or a [kernel](kernels) that is
//! called, and what must come out. [`verify`] tries it until the answer is certain.

pub mod kernels;
mod meter;
pub mod reference;
mod series;
mod trial;

pub use meter::{FUNCTIONS, Laboratory, STATISTICS, named};
pub use trial::{Met, Outcome, Progress, first_runs, verify};
