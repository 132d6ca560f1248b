//! Verification: functions and published processes by which the program is measured.
//!
//! [`kernels`] names each of them, with what it needs and gives, so that a case can call it.
//! [`mod@reference`] has the processes that stand beside the engine: pure functions, used by nothing in it.

pub mod kernels;
pub mod reference;
