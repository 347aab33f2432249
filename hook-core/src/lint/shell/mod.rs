//! What a POSIX-like shell makes of a script with holes: in which quotes each stands.

mod document;
mod frame;
mod lexer;
mod place;
mod walk;

pub(crate) use place::{Place, Spot};
pub(crate) use walk::places;
