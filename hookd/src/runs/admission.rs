//! Whose turn it is: how many runs execute at once, and how many may wait.
//!
//! Turns go round the plans that wait, so that a plan that reports a hundred events does
//! not hold up one that reports a single event; and no plan has more than half of all
//! turns, so that hooks of one plan that hang never stop the others. That holds even while
//! no other plan asks for any: turns that were lent cannot be taken back from hooks that
//! hang, and all others would share the few that are left.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Admits runs up to a limit and lets a bounded number wait.
#[derive(Clone, Debug)]
pub(super) struct Admission {
    state: Arc<Mutex<State>>,
}

/// The queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{waiting} runs are waiting already")]
pub(super) struct QueueFull {
    /// How many runs wait.
    pub(super) waiting: usize,
}

/// A place among the runs that wait or execute; given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    state: Arc<Mutex<State>>,
    plan: String,
}

/// A run's turn to execute; over when dropped.
#[derive(Debug)]
pub(super) struct Turn {
    state: Arc<Mutex<State>>,
    plan: String,
}

#[derive(Debug)]
struct State {
    /// Runs that wait or execute.
    present: usize,
    /// Runs that execute.
    executing: usize,
    concurrent: usize,
    queued: usize,
    plans: HashMap<String, Plan>,
    /// The plans with runs that wait, the next one first.
    round: VecDeque<String>,
}

#[derive(Debug, Default)]
struct Plan {
    executing: usize,
    waiting: VecDeque<oneshot::Sender<Turn>>,
}

impl Admission {
    /// Admits at most `concurrent` runs at once while `queued` more wait.
    #[must_use]
    pub(super) fn new(concurrent: usize, queued: usize) -> Admission {
        Admission {
            state: Arc::new(Mutex::new(State {
                present: 0,
                executing: 0,
                concurrent,
                queued,
                plans: HashMap::new(),
                round: VecDeque::new(),
            })),
        }
    }

    /// A place for one more run of a plan.
    ///
    /// # Errors
    /// If as many runs wait as may.
    pub(super) fn enter(&self, plan: &str) -> Result<Place, QueueFull> {
        let mut state = lock(&self.state);
        if state.present >= state.concurrent.saturating_add(state.queued) {
            return Err(QueueFull {
                waiting: state.present - state.executing,
            });
        }
        state.present += 1;
        Ok(Place {
            state: Arc::clone(&self.state),
            plan: plan.to_owned(),
        })
    }
}

impl Place {
    /// The run's turn if it is free at this moment.
    pub(super) fn turn_now(&self) -> Option<Turn> {
        let mut state = lock(&self.state);
        // Whoever waits already comes first.
        let waits = state
            .plans
            .get(&self.plan)
            .is_some_and(|plan| !plan.waiting.is_empty());
        (!waits && state.may_execute(&self.plan)).then(|| state.begin(&self.state, &self.plan))
    }

    /// Waits for the run's turn. Giving up waiting loses nothing but the place in line.
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

impl Drop for Place {
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

impl State {
    /// Whether another run of the plan may execute.
    fn may_execute(&self, plan: &str) -> bool {
        let share = self.concurrent.div_ceil(2);
        let executing = self.plans.get(plan).map_or(0, |plan| plan.executing);
        self.executing < self.concurrent && executing < share
    }

    fn begin(&mut self, shared: &Arc<Mutex<State>>, plan: &str) -> Turn {
        self.executing += 1;
        self.plans.entry(plan.to_owned()).or_default().executing += 1;
        Turn {
            state: Arc::clone(shared),
            plan: plan.to_owned(),
        }
    }

    /// The next run whose turn it is, if a turn is free.
    fn next(&mut self, shared: &Arc<Mutex<State>>) -> Option<(oneshot::Sender<Turn>, Turn)> {
        for _ in 0..self.round.len() {
            let name = self.round.pop_front()?;
            if !self.may_execute(&name) {
                self.round.push_back(name);
                continue;
            }
            let Some(plan) = self.plans.get_mut(&name) else {
                continue;
            };
            // Those who gave up waiting are passed over.
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

/// Gives every free turn to the run whose turn it is.
fn hand_out(shared: &Arc<Mutex<State>>) {
    loop {
        // The lock is free again before a turn is sent: one that nobody takes any more
        // comes back by being dropped, which takes the lock.
        let next = lock(shared).next(shared);
        let Some((waiter, turn)) = next else { return };
        drop(waiter.send(turn));
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn a_full_queue_refuses_and_a_place_given_back_is_free_again() {
        let admission = Admission::new(1, 1);
        let first = admission.enter("a").expect("the first executes");
        let _second = admission.enter("b").expect("the second waits");
        assert!(admission.enter("c").is_err());
        drop(first);
        assert!(admission.enter("d").is_ok());
    }

    #[test]
    fn no_plan_takes_more_than_half_of_the_turns() {
        let admission = Admission::new(4, 10);
        let places: Vec<Place> = (0..3)
            .map(|_| admission.enter("busy").expect("room"))
            .collect();
        let turns: Vec<Turn> = places.iter().filter_map(Place::turn_now).collect();
        assert_eq!(turns.len(), 2);
        let other = admission.enter("other").expect("room");
        assert!(other.turn_now().is_some());
    }

    #[test]
    fn turns_go_round_the_plans() {
        let admission = Admission::new(1, 10);
        let holder = admission.enter("holder").expect("room");
        let mut turn = holder.turn_now();
        let busy: Vec<Place> = (0..3)
            .map(|_| admission.enter("busy").expect("room"))
            .collect();
        let quiet = admission.enter("quiet").expect("room");
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
                .expect("somebody's turn");
            order.push(waiting.remove(at).0);
        }
        assert_eq!(order, ["busy", "quiet", "busy", "busy"]);
    }

    #[test]
    fn a_turn_that_nobody_takes_any_more_goes_to_the_next() {
        let admission = Admission::new(1, 10);
        let holder = admission.enter("holder").expect("room");
        let turn = holder.turn_now();
        let (a, b) = (
            admission.enter("a").expect("room"),
            admission.enter("b").expect("room"),
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
