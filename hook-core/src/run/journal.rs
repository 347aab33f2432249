//! Journal of a run: everything that happens in it, in order.

use bytes::Bytes;
use jiff::Timestamp;
use process_supervisor::{Chunk, EndReport};

use crate::condition::Condition;
use crate::event::Event;
use crate::run::decision::{Decision, Effect};
use crate::run::outcome::Outcome;
use crate::run::stop::StopReason;

/// Most bytes of a script in its entry. A longer script runs in full, but its entry must fit
/// into the largest message that clients accept: 4 MiB by default.
pub const MAX_SCRIPT: usize = 256 << 10;
/// Most bytes of a failure's message in its entry.
pub const MAX_MESSAGE: usize = 16 << 10;

/// Keeper of a run's journal and of its turn, the permission to execute.
pub trait RunHost: Sync {
    /// Appends a fact. Facts are in the journal in the order of calls.
    fn append(&self, fact: Fact) -> impl Future<Output = ()> + Send;

    /// Gives the run's turn back while it waits for a lock, so that it keeps no other run from
    /// executing.
    fn give_turn_back(&self);

    /// Waits for the run's next turn. As no run waits for a lock while it has a turn, turns
    /// always become free again.
    fn take_turn(&self) -> impl Future<Output = ()> + Send;
}

/// Entry of a journal.
#[derive(Clone, Debug, PartialEq)]
pub struct JournalEntry {
    /// The sequence number: 1, 2, 3 … without gaps.
    pub sequence: u64,
    /// The time of the fact.
    pub time: Timestamp,
    /// The fact.
    pub fact: Fact,
}

/// Fact about a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// The run began; always the first.
    RunStarted {
        /// The run's id.
        run_id: String,
        /// The agent's report.
        event: Box<Event>,
        /// The conditions that it fires, in order.
        conditions: Vec<Condition>,
        /// The names of the hooks that match, in order.
        hooks: Vec<String>,
    },
    /// The run, or a hook of it, waits before it goes on.
    Waiting {
        /// The hook that waits; empty if the whole run does.
        hook: String,
        /// The reason.
        reason: WaitReason,
    },
    /// A hook's script was rendered and its interpreter started.
    HookStarted {
        /// The hook's name.
        hook: String,
        /// The index of the hook run, from 0; another try of the same hook keeps it.
        index: u32,
        /// The condition that the hook matched.
        condition: Condition,
        /// The rendered script, secrets masked, cut to [`MAX_SCRIPT`] bytes. A note says if it
        /// was cut.
        script: Bytes,
        /// The interpreter and its arguments, secrets masked.
        interpreter: Vec<String>,
        /// The interpreter's process id.
        pid: u32,
        /// The try of this hook, from 1.
        attempt: u32,
        /// Notes for people, such as on a variable that was cut.
        notes: Vec<String>,
    },
    /// A hook wrote output.
    HookOutput {
        /// The index of the hook run.
        index: u32,
        /// The output, secrets masked.
        chunk: Chunk,
    },
    /// A hook ended, or could not start.
    HookFinished {
        /// The hook's name.
        hook: String,
        /// The index of the hook run.
        index: u32,
        /// The condition that the hook matched.
        condition: Condition,
        /// The outcome.
        outcome: Outcome,
        /// The effect on the run.
        effect: Effect,
        /// The try of this hook, from 1.
        attempt: u32,
        /// The report on its processes; `None` if it did not start.
        report: Option<EndReport<StopReason>>,
    },
    /// A hook that matched did not run.
    HookSkipped {
        /// The hook's name.
        hook: String,
        /// The index of the hook run.
        index: u32,
        /// The reason.
        reason: SkipReason,
    },
    /// The run ended; always the last.
    RunFinished {
        /// The answer to the agent.
        decision: Decision,
    },
}

/// Reason for a run or a hook to wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// The maximum number of runs is executing, of all plans together or of this one.
    Turn,
    /// A named lock is taken.
    Lock {
        /// The lock's name.
        name: String,
        /// The description of its holder.
        holder: String,
    },
}

/// Reason for a hook that matched not to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SkipReason {
    /// `enabled: false`.
    Disabled,
    /// A hook before it stopped the operation.
    Stopped,
    /// The run was cancelled, or its time was up.
    RunEnded,
}
