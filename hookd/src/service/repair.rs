//! Repairs of an event: what is replaced or left out rather than refused, each with a warning.

use std::collections::BTreeMap;

use hook_core::condition::Condition;
use hook_core::run::variables::MAX_LABELS;
use hookd_proto::v1::{Event, SnapshotStats};

/// Most warnings of an agent that are kept, and the most bytes of each.
const MAX_WARNINGS: (usize, usize) = (32, 1024);

/// Error of a failure whose agent gave none. Hooks take an empty one for a success.
const NO_ERROR_TEXT: &str = "no error text was given";

/// Mends an event, and adds a warning to it for each repair: NULs, which no environment and no
/// program's argument can hold, become U+FFFD; a failure without an error gets one.
pub(super) fn repair(event: &mut Event) {
    let (number, length) = MAX_WARNINGS;
    event.warnings.truncate(number);
    for warning in &mut event.warnings {
        warning.truncate(warning.floor_char_boundary(length));
        replace_nul(warning);
    }
    let Event {
        task,
        error,
        labels,
        snapshot_stats,
        ..
    } = event;
    let mut repaired = Vec::new();
    if replace_nul(task) {
        repaired.push("the task".to_owned());
    }
    if replace_nul(error) {
        repaired.push("the error".to_owned());
    }
    for (name, value) in std::mem::take(labels) {
        insert(labels, name, value, &mut repaired);
    }
    if snapshot_stats.as_mut().is_some_and(replace_in_stats) {
        repaired.push("the statistics".to_owned());
    }
    let warnings = repaired
        .into_iter()
        .take(number)
        .map(|what| format!("{what} held a NUL, which is replaced by U+FFFD"));
    event.warnings.extend(warnings);
    let condition = Condition::from_number(event.condition);
    if condition.is_some_and(Condition::is_failure) && event.error.trim().is_empty() {
        NO_ERROR_TEXT.clone_into(&mut event.error);
        event.warnings.push(format!(
            "the event is a failure without an error text: its error is \"{NO_ERROR_TEXT}\""
        ));
    }
    if event.labels.len() > MAX_LABELS {
        event.warnings.push(format!(
            "the event has {} labels: the environment of hooks has the first {MAX_LABELS}, \
             the event file all",
            event.labels.len()
        ));
    }
}

/// Inserts a label without NULs. If another label has its new name, it gets a longer one.
fn insert(
    labels: &mut BTreeMap<String, String>,
    mut name: String,
    mut value: String,
    repaired: &mut Vec<String>,
) {
    let in_name = replace_nul(&mut name);
    if replace_nul(&mut value) || in_name {
        repaired.push(format!("label `{name}`"));
    }
    while labels.contains_key(&name) {
        name.push('\u{fffd}');
    }
    labels.insert(name, value);
}

fn replace_in_stats(stats: &mut SnapshotStats) -> bool {
    let texts = [
        &mut stats.message_type,
        &mut stats.during,
        &mut stats.item,
        &mut stats.snapshot_id,
        &mut stats.action,
        &mut stats.exit_error,
        &mut stats.message,
    ];
    let mut found = false;
    for text in texts.into_iter().chain(&mut stats.current_files) {
        found |= replace_nul(text);
    }
    found
}

/// Replaces every NUL by U+FFFD; returns whether there was one.
fn replace_nul(text: &mut String) -> bool {
    let found = text.contains('\0');
    if found {
        *text = text.replace('\0', "\u{fffd}");
    }
    found
}
