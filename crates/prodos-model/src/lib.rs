//! The city: operators and machines in teams, teams in sectors, sectors that feed each other.
//!
//! The model is pure: given a [`spec::Run`], a seed and a replicate it gives the same bits on any
//! number of threads and in any binary. It reads no file, clock, environment or global, and prints
//! nothing. The one thing that can go wrong while it runs is a ledger breach, returned as a value.

pub mod audit;
pub mod build;
pub mod cascade;
pub mod connectors;
pub mod coordination;
pub mod day;
pub mod drift;
pub mod error;
pub mod finance;
pub mod gauge;
pub mod hours;
pub mod keyed;
pub mod lattice;
pub mod ledger;
pub mod market;
pub mod maths;
pub mod modules;
pub mod morning;
pub mod night;
pub mod outcome;
pub mod parameters;
pub mod phase;
pub mod reading;
pub mod readout;
pub mod rest;
pub mod rows;
pub mod shock;
pub mod simulation;
pub mod spec;
pub mod state;
pub mod tally;
pub mod today;
pub mod trust;
pub mod warning;
