//! `HOOK_…` variables that hookd never sets.

use std::collections::HashSet;
use std::ops::Range;

use go_template::{Span, nearest};

use super::shell_outline::{begins_command, first_word, outline};
use super::warning;
use crate::diagnostic::Diagnostic;
use crate::hook::{CommandAction, Hook};
use crate::vars::{OWN_VARIABLES, PREFIX, is_own_variable};

pub(crate) const CODE: &str = "unset-variable";

/// Most variables of one hook that are warned of.
const MOST: usize = 20;

/// Warns of each variable that a script reads and that neither hookd, nor the hook's `env`, nor the
/// script itself sets. One with a default may be unset, unless it is a misspelt one of hookd; and
/// behind a file that the script reads with `.` or `source`, any may be set.
pub(crate) fn check(hook: &Hook, command: &CommandAction) -> Vec<Diagnostic> {
    let source = command.template.source();
    let is_set = set(source);
    let guarded = guarded(source);
    let is_optional = |name| guarded.contains(name) && meant(name).is_none();
    let end = sourced_at(source);
    let mut seen = HashSet::new();
    let unset = names(source).filter(|found| {
        let name = &source[found.clone()];
        is_read(source, found.start)
            && found.start < end
            && !is_optional(name)
            && !is_own_variable(name)
            && !command.env.contains_key(name)
            && !is_set.contains(name)
            && seen.insert(name)
    });
    let warn = |found: Range<usize>| {
        let name = &source[found.clone()];
        let (line, column) = Span::new(found.start, found.end).line_column(source);
        let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
        let range = command.text_map.range(line, column, length);
        let message = format!("hookd sets no variable `{name}`");
        warning(hook, Some(range), CODE, message, remedy(name))
    };
    unset.take(MOST).map(warn).collect()
}

fn remedy(name: &str) -> String {
    match meant(name) {
        Some(meant) => format!("did you mean `{PREFIX}{meant}`?"),
        None => {
            let set = OWN_VARIABLES
                .map(|own| format!("`{PREFIX}{own}`"))
                .join(", ");
            format!("set it in the hook's `env: {{ {name}: … }}`; hookd sets {set}")
        }
    }
}

/// Returns the variable of hookd that a name is near to, without its prefix.
fn meant(name: &str) -> Option<String> {
    let own = name.strip_prefix(PREFIX).unwrap_or(name);
    let is_longer = |known: &&str| {
        let rest = known.strip_prefix(own);
        rest.is_some_and(|rest| rest.starts_with('_'))
    };
    let longer = OWN_VARIABLES.into_iter().find(is_longer).map(str::to_owned);
    longer.or_else(|| nearest(own, OWN_VARIABLES))
}

/// Returns the variables that the script reads with a default, as in `${HOOK_X:-}`.
fn guarded(source: &str) -> HashSet<&str> {
    let guarded = names(source).filter(|found| {
        let rest = &source[found.end..];
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        source[..found.start].ends_with("${") && rest.starts_with(['-', '=', '+'])
    });
    guarded.map(|found| &source[found]).collect()
}

/// Returns the place at which a script first reads another with `.` or `source`; its end if it
/// reads none.
fn sourced_at(source: &str) -> usize {
    let outline = outline(source);
    let mut indices = source.char_indices().enumerate();
    let found = indices.find(|(at, (_, letter))| {
        let is_first = matches!(letter, '.' | 's') && begins_command(&outline[..*at]);
        is_first && matches!(&*first_word(&outline[*at..]), "." | "source")
    });
    found.map_or(source.len(), |(_, (byte, _))| byte)
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
        let before = before.strip_suffix(mark);
        before.is_some_and(|before| !(mark.starts_with('$') && before.ends_with('\\')))
    })
}

/// Returns the variables that the script names without reading them, as an assignment, `read` and
/// `for` do. A comment does not count.
fn set(source: &str) -> HashSet<&str> {
    let mut end = 0;
    let mut is_comment = false;
    let mut set = HashSet::new();
    for found in names(source) {
        let between = &source[end..found.start];
        if end == 0 || between.contains('\n') {
            let line = between.rsplit('\n').next().unwrap_or_default();
            is_comment = line.trim_start().starts_with('#');
        }
        end = found.end;
        if !is_comment && !is_read(source, found.start) {
            set.insert(&source[found]);
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_set_or_neither() {
        for (source, read, is_set) in [
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
            ("true\n # HOOK_X=HOOK_X\n", false, false),
            ("# $HOOK_Y\nHOOK_X=1", false, true),
        ] {
            let is_x = |found: &Range<usize>| &source[found.clone()] == "HOOK_X";
            let found = names(source).find(is_x).unwrap();
            assert_eq!(is_read(source, found.start), read, "{source}");
            assert_eq!(set(source).contains("HOOK_X"), is_set, "{source}");
        }
        assert_eq!(names("MY_HOOK_X HOOK_ HOOKS").count(), 0);
    }
}
