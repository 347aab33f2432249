//! One run that hookd knows: its journal, and the way to stop it.

use std::sync::atomic::{AtomicBool, Ordering};

use hook_core::event::Event;
use hook_core::process::Stop;
use hook_core::run::execute;
use hook_core::run::journal::Fact;
use jiff::Timestamp;
use tokio::sync::watch;
use uuid::Uuid;

use super::journal::Journal;

/// A run, queued, running or finished.
#[derive(Debug)]
pub struct Run {
    /// The run's id; ids sort by the time at which their runs were admitted.
    pub id: String,
    /// By what a repeated request for it is known.
    pub request: Option<Uuid>,
    /// What the agent reported.
    pub event: Event,
    /// When it was admitted.
    pub admitted_at: Timestamp,
    /// All that happened.
    pub journal: Journal,
    stop: watch::Sender<Option<Stop>>,
    has_turn: AtomicBool,
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
    pub(super) fn new(id: String, request: Option<Uuid>, event: Event) -> Run {
        Run {
            id,
            request,
            event,
            admitted_at: Timestamp::now(),
            journal: Journal::default(),
            stop: watch::Sender::new(None),
            has_turn: AtomicBool::new(false),
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> State {
        if self.journal.decision().is_some() {
            State::Finished
        } else if self.has_turn.load(Ordering::Acquire) {
            State::Running
        } else {
            State::Queued
        }
    }

    /// Ends the run, unless something has ended it already: the first reason stands.
    pub fn stop(&self, stop: Stop) {
        self.stop.send_if_modified(|current| {
            let first = current.is_none();
            if first {
                *current = Some(stop);
            }
            first
        });
    }

    pub(super) fn begins(&self) {
        self.has_turn.store(true, Ordering::Release);
    }

    pub(super) fn stops(&self) -> watch::Receiver<Option<Stop>> {
        self.stop.subscribe()
    }
}

impl execute::Journal for Run {
    async fn append(&self, fact: Fact) {
        self.journal.append(fact);
    }
}
