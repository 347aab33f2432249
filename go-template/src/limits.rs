//! How much a template may ask for. Every limit has an error of its own.

/// The longest source, in bytes.
pub const MAX_SOURCE: usize = 4 << 20;

/// The deepest nesting of parentheses in one action.
pub const MAX_PARENS: usize = 500;

/// The deepest nesting of `if`, `with`, `range`, `block` and `define`.
pub const MAX_BLOCKS: usize = 100_000;

/// The deepest nesting of templates that call each other; Go's own limit.
pub const MAX_CALLS: usize = 100_000;

/// How many times all loops together may turn.
pub const MAX_ITERATIONS: u64 = 1_000_000;

/// The longest single value that an action may make, in bytes.
pub const MAX_VALUE: usize = 16 << 20;

/// The longest output, in bytes.
pub const MAX_OUTPUT: usize = 32 << 20;

/// How much work there may be in all, about a second of it at most. One step is an item, a
/// pair of parentheses, some operands, or some bytes read or made; a call is a handful.
pub const MAX_STEPS: u64 = 5_000_000;

/// How many bytes of a value weigh as much as one step.
pub(super) const BYTES_PER_STEP: usize = 32;

/// How much a call weighs that makes something, beside its arguments.
pub(super) const STEPS_PER_CALL: u64 = 8;

/// How much an argument of such a call weighs.
pub(super) const STEPS_PER_ARGUMENT: u64 = 2;

/// How many digits of a floating-point number weigh as much as one step: each needs the
/// whole number.
pub(super) const DIGITS_PER_STEP: usize = 2;

/// How many operands or fields weigh as much as one step.
pub(super) const WORDS_PER_STEP: usize = 4;

/// The largest width or precision of a verb; Go's own limit.
pub(super) const MAX_WIDTH: i64 = 1_000_000;
