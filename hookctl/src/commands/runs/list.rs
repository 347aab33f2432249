//! `hookctl runs` by itself: runs, newest first.

use clap::Args;
use hookd_proto::v1::{Run, RunState};

use super::filter::{FilterArgs, Pages};
use crate::cli::Global;
use crate::connect::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::table::{Cell, Table};
use crate::output::{Out, Paint, Tone, words};
use crate::{run_ref, times};

/// Which runs to list.
#[derive(Debug, Default, Args)]
pub(crate) struct ListArgs {
    /// Which.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// How many at most
    #[arg(
        short = 'n',
        long,
        value_name = "COUNT",
        default_value_t = 20,
        value_parser = clap::value_parser!(u32).range(1..),
        conflicts_with = "all"
    )]
    pub limit: u32,
    /// All of them
    #[arg(long)]
    pub all: bool,
}

/// Lists runs.
///
/// # Errors
/// If hookd cannot be asked.
pub(super) async fn perform(
    args: ListArgs,
    global: &Global,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let client = Client::connect(global).await?;
    let listed = list(&client, args, out).await;
    let runs = client.close(listed).await?;
    out.rest();
    if out.is_json() {
        out.json(&runs)?;
    } else if runs.is_empty() {
        out.remark("no runs");
    } else {
        out.text(&show(&runs, out.paint))?;
    }
    Ok(Exit::Proceed)
}

async fn list(client: &Client, args: ListArgs, out: &mut Out) -> Result<Vec<Run>, Failure> {
    let limit = if args.all {
        usize::MAX
    } else {
        args.limit as usize
    };
    let slow = args.all || args.filter.searches();
    let mut pages = Pages::new(client.hooks(), args.filter.request(), limit);
    let mut runs: Vec<Run> = Vec::new();
    loop {
        if slow {
            out.spin(&searching(&runs));
        }
        match pages.next().await? {
            Some(page) => runs.extend(page),
            None => return Ok(runs),
        }
    }
}

/// How far a search has come.
fn searching(found: &[Run]) -> String {
    let count = words::count(found.len(), "run");
    match found.last() {
        Some(oldest) => {
            let back = times::local(oldest.started_at.as_ref());
            format!("searching: {count} so far, back to {back}")
        }
        None => "searching".to_owned(),
    }
}

fn show(runs: &[Run], paint: Paint) -> String {
    let length = run_ref::telling_length(runs.iter().map(|run| &*run.run_id));
    let mut table = Table::new(&["RUN", "STARTED", "EVENT", "OF", "RESULT", "HOOKS", "TOOK"]);
    for run in runs {
        let event = run.event.clone().unwrap_or_default();
        let id: String = run.run_id.chars().take(length).collect();
        let of = match (&*event.plan_id, &*event.repo_id) {
            ("", "") => "-".to_owned(),
            ("", repo) => format!("repo {repo}"),
            (plan, _) => format!("plan {plan}"),
        };
        let (tone, result) = result(run);
        table.row([
            Cell::toned(Tone::Strong, id),
            Cell::new(times::local(run.started_at.as_ref())),
            Cell::new(words::condition(event.condition)),
            Cell::new(of),
            Cell::toned(tone, result),
            Cell::new(run.hooks.len().to_string()),
            Cell::new(took(run)),
        ]);
    }
    table.show(paint)
}

/// What came of a run, or where it stands.
#[must_use]
fn result(run: &Run) -> (Tone, &'static str) {
    match &run.decision {
        Some(decision) => words::decision(decision.kind()),
        None => words::state(run.state()),
    }
}

/// How long a run took, or has taken so far.
#[must_use]
pub(crate) fn took(run: &Run) -> String {
    let started = run.started_at.as_ref();
    let took = match run.state() {
        RunState::Running | RunState::Queued => times::since(started),
        // When it was closed says when hookd was there again.
        RunState::Interrupted => None,
        _ => times::between(started, run.finished_at.as_ref()),
    };
    took.map_or_else(|| "-".to_owned(), times::human)
}

#[cfg(test)]
mod tests {
    use hookd_proto::v1::{Condition, Decision, DecisionKind, Event};
    use hookd_proto::well_known;

    use super::*;

    #[test]
    fn runs_are_listed_with_what_came_of_them() {
        let at = |seconds| Some(well_known::Timestamp { seconds, nanos: 0 });
        let run = Run {
            run_id: "0192f0c1-abcd-7000-8000-000000000000".to_owned(),
            state: RunState::Finished.into(),
            event: Some(Event {
                condition: Condition::SnapshotStart.into(),
                plan_id: "home".to_owned(),
                ..Event::default()
            }),
            decision: Some(Decision {
                kind: DecisionKind::Cancel.into(),
                ..Decision::default()
            }),
            started_at: at(1_000_000),
            finished_at: at(1_000_002),
            ..Run::default()
        };
        let shown = show(&[run], Paint::PLAIN);
        let line = shown.lines().nth(1).unwrap();
        let words: Vec<&str> = line.split("  ").filter(|word| !word.is_empty()).collect();
        assert_eq!(words[0], "0192f0c1-abcd");
        assert_eq!(
            words[2..],
            ["SNAPSHOT_START", "plan home", "CANCEL", "0", "2 s"]
        );
    }
}
