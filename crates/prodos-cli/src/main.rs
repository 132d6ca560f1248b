//! The program `prodos`.

fn main() {}
