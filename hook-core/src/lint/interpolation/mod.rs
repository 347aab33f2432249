//! Values that a script takes for code.
//!
//! A template puts values into the text of a script. Where a value can hold a character
//! that means something in that place (a quote between quotes, `$(…)` between double
//! quotes, a line break in a comment), whoever chooses the value chooses what runs. Names
//! of files end up in error messages, so that may be anybody.

mod advice;
mod hazard;
#[cfg(test)]
mod proofs;
#[cfg(test)]
mod soundness;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::script::interpreter::{Language, language};
use super::script::piece::{Hole, Piece};
use super::script::{pieces, vocabulary::Vocabulary};
use super::shell::{self, Place, Spot};
use super::{At, Warning};
use crate::template::Template;
use hazard::Hazard;

/// Every value of a script that can become code.
pub(crate) fn check(template: &Template, vocabulary: &Vocabulary) -> Vec<Warning> {
    let Some(pieces) = pieces(template, vocabulary) else {
        return Vec::new();
    };
    let mut found: BTreeMap<usize, (&Hole, Hazard)> = BTreeMap::new();
    let mut note = |hole, hazard: Option<Hazard>| {
        let Some(hazard) = hazard else { return };
        let hole: &Hole = hole;
        let worst = found.entry(hole.start).or_insert((hole, hazard));
        // A place that two branches leave open can be two places.
        if hazard > worst.1 {
            *worst = (hole, hazard);
        }
    };
    match language(&pieces) {
        Language::Shell => {
            shell::places(&pieces, |hole, spot| {
                note(hole, hazard::in_shell(spot, &hole.value))
            });
        }
        Language::Unknown => {}
        language => {
            foreign(&pieces, &mut None, &mut |hole, before| {
                note(hole, hazard::elsewhere(language, before, &hole.value));
            });
        }
    }
    found
        .into_values()
        .map(|(hole, hazard)| warning(template, hole, hazard))
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

fn warning(template: &Template, hole: &Hole, hazard: Hazard) -> Warning {
    let source = template.source();
    let line_start = source[..hole.start].rfind('\n').map_or(0, |i| i + 1);
    let count = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let line = source[..hole.start].matches('\n').count() + 1;
    let action = &source[hole.start..hole.end];
    Warning {
        at: At::Script {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: count(&source[line_start..hole.start]).saturating_add(1),
            length: count(action.lines().next().unwrap_or_default()),
        },
        code: hazard.code(),
        message: advice::message(hole, hazard),
        remedy: Some(advice::remedy(hole, hazard)),
    }
}
