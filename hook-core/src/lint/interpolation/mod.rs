//! Values that a script takes for code.
//!
//! A template inserts values into the text of a script. If a value can hold a character that
//! has a meaning in its context (a quote between quotes, `$(…)` between double quotes, a line
//! break in a comment), then a user who controls the value can run code. Error messages
//! contain names of files, so that can be any user of the machine.

mod advice;
mod hazard;

use std::collections::BTreeMap;

use go_template::Span;

use super::script::interpreter::{Language, language};
use super::script::piece::{Hole, Piece};
use super::script::{pieces, vocabulary::Vocabulary};
use super::shell::{self, HoleContext, ShellContext};
use super::warning;
use crate::diagnostic::Diagnostic;
use crate::hook::{CommandAction, Hook};
use hazard::Hazard;

/// Warns of every value of a script that can become code.
pub(crate) fn check(
    hook: &Hook,
    command: &CommandAction,
    vocabulary: &Vocabulary,
) -> Vec<Diagnostic> {
    let Some(pieces) = pieces(&command.template, vocabulary) else {
        return Vec::new();
    };
    let mut found: BTreeMap<usize, (&Hole, Hazard)> = BTreeMap::new();
    let mut note = |hole, hazard: Option<Hazard>| {
        let Some(hazard) = hazard else { return };
        let hole: &Hole = hole;
        let worst = found.entry(hole.start).or_insert((hole, hazard));
        // After a branch, one hole can have two contexts.
        if hazard > worst.1 {
            *worst = (hole, hazard);
        }
    };
    match language(&pieces) {
        Language::Shell => shell::hole_contexts(&pieces, |hole, at| {
            note(hole, hazard::in_shell(at, &hole.value));
        }),
        Language::Unknown => {}
        language => foreign(&pieces, &mut None, &mut |hole, before| {
            note(hole, hazard::elsewhere(language, before, &hole.value));
        }),
    }
    found
        .into_values()
        .map(|(hole, hazard)| diagnostic(hook, command, hole, hazard))
        .collect()
}

/// Calls `found` with each value and the character before it.
fn foreign<'p>(
    pieces: &'p [Piece],
    before: &mut Option<char>,
    found: &mut impl FnMut(&'p Hole, Option<char>),
) {
    for piece in pieces {
        match piece {
            Piece::Text(text) => *before = text.chars().last().or(*before),
            Piece::Hole(hole) => {
                found(hole, *before);
                *before = Some(' ');
            }
            Piece::Fork(arms) => {
                for arm in arms {
                    let mut at = *before;
                    foreign(arm, &mut at, found);
                }
                *before = None;
            }
            Piece::Loop(body) => {
                foreign(body, before, found);
                *before = None;
            }
        }
    }
}

fn diagnostic(hook: &Hook, command: &CommandAction, hole: &Hole, hazard: Hazard) -> Diagnostic {
    let (source, action) = (command.template.source(), Span::new(hole.start, hole.end));
    let (line, column) = action.line_column(source);
    let first_line = action.of(source).lines().next().unwrap_or_default();
    let length = u32::try_from(first_line.chars().count()).unwrap_or(u32::MAX);
    let range = command.text_map.range(line, column, length);
    let (message, remedy) = (advice::message(hole, hazard), advice::remedy(hole, hazard));
    warning(hook, Some(range), hazard.code(), message, remedy)
}
