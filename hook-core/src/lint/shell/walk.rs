//! The contexts of a script's holes, on every path through its branches.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use super::command_list::ShellValue;
use super::context::{self, HoleContext};
use super::lexer::ShellLexer;
use crate::lint::script::piece::{Hole, Piece};

/// The most states that are tracked at once. Branches nearly always lead to the same state at
/// the end of a line.
const MAX_STATES: usize = 32;
/// The most characters that are read in all, so that loops within loops end.
const MAX_WORK: usize = 1 << 20;

/// Calls `found` with each value and each context that it can have. The values are the holes,
/// and the variables of the shell of these names and of labels.
pub(crate) fn hole_contexts<'p>(
    pieces: &'p [Piece],
    variables: BTreeSet<String>,
    found: impl FnMut(Cow<'p, Hole>, HoleContext),
) {
    let mut walk = ContextWalk {
        found,
        holes: HashMap::new(),
        work: 0,
    };
    let ends = walk.pieces(pieces, vec![ShellLexer::new(variables)]);
    for mut end in ends {
        end.text(0, "\n");
        walk.report(&mut end);
    }
}

struct ContextWalk<'p, F> {
    found: F,
    /// The holes by their beginnings.
    holes: HashMap<usize, &'p Hole>,
    work: usize,
}

impl<'p, F: FnMut(Cow<'p, Hole>, HoleContext)> ContextWalk<'p, F> {
    fn pieces(&mut self, pieces: &'p [Piece], mut states: Vec<ShellLexer>) -> Vec<ShellLexer> {
        for piece in pieces {
            self.work = self.work.saturating_add(16);
            states = self.piece(piece, states);
        }
        states
    }

    fn piece(&mut self, piece: &'p Piece, mut states: Vec<ShellLexer>) -> Vec<ShellLexer> {
        match piece {
            Piece::Text { start, text } => self.text(*start, text, &mut states),
            Piece::Hole(hole) => match &hole.value.constant {
                Some(text) => self.text(hole.start, text, &mut states),
                None => {
                    self.holes.insert(hole.start, hole);
                    for state in &mut states {
                        state.before_hole();
                        self.report(state);
                        (self.found)(Cow::Borrowed(hole), context::hole_context(state));
                        let is_harmless = hole.value.chars.is_empty();
                        state.hole((!is_harmless).then_some(ShellValue::Hole(hole.start)));
                    }
                }
            },
            Piece::Fork(arms) => {
                let mut after = Vec::new();
                for arm in arms {
                    if self.work > MAX_WORK {
                        break;
                    }
                    after.extend(self.pieces(arm, states.clone()));
                }
                if !after.is_empty() {
                    states = after;
                }
            }
            Piece::Loop(body) => {
                // Repeats until an iteration leads to no new state.
                loop {
                    let before = states.len();
                    let turned = self.pieces(body, states.clone());
                    states.extend(turned);
                    distinct(&mut states);
                    if states.len() == before || self.work > MAX_WORK {
                        break;
                    }
                }
            }
        }
        distinct(&mut states);
        states
    }

    fn text(&mut self, start: usize, text: &str, states: &mut [ShellLexer]) {
        for state in states {
            self.work = self.work.saturating_add(text.len());
            if self.work <= MAX_WORK {
                state.text(start, text);
                self.report(state);
            }
        }
    }

    /// Reports the values that a state has found.
    fn report(&mut self, state: &mut ShellLexer) {
        for (value, context) in state.found.drain(..) {
            let hole = match value {
                ShellValue::Hole(start) => self.holes.get(&start).map(|hole| Cow::Borrowed(*hole)),
                ShellValue::Variable { start, end, name } => {
                    Some(Cow::Owned(Hole::variable(start, end, name)))
                }
            };
            if let Some(hole) = hole {
                (self.found)(hole, context);
            }
        }
    }
}

fn distinct(states: &mut Vec<ShellLexer>) {
    let mut seen: Vec<ShellLexer> = Vec::with_capacity(states.len().min(MAX_STATES));
    for state in states.drain(..) {
        if seen.len() < MAX_STATES && !seen.contains(&state) {
            seen.push(state);
        }
    }
    *states = seen;
}

#[cfg(test)]
mod tests {
    use super::super::context::ShellContext;
    use super::*;
    use crate::lint::script::piece::ValueTraits;

    fn hole(start: usize) -> Piece {
        let shown = ".X".to_owned();
        let value = ValueTraits::free();
        let end = start + 1;
        Piece::Hole(Hole {
            start,
            end,
            shown,
            is_variable: false,
            value,
        })
    }

    fn text(text: &str) -> Piece {
        Piece::Text {
            start: 0,
            text: text.to_owned(),
        }
    }

    fn found(pieces: &[Piece]) -> Vec<(usize, ShellContext)> {
        let mut found = Vec::new();
        hole_contexts(pieces, BTreeSet::new(), |hole, at| {
            found.push((hole.start, at.context));
        });
        found.sort_unstable();
        found.dedup();
        found
    }

    #[test]
    fn branches_that_leave_a_quote_open_lead_to_two_places() {
        let pieces = [
            text("echo "),
            Piece::Fork(vec![vec![text("'"), hole(1)], vec![hole(2)]]),
            hole(3),
            text("'\n"),
        ];
        let want = [
            (1, ShellContext::Single),
            (2, ShellContext::Unquoted),
            (3, ShellContext::Single),
            (3, ShellContext::Unquoted),
        ];
        let mut want = want.to_vec();
        want.sort_unstable();
        assert_eq!(found(&pieces), want);
    }

    #[test]
    fn branches_that_close_what_they_open_come_together() {
        let pieces = [
            Piece::Fork(vec![vec![text("a 'x'\n")], vec![text("b \"y\"\n")], vec![]]),
            hole(1),
        ];
        assert_eq!(found(&pieces), [(1, ShellContext::Unquoted)]);
    }

    #[test]
    fn loops_turn_until_nothing_is_new() {
        let pieces = [Piece::Loop(vec![hole(1), text("\"")]), hole(2)];
        let want = [
            (1, ShellContext::Double),
            (1, ShellContext::Unquoted),
            (2, ShellContext::Double),
            (2, ShellContext::Unquoted),
        ];
        assert_eq!(found(&pieces), want);
        let mut nested = vec![text("(\"'`"), hole(1)];
        for _ in 0..40 {
            nested = vec![Piece::Loop(nested), text("x(")];
        }
        found(&nested);
    }
}
