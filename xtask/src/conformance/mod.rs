//! `cargo xtask conformance`: every agent through the same scenarios.
//!
//! An agent is a program that keeps the contract in `conformance/README.md`, whatever its
//! language. It is run as a process against the real hookd, through a proxy where a
//! connection is to break, and against a scripted daemon for what the real one does only
//! in bad moments. `docs/conformance.md` is the table that comes of it.

mod agents;
mod losses;
mod page;
mod proxy;
mod scenarios;
mod scripted;
mod stage;
mod transport;
mod troubles;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::skips::{self, Skip};
use crate::{command, repo};
use agents::Agent;
use scenarios::Scenario;
use stage::Stage;
use transport::Transport;

/// How many scenarios run at once: most of their time they wait.
const AT_ONCE: usize = 4;
const LIMIT: Duration = Duration::from_secs(1800);

/// The flags of the verb.
#[derive(clap::Args)]
pub(crate) struct Args {
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
struct Row {
    transport: Transport,
    scenario: &'static Scenario,
}

/// What came of one agent in one scenario.
enum Cell {
    /// It does what it should.
    Passed,
    /// It does not.
    Failed,
    /// It is not put through it.
    Excepted,
    /// Its toolchain is not here.
    Skipped,
}

/// Carries out the verb.
pub(crate) fn run(args: &Args) -> Result<()> {
    let mut build = repo::cargo(["build", "--quiet", "-p", "hookd", "-p", "hookctl", "--bins"]);
    command::run(&mut build, LIMIT)?;
    let skips = perform(args)?;
    skips::report(&skips)
}

/// All of it, for binaries that are built; hands back what was skipped.
pub(crate) fn check() -> Result<Vec<Skip>> {
    perform(&Args {
        agent: Vec::new(),
        scenario: Vec::new(),
        write: false,
    })
}

fn perform(args: &Args) -> Result<Vec<Skip>> {
    let agents = chosen(agents::all()?, &args.agent, |agent| &agent.name)?;
    let rows = chosen(rows(), &args.scenario, |row| row.scenario.name)?;
    let mut skips = Vec::new();
    let mut ready = Vec::new();
    for agent in &agents {
        let start = Instant::now();
        let skip = agent.build()?;
        if skip.is_none() {
            println!(
                "{}: built in {:.1} s",
                agent.name,
                start.elapsed().as_secs_f64()
            );
        }
        ready.push(skip.is_none());
        skips.extend(skip);
    }
    let cells = play(&rows, &agents, &ready);
    println!("\n{}", page::shown(&rows, &agents, &cells));
    let failed = cells.iter().flatten();
    let failed = failed.filter(|cell| matches!(cell, Cell::Failed)).count();
    ensure!(failed == 0, "{failed} failed, see above");
    if args.agent.is_empty() && args.scenario.is_empty() {
        page::keep(&rows, &agents, args.write)?;
    }
    Ok(skips)
}

/// Every scenario on a Unix socket, and what shows that a transport works on the others.
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

/// Plays every row with every agent that is ready; one line of cells a row.
fn play(rows: &[Row], agents: &[Agent], ready: &[bool]) -> Vec<Vec<Cell>> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let job = next.fetch_add(1, Ordering::Relaxed);
                    let (row, agent) = (job / agents.len(), job % agents.len());
                    let (Some(row), Some(agent), Some(&ready)) =
                        (rows.get(row), agents.get(agent), ready.get(agent))
                    else {
                        return;
                    };
                    let cell = cell(row, agent, ready);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.push((job, cell));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(job, _)| *job);
    let mut cells = done.into_iter().map(|(_, cell)| cell);
    rows.iter()
        .map(|_| cells.by_ref().take(agents.len()).collect())
        .collect()
}

fn cell(row: &Row, agent: &Agent, ready: bool) -> Cell {
    let name = row.scenario.name;
    if agent.except.contains_key(name) {
        return Cell::Excepted;
    }
    if !ready {
        return Cell::Skipped;
    }
    let start = Instant::now();
    let played = Stage::new(agent, row.transport).and_then(|stage| (row.scenario.play)(&stage));
    let took = start.elapsed().as_secs_f64();
    let (agent, transport) = (&agent.name, row.transport.name());
    match played.with_context(|| format!("{agent}: {name} over {transport}")) {
        Ok(()) => {
            println!("{agent}: {name} over {transport}: ok, {took:.1} s");
            Cell::Passed
        }
        Err(error) => {
            println!("{agent}: {name} over {transport}: FAILED, {took:.1} s: {error:#}");
            Cell::Failed
        }
    }
}
