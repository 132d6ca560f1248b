//! Benches of the model.
