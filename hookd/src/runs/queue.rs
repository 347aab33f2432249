//! The queue of runs: bounds the runs that execute at once and those that wait.
//!
//! Turns go round the plans that wait, so that a plan with a hundred events does not hold
//! up a plan with one. No plan has more than half of all turns, so that hanging hooks of
//! one plan never stop the others; not even while no other plan wants a turn, because a
//! turn cannot be taken back from a hook that hangs.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Queue of runs; clones share it.
#[derive(Clone, Debug)]
pub(super) struct RunQueue {
    state: Arc<Mutex<QueueState>>,
}

/// Error of a queue that is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{waiting} runs are waiting already")]
pub struct QueueFull {
    /// Number of waiting runs.
    pub waiting: usize,
}

/// The slot of a run that waits or executes; free again when dropped.
#[derive(Debug)]
pub(super) struct QueueSlot {
    state: Arc<Mutex<QueueState>>,
    plan: String,
}

/// The turn of a run to execute; over when dropped.
#[derive(Debug)]
pub(super) struct Turn {
    state: Arc<Mutex<QueueState>>,
    plan: String,
}

#[derive(Debug)]
struct QueueState {
    /// Number of runs that wait or execute.
    present: usize,
    /// Number of runs that execute.
    executing: usize,
    concurrent: usize,
    queued: usize,
    plans: HashMap<String, PlanQueue>,
    /// Plans with waiting runs, the next one first.
    round: VecDeque<String>,
}

#[derive(Debug, Default)]
struct PlanQueue {
    executing: usize,
    waiting: VecDeque<oneshot::Sender<Turn>>,
}

impl RunQueue {
    /// Creates a queue for `concurrent` runs that execute and `queued` runs that wait.
    #[must_use]
    pub(super) fn new(concurrent: usize, queued: usize) -> RunQueue {
        RunQueue {
            state: Arc::new(Mutex::new(QueueState {
                present: 0,
                executing: 0,
                concurrent,
                queued,
                plans: HashMap::new(),
                round: VecDeque::new(),
            })),
        }
    }

    /// Takes a slot for a run of a plan.
    ///
    /// # Errors
    /// Fails if the queue is full.
    pub(super) fn enter(&self, plan: &str) -> Result<QueueSlot, QueueFull> {
        let mut state = lock(&self.state);
        if state.present >= state.concurrent.saturating_add(state.queued) {
            return Err(QueueFull {
                waiting: state.present - state.executing,
            });
        }
        state.present += 1;
        Ok(QueueSlot {
            state: Arc::clone(&self.state),
            plan: plan.to_owned(),
        })
    }
}

impl QueueSlot {
    /// Takes a turn; `None` if the run has to wait for it.
    pub(super) fn turn_now(&self) -> Option<Turn> {
        let mut state = lock(&self.state);
        // Runs that wait already come first.
        let waits = state
            .plans
            .get(&self.plan)
            .is_some_and(|plan| !plan.waiting.is_empty());
        (!waits && state.may_execute(&self.plan)).then(|| state.begin(&self.state, &self.plan))
    }

    /// Waits for a turn. Dropping the future loses nothing but the position in the queue.
    pub(super) async fn turn(&self) -> Option<Turn> {
        let turn = {
            let mut state = lock(&self.state);
            let (turn, receiver) = oneshot::channel();
            state
                .plans
                .entry(self.plan.clone())
                .or_default()
                .waiting
                .push_back(turn);
            if !state.round.contains(&self.plan) {
                state.round.push_back(self.plan.clone());
            }
            receiver
        };
        hand_out(&self.state);
        turn.await.ok()
    }
}

impl Drop for QueueSlot {
    fn drop(&mut self) {
        lock(&self.state).present -= 1;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        {
            let mut state = lock(&self.state);
            state.executing -= 1;
            if let Some(plan) = state.plans.get_mut(&self.plan) {
                plan.executing -= 1;
                if plan.executing == 0 && plan.waiting.is_empty() {
                    state.plans.remove(&self.plan);
                }
            }
        }
        hand_out(&self.state);
    }
}

impl QueueState {
    /// Returns whether another run of the plan may execute.
    fn may_execute(&self, plan: &str) -> bool {
        let share = self.concurrent.div_ceil(2);
        let executing = self.plans.get(plan).map_or(0, |plan| plan.executing);
        self.executing < self.concurrent && executing < share
    }

    fn begin(&mut self, shared: &Arc<Mutex<QueueState>>, plan: &str) -> Turn {
        self.executing += 1;
        self.plans.entry(plan.to_owned()).or_default().executing += 1;
        Turn {
            state: Arc::clone(shared),
            plan: plan.to_owned(),
        }
    }

    /// Begins the next turn, if one is free; returns it with the channel to its run.
    fn next(&mut self, shared: &Arc<Mutex<QueueState>>) -> Option<(oneshot::Sender<Turn>, Turn)> {
        for _ in 0..self.round.len() {
            let name = self.round.pop_front()?;
            if !self.may_execute(&name) {
                self.round.push_back(name);
                continue;
            }
            let Some(plan) = self.plans.get_mut(&name) else {
                continue;
            };
            // Runs that no longer wait are skipped.
            let waiter = loop {
                match plan.waiting.pop_front() {
                    Some(waiter) if waiter.is_closed() => {}
                    waiter => break waiter,
                }
            };
            if !plan.waiting.is_empty() {
                self.round.push_back(name.clone());
            }
            if let Some(waiter) = waiter {
                return Some((waiter, self.begin(shared, &name)));
            }
        }
        None
    }
}

/// Gives out all free turns.
fn hand_out(shared: &Arc<Mutex<QueueState>>) {
    loop {
        // A turn is sent without the lock: if its run no longer waits, the turn is dropped,
        // which takes the lock.
        let next = lock(shared).next(shared);
        let Some((waiter, turn)) = next else { return };
        drop(waiter.send(turn));
    }
}

fn lock(state: &Mutex<QueueState>) -> MutexGuard<'_, QueueState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn a_full_queue_refuses_until_a_slot_is_free_again() {
        let queue = RunQueue::new(1, 1);
        let first = queue.enter("a").expect("the first executes");
        let _second = queue.enter("b").expect("the second waits");
        assert!(queue.enter("c").is_err());
        drop(first);
        assert!(queue.enter("d").is_ok());
    }

    #[test]
    fn no_plan_takes_more_than_half_of_the_turns() {
        let queue = RunQueue::new(4, 10);
        let slots: Vec<QueueSlot> = (0..3).map(|_| queue.enter("busy").expect("room")).collect();
        let turns: Vec<Turn> = slots.iter().filter_map(QueueSlot::turn_now).collect();
        assert_eq!(turns.len(), 2);
        let other = queue.enter("other").expect("room");
        assert!(other.turn_now().is_some());
    }

    #[test]
    fn turns_go_round_the_plans() {
        let queue = RunQueue::new(1, 10);
        let holder = queue.enter("holder").expect("room");
        let mut turn = holder.turn_now();
        let busy: Vec<QueueSlot> = (0..3).map(|_| queue.enter("busy").expect("room")).collect();
        let quiet = queue.enter("quiet").expect("room");
        let mut waiting: Vec<_> = busy.iter().map(|p| ("busy", Box::pin(p.turn()))).collect();
        waiting.push(("quiet", Box::pin(quiet.turn())));
        for (_, future) in &mut waiting {
            assert!(
                future.as_mut().now_or_never().is_none(),
                "the turn is taken"
            );
        }
        let mut order = Vec::new();
        while !waiting.is_empty() {
            drop(turn.take());
            let at = waiting
                .iter_mut()
                .position(|(_, future)| {
                    turn = future.as_mut().now_or_never().flatten();
                    turn.is_some()
                })
                .expect("the turn of one of them");
            order.push(waiting.remove(at).0);
        }
        assert_eq!(order, ["busy", "quiet", "busy", "busy"]);
    }

    #[test]
    fn a_turn_of_a_run_that_no_longer_waits_goes_to_the_next() {
        let queue = RunQueue::new(1, 10);
        let holder = queue.enter("holder").expect("room");
        let turn = holder.turn_now();
        let (a, b) = (
            queue.enter("a").expect("room"),
            queue.enter("b").expect("room"),
        );
        let mut gone = Box::pin(a.turn());
        assert!(gone.as_mut().now_or_never().is_none());
        drop(gone);
        let mut waits = Box::pin(b.turn());
        assert!(waits.as_mut().now_or_never().is_none());
        drop(turn);
        assert!(waits.as_mut().now_or_never().flatten().is_some());
    }
}
