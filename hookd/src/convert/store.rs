//! What keeps the runs, and how much of them, on the wire.

use hook_core::catalog::RunRetention;
use hookd_proto::v1;

use super::{duration_from_wire, timestamp};
use crate::runs::Health;
use crate::status::FieldViolation;
use crate::store::{Durability, PrunedPlan, StoreError, StoreInfo};

/// What keeps the runs, and how it is doing.
#[must_use]
pub fn store_info(info: &StoreInfo, health: &Health) -> v1::StoreInfo {
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

/// What is known of a store that cannot say what it is.
#[must_use]
pub fn broken_store(error: &StoreError, health: &Health) -> v1::StoreInfo {
    v1::StoreInfo {
        failure: health.failure().unwrap_or_else(|| error.to_string()),
        unstored_runs: health.unstored(),
        ..v1::StoreInfo::default()
    }
}

fn durability(durability: Durability) -> &'static str {
    match durability {
        Durability::None => "none",
        Durability::Process => "process",
        Durability::Power => "power",
    }
}

/// How much of the runs is to be kept, by who asks to remove the rest.
///
/// # Errors
/// Every field that is wrong.
pub fn retention(request: &v1::PruneRunsRequest) -> Result<RunRetention, Vec<FieldViolation>> {
    let max_age = match &request.max_age {
        None => None,
        Some(age) => Some(duration_from_wire(age).ok_or_else(|| {
            vec![FieldViolation {
                field: "max_age".to_owned(),
                description: "is negative or out of range".to_owned(),
            }]
        })?),
    };
    let bound = |number: u64| Some(number).filter(|number| *number > 0);
    Ok(RunRetention {
        max_age,
        max_runs: bound(request.max_runs),
        max_bytes: bound(request.max_bytes),
    })
}

/// What was removed of a plan, or would be.
#[must_use]
pub fn pruned(pruned: &PrunedPlan) -> v1::PrunedPlan {
    v1::PrunedPlan {
        plan_id: pruned.plan.clone(),
        repo_id: pruned.repo.clone(),
        runs: pruned.runs,
        bytes: pruned.bytes,
        left: pruned.left,
    }
}
