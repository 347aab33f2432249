//! The syntax tree, from source and back.

pub mod ast;
mod block;
mod lex;
mod lex_number;
mod literal;
mod number;
mod parse;
mod pipeline;
mod print;
mod token;

pub(crate) use number::round_bits;
