//! The filters of lists of runs and of statistics.

#[cfg(test)]
mod tests;

use hook_core::condition::Condition;
use hookd_proto::v1;
use hookd_proto::well_known::Timestamp;
use jiff::SignedDuration;
use uuid::Uuid;

use super::search;
use super::time_from_wire;
use crate::limits::{DEFAULT_PAGE, DEFAULT_STATS_AGE, MAX_PAGE, MAX_SEARCH_BYTES};
use crate::status::FieldViolation;
use crate::store;
use crate::store::StoredState;

/// Which runs are wanted, how many, and from where on.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Which.
    pub runs: store::RunFilter,
    /// How many on a page.
    pub page_size: usize,
    /// The run after which the page begins; none for the first.
    pub before: Option<Uuid>,
    states: Vec<i32>,
}

impl Filter {
    /// Whether a run that the store found is wanted: it cannot tell one that waits for its
    /// turn from one that has it.
    #[must_use]
    pub fn admits(&self, run: &v1::Run) -> bool {
        self.states.is_empty() || self.states.contains(&run.state)
    }

    /// Whether a run under way is wanted, of which the store may know little or nothing;
    /// never where text is looked for.
    #[must_use]
    pub fn finds(&self, run: &v1::Run) -> bool {
        let wanted = &self.runs;
        let Some(event) = run.event.as_ref().filter(|_| wanted.output.is_none()) else {
            return false;
        };
        let is = |wanted: &Option<String>, value: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == value)
        };
        let reported = |condition: &Condition| condition.number() == event.condition;
        let decided = |decision: &v1::Decision| wanted.decisions.contains(&decision.kind);
        let began = run.started_at.as_ref().and_then(time_from_wire);
        self.admits(run)
            && is(&wanted.repo, &event.repo_id)
            && is(&wanted.plan, &event.plan_id)
            && is(&wanted.operation, &event.operation_id)
            && (wanted.conditions.is_empty() || wanted.conditions.iter().any(reported))
            && (wanted.decisions.is_empty() || run.decision.as_ref().is_some_and(decided))
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

/// Reads the filters of a list of runs.
///
/// # Errors
/// Every field that is wrong.
pub fn filter(request: v1::ListRunsRequest) -> Result<Filter, Vec<FieldViolation>> {
    let mut faults = Faults::default();
    let since = faults.time("since", request.since.as_ref());
    let until = faults.time("until", request.until.as_ref());
    if request.page_size > MAX_PAGE {
        faults.add("page_size", "is above the limit of 1000");
    }
    let before = match &*request.page_token {
        "" => None,
        token => {
            let read = Uuid::try_parse(token).ok();
            if read.is_none() {
                faults.add("page_token", "is not one that hookd gave out");
            }
            read
        }
    };
    let id_prefix = id_prefix(&request.run_id_prefix);
    if id_prefix.is_none() {
        faults.add(
            "run_id_prefix",
            "is not how a run's id begins: give hexadecimal digits of it",
        );
    }
    if request.output_contains.len() > MAX_SEARCH_BYTES {
        faults.add("output_contains", "is longer than 4096 bytes");
    }
    let conditions = conditions(&request.conditions);
    if conditions.is_none() {
        faults.add("conditions", "has a number that stands for none");
    }
    let states = states(&request.states);
    if states.is_none() {
        faults.add("states", "has a number that stands for none");
    }
    faults.none()?;
    let page_size = match request.page_size {
        0 => DEFAULT_PAGE,
        size => size,
    };
    Ok(Filter {
        runs: store::RunFilter {
            repo: named(request.repo_id),
            plan: named(request.plan_id),
            operation: named(request.operation_id),
            conditions: conditions.unwrap_or_default(),
            decisions: request.decisions,
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

/// Reads the filters of statistics.
///
/// # Errors
/// Every field that is wrong.
pub fn stats_filter(
    request: v1::ListHookStatsRequest,
) -> Result<store::StatsFilter, Vec<FieldViolation>> {
    let mut faults = Faults::default();
    let since = faults.time("since", request.since.as_ref());
    let until = faults.time("until", request.until.as_ref());
    faults.none()?;
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

#[derive(Default)]
struct Faults(Vec<FieldViolation>);

impl Faults {
    fn add(&mut self, field: &str, description: &str) {
        let (field, description) = (field.to_owned(), description.to_owned());
        self.0.push(FieldViolation { field, description });
    }

    fn time(&mut self, field: &str, time: Option<&Timestamp>) -> Option<jiff::Timestamp> {
        let read = time_from_wire(time?);
        if read.is_none() {
            self.add(field, "is out of range");
        }
        read
    }

    fn none(self) -> Result<(), Vec<FieldViolation>> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.0)
        }
    }
}

fn named(name: String) -> Option<String> {
    Some(name).filter(|name| !name.is_empty())
}

/// What can have been reported where one of these was fired; nothing if a number is none.
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

/// How an id begins, written as ids are; nothing if none can begin so.
fn id_prefix(text: &str) -> Option<String> {
    const DIGITS: usize = 32;
    /// After so many digits ids have a hyphen.
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
