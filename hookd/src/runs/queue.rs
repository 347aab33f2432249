//! The queue of runs: limits the runs that execute at once and those that wait.
//!
//! Plans take turns (round robin), so that a plan with a hundred events does not delay a plan
//! with one: the first run of each plan waits for a turn, the others wait behind it. No plan
//! has more than half of all turns and half of all slots, so that hanging hooks of one plan
//! never block the others. This holds even while no other plan wants a turn, because a turn
//! cannot be taken back from a hook that hangs. Runs that may wait for a lock have slots of
//! their own, and no turn while they wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use super::start::StartError;
use crate::limits::{MAX_QUEUED_BYTES, SMALL_EVENT_BYTES};

/// Queue of runs.
#[derive(Debug)]
pub(super) struct RunQueue {
    concurrent: u32,
    queued: u32,
    /// Room for runs without locks, and for those that may wait for a lock.
    pools: [QueuePool; 2],
    turns: Arc<Semaphore>,
    plans: Mutex<HashMap<String, Weak<PlanQueue>>>,
}

/// Part of a run's setting by which it is queued.
#[derive(Clone, Debug, Default)]
pub(super) struct QueueKey {
    /// The plan's id; empty for events without a plan.
    pub(super) plan: String,
    /// The lock of the plan, if it has one.
    pub(super) plan_lock: Option<String>,
    /// True if the run may wait for a lock, of its plan or of a hook.
    pub(super) has_locks: bool,
}

impl QueueKey {
    /// Returns the name of what has a share of the queue: a plan, or all plans with a lock, as
    /// these wait for each other.
    fn holder(&self) -> String {
        match &self.plan_lock {
            Some(lock) => format!("lock {lock:?}"),
            None => format!("plan {:?}", self.plan),
        }
    }
}

/// Room in the queue.
#[derive(Debug)]
struct QueuePool {
    slots: Arc<Semaphore>,
    /// Permits for the bytes of large events.
    bytes: Arc<Semaphore>,
}

/// Queue of the runs of one plan, which exists while the plan has runs.
#[derive(Debug)]
struct PlanQueue {
    /// The permit to be the plan's first waiting run.
    head: Semaphore,
    /// Permits for the plan's share of all turns.
    share: Semaphore,
    /// Permits for the plan's share of all slots.
    slots: Arc<Semaphore>,
    /// Permits for the plan's share of the bytes of large events.
    bytes: Arc<Semaphore>,
}

/// The slot of a run that waits or executes; free again when dropped.
#[derive(Debug)]
pub(super) struct QueueSlot {
    plan: Arc<PlanQueue>,
    turns: Arc<Semaphore>,
    _slot: OwnedSemaphorePermit,
    _share: OwnedSemaphorePermit,
}

/// Room for the event of a run; free again when dropped.
#[derive(Debug)]
pub(super) struct EventRoom {
    _plan: Arc<PlanQueue>,
    _share: OwnedSemaphorePermit,
    _bytes: OwnedSemaphorePermit,
}

/// Permission of a run to execute, given back when dropped.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    _share: SemaphorePermit<'a>,
    _turn: SemaphorePermit<'a>,
}

impl RunQueue {
    /// Creates a queue for `concurrent` runs that execute and `queued` runs that wait.
    pub(super) fn new(concurrent: u32, queued: u32) -> RunQueue {
        RunQueue {
            concurrent,
            queued,
            pools: [(); 2].map(|()| QueuePool {
                slots: Arc::new(semaphore(concurrent.saturating_add(queued))),
                bytes: Arc::new(Semaphore::new(MAX_QUEUED_BYTES)),
            }),
            turns: Arc::new(semaphore(concurrent)),
            plans: Mutex::default(),
        }
    }

    /// Takes a slot for a run.
    /// Fails if the queue is full, or the share of it that the run's plan may have.
    pub(super) fn enter(&self, key: &QueueKey) -> Result<QueueSlot, StartError> {
        // All slots are taken, so every run without a turn waits.
        let waiting = || self.queued as usize + self.turns.available_permits();
        let full = |_| StartError::QueueFull(waiting());
        let slots = &self.pool(key).slots;
        let slot = Arc::clone(slots).try_acquire_owned().map_err(full)?;
        let queue = self.plan(key);
        let plan_full = |_| StartError::PlanQueueFull {
            holder: key.holder(),
            most: self.share_of_slots(),
        };
        let share = Arc::clone(&queue.slots).try_acquire_owned();
        Ok(QueueSlot {
            _slot: slot,
            _share: share.map_err(plan_full)?,
            plan: queue,
            turns: Arc::clone(&self.turns),
        })
    }

    /// Takes room for an event of this size; small ones always have room.
    /// Fails if the events of the runs under way are too large together, of which those of one
    /// plan are half at most.
    pub(super) fn room(&self, key: &QueueKey, bytes: usize) -> Result<EventRoom, StartError> {
        let counted = match bytes {
            0..=SMALL_EVENT_BYTES => 0,
            large => u32::try_from(large).unwrap_or(u32::MAX),
        };
        let take = |bytes: &Arc<Semaphore>| {
            let taken = Arc::clone(bytes).try_acquire_many_owned(counted);
            taken.map_err(|_| StartError::EventsTooLarge)
        };
        let plan = self.plan(key);
        Ok(EventRoom {
            _share: take(&plan.bytes)?,
            _bytes: take(&self.pool(key).bytes)?,
            _plan: plan,
        })
    }

    /// Returns the most runs that one plan may have in the queue.
    fn share_of_slots(&self) -> u32 {
        let half = self.concurrent.div_ceil(2);
        half.saturating_add(self.queued.div_ceil(2))
    }

    fn pool(&self, key: &QueueKey) -> &QueuePool {
        let [free, locked] = &self.pools;
        if key.has_locks { locked } else { free }
    }

    fn plan(&self, key: &QueueKey) -> Arc<PlanQueue> {
        let name = key.holder();
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = plans.get(&name).and_then(Weak::upgrade) {
            return plan;
        }
        plans.retain(|_, plan| plan.strong_count() > 0);
        let plan = Arc::new(PlanQueue {
            head: semaphore(1),
            share: semaphore(self.concurrent.div_ceil(2)),
            slots: Arc::new(semaphore(self.share_of_slots())),
            bytes: Arc::new(Semaphore::new(MAX_QUEUED_BYTES / 2)),
        });
        plans.insert(name, Arc::downgrade(&plan));
        plan
    }
}

impl QueueSlot {
    /// Takes a turn if one is free at once; else returns `None`.
    pub(super) fn turn_now(&self) -> Option<Turn<'_>> {
        let _head = self.plan.head.try_acquire().ok()?;
        Some(Turn {
            _share: self.plan.share.try_acquire().ok()?,
            _turn: self.turns.try_acquire().ok()?,
        })
    }

    /// Waits for a turn. A dropped future loses only its position in the queue. Never returns
    /// `None`, because the queue is not closed.
    pub(super) async fn turn(&self) -> Option<Turn<'_>> {
        let _head = self.plan.head.acquire().await.ok()?;
        Some(Turn {
            _share: self.plan.share.acquire().await.ok()?,
            _turn: self.turns.acquire().await.ok()?,
        })
    }
}

fn semaphore(permits: u32) -> Semaphore {
    Semaphore::new((permits as usize).min(Semaphore::MAX_PERMITS))
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn key(plan: &str, has_locks: bool) -> QueueKey {
        QueueKey {
            plan: plan.to_owned(),
            plan_lock: None,
            has_locks,
        }
    }

    #[test]
    fn plans_with_the_same_lock_share_half_of_the_slots() {
        let queue = RunQueue::new(2, 4);
        let of = |plan: &str, lock: &str| QueueKey {
            plan_lock: Some(lock.to_owned()),
            ..key(plan, true)
        };
        let waiting: Vec<_> = (0..6)
            .map(|n| queue.enter(&of(["a", "b"][n % 2], "disk")))
            .collect();
        assert_eq!(waiting.iter().filter(|slot| slot.is_ok()).count(), 3);
        assert!(queue.enter(&of("c", "tape")).is_ok());
    }

    #[test]
    fn a_full_queue_refuses_until_a_slot_is_free_again() {
        let queue = RunQueue::new(1, 1);
        let first = queue.enter(&key("a", false)).expect("the first executes");
        let _second = queue.enter(&key("b", false)).expect("the second waits");
        assert!(queue.enter(&key("c", false)).is_err());
        drop(first);
        assert!(queue.enter(&key("d", false)).is_ok());
    }

    #[test]
    fn no_plan_takes_more_than_half_of_the_slots() {
        let queue = RunQueue::new(2, 4);
        let busy: Vec<_> = (0..4).map(|_| queue.enter(&key("busy", false))).collect();
        let refused = busy.iter().filter_map(|slot| slot.as_ref().err());
        let refused: Vec<String> = refused.map(ToString::to_string).collect();
        assert_eq!(
            refused,
            ["plan \"busy\" has 3 runs in the queue, the most that one plan or lock may have"]
        );
        assert!(queue.enter(&key("other", false)).is_ok());
    }

    #[test]
    fn runs_that_wait_for_locks_take_no_slots_of_others() {
        let queue = RunQueue::new(1, 1);
        let locked = ["a", "b"].map(|plan| queue.enter(&key(plan, true)).expect("room"));
        assert!(queue.enter(&key("c", true)).is_err());
        assert!(queue.enter(&key("c", false)).is_ok());
        drop(locked);
    }

    #[test]
    fn large_events_have_room_within_bounds_and_small_ones_always() {
        let queue = RunQueue::new(1, 100);
        let large = |plan| {
            let room = (0..16).map(|_| queue.room(&key(plan, false), 1 << 20));
            room.filter_map(Result::ok).collect::<Vec<_>>()
        };
        let [a, b, c] = ["a", "b", "c"].map(large);
        assert_eq!([a.len(), b.len(), c.len()], [8, 8, 0]);
        assert!(queue.room(&key("a", false), SMALL_EVENT_BYTES).is_ok());
        drop(b);
        assert_eq!([large("a").len(), large("c").len()], [0, 8]);
    }

    #[test]
    fn no_plan_takes_more_than_half_of_the_turns() {
        let queue = RunQueue::new(4, 10);
        let slots: Vec<QueueSlot> = (0..3)
            .map(|_| queue.enter(&key("busy", false)).expect("room"))
            .collect();
        let turns: Vec<Turn<'_>> = slots.iter().filter_map(QueueSlot::turn_now).collect();
        assert_eq!(turns.len(), 2);
        let other = queue.enter(&key("other", false)).expect("room");
        assert!(other.turn_now().is_some());
    }

    #[test]
    fn turns_go_round_the_plans() {
        let queue = RunQueue::new(1, 10);
        let holder = queue.enter(&key("holder", false)).expect("room");
        let busy: Vec<QueueSlot> = (0..3)
            .map(|_| queue.enter(&key("busy", false)).expect("room"))
            .collect();
        let quiet = queue.enter(&key("quiet", false)).expect("room");
        let mut turn = holder.turn_now();
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
        let holder = queue.enter(&key("holder", false)).expect("room");
        let turn = holder.turn_now();
        let (a, b) = (
            queue.enter(&key("a", false)).expect("room"),
            queue.enter(&key("b", false)).expect("room"),
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
