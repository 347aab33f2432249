//! The filters of a list of runs.

use hookd_proto::v1;

use super::time_from_wire;
use crate::limits::{DEFAULT_PAGE, MAX_PAGE};
use crate::status::FieldViolation;

/// Which runs are wanted, and how many.
#[derive(Clone, Debug)]
pub struct Filter {
    request: v1::ListRunsRequest,
    since: Option<jiff::Timestamp>,
    until: Option<jiff::Timestamp>,
}

/// Reads the filters of a list.
///
/// # Errors
/// Every field that is wrong.
pub fn filter(request: v1::ListRunsRequest) -> Result<Filter, Vec<FieldViolation>> {
    let mut faults = Vec::new();
    let mut fault = |field: &str, description: &str| {
        let (field, description) = (field.to_owned(), description.to_owned());
        faults.push(FieldViolation { field, description });
    };
    let since = request.since.as_ref().map(time_from_wire);
    let until = request.until.as_ref().map(time_from_wire);
    if since == Some(None) {
        fault("since", "is out of range");
    }
    if until == Some(None) {
        fault("until", "is out of range");
    }
    if request.page_size > MAX_PAGE {
        fault("page_size", "is above the limit of 1000");
    }
    if !request.page_token.is_empty() && uuid::Uuid::try_parse(&request.page_token).is_err() {
        fault("page_token", "is not one that hookd gave out");
    }
    if faults.is_empty() {
        Ok(Filter {
            request,
            since: since.flatten(),
            until: until.flatten(),
        })
    } else {
        Err(faults)
    }
}

impl Filter {
    /// How many runs are wanted on a page.
    #[must_use]
    pub fn page_size(&self) -> usize {
        let size = if self.request.page_size == 0 {
            DEFAULT_PAGE
        } else {
            self.request.page_size
        };
        size as usize
    }

    /// The run before which the page begins; none for the first.
    #[must_use]
    pub fn before(&self) -> Option<uuid::Uuid> {
        uuid::Uuid::try_parse(&self.request.page_token).ok()
    }

    /// Whether a run is wanted.
    #[must_use]
    pub fn admits(&self, run: &v1::Run) -> bool {
        let wanted = |set: &[i32], value: i32| set.is_empty() || set.contains(&value);
        let named = |name: &str, value: &str| name.is_empty() || name == value;
        let asked = &self.request;
        let Some(event) = &run.event else {
            return false;
        };
        let decision = run.decision.as_ref().map_or(0, |decision| decision.kind);
        let began = run.started_at.as_ref().and_then(time_from_wire);
        named(&asked.repo_id, &event.repo_id)
            && named(&asked.plan_id, &event.plan_id)
            && named(&asked.operation_id, &event.operation_id)
            && (asked.conditions.is_empty()
                || run.conditions.iter().any(|c| asked.conditions.contains(c)))
            && wanted(&asked.decisions, decision)
            && wanted(&asked.states, run.state)
            && self.since.is_none_or(|since| began >= Some(since))
            && self.until.is_none_or(|until| began < Some(until))
    }
}
