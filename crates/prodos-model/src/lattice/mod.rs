//! The lattice: operators in teams in sectors, and teams as cells of a grid.

pub mod aid;
pub mod blocks;
pub mod grid;
pub mod machine;
pub mod operator;
pub mod sector;
pub mod team;
