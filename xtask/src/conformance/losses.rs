//! The scenarios of lost connections, and of a hookd that is restarted or killed.

use anyhow::Result;
use serde_json::json;

use super::proxy::Proxy;
use super::scenarios::{lines, succeeded};
use super::stage::{Said, Stage, same, until};

/// A proxy in front of the daemon's socket.
fn proxied(stage: &Stage<'_>) -> Result<Proxy> {
    Proxy::start(&stage.path("proxy.sock"), &stage.path("hookd.sock"))
}

pub(super) fn lost_before(stage: &Stage<'_>) -> Result<()> {
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

pub(super) fn lost_during(stage: &Stage<'_>) -> Result<()> {
    let _daemon = stage.daemon("wait")?;
    let proxy = proxied(stage)?;
    let agent = stage.start(&proxy.address(), &[])?;
    agent.has_shown("begun")?;
    proxy.cut();
    stage.go()?;
    finished_once(stage, &agent.end()?)
}

/// Fails unless the start's hook ran once, and was shown so.
fn finished_once(stage: &Stage<'_>, said: &Said) -> Result<()> {
    succeeded(stage, said, 1)?;
    for line in ["begun", "ended"] {
        same(&format!("`{line}` shown"), &said.shown(line), &1)?;
    }
    same("lines written", &stage.log().len(), &3)
}

pub(super) fn restart(stage: &Stage<'_>) -> Result<()> {
    let daemon = stage.daemon("wait")?;
    let agent = stage.start(daemon.address(), &[])?;
    agent.has_shown("begun")?;
    // It ends once the run has ended, whose decision the agent still gets; the end of the
    // operation finds no daemon at first.
    let stopping = std::thread::spawn(move || daemon.stop());
    stage.go()?;
    let stopped = stopping.join();
    stopped.map_err(|_| anyhow::anyhow!("the thread panicked"))??;
    let _daemon = stage.daemon("wait")?;
    finished_once(stage, &agent.end()?)
}

pub(super) fn restart_during(stage: &Stage<'_>) -> Result<()> {
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

/// Kills a daemon in the middle of a run, and starts another; gives what the agent says.
fn kill(stage: &Stage<'_>, server: &str) -> Result<Said> {
    let daemon = stage.daemon_that(server, "wait")?;
    let agent = stage.start(daemon.address(), &["--max-wait", "0.05"])?;
    agent.has_shown("begun")?;
    drop(daemon);
    let _daemon = stage.daemon_that(server, "wait")?;
    stage.go()?;
    agent.end()
}

pub(super) fn forgotten(stage: &Stage<'_>) -> Result<()> {
    let said = kill(stage, "{ store: memory }")?;
    said.is(69, &[("decision", json!(""))])?;
    lines(stage, &said, &[("start", "SNAPSHOT_START", 1)])?;
    stage.is_untouched()
}

pub(super) fn killed(stage: &Stage<'_>) -> Result<()> {
    let said = kill(stage, "{ store: sqlite, onInterrupted: FAIL }")?;
    said.is(21, &[("decision", json!("FAIL"))])?;
    lines(stage, &said, &[("start", "SNAPSHOT_START", 1)])?;
    stage.is_untouched()
}

pub(super) fn killed_retry(stage: &Stage<'_>) -> Result<()> {
    let said = kill(stage, "{ store: sqlite, onInterrupted: RETRY }")?;
    succeeded(stage, &said, 2)?;
    // The hook that was cut off never came to its end.
    let ended = stage.log().iter().filter(|line| *line == "ended").count();
    same("hooks that ended", &ended, &1)?;
    same("lines written", &stage.log().len(), &4)
}
