//! The scenarios with a scripted daemon.

use std::time::Duration;

use anyhow::{Result, ensure};
use hookd_proto::v1::DecisionKind;
use serde_json::json;
use tonic::Code;

use crate::scripted_daemon::{self, ScriptedDaemon};
use crate::stage::{Stage, same};

/// The delay that the daemon asks for, longer than an agent would wait by itself.
const WAIT: Duration = Duration::from_millis(700);
/// A decision that no version of the contract has.
const UNKNOWN: i32 = 99;

pub(crate) fn unknown_decision(stage: &Stage<'_>) -> Result<()> {
    let answers = vec![scripted_daemon::decided(UNKNOWN)];
    let daemon = ScriptedDaemon::start(&stage.path("hookd.sock"), answers)?;
    let report = stage.run(daemon.address(), &[])?;
    report.is(1, json!({ "outcome": "" }))?;
    same("calls", &daemon.calls().len(), &1)?;
    stage.is_untouched()
}

pub(crate) fn busy(stage: &Stage<'_>) -> Result<()> {
    let answers = vec![
        scripted_daemon::busy(Code::Unavailable, "DRAINING", WAIT),
        scripted_daemon::busy(Code::ResourceExhausted, "QUEUE_FULL", WAIT),
    ];
    let daemon = ScriptedDaemon::start(&stage.path("hookd.sock"), answers)?;
    let report = stage.run(daemon.address(), &[])?;
    report.is(0, json!({ "outcome": "SNAPSHOT_SUCCESS" }))?;
    let calls = daemon.calls();
    same("calls", &calls.len(), &4)?;
    for pair in calls.windows(2).take(2) {
        let [(before, first), (after, second)] = pair else {
            continue;
        };
        same("the repeated request", second, first)?;
        let waited = after.duration_since(*before);
        ensure!(waited >= WAIT, "it waited {waited:?} and not {WAIT:?}");
    }
    let (start, end) = (&calls[2].1.request_id, &calls[3].1.request_id);
    ensure!(start != end, "both events have the same request id");
    ensure!(!start.is_empty(), "the request has no id");
    Ok(())
}

pub(crate) fn interrupted_fail(stage: &Stage<'_>) -> Result<()> {
    for entry in [true, false] {
        let answers = vec![scripted_daemon::interrupted(
            entry,
            DecisionKind::Fail,
            WAIT,
        )];
        let socket = stage.path(&format!("hookd-{entry}.sock"));
        let daemon = ScriptedDaemon::start(&socket, answers)?;
        let report = stage.run(daemon.address(), &[])?;
        report.is(21, json!({ "decision": "FAIL" }))?;
        same("calls", &daemon.calls().len(), &1)?;
    }
    stage.is_untouched()
}

pub(crate) fn interrupted_retry(stage: &Stage<'_>) -> Result<()> {
    for entry in [true, false] {
        let answers = vec![scripted_daemon::interrupted(
            entry,
            DecisionKind::Retry,
            WAIT,
        )];
        let socket = stage.path(&format!("hookd-{entry}.sock"));
        let daemon = ScriptedDaemon::start(&socket, answers)?;
        let report = stage.run(daemon.address(), &["--max-wait", "0.05"])?;
        report.is(0, json!({ "attempts": 2 }))?;
        let calls = daemon.calls();
        same("calls", &calls.len(), &3)?;
        let (first, second) = (&calls[0].1.request_id, &calls[1].1.request_id);
        ensure!(first != second, "a run that was cut off is asked for again");
    }
    Ok(())
}
