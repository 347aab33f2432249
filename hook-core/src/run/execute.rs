//! Execution of a run: carrying out its course, one hook after another.

use process_supervisor::bounds::CHUNK_QUEUE;
use process_supervisor::{Chunk, EndReason, EndReport};
use tokio::sync::{mpsc, watch};

use crate::run::course::{Course, CourseStep, HookRun};
use crate::run::decision::Decision;
use crate::run::journal::{Fact, RunHost, WaitReason};
use crate::run::launch::{LaunchedHook, launch};
use crate::run::locks::LockGuard;
use crate::run::mask::event::masked_event;
use crate::run::mask::stream::MaskedOutput;
use crate::run::outcome::Outcome;
use crate::run::setting::RunSetting;
use crate::run::stop::{StopReason, stopped};

/// Run that is ready to begin.
#[derive(Debug)]
pub struct Execution {
    setting: RunSetting,
    course: Course,
}

impl Execution {
    /// Returns the execution of a run in this setting.
    #[must_use]
    pub fn new(setting: RunSetting) -> Execution {
        let course = Course::new(setting.hooks.clone(), &setting.event);
        Execution { setting, course }
    }

    /// Returns the first fact of the run's journal.
    #[must_use]
    pub fn started(&self) -> Fact {
        let event = masked_event(&self.setting.mask.mask(), &self.setting.event);
        Fact::RunStarted {
            run_id: self.setting.run_id.clone(),
            conditions: event.condition.fires().to_vec(),
            event: Box::new(event),
            hooks: self.course.hook_names(),
        }
    }

    /// Returns the lock that the run has to hold while it executes, if its plan has one.
    #[must_use]
    pub fn plan_lock(&self) -> Option<&str> {
        self.setting.plan_lock.as_deref()
    }

    /// Returns whether the run may wait for a lock, of its plan or of a hook.
    #[must_use]
    pub fn has_locks(&self) -> bool {
        self.setting.plan_lock.is_some() || self.course.has_locks()
    }

    /// Returns whether no hook matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.course.hook_names().is_empty()
    }

    /// Returns whether a hook of the run can lead to another decision than to proceed.
    #[must_use]
    pub fn can_decide(&self) -> bool {
        self.course.can_decide()
    }

    /// Runs all hooks in turn and appends every fact to the journal, the decision last. A stop
    /// ends the running hook, and the hooks after it are skipped.
    pub async fn run<J: RunHost>(
        mut self,
        journal: &J,
        mut stop: watch::Receiver<Option<StopReason>>,
    ) -> Decision {
        loop {
            if let Some(reason) = *stop.borrow() {
                self.course.stop(reason);
            }
            let fact = match self.course.next_step() {
                CourseStep::Run(run) => {
                    let cut_short = !run.delay.is_zero()
                        && tokio::time::timeout(run.delay, stopped(&mut stop))
                            .await
                            .is_ok();
                    if cut_short {
                        continue;
                    }
                    self.run_hook(&run, journal, stop.clone()).await
                }
                CourseStep::Skip {
                    hook,
                    index,
                    reason,
                } => Fact::HookSkipped {
                    hook: hook.name.clone(),
                    index,
                    reason,
                },
                CourseStep::Finish(mut decision) => {
                    let mask = self.setting.mask.mask();
                    decision.reason = mask.apply_text(&decision.reason);
                    decision.warnings = mask.apply_words(&decision.warnings);
                    let told = decision.clone();
                    journal.append(Fact::RunFinished { decision: told }).await;
                    return decision;
                }
            };
            journal.append(fact).await;
        }
    }

    /// Runs a hook; returns the fact that it finished.
    async fn run_hook<J: RunHost>(
        &mut self,
        run: &HookRun,
        journal: &J,
        mut stop: watch::Receiver<Option<StopReason>>,
    ) -> Fact {
        let ended = self.launch_and_watch(run, journal, &mut stop).await;
        let (outcome, report) = match ended {
            Ok(report) => (Outcome::from(report.reason.clone()), Some(report)),
            Err(outcome) => (outcome, None),
        };
        let effect = self.course.hook_ended(&outcome);
        Fact::HookFinished {
            hook: run.hook.name.clone(),
            index: run.index,
            condition: run.condition,
            outcome,
            effect,
            attempt: run.attempt,
            report,
        }
    }

    /// Starts a hook, waits for its end, and appends its start and its output to the journal.
    /// Returns the outcome of a hook that did not start.
    async fn launch_and_watch<J: RunHost>(
        &mut self,
        run: &HookRun,
        journal: &J,
        stop: &mut watch::Receiver<Option<StopReason>>,
    ) -> Result<EndReport<StopReason>, Outcome> {
        let _lock = self.lock(run, journal, stop).await?;
        let LaunchedHook {
            running,
            script,
            interpreter,
            notes,
            warnings,
            mask,
        } = launch(&self.setting, run, stop).await?;
        for warning in warnings {
            self.course.warn(warning);
        }
        let fact = Fact::HookStarted {
            hook: run.hook.name.clone(),
            index: run.index,
            condition: run.condition,
            script,
            interpreter,
            pid: running.pid(),
            attempt: run.attempt,
            notes,
        };
        journal.append(fact).await;
        let (chunks, output) = mpsc::channel(CHUNK_QUEUE);
        let running = running.filter_output(Box::new(MaskedOutput::new(mask)));
        let (report, ()) = tokio::join!(
            running.supervise(stopped(stop), chunks),
            record_output(run.index, output, journal)
        );
        Ok(report)
    }

    /// Takes the hook's lock, if it has one. The wait is limited by the hook's own timeout, and
    /// the run has no turn meanwhile.
    async fn lock<J: RunHost>(
        &self,
        run: &HookRun,
        journal: &J,
        stop: &mut watch::Receiver<Option<StopReason>>,
    ) -> Result<Option<LockGuard>, Outcome> {
        let locks = &self.setting.locks;
        let Some(name) = &run.hook.lock else {
            return Ok(None);
        };
        let me = format!("hook {} of run {}", run.hook.name, self.setting.run_id);
        let holder = match locks.try_take(name, &me) {
            Ok(guard) => return Ok(Some(guard)),
            Err(holder) => holder,
        };
        let fact = Fact::Waiting {
            hook: run.hook.name.clone(),
            reason: WaitReason::Lock {
                name: name.clone(),
                holder: holder.clone(),
            },
        };
        journal.append(fact).await;
        let timeout = run.hook.limits.timeout;
        journal.give_turn_back();
        let taken = tokio::select! {
            guard = locks.take(name, &me) => Ok(Some(guard)),
            outcome = stopped_outcome(stop) => return Err(outcome),
            () = tokio::time::sleep(timeout) => Err(Outcome::LockNotFree {
                message: format!("lock \"{name}\" was not free within {timeout:?}: {holder} held it"),
            }),
        };
        tokio::select! {
            () = journal.take_turn() => taken,
            outcome = stopped_outcome(stop) => Err(outcome),
        }
    }
}

/// Appends a hook's output to the journal.
async fn record_output<J: RunHost>(index: u32, mut output: mpsc::Receiver<Chunk>, journal: &J) {
    while let Some(chunk) = output.recv().await {
        journal.append(Fact::HookOutput { index, chunk }).await;
    }
}

/// Waits for a stop; returns the outcome of a hook that was not started because of it.
pub(super) async fn stopped_outcome(stop: &mut watch::Receiver<Option<StopReason>>) -> Outcome {
    EndReason::Stopped(stopped(stop).await).into()
}
