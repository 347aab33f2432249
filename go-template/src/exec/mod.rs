//! Execution of a template.

mod args;
mod call;
mod eval;
mod range;
mod walk;

pub(crate) use args::constant;

use crate::fault::{Fault, Faulty, Span};
use crate::limits::{
    BYTES_PER_STEP, DIGITS_PER_STEP, MAX_OUTPUT, MAX_STEPS, STEPS_PER_ARGUMENT, STEPS_PER_CALL,
};
use crate::scope::Scope;
use crate::stack::with_stack;
use crate::syntax::ast::{Item, Template, Variable};
use crate::value::{Data, Value};
use walk::{Block, Caller};

impl Template {
    /// Executes the template and returns the whole output, which need not be UTF-8.
    pub fn execute(&self, data: &dyn Data) -> Result<Vec<u8>, Box<Fault>> {
        with_stack(self.depth, || {
            let mut execution = Execution {
                template: self,
                out: Vec::with_capacity(self.source.len()),
                steps: 0,
                iterations: 0,
                at: Span::default(),
                variables: Scope::new(),
                items: &[],
                next: 0,
                dot: data.value(),
                blocks: Vec::new(),
                callers: Vec::new(),
            };
            execution.run()?;
            Ok(execution.out)
        })?
    }
}

/// A template that is being executed.
struct Execution<'a> {
    template: &'a Template,
    out: Vec<u8>,
    /// The steps so far, limited by [`MAX_STEPS`].
    steps: u64,
    /// The iterations of all loops so far.
    iterations: u64,
    /// The node that was evaluated last. Go reports faults on its line.
    at: Span,
    variables: Scope<Value<'a>>,
    /// The items of the current tree, and the index of the next one.
    items: &'a [Item],
    next: usize,
    dot: Value<'a>,
    /// The open blocks of all trees, the innermost last.
    blocks: Vec<Block<'a>>,
    callers: Vec<Caller<'a>>,
}

impl<'a> Execution<'a> {
    fn fault(&self, message: impl Into<String>) -> Box<Fault> {
        Fault::new(self.at, message)
    }

    /// A fault at `span`, or where Go reports it if that is another line.
    fn fault_at(&self, span: Span, message: impl Into<String>) -> Box<Fault> {
        Fault::new(span.on_line_of(self.at, &self.template.source), message)
    }

    fn text(&self, span: Span) -> &'a str {
        span.of(&self.template.source)
    }

    /// Adds steps. Fails if there are too many.
    fn step(&mut self, steps: u64) -> Faulty<()> {
        self.steps += steps;
        if self.steps > MAX_STEPS {
            return Err(self.fault("the template does more work than it may"));
        }
        Ok(())
    }

    /// Adds the steps of a call that reads its arguments.
    fn step_call(&mut self, args: &[Value<'a>]) -> Faulty<()> {
        let bytes: usize = args.iter().map(|arg| arg.bytes().len()).sum();
        let steps = STEPS_PER_CALL + STEPS_PER_ARGUMENT * args.len() as u64;
        self.step(steps + (bytes / BYTES_PER_STEP) as u64)
    }

    /// Adds the steps for the result of a call.
    fn step_result(&mut self, args: &[Value<'a>], result: &Value<'a>) -> Faulty<()> {
        let is_float = |arg: &Value<'_>| matches!(arg, Value::Float(_) | Value::Complex(..));
        let per_step = match args.iter().any(is_float) {
            true => DIGITS_PER_STEP,
            false => BYTES_PER_STEP,
        };
        self.step((result.bytes().len() / per_step) as u64)
    }

    fn write(&mut self, bytes: &[u8]) -> Faulty<()> {
        if self.out.len() + bytes.len() > MAX_OUTPUT {
            return Err(self.fault(format!("the output is longer than {MAX_OUTPUT} bytes")));
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn variable(&self, variable: &Variable) -> Faulty<Value<'a>> {
        let value = self.variables.get(variable.name).cloned();
        value.ok_or_else(|| self.undeclared(variable))
    }

    fn set(&mut self, variable: &Variable, value: Value<'a>) -> Faulty<()> {
        match self.variables.get_mut(variable.name) {
            Some(slot) => *slot = value,
            None => return Err(self.undeclared(variable)),
        }
        Ok(())
    }

    fn undeclared(&self, variable: &Variable) -> Box<Fault> {
        let text = self.text(variable.span);
        let message = format!("the variable `{text}` is not declared");
        self.fault_at(variable.span, message)
    }
}
