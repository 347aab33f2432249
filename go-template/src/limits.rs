//! Limits on the resources of a template. Each has an error of its own.

/// The maximum length of the source, in bytes.
pub const MAX_SOURCE: usize = 4 << 20;

/// The maximum nesting of parentheses in one action.
pub const MAX_PARENS: usize = 500;

/// The maximum nesting of `if`, `with`, `range`, `block` and `define`.
pub const MAX_BLOCKS: usize = 100_000;

/// The maximum nesting of templates that call each other, as in Go.
pub const MAX_CALLS: usize = 100_000;

/// The maximum number of iterations of all loops together.
pub const MAX_ITERATIONS: u64 = 1_000_000;

/// The maximum length of a value that an action makes, in bytes.
pub const MAX_VALUE: usize = 16 << 20;

/// The maximum length of the output, in bytes.
pub const MAX_OUTPUT: usize = 32 << 20;

/// The maximum work of an execution in steps, which take about a second at most. An item or a pair
/// of parentheses is a step, and so is a group of operands or of bytes that are read or made; a
/// call has several steps.
pub const MAX_STEPS: u64 = 5_000_000;

/// The bytes of a value per step.
pub(crate) const BYTES_PER_STEP: usize = 32;

/// The steps of a call that makes a value, in addition to those of its arguments.
pub(crate) const STEPS_PER_CALL: u64 = 8;

/// The steps of an argument of such a call.
pub(crate) const STEPS_PER_ARGUMENT: u64 = 2;

/// The digits of a floating-point number per step. Each digit takes arithmetic on the whole
/// number.
pub(crate) const DIGITS_PER_STEP: usize = 2;

/// The operands or fields per step.
pub(crate) const WORDS_PER_STEP: usize = 4;

/// The maximum width or precision of a verb, as in Go.
pub(crate) const MAX_WIDTH: i64 = 1_000_000;
