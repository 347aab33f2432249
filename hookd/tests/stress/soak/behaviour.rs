//! The kinds of misbehaving hooks, and their expected ends.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::outcome::Outcome;

/// A kind of hook.
#[derive(Debug)]
pub(crate) struct Misbehaviour {
    /// Its plan's name.
    pub(crate) name: &'static str,
    script: &'static str,
    end: ExpectedEnd,
}

/// The end of a hook that is not ended early.
#[derive(Debug)]
enum ExpectedEnd {
    /// With this exit code.
    Exit(i32),
    /// With this signal.
    Signal(&'static str),
    /// By its own timeout, which is short.
    Timeout,
    /// It does not even start.
    NoStart,
}

use ExpectedEnd::{Exit, NoStart, Signal, Timeout};

const fn kind(name: &'static str, end: ExpectedEnd, script: &'static str) -> Misbehaviour {
    Misbehaviour { name, script, end }
}

/// All kinds. The first one behaves.
pub(crate) const MISBEHAVIOURS: &[Misbehaviour] = &[
    kind("fine", Exit(0), "echo fine"),
    kind("fails", Exit(3), "echo fails >&2; exit 3"),
    kind("deaf", Timeout, "exec MISBEHAVE deaf"),
    kind("floods", Exit(0), "exec MISBEHAVE flood 262144"),
    kind("half-character", Exit(0), "exec MISBEHAVE bytes e282"),
    kind("drips", Exit(0), "exec MISBEHAVE drip 7 20"),
    kind("leaks", Exit(0), "MISBEHAVE daemon MESS deaf"),
    kind("orphans", Exit(0), "exec MISBEHAVE orphan MESS"),
    kind("hides", Timeout, "MISBEHAVE daemon MESS unmarked; sleep 60"),
    kind("crashes", Signal("SIGSEGV"), "exec MISBEHAVE signal 11"),
    kind("ends-itself", Signal("SIGTERM"), "kill -TERM $$"),
    kind("stops", Timeout, "exec MISBEHAVE stop"),
    kind("stops-child", Timeout, "exec MISBEHAVE stopped-child MESS"),
    kind(
        "dodges",
        Timeout,
        "mkdir MESS.d && MISBEHAVE dodge MESS.d; sleep 60",
    ),
    kind("reads-itself", Exit(0), "#!MISBEHAVE cat\nthe script\n"),
    kind("missing", NoStart, "#!/no/such/program\n"),
];

/// Returns the config of a daemon to be soaked, in JSON: a plan for each kind, with one hook.
pub(crate) fn config(misbehave: &Path, mess: &Path) -> String {
    let plan = |kind: &Misbehaviour| {
        let script = kind
            .script
            .replace("MISBEHAVE", &misbehave.display().to_string())
            .replace("MESS", &format!("{}/$HOOK_RUN_ID", mess.display()));
        let timeout = if matches!(kind.end, Timeout) {
            "300ms"
        } else {
            "50s"
        };
        serde_json::json!({
            "id": kind.name,
            "repo": "soak",
            "hooks": [{
                "name": kind.name,
                "conditions": ["CONDITION_SNAPSHOT_END"],
                "timeout": timeout,
                "grace": "100ms",
                "killLeaked": true,
                "maxOutput": 4096,
                "actionCommand": { "command": script },
            }],
        })
    };
    serde_json::json!({
        "repos": [{ "id": "soak", "uri": "/nowhere" }],
        "plans": MISBEHAVIOURS.iter().map(plan).collect::<Vec<_>>(),
    })
    .to_string()
}

/// The reason that may end a run before its hook ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EarlyStop {
    /// Nothing.
    Never,
    /// The run's timeout.
    TimeLimit,
    /// The run is cancelled.
    Cancel(v1::CancelCause),
}

/// Fails if the journal is incomplete, or if the hook ended in another way than its kind or `stop`
/// explains.
pub(crate) fn judge(
    entries: &[v1::JournalEntry],
    kind: &Misbehaviour,
    stop: EarlyStop,
) -> Result<()> {
    let sequences = entries.iter().map(|entry| entry.sequence);
    ensure!(sequences.eq(1..=entries.len() as u64), "there are holes");
    let entries: Vec<&Entry> = entries.iter().filter_map(|e| e.entry.as_ref()).collect();
    let (Some(Entry::RunStarted(_)), Some(Entry::RunFinished(finished))) =
        (entries.first(), entries.last())
    else {
        bail!("it does not begin and end as it should");
    };
    let decision = finished.decision.as_ref().context("no decision")?;
    ensure!(decision.kind() != v1::DecisionKind::Unspecified);
    let mut ends = entries.iter().filter_map(|entry| match entry {
        Entry::HookFinished(finished) => Some(finished),
        _ => None,
    });
    let (end, more) = (ends.next(), ends.next());
    ensure!(more.is_none(), "there is one hook");
    if let Some(end) = end {
        ensure!(end.ending() != v1::Ending::Survived, "something survived");
    }
    let outcome = end.and_then(|end| end.outcome.as_ref()?.outcome.as_ref());
    let by_itself = match (&kind.end, outcome) {
        (Exit(code), Some(Outcome::ExitCode(actual))) => code == actual,
        (Signal(name), Some(Outcome::Signal(actual))) => name == actual,
        (Timeout, Some(Outcome::TimedOut(actual))) => actual.limit() == v1::TimeLimit::Hook,
        (NoStart, Some(Outcome::FailedToStart(_))) => true,
        _ => false,
    };
    let stopped = match (stop, outcome) {
        (EarlyStop::TimeLimit, Some(Outcome::TimedOut(actual))) => {
            actual.limit() == v1::TimeLimit::Run
        }
        (EarlyStop::Cancel(cause), Some(Outcome::Cancelled(actual))) => actual.cause() == cause,
        // The run was stopped before the hook began, so the hook was skipped.
        (EarlyStop::TimeLimit | EarlyStop::Cancel(_), None) => true,
        _ => false,
    };
    let end = &kind.end;
    ensure!(
        by_itself || stopped,
        "it should end with {end:?} or {stop:?}"
    );
    Ok(())
}
