//! The execution of a run: putting it on record, executing its hooks, storing its end.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt as _;
use hook_core::run::decision::{Decision, DecisionKind};
use hook_core::run::execute::Execution;
use hook_core::run::journal::{Fact, RunHost, WaitReason};
use hook_core::run::locks::LockGuard;
use hook_core::run::stop::{CancelCause, StopReason, stopped};
use tokio::time::timeout;
use tracing::{error, info, warn};

use super::failed_hook_log::FailedHookLog;
use super::journal_writer::JournalWriter;
use super::queue::{QueueSlot, Turn};
use super::registry::{AdmissionOutcome, Run};
use super::runner::Runner;
use super::start::PreparedRun;
use crate::settings::OnStoreFailure;

impl Runner {
    /// Carries out a run, from its admission until its end is stored.
    pub(super) async fn carry_through(self: Arc<Self>, prepared: PreparedRun) {
        let PreparedRun {
            run,
            execution,
            slot,
            // Until the run is stored, its event is in memory.
            room: _room,
            new,
            attempt,
            timeout: limit,
        } = prepared;
        let lenient = self.on_store_failure == OnStoreFailure::Run || !execution.can_decide();
        let admission = self.put_on_record(&new, lenient).await;
        let unstored = match &admission {
            Ok(AdmissionOutcome::OnRecord) => None,
            Ok(AdmissionOutcome::Unstored) => Some(new),
            Ok(AdmissionOutcome::Earlier(_)) | Err(_) => {
                self.registry.remove(&run);
                // The store may have admitted the run and then failed, so readers may have
                // found it.
                let why = "the run was not put on record".to_owned();
                run.journal.change(|state| state.failure = Some(why));
                let _ = run.admission.set(admission);
                return;
            }
        };
        if unstored.is_none() {
            run.journal.change(|state| state.stored(1));
        }
        self.registry.count();
        // The first record can be read before any caller learns of the run.
        let _ = run.admission.set(admission);
        if self.ending.is_cancelled() {
            run.stop(StopReason::Cancelled(CancelCause::Shutdown));
        }
        let writer = JournalWriter {
            runner: &self,
            run: &run,
            lenient,
        };
        let time_limit = async {
            let limit = match limit {
                Some(limit) => timeout(limit, run.executed.cancelled()).await,
                None => Ok(()),
            };
            if limit.is_err() {
                run.stop(StopReason::RunTimeLimit);
            }
        };
        tokio::join!(
            self.execute(&run, execution, slot, attempt),
            time_limit,
            writer.write(unstored)
        );
        self.registry.remove(&run);
    }

    /// Executes a run. A panic ends it as failed, so that no caller waits for ever.
    async fn execute(&self, run: &Run, execution: Execution, slot: QueueSlot, attempt: u32) {
        let carried_out = AssertUnwindSafe(self.carry_out(run, execution, slot));
        if carried_out.catch_unwind().await.is_err() && run.journal.lock().ended.is_none() {
            error!("a fault in hookd ended this run: the panic is logged above");
            let decision = failed_by_panic(attempt);
            run.journal.append(Fact::RunFinished { decision }).await;
        }
        run.executed.cancel();
    }

    async fn carry_out(&self, run: &Run, execution: Execution, slot: QueueSlot) {
        let mut stops = run.stops();
        let host = ExecutingRun {
            run,
            slot: &slot,
            turn: Mutex::new(None),
            failed_hooks: FailedHookLog::default(),
        };
        let _held = if execution.is_empty() {
            None
        } else {
            tokio::select! {
                biased;
                // A stopped run needs no turn: all of its hooks are skipped.
                _ = stopped(&mut stops) => None,
                held = self.lock_and_turn(&host, &execution) => held,
            }
        };
        run.begin();
        let decision = execution.run(&host, run.stops()).await;
        if decision.warnings.is_empty() {
            info!(decision = %decision.kind, hook = decision.hook, reason = decision.reason, "run finished");
        } else {
            warn!(decision = %decision.kind, hook = decision.hook, reason = decision.reason,
                warnings = ?decision.warnings, "run finished");
        }
    }

    /// Waits for the plan's lock and then for the run's turn, so that no turn is spent on
    /// waiting for a lock.
    async fn lock_and_turn(
        &self,
        host: &ExecutingRun<'_>,
        execution: &Execution,
    ) -> Option<LockGuard> {
        let held = match execution.plan_lock() {
            None => None,
            Some(name) => {
                let me = format!("run {}", host.run.id);
                Some(match self.locks.try_take(name, &me) {
                    Ok(held) => held,
                    Err(holder) => {
                        let lock = name.to_owned();
                        host.waits(WaitReason::Lock { name: lock, holder }).await;
                        self.locks.take(name, &me).await
                    }
                })
            }
        };
        host.take_turn().await;
        held
    }
}

/// A run that executes, with its turn.
struct ExecutingRun<'a> {
    run: &'a Run,
    slot: &'a QueueSlot,
    /// `None` before the run begins, and while it waits for a lock.
    turn: Mutex<Option<Turn<'a>>>,
    failed_hooks: FailedHookLog,
}

impl ExecutingRun<'_> {
    async fn waits(&self, reason: WaitReason) {
        let hook = String::new();
        self.append(Fact::Waiting { hook, reason }).await;
    }
}

impl RunHost for ExecutingRun<'_> {
    async fn append(&self, fact: Fact) {
        self.failed_hooks.note(&fact);
        self.run.journal.append(fact).await;
    }

    fn give_turn_back(&self) {
        *self.turn.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    async fn take_turn(&self) {
        let turn = match self.slot.turn_now() {
            Some(turn) => Some(turn),
            None => {
                self.waits(WaitReason::Turn).await;
                self.slot.turn().await
            }
        };
        *self.turn.lock().unwrap_or_else(PoisonError::into_inner) = turn;
    }
}

/// The decision of a run that a panic ended.
fn failed_by_panic(attempt: u32) -> Decision {
    Decision {
        kind: DecisionKind::Fail,
        hook: String::new(),
        reason: "a fault in hookd ended the run; hookd's log says more".to_owned(),
        retry_after: None,
        attempt,
        warnings: Vec::new(),
    }
}
