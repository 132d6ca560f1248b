//! Experiments: runs of a city, what is recorded of them, and what came of them.
//!
//! [`conduct`] takes a checked experiment to a result folder: each replicate is [`run`](run::run) by the
//! model, watched by [`Observer`](outcomes::Observer) for its outcomes and by
//! [`Recorder`](recorder::Recorder) for its rows. The bytes of the tables depend on experiment and seed
//! alone.

pub mod compare;
mod conduct;
pub mod design;
mod keys;
mod outcomes;
mod recorder;
mod run;
pub mod saved;
pub mod screening;
mod statistics;
pub mod sweep;
pub mod verification;

pub use conduct::{
    Conditions, Conducted, bytes_held, conduct, folder_name, operators, plain, team_rows,
};
pub use keys::{KEYS, Key};
pub use outcomes::{Outcomes, SHORTAGE_DAYS, Sense, necessity_columns, sense};
pub use run::{Progress, outcomes};
