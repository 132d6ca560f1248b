//! What drifts: machines wear, norms slip, processes stray.

pub mod process;
pub mod shortcuts;
pub mod wear;
