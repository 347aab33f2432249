//! The gRPC contract of hookd: its messages, services, protobuf JSON and descriptors.
//!
//! Everything here but the JSON of timestamps is generated from `hookd/v1/*.proto`,
//! whose comments are its documentation.

mod json;

/// The first, stable version of the contract.
#[expect(clippy::all, reason = "generated code")]
pub mod v1 {
    include!(concat!(env!("OUT_DIR"), "/hookd.v1.rs"));
    include!(concat!(env!("OUT_DIR"), "/hookd.v1.serde.rs"));
}

mod timestamp;

/// The well-known protobuf types that messages of the contract contain.
pub mod well_known {
    pub use pbjson_types::{Duration, ListValue, Struct, Value, value};

    pub use crate::timestamp::{OutOfRange, Timestamp};
}

/// The contract's descriptors with those of its imports, for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
