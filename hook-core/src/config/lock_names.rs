//! Names of locks: a name serves plans or hooks, never both.
//!
//! A run holds its plan's lock while its hooks wait for theirs. If a name could be both, two
//! runs could wait for each other for ever.

use std::collections::HashMap;

use super::mapping::Mapping;
use super::meant::shown;
use super::source::Span;
use super::{codes, entities};

/// Things that hold a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockHolder {
    /// A run, for its plan.
    Plan,
    /// A hook.
    Hook,
}

/// Names of locks, each with its kind of holder and the place of its first use.
#[derive(Default)]
pub(crate) struct LockNames(HashMap<String, (LockHolder, Span)>);

impl LockNames {
    /// Reads the name of the lock that a hook or plan holds. Reports an error if the name
    /// serves the other kind of holder.
    pub(crate) fn read(&mut self, mapping: &mut Mapping<'_>, holder: LockHolder) -> Option<String> {
        let value = mapping.get("lock")?;
        let (report, at) = (mapping.report, value.node.span);
        let name = entities::name(value, "the name of a lock")?;
        let (first, first_at) = *self.0.entry(name.clone()).or_insert((holder, at));
        if first != holder {
            let of = match first {
                LockHolder::Plan => "a plan",
                LockHolder::Hook => "a hook",
            };
            let line = report.source.position(first_at.start).line;
            report
                .error(
                    at,
                    codes::LOCK_OF_BOTH,
                    format!(
                        "the lock {} is held by {of}, too, so runs could wait for each other \
                         for ever",
                        shown(&name)
                    ),
                )
                .help(format!(
                    "{of} has it in line {line}: give this lock another name"
                ));
        }
        Some(name)
    }
}
