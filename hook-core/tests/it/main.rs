//! Templates, their check and the lints, as hooks have them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod check;
mod escapes;
mod go;
mod lint;
mod masked;
mod properties;
mod remedies;
mod skips;
mod tera;
mod tera_limits;
mod vectors;
