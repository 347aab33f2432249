//! Runs of three small hooks, with the records that the daemon writes.

use std::time::Duration;

use bytes::Bytes;
use hook_core::condition::Condition;
use hookd::store::{
    EndedBy, HookEnd, HookResult, NewRun, Record, RequestKey, RunEnd, RunSubject, Store, StoreError,
};
use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::outcome::Outcome;
use jiff::Timestamp;
use prost::Message as _;
use uuid::Uuid;

/// The beginning of the first run, in milliseconds since 1970.
const BEGIN: u64 = 1_780_000_000_000;
/// The milliseconds between two runs.
const APART: u64 = 20_000;
/// The hooks of a run.
const HOOKS: [&str; 3] = ["check-mount", "dump-database", "notify-chat"];

/// A run with its records and its end.
pub(crate) struct Made {
    pub(crate) new: NewRun,
    /// The records of its hooks.
    pub(crate) middle: Vec<Record>,
    pub(crate) last: Record,
    pub(crate) end: RunEnd,
}

/// Returns the beginning of run `n`.
pub(crate) fn began(n: u64) -> Timestamp {
    Timestamp::from_millisecond((BEGIN + n * APART) as i64).unwrap()
}

/// Returns the id of run `n`.
pub(crate) fn id(n: u64) -> Uuid {
    let random = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Uuid::from_u128(
        u128::from(BEGIN + n * APART) << 80
            | 0x7 << 76
            | u128::from(random & 0xfff) << 64
            | 0x2 << 62
            | u128::from(random >> 2),
    )
}

/// Returns run `n`, of one of 20 plans in 5 repositories. One in 100 fails, and one in 1000
/// has a hook that others do not have.
pub(crate) fn make(n: u64) -> Made {
    let id = id(n);
    let failed = n % 100 == 7;
    let time = |millis: u64| Some(wire(began(n) + Duration::from_millis(millis)));
    let condition =
        [v1::Condition::SnapshotStart, v1::Condition::SnapshotSuccess][(n % 2) as usize];
    let (repo, plan) = (format!("repo-{}", n % 5), format!("plan-{}", n % 20));
    let operation = Uuid::from_u128(u128::from(n / 2) << 64 | 0x55aa).to_string();
    let event = v1::Event {
        condition: condition.into(),
        repo_id: repo.clone(),
        plan_id: plan.clone(),
        task: format!("backup for plan \"{plan}\""),
        time: time(0),
        attempt: 1,
        operation_id: operation.clone(),
        ..v1::Event::default()
    };
    let mut hooks: Vec<String> = HOOKS.map(str::to_owned).to_vec();
    if n % 1000 == 3 {
        hooks[1] = "rarely".into();
    }
    let mut run = v1::Run {
        run_id: id.to_string(),
        state: v1::RunState::Running.into(),
        event: Some(event.clone()),
        conditions: vec![condition.into()],
        started_at: time(0),
        last_sequence: 1,
        ..v1::Run::default()
    };
    let mut records = Records { list: Vec::new() };
    let started = v1::RunStarted {
        run_id: id.to_string(),
        event: Some(event),
        conditions: vec![condition.into()],
        hooks: hooks.clone(),
    };
    records.add(time(0), Entry::RunStarted(started));
    let mut ends = Vec::new();
    for (index, hook) in (0u32..).zip(&hooks) {
        let begins = u64::from(index) * 5;
        let code = i32::from(failed && index == 2);
        let effect = if code == 0 {
            v1::Effect::None
        } else {
            v1::Effect::Fails
        };
        let outcome = v1::Outcome {
            outcome: Some(Outcome::ExitCode(code)),
        };
        let elapsed = Duration::from_micros(3_000 + n % 1_000);
        hook_records(&mut records, n, index, hook, condition, &outcome, elapsed);
        run.hooks.push(v1::HookRun {
            index,
            hook: hook.clone(),
            condition: condition.into(),
            started_at: time(begins),
            outcome: Some(outcome.clone()),
            effect: effect.into(),
            elapsed: Some(wire_duration(elapsed)),
            output_bytes: 24,
            attempts: 1,
            ..v1::HookRun::default()
        });
        ends.push(HookEnd {
            hook: hook.clone(),
            at: began(n) + Duration::from_millis(begins),
            elapsed,
            result: if code == 0 {
                HookResult::Succeeded
            } else {
                HookResult::Failed
            },
            outcome: Bytes::from(outcome.encode_to_vec()),
        });
    }
    let kind = if failed {
        v1::DecisionKind::Fail
    } else {
        v1::DecisionKind::Proceed
    };
    let decision = v1::Decision {
        kind: kind.into(),
        attempt: 1,
        ..v1::Decision::default()
    };
    run.state = v1::RunState::Finished.into();
    run.decision = Some(decision.clone());
    run.finished_at = time(15);
    run.last_sequence = 11;
    let finished = v1::RunFinished {
        decision: Some(decision),
    };
    records.add(time(15), Entry::RunFinished(finished));
    let mut list = records.list;
    let (first, last) = (list.remove(0), list.pop().unwrap());
    Made {
        new: NewRun {
            id,
            request: Some(RequestKey {
                id: Uuid::from_u128(!id.as_u128()),
                event: [n as u8; 32],
            }),
            subject: RunSubject {
                condition: Condition::from_number(condition.into()).unwrap(),
                repo,
                plan,
                operation,
            },
            started_at: began(n),
            first,
        },
        middle: list,
        last,
        end: RunEnd {
            by: EndedBy::Decision(kind.into()),
            at: began(n) + Duration::from_millis(15),
            summary: run.encode_to_vec().into(),
            hooks: ends,
        },
    }
}

fn hook_records(
    records: &mut Records,
    n: u64,
    index: u32,
    hook: &str,
    condition: v1::Condition,
    outcome: &v1::Outcome,
    elapsed: Duration,
) {
    let time = Some(wire(began(n) + Duration::from_millis(u64::from(index) * 5)));
    let started = v1::HookStarted {
        hook: hook.to_owned(),
        index,
        condition: condition.into(),
        script: Bytes::from(format!("#!/bin/sh\n/usr/local/bin/{hook} --quiet\n")),
        interpreter: vec!["/bin/sh".into()],
        pid: 12_345,
        attempt: 1,
        notes: Vec::new(),
    };
    records.add(time, Entry::HookStarted(started));
    let output = v1::HookOutput {
        index,
        stream: v1::OutputStream::Stdout.into(),
        offset: 0,
        data: Bytes::from(format!("{hook}: all is well {n}\n")),
    };
    records.add(time, Entry::HookOutput(output));
    let finished = v1::HookFinished {
        index,
        outcome: Some(outcome.clone()),
        elapsed: Some(wire_duration(elapsed)),
        output_bytes: 24,
        hook: hook.to_owned(),
        condition: condition.into(),
        effect: v1::Effect::None.into(),
        attempt: 1,
        containment: v1::Containment::Cgroup.into(),
        ..v1::HookFinished::default()
    };
    records.add(time, Entry::HookFinished(finished));
}

struct Records {
    list: Vec<Record>,
}

impl Records {
    fn add(&mut self, time: Option<hookd_proto::well_known::Timestamp>, entry: Entry) {
        let sequence = self.list.len() as u64 + 1;
        let entry = v1::JournalEntry {
            sequence,
            time,
            entry: Some(entry),
        };
        let bytes = entry.encode_to_vec().into();
        self.list.push(Record { sequence, bytes });
    }
}

/// Adds a run to a store, with the records of its hooks in one call.
pub(crate) async fn put(store: &Store, made: Made) -> Result<(), StoreError> {
    let id = made.new.id;
    store.admit(made.new).await?;
    store.append(id, &made.middle).await?;
    store.finish(id, &[made.last], made.end).await
}

fn wire(time: Timestamp) -> hookd_proto::well_known::Timestamp {
    hookd_proto::well_known::Timestamp {
        seconds: time.as_second(),
        nanos: time.subsec_nanosecond(),
    }
}

fn wire_duration(duration: Duration) -> hookd_proto::well_known::Duration {
    hookd_proto::well_known::Duration {
        seconds: duration.as_secs() as i64,
        nanos: duration.subsec_nanos() as i32,
    }
}
