//! Tests of `.Event` that are never true, because the hook matches another condition of the event.
//!
//! A failed snapshot fires `CONDITION_SNAPSHOT_ERROR` and `CONDITION_SNAPSHOT_END`; in a hook for the
//! latter, `.Event` is the latter, too. Tests for events that the hook does not run for may be there
//! because hooks share a script, and are let pass.

use go_template::syntax::ast::{Command, Expr, ExprKind, Pipeline};
use go_template::{Builtin, Span, Template};

use super::Finding;
use super::facts::Place;
use crate::condition::Condition;
use crate::diagnostic::Severity;
use crate::vars::methods::is_error;

pub(super) const REMEDY: &str = "`.Event` is what the hook matched: ask for `.Error`, as in \
                                 `{{if .Error}}`, or in the shell for `$HOOK_EVENT`";

/// Returns the tests that no condition of the hook makes true, in order.
pub(super) fn spans(template: &Template, conditions: &[Condition]) -> Vec<Span> {
    let mut search = Search {
        source: template.source(),
        conditions,
        found: Vec::new(),
    };
    let items = template.trees.iter().flat_map(|tree| &tree.items);
    for pipeline in items.filter_map(|item| item.kind.pipeline()) {
        search.pipeline(pipeline);
    }
    search.found.sort_by_key(|span| span.start);
    search.found
}

/// Returns the warning about such a test.
pub(super) fn finding(span: Span, source: &str, conditions: &[Condition]) -> Finding {
    let place = Place::of(span, source);
    let names: Vec<&str> = conditions.iter().map(|c| c.name()).collect();
    Finding {
        severity: Severity::Warning,
        line: place.line,
        column: place.column,
        length: place.length,
        code: "never-true",
        message: format!(
            "never true here: the hook's conditions are {}",
            names.join(", ")
        ),
        remedy: Some(REMEDY.to_owned()),
    }
}

struct Search<'t> {
    source: &'t str,
    conditions: &'t [Condition],
    found: Vec<Span>,
}

impl Search<'_> {
    fn pipeline(&mut self, pipeline: &Pipeline) {
        for command in &pipeline.commands {
            if pipeline.commands.len() == 1 && self.is_never_true(command) {
                self.found.push(command.span);
            }
            for inner in command.words.iter().filter_map(Expr::pipeline) {
                self.pipeline(inner);
            }
        }
    }

    fn is_never_true(&self, command: &Command) -> bool {
        let Some((first, arguments)) = command.words.split_first() else {
            return false;
        };
        let asked: Vec<Condition> = match (&first.kind, arguments) {
            (ExprKind::Function(Builtin::Eq), [_, _, ..]) => {
                let (events, others): (Vec<&Expr>, Vec<&Expr>) =
                    arguments.iter().partition(|expr| self.is_event(expr));
                let asked = others
                    .into_iter()
                    .map(condition)
                    .collect::<Option<Vec<_>>>();
                asked.filter(|_| events.len() == 1).unwrap_or_default()
            }
            (_, [event]) if self.is_member(first, "IsError") && self.is_event(event) => {
                let all = Condition::ALL.into_iter();
                all.filter(|c| is_error(Some(*c))).collect()
            }
            _ => return false,
        };
        let is_beside = |asked: &Condition| {
            Condition::ALL.iter().any(|event| {
                let fired = event.fires();
                fired.contains(asked) && self.conditions.iter().any(|c| fired.contains(c))
            })
        };
        asked.iter().any(is_beside) && !asked.iter().any(|c| self.conditions.contains(c))
    }

    /// Returns whether an operand is `.Event`, or its text.
    fn is_event(&self, expr: &Expr) -> bool {
        let printed = match &expr.kind {
            ExprKind::Paren(pipeline) => match pipeline.commands.as_slice() {
                [command] => match command.words.as_slice() {
                    [print, event] if is_print(print) => event,
                    _ => return false,
                },
                _ => return false,
            },
            _ => expr,
        };
        self.is_member(printed, "Event")
    }

    /// Returns whether an operand is this field or method of the variables.
    fn is_member(&self, expr: &Expr, name: &str) -> bool {
        let names = match &expr.kind {
            ExprKind::Field(names) => names,
            ExprKind::Variable(variable, names) if variable.name == 0 => names,
            _ => return false,
        };
        matches!(names.as_slice(), [only] if only.of(self.source) == name)
    }
}

fn is_print(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Function(Builtin::Print))
}

/// Returns the condition that a literal names or numbers.
fn condition(expr: &Expr) -> Option<Condition> {
    match &expr.kind {
        ExprKind::Str(name) => Condition::from_name(std::str::from_utf8(name).ok()?),
        ExprKind::Number(number) => Condition::from_number(i32::try_from(number.int?).ok()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_never_true_if_the_hook_matches_another_condition_of_the_event() {
        use Condition as C;
        const ERROR: &str = r#"{{if eq (print .Event) "CONDITION_SNAPSHOT_ERROR"}}x{{end}}"#;
        const IS_ERROR: &str = "{{if .IsError .Event}}x{{end}}";
        for (source, conditions, want) in [
            (ERROR, &[C::SnapshotEnd][..], 1),
            (ERROR, &[C::AnyError], 1),
            (ERROR, &[C::SnapshotEnd, C::SnapshotError], 0),
            (ERROR, &[C::SnapshotStart], 0),
            (ERROR, &[], 0),
            (IS_ERROR, &[C::SnapshotEnd], 1),
            (IS_ERROR, &[C::PruneError], 1),
            (IS_ERROR, &[C::AnyError], 0),
            (IS_ERROR, &[C::SnapshotSuccess], 0),
            (
                "{{if and .Error (not ($.IsError $.Event))}}x{{end}}",
                &[C::SnapshotEnd],
                1,
            ),
            ("{{if eq 4 .Event}}x{{end}}", &[C::SnapshotEnd], 1),
            (
                r#"{{if eq .Event "CONDITION_SNAPSHOT_END" "CONDITION_SNAPSHOT_ERROR"}}{{end}}"#,
                &[C::SnapshotEnd],
                0,
            ),
            (
                r#"{{if eq (print .Event) .Task}}x{{end}}"#,
                &[C::SnapshotEnd],
                0,
            ),
            (
                r#"{{if eq (print .Event) "x"}}x{{end}}"#,
                &[C::SnapshotEnd],
                0,
            ),
        ] {
            let template = Template::parse("", source).unwrap();
            assert_eq!(
                spans(&template, conditions).len(),
                want,
                "{source} {conditions:?}"
            );
        }
    }
}
