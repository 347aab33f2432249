//! Scripts before they are rendered: text, values and branches, and their interpreter.

pub(crate) mod char_set;
mod go;
pub(crate) mod interpreter;
pub(crate) mod piece;
mod tera;
pub(crate) mod vocabulary;

use piece::Piece;
use vocabulary::Vocabulary;

use crate::template::{Engine, Template};

/// Returns the pieces of a template; `None` if it nests too deeply, is too long, or has
/// tags that are not followed.
pub(crate) fn pieces(template: &Template, vocabulary: &Vocabulary) -> Option<Vec<Piece>> {
    match template.engine() {
        Engine::Go => go::pieces(template, vocabulary),
        Engine::Tera => tera::pieces(template, vocabulary),
        Engine::None => Some(vec![Piece::Text {
            start: 0,
            text: template.source().to_owned(),
        }]),
    }
}
