//! Keeping a run: what it writes goes into the store, and only then to its readers.

use std::time::Duration;

use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::health::{Health, Unstored};
use super::run::Run;
use crate::limits::{LINGER, MAX_UNSTORED_RUNS, STORE_PATIENCE, STORE_RETRY};
use crate::store::{Admitted, NewRun, Store, StoreError};

/// Stores what a run writes, batch by batch, until all of it is stored.
#[derive(Debug)]
pub(super) struct Keeper<'a> {
    /// The run.
    pub(super) run: &'a Run,
    /// Where to.
    pub(super) store: &'a Store,
    /// How that is doing.
    pub(super) health: &'a Health,
    /// Whether the run's decision may be told before it is stored.
    pub(super) lenient: bool,
    /// The daemon is ending: a store that has failed for long is not tried any more.
    pub(super) draining: &'a CancellationToken,
}

/// A failure that lasts.
struct Failing<'a> {
    since: Instant,
    delay: Duration,
    unstored: Option<Unstored<'a>>,
}

impl<'a> Keeper<'a> {
    /// Stores until the end of the journal is stored. A run that the store did not admit
    /// is admitted first, once that works.
    pub(super) async fn keep(self, mut unadmitted: Option<NewRun>) {
        let mut failing: Option<Failing<'_>> = None;
        let journal = &self.run.journal;
        if let Some(new) = &unadmitted {
            warn!(run = %new.id, "this run is in memory alone, because the store fails");
            journal.fails();
            journal.open();
            failing = Some(self.failing());
        }
        loop {
            if let Some(failing) = &mut failing {
                self.rest(failing).await;
            }
            journal.work().await;
            if failing.is_none() {
                // More may come along; the end of a run waits for nothing.
                let _ = timeout(LINGER, journal.worth_storing()).await;
            }
            match self.store_next(&mut unadmitted).await {
                Ok(complete) => {
                    self.health.works();
                    if failing.take().is_some() {
                        info!(run = %self.run.id, "the journal is being stored again");
                    }
                    if complete {
                        return;
                    }
                }
                Err(error) => {
                    self.health.failed(&error);
                    journal.fails();
                    let failing = failing.get_or_insert_with(|| self.failing());
                    if self.gives_up(failing, &error) {
                        return;
                    }
                }
            }
        }
    }

    /// Stores a batch; whether it was the last.
    async fn store_next(&self, unadmitted: &mut Option<NewRun>) -> Result<bool, StoreError> {
        if let Some(new) = unadmitted {
            match self.store.admit(new.clone()).await? {
                Admitted::New => {}
                // Nobody could look that up when the run began.
                Admitted::Same(_) | Admitted::Other => {
                    error!(run = %self.run.id,
                        "the journal of this run is lost: its request began another before");
                    return Ok(true);
                }
            }
            *unadmitted = None;
        }
        let batch = self.run.journal.batch();
        let count = batch.records.len();
        match batch.end {
            Some(end) => self.store.finish(self.run.id, &batch.records, end).await?,
            None => self.store.append(self.run.id, &batch.records).await?,
        }
        Ok(self.run.journal.stored(count))
    }

    fn failing(&self) -> Failing<'a> {
        Failing {
            since: Instant::now(),
            delay: STORE_RETRY[0],
            unstored: self.lenient.then(|| self.health.unstored_run()),
        }
    }

    /// Waits before the next try: less if the run ends meanwhile, as somebody waits then.
    async fn rest(&self, failing: &mut Failing<'_>) {
        let ended = async {
            if self.run.journal.has_ended() {
                std::future::pending().await
            }
            self.run.executed.cancelled().await;
        };
        let draining = async {
            if self.draining.is_cancelled() {
                std::future::pending().await
            }
            self.draining.cancelled().await;
        };
        let told = failing.since + STORE_PATIENCE;
        let again = Instant::now() + failing.delay;
        // Somebody may have to hear of it the moment that patience ends.
        let again = if told > Instant::now() {
            again.min(told)
        } else {
            again
        };
        tokio::select! {
            () = tokio::time::sleep_until(again) => {}
            () = ended => {}
            () = draining => {}
        }
        failing.delay = (failing.delay * 2).min(STORE_RETRY[1]);
    }

    /// Tells readers what a lasting failure means for them; whether there is no sense in
    /// trying on.
    fn gives_up(&self, failing: &mut Failing<'a>, error: &StoreError) -> bool {
        let journal = &self.run.journal;
        if failing.since.elapsed() < STORE_PATIENCE {
            return false;
        }
        failing
            .unstored
            .get_or_insert_with(|| self.health.unstored_run());
        if self.lenient {
            journal.open();
        } else if journal.has_ended() {
            journal.fail(&error.to_string());
        }
        let too_many = self.health.unstored() > MAX_UNSTORED_RUNS as u64;
        let lost = journal.has_ended() && (too_many || self.draining.is_cancelled());
        if lost {
            error!(run = %self.run.id, %error,
                "the journal of this run is lost: it could not be stored");
        }
        lost
    }
}
