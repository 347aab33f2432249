//! The scenarios with lost connections, and with a hookd that is restarted or killed.

use anyhow::Result;
use serde_json::json;

use super::{ran, succeeded};
use crate::proxy::Proxy;
use crate::stage::{Report, Stage, same, until};

/// Starts a proxy in front of the daemon's socket.
fn proxied(stage: &Stage<'_>) -> Result<Proxy> {
    Proxy::start(&stage.path("proxy.sock"), &stage.path("run/hookd.sock"))
}

pub(crate) fn lost_before(stage: &Stage<'_>) -> Result<()> {
    let _daemon = stage.daemon("wait")?;
    let proxy = proxied(stage)?;
    proxy.mute();
    let agent = stage.start(&proxy.address(), &[])?;
    until("the hook", || !stage.log().is_empty())?;
    proxy.cut();
    agent.has_shown("begun")?;
    stage.go()?;
    finished_once(stage, &agent.end()?)
}

pub(crate) fn lost_during(stage: &Stage<'_>) -> Result<()> {
    let _daemon = stage.daemon("wait")?;
    let proxy = proxied(stage)?;
    let agent = stage.start(&proxy.address(), &[])?;
    agent.has_shown("begun")?;
    proxy.cut();
    stage.go()?;
    finished_once(stage, &agent.end()?)
}

/// Fails unless the hook of the start ran once and its lines were shown once.
fn finished_once(stage: &Stage<'_>, report: &Report) -> Result<()> {
    succeeded(stage, report, 1)?;
    for line in ["begun", "ended"] {
        same(&format!("`{line}` shown"), &report.shown(line), &1)?;
    }
    same("lines written", &stage.log().len(), &3)
}

pub(crate) fn restart(stage: &Stage<'_>) -> Result<()> {
    let daemon = stage.daemon("wait")?;
    let agent = stage.start(daemon.address(), &[])?;
    agent.has_shown("begun")?;
    // The daemon stops after the run has ended, so that the agent still gets the decision; the
    // event for the end of the operation finds no daemon at first.
    let stopping = std::thread::spawn(move || daemon.stop());
    stage.go()?;
    let stopped = stopping.join();
    stopped.map_err(|_| anyhow::anyhow!("the thread panicked"))??;
    let _daemon = stage.daemon("wait")?;
    finished_once(stage, &agent.end()?)
}

pub(crate) fn restart_during(stage: &Stage<'_>) -> Result<()> {
    let daemon = stage.daemon("wait")?;
    let proxy = proxied(stage)?;
    let agent = stage.start(&proxy.address(), &[])?;
    agent.has_shown("begun")?;
    proxy.close();
    stage.go()?;
    daemon.stop()?;
    let _daemon = stage.daemon("wait")?;
    proxy.open();
    finished_once(stage, &agent.end()?)
}

/// Kills a daemon in the middle of a run, and starts another; returns the agent's report.
fn kill_and_restart(stage: &Stage<'_>, server: &str) -> Result<Report> {
    let daemon = stage.daemon_with(server, "wait")?;
    let agent = stage.start(daemon.address(), &["--max-wait", "0.05"])?;
    agent.has_shown("begun")?;
    daemon.kill();
    let _daemon = stage.daemon_with(server, "wait")?;
    stage.go()?;
    agent.end()
}

pub(crate) fn forgotten(stage: &Stage<'_>) -> Result<()> {
    let report = kill_and_restart(stage, "{ store: memory }")?;
    report.is(69, json!({ "decision": "" }))?;
    ran(stage, &report, "start SNAPSHOT_START 1")?;
    stage.is_untouched()
}

pub(crate) fn killed(stage: &Stage<'_>) -> Result<()> {
    let report = kill_and_restart(stage, "{ store: sqlite, onInterrupted: FAIL }")?;
    report.is(21, json!({ "decision": "FAIL" }))?;
    ran(stage, &report, "start SNAPSHOT_START 1")?;
    stage.is_untouched()
}

pub(crate) fn killed_retry(stage: &Stage<'_>) -> Result<()> {
    let report = kill_and_restart(stage, "{ store: sqlite, onInterrupted: RETRY }")?;
    succeeded(stage, &report, 2)?;
    // The hook that was cut off did not reach its last line.
    let ended = stage.log().iter().filter(|line| *line == "ended").count();
    same("hooks that ended", &ended, &1)?;
    same("lines written", &stage.log().len(), &4)
}
