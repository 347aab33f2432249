//! Carrying out a course: rendering, starting and watching one hook after another.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use process_supervisor::bounds::CHUNK_QUEUE;
use process_supervisor::{Chunk, EndReason, EndReport, LimitHit};
use tokio::sync::{mpsc, watch};

use crate::event::Event;
use crate::hook::Hook;
use crate::run::course::{Course, HookRun, Step};
use crate::run::journal::{Decision, Fact, Outcome, WaitReason};
use crate::run::launch::{Launched, launch};
use crate::run::locks::{Held, Locks};
use crate::run::mask::Mask;
use crate::run::output::MaskedOutput;
use crate::run::secrets;
use crate::run::stop::{StopReason, stopped};
use crate::vars::{PlanVars, RepoVars};

/// Where the facts of a run go.
pub trait Journal: Sync {
    /// Writes down that this happened. Facts are in the journal in the order of calls.
    fn append(&self, fact: Fact) -> impl Future<Output = ()> + Send;
}

/// Everything that a run needs to know before it begins.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The run's id.
    pub run_id: String,
    /// What the agent reported.
    pub event: Event,
    /// The hooks that may match, in the order global, repository, plan.
    pub hooks: Vec<Arc<Hook>>,
    /// The repository, as templates see it.
    pub repo: Option<Arc<RepoVars>>,
    /// The plan, as templates see it; with nothing but its id where there is none.
    pub plan: Arc<PlanVars>,
    /// The private folder for scripts and event files.
    pub script_dir: PathBuf,
    /// Environment variables of ours that no script may see.
    pub withheld: BTreeSet<String>,
    /// The lock that the run holds while it executes, if its plan has one.
    pub plan_lock: Option<String>,
    /// The locks that hooks of all runs share.
    pub locks: Locks,
    /// Which daemon it belongs to, by which its processes are recognised.
    pub instance: String,
}

/// A run that is ready to begin.
#[derive(Debug)]
pub struct Execution {
    setting: Setting,
    course: Course,
    secrets: Vec<String>,
}

impl Execution {
    /// A run in this setting.
    #[must_use]
    pub fn new(setting: Setting) -> Execution {
        let course = Course::new(setting.hooks.clone(), &setting.event);
        let secrets = secrets::secrets(&setting);
        Execution {
            setting,
            course,
            secrets,
        }
    }

    /// The fact with which the run's journal begins.
    #[must_use]
    pub fn started(&self) -> Fact {
        let event = self.setting.event.clone();
        Fact::RunStarted {
            run_id: self.setting.run_id.clone(),
            conditions: event.condition.fires().to_vec(),
            event: Box::new(event),
            hooks: self.course.hook_names(),
        }
    }

    /// The lock that the run has to hold while it executes, if its plan has one.
    #[must_use]
    pub fn plan_lock(&self) -> Option<&str> {
        self.setting.plan_lock.as_deref()
    }

    /// Whether no hook matches, so that nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.course.hook_names().is_empty()
    }

    /// Whether a hook of the run can decide anything by failing.
    #[must_use]
    pub fn steers(&self) -> bool {
        self.course.steers()
    }

    /// Runs every hook in turn and writes down what happens, the decision last. A stop
    /// ends the hook under way; those that follow are skipped.
    pub async fn run<J: Journal>(
        mut self,
        journal: &J,
        mut stop: watch::Receiver<Option<StopReason>>,
    ) -> Decision {
        loop {
            if let Some(stop) = *stop.borrow() {
                self.course.end(stop);
            }
            match self.course.next_step() {
                Step::Run(run) => {
                    if !run.delay.is_zero() && stopped_within(run.delay, &mut stop).await {
                        continue;
                    }
                    self.run_hook(&run, journal, stop.clone()).await;
                }
                Step::Skip {
                    hook,
                    index,
                    reason,
                } => {
                    let hook = hook.name.clone();
                    journal
                        .append(Fact::HookSkipped {
                            hook,
                            index,
                            reason,
                        })
                        .await;
                }
                Step::Finish(decision) => {
                    journal
                        .append(Fact::RunFinished {
                            decision: decision.clone(),
                        })
                        .await;
                    return decision;
                }
            }
        }
    }

    async fn run_hook<J: Journal>(
        &mut self,
        run: &HookRun,
        journal: &J,
        mut stop: watch::Receiver<Option<StopReason>>,
    ) {
        let ready = match self.lock(run, journal, &mut stop).await {
            Ok(held) => launch(&self.setting, &self.secrets, run, &mut stop)
                .await
                .map(|launched| (launched, held)),
            Err(outcome) => Err(outcome),
        };
        let (outcome, ended) = match ready {
            Ok((launched, held)) => {
                let ended = self.watch(run, launched, journal, stop).await;
                drop(held);
                (Outcome::from(ended.reason.clone()), Some(ended))
            }
            Err(outcome) => (outcome, None),
        };
        let effect = self.course.ended(&outcome);
        let ended = ended.as_ref();
        let fact = Fact::HookFinished {
            hook: run.hook.name.clone(),
            index: run.index,
            condition: run.condition,
            outcome,
            effect,
            elapsed: ended.map_or(Duration::ZERO, |e| e.elapsed),
            output_bytes: ended.map_or(0, |e| e.output_bytes),
            dropped_bytes: ended.map_or(0, |e| e.dropped_bytes),
            leaked: ended.is_some_and(|e| e.leaked),
            attempt: run.attempt,
            termination: ended.and_then(|e| e.termination),
            containment: ended.map(|e| e.containment),
            notes: ended.map_or_else(Vec::new, |e| {
                e.limit_hits.iter().map(LimitHit::to_string).collect()
            }),
        };
        journal.append(fact).await;
    }

    /// Sees a hook that runs through to its end, its output on the way into the journal.
    async fn watch<J: Journal>(
        &self,
        run: &HookRun,
        launched: Launched,
        journal: &J,
        mut stop: watch::Receiver<Option<StopReason>>,
    ) -> EndReport<StopReason> {
        let Launched {
            running,
            script,
            notes,
            mask,
        } = launched;
        let fact = Fact::HookStarted {
            hook: run.hook.name.clone(),
            index: run.index,
            condition: run.condition,
            script,
            interpreter: mask.apply_words(running.interpreter()),
            pid: running.pid(),
            attempt: run.attempt,
            notes,
        };
        journal.append(fact).await;
        let (chunks, output) = mpsc::channel(CHUNK_QUEUE);
        let (ended, ()) = tokio::join!(
            running.supervise(stopped(&mut stop), chunks),
            record_output(run.index, &mask, output, journal)
        );
        ended
    }

    /// Takes the hook's lock, if it has one that the run does not hold already. The wait
    /// is bounded by the hook's own time limit.
    async fn lock<J: Journal>(
        &self,
        run: &HookRun,
        journal: &J,
        stop: &mut watch::Receiver<Option<StopReason>>,
    ) -> Result<Option<Held>, Outcome> {
        let wanted = run
            .hook
            .lock
            .as_ref()
            .filter(|lock| self.setting.plan_lock.as_ref() != Some(lock));
        let Some(name) = wanted else { return Ok(None) };
        let me = format!("hook {} of run {}", run.hook.name, self.setting.run_id);
        let holder = match self.setting.locks.try_take(name, &me) {
            Ok(held) => return Ok(Some(held)),
            Err(holder) => holder,
        };
        let reason = WaitReason::Lock {
            name: name.clone(),
            holder: holder.clone(),
        };
        journal
            .append(Fact::Waiting {
                hook: run.hook.name.clone(),
                reason,
            })
            .await;
        tokio::select! {
            held = self.setting.locks.take(name, &me) => Ok(Some(held)),
            outcome = stopped_outcome(stop) => Err(outcome),
            () = tokio::time::sleep(run.hook.limits.timeout) => Err(Outcome::FailedToStart {
                message: format!("lock \"{name}\" was not free within {:?}: {holder} held it", run.hook.limits.timeout),
            }),
        }
    }
}

async fn record_output<J: Journal>(
    index: u32,
    mask: &Mask,
    mut output: mpsc::Receiver<Chunk>,
    journal: &J,
) {
    let mut masked = MaskedOutput::new(mask);
    while let Some(chunk) = output.recv().await {
        for (stream, offset, data) in masked.push(chunk) {
            journal
                .append(Fact::HookOutput {
                    index,
                    stream,
                    offset,
                    data,
                })
                .await;
        }
    }
    for (stream, offset, data) in masked.finish() {
        journal
            .append(Fact::HookOutput {
                index,
                stream,
                offset,
                data,
            })
            .await;
    }
}

/// Waits, unless a stop comes first; whether one did.
async fn stopped_within(delay: Duration, stop: &mut watch::Receiver<Option<StopReason>>) -> bool {
    tokio::time::timeout(delay, stopped(stop)).await.is_ok()
}

/// Waits for a stop; returns the outcome of a hook that has not started by then.
pub(super) async fn stopped_outcome(stop: &mut watch::Receiver<Option<StopReason>>) -> Outcome {
    EndReason::Stopped(stopped(stop).await).into()
}
