//! The eight modules of production.

pub mod assignment;
pub mod maintenance;
pub mod quality;
pub mod safety;
pub mod supply;
pub mod tools;
pub mod training;
pub mod upgrade;
