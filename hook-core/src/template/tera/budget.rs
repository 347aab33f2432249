//! What a rendering may still spend.
//!
//! Tera counts nothing, so it is counted around it. In front of every part that evaluates
//! something stands a [`Toll`]: the sizes of all variables that the part mentions are
//! added up before it is evaluated. What an expression can come to from these without a
//! filter is no longer than their sum; filters that lengthen a text are replaced by ones
//! that add what they make ([`made`]). So no value outgrows [`MAX_VALUE`], and the work is
//! paid for before it is done.

use std::cell::Cell;

use tera::value::Key;
use tera::{Error, State, TeraResult, Value};

use go_template::limits::{MAX_ITERATIONS, MAX_STEPS, MAX_VALUE};

/// How many bytes of a value weigh as much as one step.
const BYTES_PER_STEP: usize = 64;
/// What a part costs besides its tokens and values.
const PART: u64 = 4;
/// What an element of a list or map weighs, in bytes, besides what it holds.
const ELEMENT: usize = 16;
/// How deep lists and maps can nest in each other.
pub(in crate::template) const MAX_DEPTH: usize = 200;

thread_local! {
    static STEPS: Cell<u64> = const { Cell::new(0) };
    static TURNS: Cell<u64> = const { Cell::new(0) };
    /// What the values of the expression under way weigh together.
    static BYTES: Cell<usize> = const { Cell::new(0) };
    /// How often each of them may be copied.
    static COPIES: Cell<u64> = const { Cell::new(1) };
}

/// What renderings on trial may spend together, as a part of what one may.
const TRIAL: u64 = 10;

/// Begins a rendering on this thread.
pub(super) fn start() {
    STEPS.set(MAX_STEPS);
    TURNS.set(MAX_ITERATIONS);
}

/// Begins renderings on trial, which share what they may spend.
pub(super) fn start_trial() {
    STEPS.set(MAX_STEPS / TRIAL);
    TURNS.set(MAX_ITERATIONS / TRIAL);
}

/// Whether more was asked for than there was.
pub(super) fn is_spent() -> bool {
    STEPS.get() == 0 || TURNS.get() == 0
}

/// What it costs to pass a place of a template.
#[derive(Debug, Default)]
pub(super) struct Toll {
    /// Whether the place is the beginning of a turn of a loop.
    pub(super) turn: bool,
    /// How many tokens are evaluated.
    pub(super) tokens: u64,
    /// How many bytes the strings in it have.
    pub(super) literals: usize,
    /// How often a value may be copied, at most.
    pub(super) copies: u64,
    /// How deep lists and maps are written into each other: each may double what is
    /// escaped in it.
    pub(super) nesting: u32,
    /// The variables, with their fields.
    pub(super) paths: Vec<Vec<String>>,
}

impl Toll {
    /// Pays, or fails if too little is left.
    pub(super) fn pay(&self, state: &State<'_>) -> TeraResult<()> {
        if self.turn {
            let left = TURNS.get().checked_sub(1);
            TURNS.set(left.unwrap_or_default());
            if left.is_none() {
                return Err(Error::message(format!(
                    "the loops turn more than {MAX_ITERATIONS} times"
                )));
            }
        }
        spend(PART.saturating_add(self.tokens))?;
        COPIES.set(self.copies.max(1));
        BYTES.set(0);
        let mut bytes = self.literals;
        for path in &self.paths {
            let Some((name, fields)) = path.split_first() else {
                continue;
            };
            if let Some(value) = state.get::<Value>(name)? {
                bytes = bytes.saturating_add(size(field(&value, fields), 0)?);
            }
        }
        let growth = match self.nesting {
            0 => 1,
            // The first escapes a character by six, each other a backslash by two.
            deep => 6_usize.saturating_mul(1 << deep.min(40).saturating_sub(1)),
        };
        made(bytes.saturating_mul(growth))
    }
}

/// Adds what a filter or function makes, or is about to make, of the values.
pub(super) fn made(bytes: usize) -> TeraResult<()> {
    let sum = BYTES.get().saturating_add(bytes);
    BYTES.set(sum);
    if sum > MAX_VALUE {
        return Err(Error::message(format!(
            "the values of this expression are longer than {MAX_VALUE} bytes"
        )));
    }
    spend((bytes / BYTES_PER_STEP) as u64 * COPIES.get())
}

/// Pays for work.
pub(super) fn spend(steps: u64) -> TeraResult<()> {
    let left = STEPS.get().checked_sub(steps);
    STEPS.set(left.unwrap_or_default());
    match left {
        Some(_) => Ok(()),
        None => Err(Error::message(format!(
            "the template does more work than {MAX_STEPS} steps"
        ))),
    }
}

/// The part of a value that the fields lead to, as far as they do.
fn field<'v>(mut value: &'v Value, fields: &'v [String]) -> &'v Value {
    for name in fields {
        match value.as_map().and_then(|m| m.get(&Key::Str(name))) {
            Some(next) => value = next,
            None => break,
        }
    }
    value
}

/// What a value weighs. It stops where it is too much, since few lists can share
/// elements so that they print as very many.
pub(super) fn size(value: &Value, depth: usize) -> TeraResult<usize> {
    if depth > MAX_DEPTH {
        return Err(Error::message(format!(
            "lists and maps nest deeper than {MAX_DEPTH}"
        )));
    }
    if let Some(text) = value.as_str() {
        return Ok(text.len());
    }
    let mut sum = 0_usize;
    let mut add = |bytes: usize| {
        sum = sum.saturating_add(bytes).saturating_add(ELEMENT);
        sum <= MAX_VALUE
    };
    if let Some(items) = value.as_array() {
        for item in items {
            if !add(size(item, depth + 1)?) {
                break;
            }
        }
    } else if let Some(map) = value.as_map() {
        for (key, item) in map {
            let key = key.as_str().map_or(ELEMENT, str::len);
            if !add(key.saturating_add(size(item, depth + 1)?)) {
                break;
            }
        }
    }
    Ok(sum)
}
