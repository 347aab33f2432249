//! `hookctl runs`: runs, newest first.

use clap::Args;
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::{Condition, DecisionKind, ListRunsRequest, Run, RunState};
use hookd_proto::well_known;
use tonic::transport::Channel;

use crate::cli::Global;
use crate::connect::{Client, answer};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::table::{Cell, Table};
use crate::output::{Out, Paint, Tone, words};
use crate::{run_ref, times, values};

/// The most runs that hookd puts on one page.
const LARGEST_PAGE: usize = 1000;

const EXAMPLES: &str = "\
Examples:
  hookctl runs
  hookctl runs --plan home --since yesterday
  hookctl runs --decision fail --decision cancel --since 7d --all
  hookctl runs --state running
  hookctl runs -n 1 -o json | jq -r '.[0].decision.reason'";

/// Which runs to list.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RunsArgs {
    /// Only runs of this plan
    #[arg(long, value_name = "ID")]
    pub plan: Option<String>,
    /// Only runs of this repository
    #[arg(long, value_name = "ID")]
    pub repo: Option<String>,
    /// Only runs of an event that fires this; may be repeated
    #[arg(long = "condition", value_parser = values::condition())]
    pub conditions: Vec<Condition>,
    /// Only runs that ended so; may be repeated
    #[arg(long = "decision", value_parser = values::decision())]
    pub decisions: Vec<DecisionKind>,
    /// Only runs in this state; may be repeated
    #[arg(long = "state", value_parser = values::state())]
    pub states: Vec<RunState>,
    /// Only runs of this operation
    #[arg(long, value_name = "ID")]
    pub operation_id: Option<String>,
    /// Only runs since: RFC 3339, a date, a local time, or how long ago, such as 2h or 7d
    #[arg(long, value_name = "TIME", value_parser = times::moment)]
    pub since: Option<well_known::Timestamp>,
    /// Only runs before
    #[arg(long, value_name = "TIME", value_parser = times::moment)]
    pub until: Option<well_known::Timestamp>,
    /// How many at most
    #[arg(
        short = 'n',
        long,
        value_name = "COUNT",
        default_value_t = 20,
        conflicts_with = "all"
    )]
    pub limit: u32,
    /// All of them
    #[arg(long)]
    pub all: bool,
}

impl RunsArgs {
    fn request(self) -> ListRunsRequest {
        ListRunsRequest {
            repo_id: self.repo.unwrap_or_default(),
            plan_id: self.plan.unwrap_or_default(),
            conditions: self.conditions.into_iter().map(i32::from).collect(),
            decisions: self.decisions.into_iter().map(i32::from).collect(),
            states: self.states.into_iter().map(i32::from).collect(),
            since: self.since,
            until: self.until,
            operation_id: self.operation_id.unwrap_or_default(),
            ..ListRunsRequest::default()
        }
    }
}

/// Lists runs.
///
/// # Errors
/// If hookd cannot be asked.
pub(crate) async fn perform(
    args: RunsArgs,
    global: &Global,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let limit = if args.all {
        usize::MAX
    } else {
        args.limit as usize
    };
    let request = args.request();
    let client = Client::connect(global).await?;
    let listed = list(&mut client.hooks(), request, limit).await;
    let runs = client.close(listed).await?;
    if out.is_json() {
        out.json(&runs)?;
    } else if runs.is_empty() {
        out.remark("no runs");
    } else {
        out.text(&show(&runs, out.paint))?;
    }
    Ok(Exit::Proceed)
}

async fn list(
    client: &mut HookServiceClient<Channel>,
    mut request: ListRunsRequest,
    limit: usize,
) -> Result<Vec<Run>, Failure> {
    let mut runs = Vec::new();
    while runs.len() < limit {
        let page_size = (limit - runs.len()).min(LARGEST_PAGE);
        request.page_size = u32::try_from(page_size).unwrap_or(u32::MAX);
        let page = answer(client.list_runs(request.clone())).await?;
        runs.extend(page.runs);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    runs.truncate(limit);
    Ok(runs)
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
pub(crate) fn result(run: &Run) -> (Tone, &'static str) {
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
        _ => times::between(started, run.finished_at.as_ref()),
    };
    took.map_or_else(|| "-".to_owned(), times::human)
}

#[cfg(test)]
mod tests {
    use hookd_proto::v1::{Decision, Event};

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

    #[test]
    fn filters_reach_the_request() {
        let args = RunsArgs {
            plan: Some("home".to_owned()),
            repo: None,
            conditions: vec![Condition::AnyError],
            decisions: vec![DecisionKind::Fail],
            states: vec![RunState::Running],
            operation_id: None,
            since: None,
            until: times::moment("2026-01-01T00:00:00Z").ok(),
            limit: 20,
            all: false,
        };
        let request = args.request();
        assert_eq!(request.plan_id, "home");
        assert_eq!((request.conditions, request.decisions), (vec![1], vec![3]));
        assert_eq!(request.states, [2]);
        assert_eq!(request.until.unwrap().seconds, 1_767_225_600);
    }
}
