//! What keeps the runs, on the wire.

use hookd_proto::v1;

use super::timestamp;
use crate::runs::Health;
use crate::store::{Durability, Info};

/// What keeps the runs, and how it is doing.
#[must_use]
pub fn store_info(info: &Info, health: &Health) -> v1::StoreInfo {
    let path = |path: &std::path::Path| path.display().to_string();
    v1::StoreInfo {
        kind: info.kind.to_owned(),
        path: info.path.as_deref().map(path).unwrap_or_default(),
        durability: durability(info.durability).to_owned(),
        schema_version: info.schema,
        bytes: info.bytes,
        runs: info.runs,
        oldest: info.oldest.map(timestamp),
        failure: health.failure().unwrap_or_default(),
        unstored_runs: health.unstored(),
        set_aside: health.set_aside().map(path).unwrap_or_default(),
    }
}

fn durability(durability: Durability) -> &'static str {
    match durability {
        Durability::None => "none",
        Durability::Process => "process",
        Durability::Power => "power",
    }
}
