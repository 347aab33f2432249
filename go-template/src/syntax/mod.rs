//! From source to syntax tree and back.

pub mod ast;
mod block;
mod lex;
mod lex_number;
mod literal;
mod number;
mod parse;
mod pipeline;
mod print;
mod scope;
mod token;

pub use parse::parse;
pub use print::print;
