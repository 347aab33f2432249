//! `cargo xtask conformance`: every agent through the same scenarios.

use std::time::Instant;

use anyhow::{Result, bail, ensure};
use xshell::cmd;

use crate::agents::{self, Agent};
use crate::scenarios::{self, Scenario};
use crate::skips::{self, Skip};
use crate::stage::Stage;
use crate::transport::Transport;
use crate::{page, repo, side_by_side};

/// The flags of the verb.
#[derive(Default, clap::Args)]
pub struct Args {
    /// Only this agent; may be repeated
    #[arg(long, value_name = "NAME")]
    agent: Vec<String>,
    /// Only this scenario; may be repeated
    #[arg(long, value_name = "NAME")]
    scenario: Vec<String>,
    /// Write docs/conformance.md anew
    #[arg(long, conflicts_with_all = ["agent", "scenario"])]
    write: bool,
}

/// A row of the table: a scenario on a transport.
pub(crate) struct Row {
    pub(crate) transport: Transport,
    pub(crate) scenario: &'static Scenario,
}

/// Runs the verb. Fails if an agent fails a scenario, or the page is out of date.
pub fn run(args: &Args) -> Result<()> {
    let sh = repo::shell()?;
    cmd!(
        sh,
        "cargo build --quiet --package hookd --package hookctl --bins"
    )
    .run()?;
    skips::report(&play_all(args)?)
}

/// Builds all agents concurrently; returns the skipped ones.
pub fn build() -> Result<Vec<Skip>> {
    let agents = agents::all()?;
    let built = side_by_side(&agents, build_agent)?;
    Ok(built.into_iter().flatten().collect())
}

/// Runs agents through scenarios, with existing binaries; returns the skipped agents.
pub fn play_all(args: &Args) -> Result<Vec<Skip>> {
    let agents = chosen(agents::all()?, &args.agent, |agent| &agent.name)?;
    let rows = chosen(rows(), &args.scenario, |row| row.scenario.name)?;
    let results = side_by_side(&agents, |agent| {
        let skip = build_agent(agent)?;
        let rows = rows.iter().filter(|_| skip.is_none());
        let failures: Vec<_> = rows.filter_map(|row| play(row, agent).err()).collect();
        Ok((skip, failures))
    })?;
    let (skips, failures): (Vec<_>, Vec<_>) = results.into_iter().unzip();
    let failures = failures.concat();
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    if args.agent.is_empty() && args.scenario.is_empty() {
        page::keep(&rows, &agents, args.write)?;
    }
    Ok(skips.into_iter().flatten().collect())
}

/// Builds an agent; returns the reason if it is skipped.
fn build_agent(agent: &Agent) -> Result<Option<Skip>> {
    let start = Instant::now();
    let skip = Skip::caught(agent.build())?;
    if skip.is_none() {
        let took = start.elapsed().as_secs_f64();
        println!("{}: built in {took:.1} s", agent.name);
    }
    Ok(skip)
}

/// Returns every scenario on a Unix socket, and for each further transport one scenario that shows
/// that it works.
fn rows() -> Vec<Row> {
    let on = |transport| {
        move |scenario| Row {
            transport,
            scenario,
        }
    };
    let all = scenarios::ALL.iter().map(on(Transport::Unix));
    let proceed = scenarios::ALL.iter().take(1).map(on(Transport::Loopback));
    all.chain(proceed).collect()
}

fn chosen<T>(all: Vec<T>, names: &[String], name: impl Fn(&T) -> &str) -> Result<Vec<T>> {
    for wanted in names {
        if !all.iter().any(|one| name(one) == wanted) {
            bail!("there is no `{wanted}`");
        }
    }
    let is_chosen = |one: &T| names.is_empty() || names.iter().any(|wanted| wanted == name(one));
    Ok(all.into_iter().filter(is_chosen).collect())
}

/// Runs a scenario with an agent, unless the agent is excepted from it; returns the failure in
/// words.
fn play(row: &Row, agent: &Agent) -> Result<(), String> {
    let (name, transport) = (row.scenario.name, row.transport.name());
    if agent.except.contains_key(name) {
        return Ok(());
    }
    let start = Instant::now();
    let played = Stage::new(agent, row.transport).and_then(|stage| (row.scenario.play)(&stage));
    let took = start.elapsed().as_secs_f64();
    let what = format!("{}: {name} over {transport}", agent.name);
    let played = played.map_err(|error| format!("{what}: FAILED, {took:.1} s: {error:#}"));
    match &played {
        Ok(()) => println!("{what}: ok, {took:.1} s"),
        Err(failure) => println!("{failure}"),
    }
    played
}
