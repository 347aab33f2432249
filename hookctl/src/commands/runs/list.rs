//! `hookctl runs` without a verb: lists runs, newest first.

use clap::Args;
use hookd_proto::v1::Run;

use super::filter::FilterArgs;
use crate::connect::Service;
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::table::{Fit, Table};
use crate::output::{Out, Tone, words};
use crate::run_pages::RunPages;
use crate::times;

#[derive(Debug, Default, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Most runs to list
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

pub(super) async fn perform(args: ListArgs, hookd: &mut Service, out: &mut Out) -> Result {
    let limit = match args.all {
        true => usize::MAX,
        false => args.limit as usize,
    };
    let is_slow = args.all || args.filter.searches_output();
    let client = hookd.connect().await?;
    let mut pages = RunPages::new(client, args.filter.request(), limit);
    let mut runs: Vec<Run> = Vec::new();
    loop {
        if is_slow {
            out.spin(&progress(&runs));
        }
        match pages.next().await? {
            Some(page) => runs.extend(page),
            None => break,
        }
    }
    out.rest();
    let width = out.width();
    out.list(&runs, "no runs", |runs| show(runs, width))?;
    Ok(Exit::Proceed)
}

fn progress(found: &[Run]) -> String {
    let count = words::count(found.len(), "run");
    match found.last() {
        Some(oldest) => {
            let back = times::local(oldest.started_at.as_ref());
            format!("searching: {count} so far, back to {back}")
        }
        None => "searching".to_owned(),
    }
}

fn show(runs: &[Run], width: Option<usize>) -> String {
    let whole = table(runs, Detail::All);
    match width {
        Some(width) if !whole.fits(width) => table(runs, Detail::Less).show(Some(width)),
        width => whole.show(width),
    }
}

/// Columns of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    All,
    /// Times are shorter, and durations left out, so that names need not be shortened.
    Less,
}

fn table(runs: &[Run], detail: Detail) -> Table {
    let length = distinct_length(runs.iter().map(|run| &*run.run_id));
    let mut columns = vec![
        ("RUN", Fit::Whole),
        ("STARTED", Fit::Whole),
        ("EVENT", Fit::Shorten),
        ("OF", Fit::Shorten),
        ("RESULT", Fit::Whole),
        ("HOOKS", Fit::Whole),
    ];
    if detail == Detail::All {
        columns.push(("TOOK", Fit::Whole));
    }
    let mut table = Table::new(&columns);
    for run in runs {
        let event = run.event.clone().unwrap_or_default();
        let (tone, result) = match &run.decision {
            Some(decision) => words::decision(decision.kind()),
            None => words::state(run.state()),
        };
        let (hooks_tone, hooks) = words::hooks(run);
        let started = run.started_at.as_ref();
        let mut cells = vec![
            Tone::Strong.cell(run.run_id.chars().take(length).collect::<String>()),
            Tone::Plain.cell(match detail {
                Detail::All => times::local(started),
                Detail::Less => times::brief(started),
            }),
            Tone::Plain.cell(words::condition(event.condition)),
            Tone::Plain.cell(match &*event.plan_id {
                plan if detail == Detail::Less && !plan.is_empty() => plan.to_owned(),
                plan => words::subject(plan, &event.repo_id, "-"),
            }),
            tone.cell(result),
            hooks_tone.cell(hooks),
        ];
        if detail == Detail::All {
            cells.push(Tone::Plain.cell(times::human_or_dash(times::elapsed(run))));
        }
        table.row(cells);
    }
    table
}

/// Returns the length to which ids can be cut and stay distinct; at least the length of the
/// milliseconds at their beginning.
fn distinct_length<'id>(ids: impl IntoIterator<Item = &'id str>) -> usize {
    const SHORTEST: usize = 13;
    let mut ids: Vec<&str> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    let common = |pair: &[&str]| -> usize {
        let (a, b) = (pair[0].chars(), pair[1].chars());
        a.zip(b).take_while(|(a, b)| a == b).count()
    };
    let longest = ids.windows(2).map(common).max().unwrap_or(0);
    SHORTEST.max(longest + 1)
}

#[cfg(test)]
mod tests {
    use hookd_proto::v1::{
        Condition, Decision, DecisionKind, Effect, Event, HookRun, Outcome, RunState, outcome,
    };
    use hookd_proto::well_known;
    use unicode_width::UnicodeWidthStr as _;

    use super::*;
    use crate::output::plain;

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
        let shown = plain(&show(std::slice::from_ref(&run), None));
        let line = shown.lines().nth(1).unwrap();
        let words: Vec<&str> = line.split("  ").filter(|word| !word.is_empty()).collect();
        assert_eq!(words[0], "0192f0c1-abcd");
        assert_eq!(
            words[2..],
            ["SNAPSHOT_START", "plan home", "CANCEL", "no hooks", "2 s"]
        );

        let hook = |effect: Effect| HookRun {
            outcome: Some(Outcome {
                outcome: Some(outcome::Outcome::ExitCode(1)),
            }),
            effect: effect.into(),
            ..HookRun::default()
        };
        let failed = Run {
            hooks: vec![hook(Effect::Ignored), hook(Effect::Cancels)],
            ..run
        };
        let shown = plain(&show(std::slice::from_ref(&failed), None));
        assert!(
            shown.contains("CANCEL  2 hooks, 2 failed  2 s\n"),
            "{shown}"
        );
        let mut named = failed.clone();
        named.event.as_mut().unwrap().plan_id = "the-database-of-the-second-server".to_owned();
        let shown = plain(&show(&[failed, named], Some(80)));
        assert!(shown.lines().all(|line| line.width() <= 80), "{shown}");
        assert!(
            shown.contains(" home ") && shown.contains("2 hooks, 2 failed\n"),
            "{shown}"
        );
    }

    #[test]
    fn ids_are_shown_as_long_as_needed() {
        for (ids, length) in [
            (&["0192f0c1-abcd-7000", "0192f0c1-abce-7000"][..], 13),
            (&["0192f0c1-abcd-7000", "0192f0c1-abcd-7001"], 18),
            (&[], 13),
        ] {
            assert_eq!(distinct_length(ids.iter().copied()), length);
        }
    }
}
