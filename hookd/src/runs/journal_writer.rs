//! The writer that stores the journal of a run, batch by batch.

use std::time::Duration;

use tokio::time::{Instant, timeout};
use tracing::{error, info, warn};

use super::journal::JournalState;
use super::registry::Run;
use super::runner::Runner;
use super::store_health::Unstored;
use crate::limits::{LINGER, MAX_UNSTORED_RUNS, STORE_PATIENCE, STORE_RETRY};
use crate::store::{Admitted, NewRun, StoreError};

/// Stores the journal of a run until all of it is stored.
#[derive(Debug)]
pub(super) struct JournalWriter<'a> {
    pub(super) runner: &'a Runner,
    pub(super) run: &'a Run,
    /// True if the run's decision is shown before it is stored, when the store keeps failing.
    pub(super) lenient: bool,
}

/// A failure of the store that has not been followed by a success.
struct Outage<'a> {
    since: Instant,
    delay: Duration,
    unstored: Option<Unstored<'a>>,
}

impl<'a> JournalWriter<'a> {
    /// Stores the journal to its end. A run that is not on record yet is admitted first, once
    /// the store works.
    pub(super) async fn write(self, mut unadmitted: Option<NewRun>) {
        let mut outage: Option<Outage<'_>> = None;
        let journal = &self.run.journal;
        if let Some(new) = &unadmitted {
            warn!(run = %new.id, "this run is in memory alone, because the store fails");
            journal.change(|state| {
                state.failing = true;
                state.open();
            });
            outage = Some(self.begin_outage());
        }
        loop {
            if let Some(outage) = &mut outage {
                self.rest(outage).await;
            }
            journal.until(|state| !state.is_stored()).await;
            if outage.is_none() {
                // Waits for more records to store together, except at the end of a run.
                let _ = timeout(LINGER, journal.until(JournalState::fills_batch)).await;
            }
            match self.store_next(&mut unadmitted).await {
                Ok(complete) => {
                    self.runner.health.works();
                    if outage.take().is_some() {
                        info!(run = %self.run.id, "the journal is being stored again");
                    }
                    if complete {
                        return;
                    }
                }
                Err(error) => {
                    self.runner.health.failed(&error);
                    journal.change(|state| state.failing = true);
                    let outage = outage.get_or_insert_with(|| self.begin_outage());
                    if self.gives_up(outage, &error) {
                        return;
                    }
                }
            }
        }
    }

    /// Stores a batch. Returns whether it was the last.
    async fn store_next(&self, unadmitted: &mut Option<NewRun>) -> Result<bool, StoreError> {
        if let Some(new) = unadmitted {
            match self.runner.store.admit(new.clone()).await? {
                Admitted::New => {}
                // At the start of the run the store could not be read, so this was not known.
                Admitted::Same(_) | Admitted::Other => {
                    error!(run = %self.run.id,
                        "the journal of this run is lost: its request began another before");
                    return Ok(true);
                }
            }
            *unadmitted = None;
        }
        let (store, id) = (&self.runner.store, self.run.id);
        let batch = self.run.journal.lock().batch();
        let count = batch.records.len();
        match batch.end {
            Some(end) => store.finish(id, &batch.records, end).await?,
            None => store.append(id, &batch.records).await?,
        }
        Ok(self.run.journal.change(|state| state.stored(count)))
    }

    fn has_ended(&self) -> bool {
        self.run.journal.lock().ended.is_some()
    }

    fn begin_outage(&self) -> Outage<'a> {
        Outage {
            since: Instant::now(),
            delay: STORE_RETRY[0],
            unstored: self.lenient.then(|| self.runner.health.unstored_run()),
        }
    }

    /// Waits before the next try, but not beyond the end of the run, because a caller waits
    /// for that.
    async fn rest(&self, outage: &mut Outage<'_>) {
        let draining = &self.runner.draining;
        let mut again = Instant::now() + outage.delay;
        // Readers have to see the failure as soon as the patience ends.
        let told = outage.since + STORE_PATIENCE;
        if told > Instant::now() {
            again = again.min(told);
        }
        tokio::select! {
            () = tokio::time::sleep_until(again) => {}
            () = self.run.executed.cancelled(), if !self.has_ended() => {}
            () = draining.cancelled(), if !draining.is_cancelled() => {}
        }
        outage.delay = (outage.delay * 2).min(STORE_RETRY[1]);
    }

    /// Reports a lasting failure to readers. Returns whether the journal is given up.
    fn gives_up(&self, outage: &mut Outage<'a>, error: &StoreError) -> bool {
        let journal = &self.run.journal;
        if outage.since.elapsed() < STORE_PATIENCE {
            return false;
        }
        outage
            .unstored
            .get_or_insert_with(|| self.runner.health.unstored_run());
        if self.lenient {
            journal.change(JournalState::open);
        } else if self.has_ended() {
            journal.change(|state| state.failure = Some(error.to_string()));
        }
        let too_many = self.runner.health.unstored() > MAX_UNSTORED_RUNS as u64;
        let lost = self.has_ended() && (too_many || self.runner.draining.is_cancelled());
        if lost {
            error!(run = %self.run.id, %error,
                "the journal of this run is lost: it could not be stored");
        }
        lost
    }
}
