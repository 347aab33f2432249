//! The contexts of a script's holes, on every path through its branches.

use super::context::{self, HoleContext};
use super::lexer::ShellLexer;
use crate::lint::script::piece::{Hole, Piece};

/// The most states that are tracked at once. Branches nearly always lead to the same state at
/// the end of a line.
const MAX_STATES: usize = 32;
/// The most characters that are read in all, so that loops within loops end.
const MAX_WORK: usize = 1 << 20;

/// Calls `found` with each hole and each context that it can have.
pub(crate) fn hole_contexts<'p>(pieces: &'p [Piece], found: impl FnMut(&'p Hole, HoleContext)) {
    let mut walk = ContextWalk { found, work: 0 };
    walk.pieces(pieces, vec![ShellLexer::default()]);
}

struct ContextWalk<F> {
    found: F,
    work: usize,
}

impl<'p, F: FnMut(&'p Hole, HoleContext)> ContextWalk<F> {
    fn pieces(&mut self, pieces: &'p [Piece], mut states: Vec<ShellLexer>) -> Vec<ShellLexer> {
        for piece in pieces {
            self.work = self.work.saturating_add(16);
            states = self.piece(piece, states);
        }
        states
    }

    fn piece(&mut self, piece: &'p Piece, mut states: Vec<ShellLexer>) -> Vec<ShellLexer> {
        match piece {
            Piece::Text(text) => self.text(text, &mut states),
            Piece::Hole(hole) => match &hole.value.constant {
                Some(text) => self.text(text, &mut states),
                None => {
                    for state in &mut states {
                        state.before_hole();
                        (self.found)(hole, context::hole_context(state));
                        state.hole();
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

    fn text(&mut self, text: &str, states: &mut [ShellLexer]) {
        for state in states {
            self.work = self.work.saturating_add(text.len());
            if self.work <= MAX_WORK {
                state.text(text);
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
            value,
        })
    }

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    fn found(pieces: &[Piece]) -> Vec<(usize, ShellContext)> {
        let mut found = Vec::new();
        hole_contexts(pieces, |hole, at| found.push((hole.start, at.context)));
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
