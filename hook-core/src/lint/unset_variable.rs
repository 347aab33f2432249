//! `HOOK_…` variables that hookd never sets.

use std::ops::Range;

use go_template::{Span, nearest};

use super::warning;
use crate::diagnostic::Diagnostic;
use crate::hook::{CommandAction, Hook};
use crate::vars::PREFIX;

pub(crate) const CODE: &str = "unset-variable";

/// The variables that hookd sets, without [`PREFIX`], besides those of labels.
const SET: [&str; 17] = [
    "RUN_ID",
    "NAME",
    "CONDITION",
    "EVENT",
    "TASK",
    "REPO_ID",
    "REPO_URI",
    "PLAN_ID",
    "SNAPSHOT_ID",
    "ERROR",
    "DURATION_SECONDS",
    "ATTEMPT",
    "TRIGGER",
    "OPERATION_ID",
    "EVENT_FILE",
    "TRUNCATED",
    "UNDO_ATTEMPT",
];
const OF_LABELS: &str = "LABEL_";

/// Warns of each variable that a script reads and that neither hookd, nor the hook's `env`, nor the
/// script itself sets.
pub(crate) fn check(hook: &Hook, command: &CommandAction) -> Vec<Diagnostic> {
    let source = command.template.source();
    let mut warnings: Vec<Diagnostic> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for found in names(source) {
        let name = &source[found.clone()];
        let own = &name[PREFIX.len()..];
        let is_known = SET.contains(&own)
            || own.starts_with(OF_LABELS)
            || command.env.contains_key(name)
            || seen.contains(&name);
        if is_known || !is_read(source, found.start) || is_set(source, name) {
            continue;
        }
        seen.push(name);
        let (line, column) = Span::new(found.start, found.end).line_column(source);
        let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
        let range = command.text_map.range(line, column, length);
        let message = format!("hookd sets no variable `{name}`");
        warnings.push(warning(hook, Some(range), CODE, message, remedy(name, own)));
    }
    warnings
}

fn remedy(name: &str, own: &str) -> String {
    let longer = || {
        SET.into_iter().find(|known| {
            known
                .strip_prefix(own)
                .is_some_and(|rest| rest.starts_with('_'))
        })
    };
    let meant = longer().map(str::to_owned).or_else(|| nearest(own, SET));
    match meant {
        Some(meant) => format!("did you mean `{PREFIX}{meant}`?"),
        None => format!(
            "set it in the hook's `env: {{ {name}: … }}`; hookd sets `{PREFIX}{}`",
            SET.join(&format!("`, `{PREFIX}"))
        ),
    }
}

/// Returns the ranges of all `HOOK_…` names.
fn names(source: &str) -> impl Iterator<Item = Range<usize>> {
    let of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    source.match_indices(PREFIX).filter_map(move |(start, _)| {
        let is_whole = !source[..start].ends_with(of_name);
        let rest = &source[start + PREFIX.len()..];
        let length = rest.find(|c| !of_name(c)).unwrap_or(rest.len());
        (is_whole && length > 0).then_some(start..start + PREFIX.len() + length)
    })
}

/// Returns whether the name at this place is read as a variable, by a shell or a language that
/// asks for it by its name.
fn is_read(source: &str, start: usize) -> bool {
    const BEFORE: [&str; 13] = [
        "$",
        "${",
        "${#",
        "${!",
        "$env:",
        "${env:",
        "environ[\"",
        "environ['",
        "ENV[\"",
        "ENV['",
        "env.",
        "getenv(\"",
        "getenv('",
    ];
    let before = &source[..start];
    BEFORE.iter().any(|mark| {
        before
            .strip_suffix(mark)
            .is_some_and(|before| !(mark.starts_with('$') && before.ends_with('\\')))
    })
}

/// Returns whether the script names the variable without reading it, as an assignment, `read` and
/// `for` do. A comment does not count.
fn is_set(source: &str, name: &str) -> bool {
    names(source).any(|found| {
        let line = source[..found.start]
            .rsplit('\n')
            .next()
            .unwrap_or_default();
        source[found.clone()] == *name
            && !is_read(source, found.start)
            && !line.trim_start().starts_with('#')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_set_or_neither() {
        for (source, read, set) in [
            ("echo $HOOK_X", true, false),
            ("echo ${HOOK_X:-a}", true, false),
            ("echo ${#HOOK_X}", true, false),
            ("os.environ['HOOK_X']", true, false),
            ("process.env.HOOK_X", true, false),
            ("Write-Output $env:HOOK_X", true, false),
            ("ssh h \"echo \\$HOOK_X\"", false, true),
            ("HOOK_X=1", false, true),
            ("read -r HOOK_X", false, true),
            ("# HOOK_X", false, false),
        ] {
            let found = names(source).next().unwrap();
            assert_eq!(&source[found.clone()], "HOOK_X", "{source}");
            assert_eq!(is_read(source, found.start), read, "{source}");
            assert_eq!(is_set(source, "HOOK_X"), set, "{source}");
        }
        assert_eq!(names("MY_HOOK_X HOOK_ HOOKS").count(), 0);
    }
}
