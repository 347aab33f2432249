//! Runs a template.

mod args;
mod call;
mod eval;
mod range;
mod walk;

pub(super) use args::constant;

use smallvec::{SmallVec, smallvec};

use super::fault::{Fault, Faulty, Span};
use super::limits::{
    BYTES_PER_STEP, DIGITS_PER_STEP, MAX_OUTPUT, MAX_STEPS, STEPS_PER_ARGUMENT, STEPS_PER_CALL,
};
use super::room::with_room;
use super::syntax::ast::{Document, Name, Variable};
use super::value::Value;

/// Runs a template with what `dot` gives as its data. There is either the whole output
/// or a fault.
pub fn execute<'a>(
    document: &'a Document,
    source: &'a str,
    dot: impl FnOnce() -> Value<'a> + Send,
) -> Result<Vec<u8>, Box<Fault>> {
    with_room(document.depth, || run(document, source, dot()))?
}

fn run<'a>(document: &'a Document, source: &'a str, dot: Value<'a>) -> Faulty<Vec<u8>> {
    let mut run = Run {
        document,
        source,
        out: Vec::with_capacity(source.len() + source.len() / 2),
        steps: 0,
        turns: 0,
        at: Span::default(),
        slots: SmallVec::new(),
        latest: smallvec![0; document.variables.len()],
        base: 0,
    };
    run.walk(dot)?;
    Ok(run.out)
}

/// A template that runs.
struct Run<'a> {
    document: &'a Document,
    source: &'a str,
    out: Vec<u8>,
    /// The work done so far.
    steps: u64,
    /// How often loops have turned so far.
    turns: u64,
    /// Where a fault is reported: what was looked at last.
    at: Span,
    /// The variables in sight and those that they hide.
    slots: SmallVec<[Slot<'a>; 2]>,
    /// For every name, one more than the index of the slot that is in sight.
    latest: SmallVec<[usize; 4]>,
    /// Slots before this one belong to a caller.
    base: usize,
}

/// The values that a function or method is called with.
type Args<'a> = SmallVec<[Value<'a>; 2]>;

struct Slot<'a> {
    name: usize,
    hidden: usize,
    value: Value<'a>,
}

impl<'a> Run<'a> {
    fn fault(&self, message: impl Into<String>) -> Box<Fault> {
        Fault::new(self.at, message)
    }

    /// A fault at `span`, if that is on the line where faults are reported now.
    fn fault_at(&self, span: Span, message: impl Into<String>) -> Box<Fault> {
        let (from, to) = (self.at.start.min(span.start), self.at.start.max(span.start));
        let between = Span {
            start: from,
            end: to,
        }
        .of(self.source);
        Fault::new(
            if between.contains('\n') {
                self.at
            } else {
                span
            },
            message,
        )
    }

    fn text(&self, name: &Name) -> &'a str {
        name.span.of(self.source)
    }

    /// Counts work, and gives up when it is too much.
    fn step(&mut self, steps: u64) -> Faulty<()> {
        self.steps += steps;
        if self.steps > MAX_STEPS {
            return Err(self.fault("the template does more work than it may"));
        }
        Ok(())
    }

    /// Counts the work of a call that reads its arguments.
    fn weigh_call(&mut self, args: &[Value<'a>]) -> Faulty<()> {
        let bytes: usize = args.iter().map(length).sum();
        let steps = STEPS_PER_CALL + STEPS_PER_ARGUMENT * args.len() as u64;
        self.step(steps + (bytes / BYTES_PER_STEP) as u64)
    }

    /// Counts the work of making what a call gave.
    fn weigh_result(&mut self, args: &[Value<'a>], result: &Value<'a>) -> Faulty<()> {
        let number = |arg: &Value<'_>| matches!(arg, Value::Float(_) | Value::Complex(..));
        let per_step = match args.iter().any(number) {
            true => DIGITS_PER_STEP,
            false => BYTES_PER_STEP,
        };
        self.step((length(result) / per_step) as u64)
    }

    fn write(&mut self, bytes: &[u8]) -> Faulty<()> {
        if self.out.len() + bytes.len() > MAX_OUTPUT {
            return Err(self.fault(format!("the output is longer than {MAX_OUTPUT} bytes")));
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn declare(&mut self, name: u32, value: Value<'a>) {
        let name = name as usize;
        self.slots.push(Slot {
            name,
            hidden: self.latest[name],
            value,
        });
        self.latest[name] = self.slots.len();
    }

    /// Forgets the variables declared since `mark`.
    fn leave(&mut self, mark: usize) {
        while self.slots.len() > mark {
            if let Some(slot) = self.slots.pop() {
                self.latest[slot.name] = slot.hidden;
            }
        }
    }

    fn slot(&self, variable: &Variable) -> Faulty<usize> {
        match self.latest[variable.name as usize] {
            index if index > self.base => Ok(index - 1),
            _ => {
                let text = variable.span.of(self.source);
                Err(self.fault_at(
                    variable.span,
                    format!("the variable `{text}` is not declared"),
                ))
            }
        }
    }

    fn set(&mut self, variable: &Variable, value: Value<'a>) -> Faulty<()> {
        let slot = self.slot(variable)?;
        self.slots[slot].value = value;
        Ok(())
    }
}

/// How many bytes of a value are its own.
fn length(value: &Value<'_>) -> usize {
    match value {
        Value::Str(text) => text.bytes().len(),
        _ => 0,
    }
}
