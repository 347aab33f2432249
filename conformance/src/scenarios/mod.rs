//! All scenarios, and the implementation of those with a hookd that is not restarted.

mod losses;
mod scripted;

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::stage::{Report, Stage, same, until};

/// A situation, and the expected behaviour of an agent.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// The expected behaviour, in words.
    pub(crate) says: &'static str,
    /// Plays the scenario; fails if the agent behaves otherwise.
    pub(crate) play: fn(&Stage<'_>) -> Result<()>,
}

/// Defines [`ALL`] from a table: name, expected behaviour, function.
macro_rules! scenarios {
    ($($name:literal, $says:literal, $play:path;)*) => {
        /// All scenarios.
        pub(crate) const ALL: &[Scenario] = &[$(Scenario {
            name: $name,
            says: $says,
            play: $play,
        }),*];
    };
}

scenarios! {
    "proceed", "the source is copied, and the end reported with statistics", proceed;
    "warning", "what cannot be read is left out, and the end a warning", warning;
    "error", "a source that is not there is reported as an error", error;
    "cancel", "nothing is copied, and nothing more reported", cancel;
    "fail", "nothing is copied; the hooks for failures ran", fail;
    "fail-at-the-end", "a backup counts as failed if a hook after it says so", fail_at_the_end;
    "retry", "the start is reported again, as the next attempt", retry;
    "retry-limit", "an operation that is put off too often is given up", retry_limit;
    "warn", "a warning is handed on, and changes nothing", warn;
    "output", "what hooks write is shown, and no byte of it harms a terminal", output;
    "output-10mib", "10 MiB of output arrive whole", output_10mib;
    "timeout", "hooks that run too long are ended", timeout;
    "deadline", "a decision that does not come is not waited for any longer", deadline;
    "interrupt", "Ctrl-C ends the run", interrupt;
    "interrupt-between", "Ctrl-C ends the wait before the next attempt", interrupt_between;
    "unknown-plan", "the reason that hookd gives is read", unknown_plan;
    "unknown-decision", "a decision of a later version is not taken for leave to go on", scripted::unknown_decision;
    "busy", "a call that is refused for now is repeated when hookd says", scripted::busy;
    "lost-before", "a connection lost before the first entry: the request attaches again", losses::lost_before;
    "lost-during", "a connection lost in the middle: no line is lost or shown twice", losses::lost_during;
    "restart", "hookd is restarted between start and end", losses::restart;
    "restart-during", "hookd is restarted while the connection is lost: the decision is looked up", losses::restart_during;
    "forgotten", "hookd is killed and has forgotten the run: nothing runs again", losses::forgotten;
    "killed", "hookd is killed in the middle of the run: the operation fails", losses::killed;
    "killed-retry", "the same, where the config says that it is tried again", losses::killed_retry;
    "interrupted-fail", "the run was cut off, and the operation is to fail", scripted::interrupted_fail;
    "interrupted-retry", "the run was cut off, and the operation is to be tried again", scripted::interrupted_retry;
}

/// Has the agent back up while hookd serves a config of `conformance/scenarios`.
fn back_up(stage: &Stage<'_>, config: &str, flags: &[&str]) -> Result<Report> {
    let daemon = stage.daemon(config)?;
    stage.run(daemon.address(), flags)
}

/// Fails unless exactly these hooks ran: `hook CONDITION attempt, …`.
fn ran(stage: &Stage<'_>, report: &Report, hooks: &str) -> Result<()> {
    let line = |hook: &str| {
        let mut words = hook.split(' ');
        let [hook, condition, attempt] = [(); 3].map(|()| words.next().unwrap_or_default());
        format!(
            "{hook} CONDITION_{condition} {} {attempt}",
            report.operation()
        )
    };
    let expected: Vec<_> = hooks.split(", ").map(line).collect();
    same("the hooks that ran", &stage.log(), &expected)
}

/// Returns the event for the end of the operation, as hooks received it.
fn event(stage: &Stage<'_>) -> Result<Value> {
    let text = fs::read_to_string(stage.path("event.json")).context("no end was reported")?;
    serde_json::from_str(&text).context("the event is no JSON")
}

/// Fails unless the backup was made and reported as this attempt.
fn succeeded(stage: &Stage<'_>, report: &Report, attempts: u32) -> Result<()> {
    report.is(
        0,
        json!({
            "decision": "PROCEED", "attempts": attempts, "outcome": "SNAPSHOT_SUCCESS", "reason": "",
        }),
    )?;
    stage.is_copied()
}

fn proceed(stage: &Stage<'_>) -> Result<()> {
    let report = back_up(stage, "proceed", &[])?;
    succeeded(stage, &report, 1)?;
    report.is(0, json!({ "warnings": [] }))?;
    same("lines shown", &report.shown("ready"), &1)?;
    ran(
        stage,
        &report,
        "start SNAPSHOT_START 1, end SNAPSHOT_SUCCESS 1",
    )?;
    let event = event(stage)?;
    let told = || format!("the event is {event}");
    let snapshot = &report.operation()[..8];
    same("the snapshot", &event["snapshotId"], &json!(snapshot)).with_context(told)?;
    ensure!(!event["duration"].is_null(), "no duration: {event}");
    let stats = &event["snapshotStats"];
    for (name, value) in [
        ("filesNew", 3),
        ("totalFilesProcessed", 3),
        ("totalBytesProcessed", 13),
        ("dataAdded", 13),
    ] {
        same(name, &number(&stats[name]), &Some(value)).with_context(told)?;
    }
    same("the id", &stats["snapshotId"], &json!(snapshot)).with_context(told)
}

/// Returns a number in JSON; an `int64` is a string.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn warning(stage: &Stage<'_>) -> Result<()> {
    std::os::unix::fs::symlink("nowhere", stage.path("source/dangling"))?;
    let report = back_up(stage, "proceed", &[])?;
    report.is(3, json!({ "outcome": "SNAPSHOT_WARNING" }))?;
    stage.is_copied()?;
    let error = event(stage)?["error"].to_string();
    ensure!(error.contains("dangling"), "the error is {error}");
    Ok(())
}

fn error(stage: &Stage<'_>) -> Result<()> {
    fs::remove_dir_all(stage.path("source"))?;
    let report = back_up(stage, "proceed", &[])?;
    report.is(1, json!({ "outcome": "SNAPSHOT_ERROR" }))?;
    ran(
        stage,
        &report,
        "start SNAPSHOT_START 1, end SNAPSHOT_ERROR 1",
    )?;
    let error = event(stage)?["error"].to_string();
    ensure!(error.contains("source"), "the error is {error}");
    Ok(())
}

fn cancel(stage: &Stage<'_>) -> Result<()> {
    let report = back_up(stage, "cancel", &[])?;
    report.is(20, json!({ "decision": "CANCEL", "outcome": "" }))?;
    ran(stage, &report, "start SNAPSHOT_START 1")?;
    stage.is_untouched()
}

fn fail(stage: &Stage<'_>) -> Result<()> {
    let report = back_up(stage, "fail", &[])?;
    report.is(21, json!({ "decision": "FAIL", "outcome": "" }))?;
    ran(stage, &report, "start SNAPSHOT_START 1, alarm ANY_ERROR 1")?;
    stage.is_untouched()
}

fn fail_at_the_end(stage: &Stage<'_>) -> Result<()> {
    let report = back_up(stage, "fail-end", &[])?;
    report.is(
        21,
        json!({ "decision": "PROCEED", "outcome": "SNAPSHOT_SUCCESS" }),
    )?;
    ran(stage, &report, "end SNAPSHOT_SUCCESS 1, alarm ANY_ERROR 1")?;
    stage.is_copied()
}

fn retry(stage: &Stage<'_>) -> Result<()> {
    let report = back_up(stage, "retry", &["--max-wait", "0.05"])?;
    succeeded(stage, &report, 2)?;
    let hooks = "start SNAPSHOT_START 1, start SNAPSHOT_START 2, end SNAPSHOT_SUCCESS 2";
    ran(stage, &report, hooks)
}

fn retry_limit(stage: &Stage<'_>) -> Result<()> {
    let flags = ["--max-wait", "0.05", "--attempts", "2"];
    let report = back_up(stage, "retry-always", &flags)?;
    report.is(
        22,
        json!({ "decision": "RETRY", "attempts": 2, "outcome": "" }),
    )?;
    ran(
        stage,
        &report,
        "start SNAPSHOT_START 1, start SNAPSHOT_START 2",
    )?;
    stage.is_untouched()
}

fn warn(stage: &Stage<'_>) -> Result<()> {
    let report = back_up(stage, "warn", &[])?;
    succeeded(stage, &report, 1)?;
    let warnings = report.line["warnings"].as_array();
    let warnings: Vec<_> = warnings.into_iter().flatten().collect();
    let named = |warning: &Value| warning.as_str().is_some_and(|text| text.contains("start"));
    let one = warnings.len() == 1 && warnings.iter().all(|warning| named(warning));
    ensure!(one, "the warnings are {warnings:?}");
    Ok(())
}

fn output(stage: &Stage<'_>) -> Result<()> {
    let report = back_up(stage, "output", &[])?;
    succeeded(stage, &report, 1)?;
    let err = std::str::from_utf8(&report.err).context("standard error is no UTF-8")?;
    let harmful = |c: char| c.is_control() && !"\n\t".contains(c);
    ensure!(!err.contains(harmful), "control characters pass: {err:?}");
    // Lines of either stream may be interleaved, as at a terminal, but not within a character.
    for part in [
        "bytes ",
        " and ",
        "a title ",
        "half a ",
        "€\n",
        "no line break",
    ] {
        ensure!(err.contains(part), "`{part}` is not shown: {err:?}");
    }
    Ok(())
}

fn output_10mib(stage: &Stage<'_>) -> Result<()> {
    const LINE: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde";
    let report = back_up(stage, "output-10mib", &[])?;
    succeeded(stage, &report, 1)?;
    let lines = (10 << 20) / (LINE.len() + 1);
    same("lines shown", &report.shown(LINE), &lines)
}

fn timeout(stage: &Stage<'_>) -> Result<()> {
    let report = back_up(stage, "timeout", &["--timeout", "1"])?;
    report.is(21, json!({ "decision": "FAIL" }))?;
    stage.is_untouched()
}

fn deadline(stage: &Stage<'_>) -> Result<()> {
    let daemon = stage.daemon("wait")?;
    // On a slow machine the deadline may pass before the run begins, so longer ones are tried.
    for seconds in ["2", "8", "32"] {
        let report = stage.run(daemon.address(), &["--deadline", seconds])?;
        report.is(69, json!({ "decision": "", "outcome": "" }))?;
        stage.is_untouched()?;
        if !stage.log().is_empty() {
            break;
        }
    }
    // The run goes on without the agent.
    stage.go()?;
    until("the end of the run", || {
        stage.log().last().is_some_and(|line| line == "ended")
    })
}

fn interrupt(stage: &Stage<'_>) -> Result<()> {
    let daemon = stage.daemon("wait")?;
    let agent = stage.start(daemon.address(), &[])?;
    agent.has_shown("begun")?;
    agent.interrupt()?;
    agent.end()?.is(130, json!({ "outcome": "" }))?;
    stage.is_untouched()?;
    // The hook was ended: it does not reach its last line, although it is released now.
    stage.go()?;
    daemon.stop()?;
    same("lines written", &stage.log().len(), &1)
}

fn interrupt_between(stage: &Stage<'_>) -> Result<()> {
    let daemon = stage.daemon("retry-always")?;
    let agent = stage.start(daemon.address(), &[])?;
    until("the first attempt", || !stage.log().is_empty())?;
    agent.interrupt()?;
    let report = agent.end()?;
    report.is(130, json!({ "attempts": 1, "outcome": "" }))?;
    stage.is_untouched()
}

fn unknown_plan(stage: &Stage<'_>) -> Result<()> {
    let report = back_up(stage, "proceed", &["--plan", "hom"])?;
    // Agents need not distinguish failed calls by their exit code.
    let code = if report.line["exit"] == 69 { 69 } else { 65 };
    report.is(code, json!({ "reason": "PLAN_NOT_FOUND", "decision": "" }))?;
    let err = String::from_utf8_lossy(&report.err);
    ensure!(err.contains("hom"), "the plan is not named: {err}");
    stage.is_untouched()
}
