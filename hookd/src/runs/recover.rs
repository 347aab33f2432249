//! Runs that the death of a daemon cut off: found at the start of the next, and closed.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use hook_core::config::OnInterrupted;
use hookd_proto::v1;
use tracing::{error, warn};
use uuid::Uuid;

use crate::convert::{self, Glance};
use crate::limits::{READ_BYTES, RECOVERIES};
use crate::store::{Store, StoreError};

/// A run that has no end on record.
#[derive(Debug)]
pub struct CutOff {
    /// Its id.
    pub id: Uuid,
    glance: Glance,
}

impl CutOff {
    /// The run at a glance, as far as it came.
    #[must_use]
    pub fn run(&self) -> &v1::Run {
        self.glance.run()
    }
}

/// The runs that have no end on record: for the start of a daemon, when none of its own
/// are under way.
///
/// # Errors
/// If the store cannot be read.
pub async fn cut_off(store: &Store) -> Result<Vec<CutOff>, StoreError> {
    let ids = store.unfinished().await?;
    stream::iter(ids)
        .map(|id| look(store, id))
        .buffered(RECOVERIES)
        .try_collect()
        .await
}

/// What the journal of a run came to.
async fn look(store: &Store, id: Uuid) -> Result<CutOff, StoreError> {
    let kept = store.get(id).await?;
    let mut glance = kept.as_ref().map(Glance::kept).unwrap_or_default();
    let mut position = 0;
    loop {
        let records = store.read(id, position, READ_BYTES).await?;
        let Some(last) = records.last() else {
            return Ok(CutOff { id, glance });
        };
        position = last.sequence;
        for record in &records {
            glance.add(&convert::recorded(record));
        }
    }
}

/// Closes runs as interrupted, with what the agent is to do. Gives those that the store
/// did not take.
pub async fn close(store: &Store, runs: Vec<CutOff>, advice: OnInterrupted) -> Vec<CutOff> {
    let closing = stream::iter(runs).map(|mut run| async move {
        let before = run.glance.clone();
        let sequence = before.run().last_sequence + 1;
        let entry = convert::interrupted(sequence, advice);
        run.glance.add(&entry);
        let record = convert::record(&entry);
        match store.finish(run.id, &[record], run.glance.end()).await {
            Ok(()) => {
                warn!(run = %run.id, "an earlier hookd died before this run ended");
                None
            }
            Err(error) => {
                error!(run = %run.id, %error, "a run that was cut off cannot be closed");
                run.glance = before;
                Some(run)
            }
        }
    });
    let left = closing.buffered(RECOVERIES);
    left.filter_map(std::future::ready).collect().await
}
