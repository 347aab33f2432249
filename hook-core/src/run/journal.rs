//! The journal: all that happens in a run, in order.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use process_supervisor::{Containment, Stream, Termination};

use crate::condition::Condition;
use crate::event::Event;
use crate::on_error::DecisionKind;
use crate::run::stop::CancelCause;

/// One thing that happened in a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// 1, 2, 3 … without holes.
    pub sequence: u64,
    /// When it happened.
    pub time: Timestamp,
    /// What happened.
    pub fact: Fact,
}

/// What can happen in a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// The run began; always the first.
    RunStarted {
        /// The run's id.
        run_id: String,
        /// What the agent reported.
        event: Box<Event>,
        /// What it fires, in order.
        conditions: Vec<Condition>,
        /// The hooks that match, in order.
        hooks: Vec<String>,
    },
    /// The run, or a hook of it, waits before it goes on.
    Waiting {
        /// The hook that waits; empty if the whole run does.
        hook: String,
        /// For what.
        reason: WaitReason,
    },
    /// A hook's script was rendered and its interpreter started.
    HookStarted {
        /// The hook's name.
        hook: String,
        /// Which hook run of this run it is, from 0; a retry of the same hook keeps it.
        index: u32,
        /// The condition it matched.
        condition: Condition,
        /// The rendered script, secrets masked; its first [`MAX_SCRIPT`] bytes, and then a
        /// note says so.
        script: Bytes,
        /// The interpreter and its arguments, secrets masked.
        interpreter: Vec<String>,
        /// The interpreter's process id.
        pid: u32,
        /// Which try of this hook it is, from 1.
        attempt: u32,
        /// What somebody who looks into it should know, such as a variable left out.
        notes: Vec<String>,
    },
    /// A hook wrote something.
    HookOutput {
        /// The hook run's index.
        index: u32,
        /// Where it wrote.
        stream: Stream,
        /// How many bytes it had written to that stream before.
        offset: u64,
        /// What it wrote; at most [`MAX_CHUNK`](process_supervisor::bounds::MAX_CHUNK) bytes.
        data: Bytes,
    },
    /// A hook ended, or could not start.
    HookFinished {
        /// The hook's name.
        hook: String,
        /// The hook run's index.
        index: u32,
        /// The condition it matched.
        condition: Condition,
        /// How it ended.
        outcome: Outcome,
        /// What that means for the operation.
        effect: Effect,
        /// How long it ran.
        elapsed: Duration,
        /// How many bytes it wrote.
        output_bytes: u64,
        /// How many of them are not in the journal.
        dropped_bytes: u64,
        /// Whether it left a process behind that holds its pipes.
        leaked: bool,
        /// Which try of this hook it was, from 1.
        attempt: u32,
        /// What it took, if its processes were ended.
        termination: Option<Termination>,
        /// How its processes were held together; absent if it did not start.
        containment: Option<Containment>,
        /// What somebody who looks into it should know, such as a limit that it reached.
        notes: Vec<String>,
    },
    /// A hook that matched did not run.
    HookSkipped {
        /// The hook's name.
        hook: String,
        /// The hook run's index.
        index: u32,
        /// Why.
        reason: SkipReason,
    },
    /// The run ended; always the last.
    RunFinished {
        /// What the agent is told.
        decision: Decision,
    },
}

/// What a run or a hook waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// As many runs execute as may, of all plans together or of this one.
    Turn,
    /// A named lock is taken.
    Lock {
        /// The lock's name.
        name: String,
        /// Who holds it.
        holder: String,
    },
}

/// How much of a script its entry has, in bytes. All of a longer one is run, but an entry
/// must fit what clients take: 4 MiB, unless they ask for more.
pub const MAX_SCRIPT: usize = 256 << 10;
/// How much of a message about a failure its entry has, in bytes.
pub const MAX_MESSAGE: usize = 16 << 10;

/// How a hook ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It exited by itself.
    Exited {
        /// Its exit code.
        code: i32,
    },
    /// A signal that was not ours ended it.
    Signaled {
        /// The signal's name, such as `SIGSEGV`.
        signal: String,
    },
    /// It ran past a time limit and was ended.
    TimedOut {
        /// Which limit.
        limit: TimeLimit,
    },
    /// The run was cancelled, and it was ended.
    Cancelled {
        /// By what.
        cause: CancelCause,
    },
    /// Its interpreter could not be started.
    FailedToStart {
        /// Why, and what to do.
        message: String,
    },
    /// Its script could not be rendered.
    FailedToRender {
        /// Why.
        message: String,
        /// The line in the template, from 1.
        line: u32,
        /// The column in the template, from 1.
        column: u32,
    },
}

/// A limit on time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeLimit {
    /// The hook's own `timeout`.
    Hook,
    /// The run's `timeout`, as the agent asked.
    Run,
}

/// What a hook run means for the operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: it succeeded.
    None,
    /// Nothing, but it is listed among the decision's warnings.
    Warning,
    /// Nothing: it failed, and its policy ignores that here.
    Ignored,
    /// It failed, and the same hook runs again after the delay.
    RetriedAfter(Duration),
    /// It failed and decides so.
    Decides(DecisionKind),
}

/// Why a hook that matched did not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SkipReason {
    /// `enabled: false`.
    Disabled,
    /// A hook before it stopped the operation.
    Stopped,
    /// The run was cancelled, or its time was up.
    RunEnded,
}

/// What the agent is told at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What to do.
    pub kind: DecisionKind,
    /// The hook that decided so; empty for [`DecisionKind::Proceed`] and for a
    /// cancelled run.
    pub hook: String,
    /// Why, for people; empty for [`DecisionKind::Proceed`].
    pub reason: String,
    /// When to try again, for [`DecisionKind::Retry`].
    pub retry_after: Option<Duration>,
    /// The attempt that this decides about, from 1.
    pub attempt: u32,
    /// What somebody should look at, one sentence a hook.
    pub warnings: Vec<String>,
}
