//! One run in memory.

use bytes::Bytes;
use jiff::Timestamp;
use uuid::Uuid;

use crate::store::run::{bytes_of, lacking};
use crate::store::{
    About, Ended, Filter, HookEnd, Kept, KeptState, Record, RequestKey, StoreError,
};

/// What a record takes in memory besides its bytes.
const RECORD_OVERHEAD: usize = 96;

#[derive(Debug)]
pub(super) struct Run {
    pub(super) request: Option<RequestKey>,
    pub(super) about: About,
    pub(super) started_at: Timestamp,
    pub(super) records: Vec<Record>,
    pub(super) glance: Bytes,
    pub(super) end: Option<(Ended, Timestamp)>,
    pub(super) hooks: Vec<HookEnd>,
    pub(super) bytes: usize,
}

impl Run {
    pub(super) fn append(&mut self, id: Uuid, records: &[Record]) -> Result<(), StoreError> {
        let records = lacking(self.last(), records)?;
        if self.end.is_some() && !records.is_empty() {
            return Err(StoreError::has_ended(id));
        }
        self.bytes += bytes_of(records);
        self.records.extend_from_slice(records);
        Ok(())
    }

    pub(super) fn last(&self) -> u64 {
        self.records.len() as u64
    }

    pub(super) fn ended(&self) -> Option<Ended> {
        self.end.map(|(state, _)| state)
    }

    pub(super) fn memory(&self) -> usize {
        self.bytes + self.records.len() * RECORD_OVERHEAD
    }

    pub(super) fn kept(&self, id: Uuid) -> Kept {
        Kept {
            id,
            ended: self.ended(),
            glance: self.glance.clone(),
            last_sequence: self.last(),
        }
    }

    /// Whether it passes a filter, but for its output.
    pub(super) fn passes(&self, id: Uuid, filter: &Filter) -> bool {
        let (state, decision) = match self.ended() {
            None => (KeptState::Unfinished, None),
            Some(Ended::Decided(decision)) => (KeptState::Decided, Some(decision)),
            Some(Ended::Interrupted) => (KeptState::Interrupted, None),
        };
        is(filter.repo.as_ref(), &self.about.repo)
            && is(filter.plan.as_ref(), &self.about.plan)
            && is(filter.operation.as_ref(), &self.about.operation)
            && among(&filter.conditions, Some(self.about.condition))
            && among(&filter.decisions, decision)
            && among(&filter.states, Some(state))
            && within(self.started_at, filter.since, filter.until)
            && filter
                .hook
                .as_ref()
                .is_none_or(|name| self.hooks.iter().any(|hook| hook.hook == *name))
            && filter
                .id_prefix
                .as_ref()
                .is_none_or(|prefix| id.to_string().starts_with(prefix))
    }
}

pub(super) fn is(wanted: Option<&String>, value: &str) -> bool {
    wanted.is_none_or(|wanted| wanted == value)
}

fn among<T: PartialEq>(wanted: &[T], value: Option<T>) -> bool {
    wanted.is_empty() || value.is_some_and(|value| wanted.contains(&value))
}

pub(super) fn within(at: Timestamp, since: Option<Timestamp>, until: Option<Timestamp>) -> bool {
    since.is_none_or(|since| at >= since) && until.is_none_or(|until| at < until)
}
