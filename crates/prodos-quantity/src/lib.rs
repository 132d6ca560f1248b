//! Units as types, and the tables in which every number is declared once.
//!
//! A number that a user can **set** is a [`Parameter`]: one line in a [`params!`] block gives its
//! name, unit, default, hard range, typical range, role and source. A number that a user can **see**
//! is a [`Probe`]: one line in a [`probes!`] block gives its name, unit and meaning. Validation,
//! layering of files, recorded tables, sweeps, explanations and reference pages all read these
//! tables, so that nothing about a number is written twice.

mod parameter;
mod probe;
mod unit;

pub use parameter::{Choice, OutOfRange, Parameter, Quantity, Role, Setting, Value};
pub use probe::{Kind, Probe, Zoom};
pub use unit::{Count, Days, Hours, PerDay, Ratio, Share};

#[doc(hidden)]
pub use serde;
