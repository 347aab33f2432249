//! The contract as others know it: Backrest's hooks, numbers of enums, protobuf's JSON.

mod backrest;
mod enums;
mod json;
