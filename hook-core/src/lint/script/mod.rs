//! Scripts before they are rendered: text, values and branches, and what reads them.

pub(crate) mod chars;
mod go;
pub(crate) mod interpreter;
pub(crate) mod piece;
mod tera;
pub(crate) mod vocabulary;

use piece::Piece;
use vocabulary::Vocabulary;

use crate::template::{Engine, Template};

/// The pieces of a template; `None` if there are too many to look at, or if the template
/// is in a language that this does not read.
pub(crate) fn pieces(template: &Template, vocabulary: &Vocabulary) -> Option<Vec<Piece>> {
    match template.engine() {
        Engine::Go => go::pieces(template, vocabulary),
        Engine::Tera => tera::pieces(template, vocabulary),
        Engine::None => Some(vec![Piece::Text(template.source().to_owned())]),
    }
}
