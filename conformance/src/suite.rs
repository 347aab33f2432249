//! `cargo xtask conformance`: every agent through the same scenarios.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use xshell::cmd;

use crate::agents::{self, Agent};
use crate::scenarios::{self, Scenario};
use crate::skips::{self, Skip};
use crate::stage::Stage;
use crate::transport::Transport;
use crate::{page, repo};

/// The number of scenarios that are played at the same time: most of the time they wait.
const AT_ONCE: usize = 4;

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

/// The result of one agent in one row.
pub(crate) enum Cell {
    /// It behaves as demanded.
    Passed,
    /// It behaves otherwise.
    Failed,
    /// `agents.json` excepts it.
    Excepted,
    /// Its toolchain is missing.
    Skipped,
}

/// Carries out the verb.
///
/// # Errors
/// If an agent cannot be built or fails a scenario, or the page is out of date.
pub fn run(args: &Args) -> Result<()> {
    let sh = repo::shell()?;
    cmd!(
        sh,
        "cargo build --quiet --package hookd --package hookctl --bins"
    )
    .run()?;
    skips::report(&perform(args)?)
}

/// Puts all agents through all scenarios, with binaries that are built; returns the skipped
/// agents.
///
/// # Errors
/// As [`run`].
pub fn check() -> Result<Vec<Skip>> {
    perform(&Args::default())
}

/// Builds all agents side by side; returns the skipped ones.
///
/// # Errors
/// If an agent cannot be built.
pub fn build() -> Result<Vec<Skip>> {
    Ok(build_each(&agents::all()?)?.into_iter().flatten().collect())
}

fn perform(args: &Args) -> Result<Vec<Skip>> {
    let agents = chosen(agents::all()?, &args.agent, |agent| &agent.name)?;
    let rows = chosen(rows(), &args.scenario, |row| row.scenario.name)?;
    let skips = build_each(&agents)?;
    let cells = play(&rows, &agents, &skips);
    println!("\n{}", page::shown(&rows, &agents, &cells));
    let failed = cells.iter().flatten();
    let failed = failed.filter(|cell| matches!(cell, Cell::Failed)).count();
    ensure!(failed == 0, "{failed} failed, see above");
    if args.agent.is_empty() && args.scenario.is_empty() {
        page::keep(&rows, &agents, args.write)?;
    }
    Ok(skips.into_iter().flatten().collect())
}

/// Builds agents side by side; returns for each the reason why it is skipped, if it is.
fn build_each(agents: &[Agent]) -> Result<Vec<Option<Skip>>> {
    let built = thread::scope(|scope| {
        let build = |agent: &Agent| {
            let start = Instant::now();
            let skip = Skip::caught(agent.build())?;
            if skip.is_none() {
                println!(
                    "{}: built in {:.1} s",
                    agent.name,
                    start.elapsed().as_secs_f64()
                );
            }
            Ok(skip)
        };
        let threads = agents.iter().map(|agent| scope.spawn(move || build(agent)));
        let threads: Vec<_> = threads.collect();
        threads
            .into_iter()
            .map(|thread| thread.join())
            .collect::<Vec<_>>()
    });
    let built = built.into_iter();
    built
        .map(|built| built.map_err(|_| anyhow!("a build's thread panicked"))?)
        .collect()
}

/// Returns every scenario on a Unix socket, and on each further transport the one that shows
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

/// Plays every row with every agent that is not skipped; returns the cells of each row.
fn play(rows: &[Row], agents: &[Agent], skips: &[Option<Skip>]) -> Vec<Vec<Cell>> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let job = next.fetch_add(1, Ordering::Relaxed);
                    let (row, agent) = (job / agents.len(), job % agents.len());
                    let (Some(row), Some(agent), Some(skip)) =
                        (rows.get(row), agents.get(agent), skips.get(agent))
                    else {
                        return;
                    };
                    let cell = cell(row, agent, skip.is_some());
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

fn cell(row: &Row, agent: &Agent, skipped: bool) -> Cell {
    let name = row.scenario.name;
    if agent.except.contains_key(name) {
        return Cell::Excepted;
    }
    if skipped {
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
