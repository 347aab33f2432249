//! Where each value of a script stands, on every way through its branches.

use super::lexer::Lexer;
use super::place::{self, Spot};
use crate::lint::script::piece::{Hole, Piece};

/// How many different states are followed side by side. Branches nearly always come
/// together again at the end of a line.
const MAX_STATES: usize = 32;
/// How many characters are read in all, so that loops within loops end.
const MAX_WORK: usize = 1 << 20;

/// Calls `found` with each value and each place where it can stand.
pub(crate) fn places<'p>(pieces: &'p [Piece], found: impl FnMut(&'p Hole, Spot)) {
    let mut walk = Walk { found, work: 0 };
    walk.pieces(pieces, vec![Lexer::default()]);
}

struct Walk<F> {
    found: F,
    work: usize,
}

impl<'p, F: FnMut(&'p Hole, Spot)> Walk<F> {
    fn pieces(&mut self, pieces: &'p [Piece], mut states: Vec<Lexer>) -> Vec<Lexer> {
        for piece in pieces {
            self.work = self.work.saturating_add(16);
            states = self.piece(piece, states);
        }
        states
    }

    fn piece(&mut self, piece: &'p Piece, mut states: Vec<Lexer>) -> Vec<Lexer> {
        match piece {
            Piece::Text(text) => self.text(text, &mut states),
            Piece::Hole(hole) => match &hole.value.constant {
                Some(text) => self.text(text, &mut states),
                None => {
                    for state in &mut states {
                        state.before_hole();
                        (self.found)(hole, place::spot(state));
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
                // Until another turn leads to no new state.
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

    fn text(&mut self, text: &str, states: &mut [Lexer]) {
        for state in states {
            self.work = self.work.saturating_add(text.len());
            if self.work <= MAX_WORK {
                state.text(text);
            }
        }
    }
}

fn distinct(states: &mut Vec<Lexer>) {
    let mut seen: Vec<Lexer> = Vec::with_capacity(states.len().min(MAX_STATES));
    for state in states.drain(..) {
        if seen.len() < MAX_STATES && !seen.contains(&state) {
            seen.push(state);
        }
    }
    *states = seen;
}

#[cfg(test)]
mod tests {
    use super::super::place::Place;
    use super::*;
    use crate::lint::script::piece::Value;

    fn hole(start: usize) -> Piece {
        let shown = ".X".to_owned();
        let value = Value::free();
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

    fn found(pieces: &[Piece]) -> Vec<(usize, Place)> {
        let mut found = Vec::new();
        places(pieces, |hole, spot| found.push((hole.start, spot.place)));
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
            (1, Place::Single),
            (2, Place::Unquoted),
            (3, Place::Single),
            (3, Place::Unquoted),
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
        assert_eq!(found(&pieces), [(1, Place::Unquoted)]);
    }

    #[test]
    fn loops_turn_until_nothing_is_new() {
        let pieces = [Piece::Loop(vec![hole(1), text("\"")]), hole(2)];
        let want = [
            (1, Place::Double),
            (1, Place::Unquoted),
            (2, Place::Double),
            (2, Place::Unquoted),
        ];
        assert_eq!(found(&pieces), want);
        let mut nested = vec![text("(\"'`"), hole(1)];
        for _ in 0..40 {
            nested = vec![Piece::Loop(nested), text("x(")];
        }
        found(&nested);
    }
}
