//! hookd
fn main() {}
