//! Verification: functions and published processes by which the program is measured.
//!
//! [`mod@reference`] has the processes that stand beside the engine: pure functions, used by nothing in it.

pub mod reference;
