#![doc = include_str!("../README.md")]

mod builtin;
mod check;
mod collection;
mod exec;
mod fault;
mod format;
pub mod json;
pub mod limits;
pub mod model;
mod nearest;
mod scope;
mod stack;
pub mod syntax;
mod time;
mod types;
mod value;

pub use builtin::Builtin;
pub use check::{Flaw, Nilness};
pub use collection::{List, Map};
pub use fault::{Fault, Span};
pub use nearest::{nearest, nearest_by};
pub use syntax::ast::Template;
pub use time::{DURATION, Duration, Time};
pub use value::{Data, Object, Text, Value};
