//! The scenarios of a daemon that answers by a script.

use std::time::Duration;

use anyhow::{Result, ensure};
use hookd_proto::v1::DecisionKind;
use serde_json::json;
use tonic::Code;

use super::scripted::{self, Scripted};
use super::stage::{Stage, same};

/// What the daemon asks to be waited, longer than an agent would wait by itself.
const WAIT: Duration = Duration::from_millis(700);
/// A decision that no version has.
const UNKNOWN: i32 = 99;

pub(super) fn unknown_decision(stage: &Stage<'_>) -> Result<()> {
    let answers = vec![scripted::decided(UNKNOWN)];
    let daemon = Scripted::start(&stage.path("hookd.sock"), answers)?;
    let said = stage.run(daemon.address(), &[])?;
    said.is(1, &[("outcome", json!(""))])?;
    same("calls", &daemon.calls().len(), &1)?;
    stage.is_untouched()
}

pub(super) fn busy(stage: &Stage<'_>) -> Result<()> {
    let answers = vec![
        scripted::busy(Code::Unavailable, "DRAINING", WAIT),
        scripted::busy(Code::ResourceExhausted, "QUEUE_FULL", WAIT),
    ];
    let daemon = Scripted::start(&stage.path("hookd.sock"), answers)?;
    let said = stage.run(daemon.address(), &[])?;
    said.is(0, &[("outcome", json!("SNAPSHOT_SUCCESS"))])?;
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

pub(super) fn interrupted_fail(stage: &Stage<'_>) -> Result<()> {
    for entry in [true, false] {
        let answers = vec![scripted::interrupted(entry, DecisionKind::Fail, WAIT)];
        let socket = stage.path(&format!("hookd-{entry}.sock"));
        let daemon = Scripted::start(&socket, answers)?;
        let said = stage.run(daemon.address(), &[])?;
        said.is(21, &[("decision", json!("FAIL"))])?;
        same("calls", &daemon.calls().len(), &1)?;
    }
    stage.is_untouched()
}

pub(super) fn interrupted_retry(stage: &Stage<'_>) -> Result<()> {
    for entry in [true, false] {
        let answers = vec![scripted::interrupted(entry, DecisionKind::Retry, WAIT)];
        let socket = stage.path(&format!("hookd-{entry}.sock"));
        let daemon = Scripted::start(&socket, answers)?;
        let said = stage.run(daemon.address(), &["--max-wait", "0.05"])?;
        said.is(0, &[("attempts", json!(2))])?;
        let calls = daemon.calls();
        same("calls", &calls.len(), &3)?;
        let (first, second) = (&calls[0].1.request_id, &calls[1].1.request_id);
        ensure!(first != second, "a run that was cut off is asked for again");
    }
    Ok(())
}
