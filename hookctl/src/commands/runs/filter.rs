//! Filters of runs.

use clap::Args;
use hookd_proto::v1::{Condition, DecisionKind, ListRunsRequest, RunState};
use hookd_proto::well_known;

use crate::{times, values};

/// Filters of runs; a run must pass all of them.
#[derive(Debug, Default, Args)]
pub(crate) struct FilterArgs {
    /// Only runs of this plan
    #[arg(long, value_name = "ID", value_parser = values::id)]
    pub plan: Option<String>,
    /// Only runs of this repository
    #[arg(long, value_name = "ID", value_parser = values::id)]
    pub repo: Option<String>,
    /// Only runs of an event that fires this condition; may be repeated
    #[arg(long = "condition", value_parser = values::name(Condition::as_str_name))]
    pub conditions: Vec<Condition>,
    /// Only runs with this decision; may be repeated
    #[arg(long = "decision", value_parser = values::name(DecisionKind::as_str_name))]
    pub decisions: Vec<DecisionKind>,
    /// Only runs in which a hook failed, also if that was ignored, and interrupted runs
    #[arg(long)]
    pub failed: bool,
    /// Only runs in this state; may be repeated
    #[arg(long = "state", value_parser = values::name(RunState::as_str_name))]
    pub states: Vec<RunState>,
    /// Only runs of this operation
    #[arg(long, value_name = "ID", value_parser = values::id)]
    pub operation_id: Option<String>,
    /// Only runs since: RFC 3339, a date, a local time, or how long ago, such as 2h or 7d
    #[arg(long, value_name = "TIME", value_parser = times::moment)]
    pub since: Option<well_known::Timestamp>,
    /// Only runs before
    #[arg(long, value_name = "TIME", value_parser = times::moment)]
    pub until: Option<well_known::Timestamp>,
    /// Only runs in which this hook ran, or was skipped
    #[arg(long, value_name = "NAME")]
    pub hook: Option<String>,
    /// Only runs in which a hook wrote this exact text
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub grep: Option<String>,
    /// Only runs whose id begins like this
    #[arg(long, value_name = "ID", value_parser = values::id)]
    pub id: Option<String>,
}

impl FilterArgs {
    /// Returns whether hookd has to search the output of runs, which is slow.
    pub(crate) fn searches_output(&self) -> bool {
        self.grep.as_ref().is_some_and(|text| !text.is_empty())
    }

    /// Returns the request for the first page.
    pub(crate) fn request(self) -> ListRunsRequest {
        ListRunsRequest {
            repo_id: self.repo.unwrap_or_default(),
            plan_id: self.plan.unwrap_or_default(),
            conditions: self.conditions.into_iter().map(i32::from).collect(),
            decisions: self.decisions.into_iter().map(i32::from).collect(),
            failed: self.failed,
            states: self.states.into_iter().map(i32::from).collect(),
            since: self.since,
            until: self.until,
            operation_id: self.operation_id.unwrap_or_default(),
            hook: self.hook.unwrap_or_default(),
            output_contains: self.grep.unwrap_or_default(),
            run_id_prefix: self.id.unwrap_or_default(),
            ..ListRunsRequest::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_reach_the_request() {
        let args = FilterArgs {
            plan: Some("home".to_owned()),
            conditions: vec![Condition::AnyError],
            decisions: vec![DecisionKind::Fail],
            states: vec![RunState::Running, RunState::Interrupted],
            until: times::moment("2026-01-01T00:00:00Z").ok(),
            hook: Some("battery".to_owned()),
            grep: Some("low".to_owned()),
            id: Some("01".to_owned()),
            ..FilterArgs::default()
        };
        assert!(args.searches_output() && !FilterArgs::default().searches_output());
        let request = args.request();
        assert_eq!(request.plan_id, "home");
        assert_eq!((request.conditions, request.decisions), (vec![1], vec![3]));
        assert_eq!(request.states, [2, 4]);
        assert_eq!(request.until.unwrap().seconds, 1_767_225_600);
        assert_eq!(
            (&*request.hook, &*request.output_contains),
            ("battery", "low")
        );
        assert_eq!(request.run_id_prefix, "01");
    }
}
