//! Recovery after the death of a daemon: finds the runs that it cut off, and closes them.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tracing::{error, warn};
use uuid::Uuid;

use super::record::interruption;
use super::summary::RunSummary;
use crate::limits::{READ_BYTES, RECOVERIES};
use crate::settings::OnInterrupted;
use crate::store::{Store, StoreError};

/// A run without an end on record.
#[derive(Debug)]
pub struct CutOffRun {
    /// The run's id.
    pub id: Uuid,
    /// The summary of its journal.
    pub summary: RunSummary,
}

/// Finds the runs without an end on record, while no run is under way.
/// Fails if the store cannot be read.
pub async fn cut_off(store: &Store) -> Result<Vec<CutOffRun>, StoreError> {
    let ids = store.unfinished().await?;
    let runs = stream::iter(ids).map(|id| summarise(store, id));
    runs.buffered(RECOVERIES).try_collect().await
}

async fn summarise(store: &Store, id: Uuid) -> Result<CutOffRun, StoreError> {
    let mut summary = RunSummary::default();
    loop {
        let records = store.read(id, summary.last_sequence(), READ_BYTES).await?;
        if records.is_empty() {
            return Ok(CutOffRun { id, summary });
        }
        records.iter().for_each(|record| summary.add(record));
    }
}

/// Closes runs as interrupted. Returns the runs that could not be closed because the store
/// failed.
pub async fn close(store: &Store, runs: Vec<CutOffRun>, advice: OnInterrupted) -> Vec<CutOffRun> {
    let closing = stream::iter(runs).map(|run| async move {
        let record = interruption(run.summary.last_sequence() + 1, advice);
        let mut summary = run.summary.clone();
        summary.add(&record);
        match store.finish(run.id, &[record], summary.end()).await {
            Ok(()) => {
                warn!(run = %run.id, "an earlier hookd died before this run ended");
                None
            }
            Err(error) => {
                error!(run = %run.id, %error, "a run that was cut off cannot be closed");
                Some(run)
            }
        }
    });
    let left = closing.buffered(RECOVERIES);
    left.filter_map(std::future::ready).collect().await
}
