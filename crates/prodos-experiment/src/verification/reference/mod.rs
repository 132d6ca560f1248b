//! Published functions and processes to compare the engine with, a file a family.
//!
//! All are pure: what has chance in it draws by key, so that the same key gives the same bits everywhere.
//! Each bounds the work that it does, and says so where it is asked for more.

pub mod bundles;
pub mod cascades;
pub mod drift;
pub mod inputs;
pub mod norms;
pub(crate) mod numerics;
pub mod people;
pub mod quality;
pub mod queues;
pub mod renewal;
pub mod series;
pub mod traps;
