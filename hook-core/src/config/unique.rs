//! Unique names: ids of repos and plans, names of hooks.

use std::collections::HashMap;

use super::meant::shown;
use super::report::Report;
use super::source::Span;

/// Names, and the span of each, including entries with faults.
#[derive(Default)]
pub(crate) struct UniqueNames(HashMap<String, Span>);

impl UniqueNames {
    /// Adds a name, and reports if another has it; `second` is the beginning of the
    /// message, such as `a second repo has the id`.
    pub(crate) fn claim(
        &mut self,
        report: &Report<'_>,
        name: &str,
        at: Span,
        code: &'static str,
        second: &str,
    ) {
        if let Some(first) = self.0.get(name) {
            let line = report.source.position(first.start).line;
            report
                .error(at, code, format!("{second} {}", shown(name)))
                .help(format!("the first is in line {line}: rename one"));
        } else {
            self.0.insert(name.to_owned(), at);
        }
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Returns all names in order; `None` if there are more than `most`.
    pub(crate) fn list(&self, most: usize) -> Option<Vec<&str>> {
        let mut names: Vec<&str> = self.0.keys().take(most + 1).map(String::as_str).collect();
        names.sort_unstable();
        Some(names).filter(|names| names.len() <= most)
    }
}
