//! The filters of lists of runs and of statistics.

use hook_core::condition::Condition;
use hookd_proto::v1;
use jiff::SignedDuration;
use tonic::Status;
use uuid::Uuid;

use super::known_names::FilterNames;
use super::output_search::search;
use super::status::Violations;
use crate::limits::{DEFAULT_PAGE, DEFAULT_STATS_AGE, MAX_PAGE, MAX_SEARCH_BYTES};
use crate::runs::hook_result;
use crate::store::{self, HookResult, StoredState};

/// The filter of a list of runs, and the position of its page.
#[derive(Clone, Debug)]
pub(super) struct RunPageRequest {
    /// The filter for the store.
    pub(super) runs: store::RunFilter,
    /// The largest number of runs on the page.
    pub(super) page_size: usize,
    /// The run before the page; `None` for the first page.
    pub(super) before: Option<Uuid>,
    states: Vec<i32>,
}

impl RunPageRequest {
    /// Returns the names that the filter has.
    pub(super) fn names(&self) -> FilterNames<'_> {
        FilterNames {
            repo: self.runs.repo.as_deref(),
            plan: self.runs.plan.as_deref(),
            hook: self.runs.hook.as_deref(),
        }
    }

    /// Returns whether a run from the store passes the filters that the store cannot apply: it
    /// does not distinguish queued from running runs.
    pub(super) fn admits(&self, run: &v1::Run) -> bool {
        self.states.is_empty() || self.states.contains(&run.state)
    }

    /// Returns whether a run under way passes all filters; the store may lack a part of it. A
    /// search for output matches no run under way.
    pub(super) fn finds(&self, run: &v1::Run) -> bool {
        let wanted = &self.runs;
        let Some(event) = run.event.as_ref().filter(|_| wanted.output.is_none()) else {
            return false;
        };
        let is = |wanted: &Option<String>, value: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == value)
        };
        let reported = |condition: &Condition| condition.number() == event.condition;
        let decided = |decision: &v1::Decision| wanted.decisions.contains(&decision.kind);
        let began = run.started_at.and_then(|at| at.try_into().ok());
        self.admits(run)
            && is(&wanted.repo, &event.repo_id)
            && is(&wanted.plan, &event.plan_id)
            && is(&wanted.operation, &event.operation_id)
            && (wanted.conditions.is_empty() || wanted.conditions.iter().any(reported))
            && (wanted.decisions.is_empty() || run.decision.as_ref().is_some_and(decided))
            && (wanted.failed.is_none() || has_failed(run))
            && wanted.since.is_none_or(|since| began >= Some(since))
            && wanted.until.is_none_or(|until| began < Some(until))
            && wanted
                .hook
                .as_ref()
                .is_none_or(|hook| run.hooks.iter().any(|h| h.hook == *hook))
            && wanted
                .id_prefix
                .as_ref()
                .is_none_or(|id| run.run_id.starts_with(id.as_str()))
    }
}

/// Reads the filter of a list of runs.
/// Fails with the reason `INVALID_FILTER`.
pub(super) fn run_filter(request: v1::ListRunsRequest) -> Result<RunPageRequest, Status> {
    let mut invalid = Violations::default();
    let since = invalid.time("since", request.since);
    let until = invalid.time("until", request.until);
    if request.page_size > MAX_PAGE {
        invalid.add("page_size", "is above the limit of 1000");
    }
    let before = match &*request.page_token {
        "" => None,
        token => {
            let token = Uuid::try_parse(token).ok();
            invalid.check("page_token", token, "is not one that hookd gave out")
        }
    };
    let id_prefix = invalid.check(
        "run_id_prefix",
        id_prefix(&request.run_id_prefix),
        "is not how a run's id begins: give hexadecimal digits of it",
    );
    if request.output_contains.len() > MAX_SEARCH_BYTES {
        invalid.add("output_contains", "is longer than 4096 bytes");
    }
    let no_number = "has a number that stands for none";
    let conditions = conditions(&request.conditions);
    let conditions = invalid.check("conditions", conditions, no_number);
    let states = invalid.check("states", states(&request.states), no_number);
    invalid.finish("INVALID_FILTER")?;
    let page_size = match request.page_size {
        0 => DEFAULT_PAGE,
        size => size,
    };
    Ok(RunPageRequest {
        runs: store::RunFilter {
            repo: named(request.repo_id),
            plan: named(request.plan_id),
            operation: named(request.operation_id),
            conditions: conditions.unwrap_or_default(),
            decisions: request.decisions,
            failed: request.failed.then(|| v1::DecisionKind::Fail.into()),
            states: states.unwrap_or_default(),
            since,
            until,
            hook: named(request.hook),
            id_prefix: id_prefix.filter(|prefix| !prefix.is_empty()),
            output: named(request.output_contains).map(|text| search(&text)),
        },
        page_size: page_size as usize,
        before,
        states: request.states,
    })
}

/// Reads the filter of statistics.
/// Fails with the reason `INVALID_FILTER`.
pub(super) fn stats_filter(
    request: v1::ListHookStatsRequest,
) -> Result<store::StatsFilter, Status> {
    let mut invalid = Violations::default();
    let since = invalid.time("since", request.since);
    let until = invalid.time("until", request.until);
    invalid.finish("INVALID_FILTER")?;
    let age = SignedDuration::try_from(DEFAULT_STATS_AGE).unwrap_or(SignedDuration::MAX);
    let default = jiff::Timestamp::now().checked_sub(age).ok();
    Ok(store::StatsFilter {
        hook: named(request.hook),
        repo: named(request.repo_id),
        plan: named(request.plan_id),
        since: since.or(default),
        until,
    })
}

/// Returns whether the run or a hook of it has failed so far.
fn has_failed(run: &v1::Run) -> bool {
    let failed =
        |hook: &v1::HookRun| matches!(hook_result(hook), HookResult::Ignored | HookResult::Failed);
    let fails = |decision: &v1::Decision| decision.kind() == v1::DecisionKind::Fail;
    run.hooks.iter().any(failed) || run.decision.as_ref().is_some_and(fails)
}

fn named(name: String) -> Option<String> {
    Some(name).filter(|name| !name.is_empty())
}

/// Returns the reported conditions that fire one of these; `None` if a number is unknown.
fn conditions(fired: &[i32]) -> Option<Vec<Condition>> {
    let fired: Vec<Condition> = fired
        .iter()
        .map(|number| Condition::from_number(*number))
        .collect::<Option<_>>()?;
    let fires = |reported: &Condition| reported.fires().iter().any(|c| fired.contains(c));
    Some(Condition::ALL.into_iter().filter(fires).collect())
}

fn states(numbers: &[i32]) -> Option<Vec<StoredState>> {
    let state = |number: &i32| match v1::RunState::try_from(*number).ok()? {
        v1::RunState::Queued | v1::RunState::Running => Some(StoredState::Unfinished),
        v1::RunState::Finished => Some(StoredState::Decided),
        v1::RunState::Interrupted => Some(StoredState::Interrupted),
        v1::RunState::Unspecified => None,
    };
    let mut states: Vec<StoredState> = numbers.iter().map(state).collect::<Option<_>>()?;
    states.dedup();
    Some(states)
}

/// Returns the beginning of an id in its usual spelling; `None` if no id begins with the text.
fn id_prefix(text: &str) -> Option<String> {
    const DIGITS: usize = 32;
    /// Number of digits before each hyphen of an id.
    const HYPHENS: [usize; 4] = [8, 12, 16, 20];
    let mut written = String::new();
    let characters = text.chars().filter(|c| *c != '-');
    for (digits, character) in characters.enumerate() {
        if !character.is_ascii_hexdigit() || digits == DIGITS {
            return None;
        }
        if HYPHENS.contains(&digits) {
            written.push('-');
        }
        written.push(character.to_ascii_lowercase());
    }
    Some(written)
}

#[cfg(test)]
mod tests;
