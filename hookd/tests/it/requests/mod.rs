//! What clients may ask, and what they are told when they ask wrongly.

mod looking;
mod refused;
