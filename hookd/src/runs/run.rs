//! One run under way: its journal, and the way to stop it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hook_core::event::Event;
use hook_core::run::execute;
use hook_core::run::journal::Fact;
use hook_core::run::stop::StopReason;
use hookd_proto::v1;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::journal::Journal;
use crate::store::{RequestKey, StoreError};

/// A run, queued or running, or finished and not stored yet.
#[derive(Debug)]
pub struct Run {
    /// The run's id; ids sort by the time at which their runs were admitted.
    pub id: Uuid,
    /// By what a repeated request for it is known.
    pub request: Option<RequestKey>,
    /// What the agent reported.
    pub event: Event,
    /// All that happened.
    pub(super) journal: Journal,
    /// Cancelled once nothing of it executes any more.
    pub(super) executed: CancellationToken,
    admission: watch::Sender<Admission>,
    stop: watch::Sender<Option<StopReason>>,
    has_turn: AtomicBool,
}

/// Whether a run is on record, so that its first script may start.
#[derive(Clone, Debug)]
pub(super) enum Admission {
    /// It is being put on record.
    Pending,
    /// It is on record, or may begin without.
    Admitted,
    /// The request asked for this run before.
    Before(Uuid),
    /// The request's id was used with another event.
    Reused,
    /// It could not be put on record.
    Failed(Arc<StoreError>),
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits for its turn.
    Queued,
    /// Its hooks are running.
    Running,
    /// It ended with a decision.
    Finished,
}

impl Run {
    pub(super) fn new(
        id: Uuid,
        request: Option<RequestKey>,
        event: Event,
        journal: Journal,
    ) -> Run {
        Run {
            id,
            request,
            event,
            journal,
            executed: CancellationToken::new(),
            admission: watch::Sender::new(Admission::Pending),
            stop: watch::Sender::new(None),
            has_turn: AtomicBool::new(false),
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> State {
        if self.journal.is_over() {
            State::Finished
        } else if self.has_turn.load(Ordering::Acquire) {
            State::Running
        } else {
            State::Queued
        }
    }

    /// The run at a glance, at this moment.
    #[must_use]
    pub fn glance(&self) -> v1::Run {
        let mut run = self.journal.glance();
        if run.state() == v1::RunState::Queued && self.has_turn.load(Ordering::Acquire) {
            run.state = v1::RunState::Running.into();
        }
        run
    }

    /// Ends the run, unless something has ended it already: the first reason stands.
    pub fn stop(&self, stop: StopReason) {
        self.stop.send_if_modified(|current| {
            let first = current.is_none();
            if first {
                *current = Some(stop);
            }
            first
        });
    }

    /// Says what came of its admission.
    pub(super) fn admitted(&self, admission: Admission) {
        self.admission.send_replace(admission);
    }

    /// Waits for what comes of its admission.
    pub(super) async fn admission(&self) -> Admission {
        let mut admission = self.admission.subscribe();
        let said = admission.wait_for(|said| !matches!(said, Admission::Pending));
        match said.await {
            Ok(said) => said.clone(),
            // Never: the sender lives as long as the run, which we hold.
            Err(_) => Admission::Pending,
        }
    }

    pub(super) fn begins(&self) {
        self.has_turn.store(true, Ordering::Release);
    }

    pub(super) fn stops(&self) -> watch::Receiver<Option<StopReason>> {
        self.stop.subscribe()
    }
}

impl execute::Journal for Run {
    async fn append(&self, fact: Fact) {
        self.journal.append(fact).await;
    }
}
