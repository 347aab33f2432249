//! Scripts in the language of the other template engine.

use std::ops::Range;

use crate::template::Engine;
use crate::template::tera::{camel_case, names, snake_case};
use crate::vars::tables::VARS;

/// Tags with which blocks of Tera begin, continue or end.
const TERA_TAGS: [&str; 16] = [
    "if",
    "elif",
    "else",
    "endif",
    "for",
    "endfor",
    "set",
    "set_global",
    "endset",
    "raw",
    "endraw",
    "block",
    "endblock",
    "filter",
    "macro",
    "include",
];

/// Returns the place of the first tag or comment of Tera.
pub(crate) fn tera_tag(text: &str) -> Option<Range<usize>> {
    let tag = between(text, "{%", "%}").find(|at| {
        let inner = text[at.start + 2..at.end - 2].trim_start_matches('-');
        let word = inner.split_whitespace().next().unwrap_or_default();
        TERA_TAGS.contains(&word.trim_end_matches('-'))
    });
    // `${#list[@]}` is the shell's.
    let comment = between(text, "{#", "#}").find(|at| {
        let is_shell = text[..at.start].ends_with('$');
        let inner = &text[at.start + 2..at.end - 2];
        !is_shell && inner.starts_with([' ', '-']) && !inner.contains('\n')
    });
    tag.into_iter().chain(comment).min_by_key(|at| at.start)
}

/// Returns the parts of a text between two marks, with these.
fn between(text: &str, open: &str, close: &str) -> impl Iterator<Item = Range<usize>> {
    let begins = text.match_indices(open);
    begins.filter_map(move |(start, _)| {
        let inner = start + open.len();
        let length = text.get(inner..)?.find(close)?;
        Some(start..inner + length + close.len())
    })
}

/// Returns the remedy for a template that could not be parsed, if the fault, whose place is counted
/// from 1, is in the language of the other engine.
pub(crate) fn remedy(text: &str, engine: Engine, line: u32, column: u32) -> Option<String> {
    let line = text.lines().nth(line.checked_sub(1)? as usize)?;
    match engine {
        Engine::Go => {
            let at = line.char_indices().nth(column.checked_sub(1)? as usize)?.0;
            let meant = go_path(path(line.get(at..)?))?;
            Some(format!(
                "write `{meant}`, or give the hook `templateEngine: TERA`"
            ))
        }
        Engine::Tera => between(line, "{{", "}}").find_map(|at| {
            let inner = &line[at.start + 2..at.end - 2];
            of_go(inner.trim_matches('-').trim())
        }),
        Engine::None => None,
    }
}

/// Returns the path of names at the beginning of a text.
fn path(text: &str) -> &str {
    let of_path = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let end = text.find(|c| !of_path(c)).unwrap_or(text.len());
    &text[..end]
}

/// Returns a variable of Tera as Go spells it.
fn go_path(path: &str) -> Option<String> {
    let mut names = path.split('.');
    let first = names.next()?;
    let root = VARS.names().find(|name| snake_case(name) == first)?;
    let fields = names.map(|name| match root {
        "Labels" => format!(".{name}"),
        _ => format!(".{}", camel_case(name)),
    });
    Some(format!(".{root}{}", fields.collect::<String>()))
}

/// Returns the remedy for an action of Go in a template of Tera.
fn of_go(action: &str) -> Option<String> {
    const BLOCKS: [&str; 6] = ["if", "with", "range", "else", "end", "define"];
    const ENGINE: &str = "give the hook `templateEngine: GO`";
    let is_member = |word: &str| {
        let name = word.trim_start_matches('(').strip_prefix('.');
        name.is_some_and(|name| {
            VARS.names()
                .any(|known| path(name).split('.').next() == Some(known))
        })
    };
    let mut words = action.split_whitespace();
    let first = words.next()?;
    if is_member(action) && path(action) == action {
        let mut members = action.split('.').skip(1);
        let root = snake_case(members.next()?);
        if names().contains(&root) {
            let fields = members.map(|name| match &*root {
                "labels" => format!(".{name}"),
                _ => format!(".{}", snake_case(name)),
            });
            let fields: String = fields.collect();
            return Some(format!("write `{root}{fields}`, or {ENGINE}"));
        }
    }
    let is_go = is_member(first) || BLOCKS.contains(&first) || words.any(is_member);
    is_go.then(|| format!("this looks like Go: {ENGINE}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_of_tera_is_no_syntax_of_shells() {
        for (text, want) in [
            ("{% if error %}x{% endif %}", Some("{% if error %}")),
            ("a {%- set x = 1 -%}", Some("{%- set x = 1 -%}")),
            ("{# a note #}", Some("{# a note #}")),
            ("curl -w '%{http_code}' x", None),
            ("echo ${#list[@]} # ${x#}", None),
            ("date +{%s} {%d}", None),
            ("awk '{# a note\n}' #}", None),
            ("awk '{%s %}'", None),
        ] {
            assert_eq!(tera_tag(text).map(|at| &text[at]), want, "{text}");
        }
    }

    #[test]
    fn variables_are_spelt_as_the_engine_does() {
        for (action, want) in [
            (
                ".Task",
                Some("write `task`, or give the hook `templateEngine: GO`"),
            ),
            (
                ".Repo.Id",
                Some("write `repo.id`, or give the hook `templateEngine: GO`"),
            ),
            (
                ".ShellEscape .Task",
                Some("this looks like Go: give the hook `templateEngine: GO`"),
            ),
            (
                "end",
                Some("this looks like Go: give the hook `templateEngine: GO`"),
            ),
            (".State.Running", None),
            ("tas k", None),
        ] {
            assert_eq!(of_go(action).as_deref(), want, "{action}");
        }
        for (path, want) in [
            ("snapshot_stats.message", Some(".SnapshotStats.Message")),
            ("labels.who", Some(".Labels.who")),
            ("printff", None),
            ("Task", None),
        ] {
            assert_eq!(go_path(path).as_deref(), want, "{path}");
        }
    }
}
