//! Values that a script takes for code.
//!
//! A template inserts values into the text of a script. If a value can hold a character that
//! has a meaning in its context (a quote between quotes, `$(…)` between double quotes, a line
//! break in a comment), then a user who controls the value can run code. Error messages
//! contain names of files, so that can be any user of the machine.

mod advice;
mod code_advice;
mod document_text;
mod handed;
mod hazard;
mod message;

use std::borrow::Cow;
use std::collections::BTreeMap;

use go_template::Span;

use super::script::interpreter::{Language, language};
use super::script::piece::{Hole, Piece};
use super::script::{pieces, vocabulary::Vocabulary};
use super::shell::{self, CodeContext, CodeReader, HoleContext, ShellContext};
use super::warning;
use crate::diagnostic::Diagnostic;
use crate::hook::{CommandAction, Hook};
use document_text::DocumentTexts;
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
    let mut found: BTreeMap<usize, Finding<'_>> = BTreeMap::new();
    match language(&pieces) {
        Language::Shell => {
            shell::hole_contexts(&pieces, vocabulary.variables(), |hole, at| {
                let hazard = match hole.is_variable {
                    true => hazard::of_variable(at, &hole.value),
                    false => hazard::in_shell(at, &hole.value),
                };
                note_worst(&mut found, hole, hazard, at.in_json_string.is_some());
            });
        }
        Language::Unknown => {}
        language => foreign(&pieces, &mut None, &mut |hole, before| {
            let hazard = hazard::elsewhere(language, before, &hole.value);
            note_worst(&mut found, Cow::Borrowed(hole), hazard, false);
        }),
    }
    let mut position = Position::default();
    let mut texts = None;
    found
        .into_values()
        .map(|mut finding| {
            if finding.hazard.is_in_document() {
                let texts = texts
                    .get_or_insert_with(|| DocumentTexts::of(command.template.source(), &pieces));
                finding.is_expandable = texts.is_expandable_around(finding.hole.start);
            }
            position.advance(command.template.source(), finding.hole.start);
            diagnostic(hook, command, &finding, &position)
        })
        .collect()
}

/// A value that can become code.
struct Finding<'p> {
    hole: Cow<'p, Hole>,
    hazard: Hazard,
    /// True if the value is a part of JSON.
    in_json: bool,
    /// True in a here-document with other text that only quotes around the delimiter keep.
    is_expandable: bool,
}

/// Adds a finding, unless the same value has a worse one: after a branch, it can have two
/// contexts.
fn note_worst<'p>(
    found: &mut BTreeMap<usize, Finding<'p>>,
    hole: Cow<'p, Hole>,
    hazard: Option<Hazard>,
    in_json: bool,
) {
    let Some(hazard) = hazard else { return };
    let is_worse = found.get(&hole.start).is_none_or(|f| f.hazard < hazard);
    if is_worse {
        let start = hole.start;
        let finding = Finding {
            hole,
            hazard,
            in_json,
            is_expandable: false,
        };
        found.insert(start, finding);
    }
}

/// Calls `found` with each value and the character before it.
fn foreign<'p>(
    pieces: &'p [Piece],
    before: &mut Option<char>,
    found: &mut impl FnMut(&'p Hole, Option<char>),
) {
    for piece in pieces {
        match piece {
            Piece::Text { text, .. } => *before = text.chars().last().or(*before),
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

/// A place in a template, which only moves forward, so that many findings take linear time.
#[derive(Default)]
struct Position {
    offset: usize,
    /// The number of line breaks before it.
    lines: u32,
    /// The number of characters before it in its line.
    characters: u32,
}

impl Position {
    fn advance(&mut self, source: &str, offset: usize) {
        for c in source.get(self.offset..offset).unwrap_or_default().chars() {
            match c {
                '\n' => (self.lines, self.characters) = (self.lines.saturating_add(1), 0),
                _ => self.characters = self.characters.saturating_add(1),
            }
        }
        self.offset = offset;
    }
}

fn diagnostic(
    hook: &Hook,
    command: &CommandAction,
    finding: &Finding<'_>,
    position: &Position,
) -> Diagnostic {
    let (hole, template) = (&finding.hole, &command.template);
    let (source, action) = (template.source(), Span::new(hole.start, hole.end));
    let (line, column) = (position.lines + 1, position.characters + 1);
    let first_line = action.of(source).lines().next().unwrap_or_default();
    let length = u32::try_from(first_line.chars().count()).unwrap_or(u32::MAX);
    let range = command.text_map.range(line, column, length);
    let message = message::message(hole, finding.hazard);
    let remedy = advice::remedy(finding, template.engine());
    warning(hook, Some(range), finding.hazard.code(), message, remedy)
}
