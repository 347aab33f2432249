//! Calls of functions and methods.

use super::Execution;
use crate::builtin::{Builtin, count_error};
use crate::fault::{Faulty, Span};
use crate::model::{Method, Type};
use crate::syntax::ast::Expr;
use crate::value::Value;

/// The arguments of a call.
#[derive(Default)]
pub(super) struct CallArgs<'a> {
    /// The operands of a command after the first one.
    pub(super) words: &'a [Expr],
    /// The value of the previous command of the pipeline.
    pub(super) piped: Option<Value<'a>>,
}

impl CallArgs<'_> {
    pub(super) fn count(&self) -> usize {
        self.words.len() + usize::from(self.piped.is_some())
    }
}

impl<'a> Execution<'a> {
    /// Calls a function. `span` is that of the command.
    pub(super) fn function(
        &mut self,
        function: Builtin,
        span: Span,
        args: CallArgs<'a>,
    ) -> Faulty<Value<'a>> {
        if let Some(message) = function.count_error(args.count()) {
            return Err(self.fault(message));
        }
        self.step(1)?;
        if matches!(function, Builtin::And | Builtin::Or) {
            return self.logic(function == Builtin::Or, args);
        }
        // Only `printf` has a parameter of another type than `any`.
        let param = |i| match function {
            Builtin::Printf if i == 0 => Type::Str,
            _ => Type::Any,
        };
        let mut values = Vec::with_capacity(args.count());
        for (i, word) in args.words.iter().enumerate() {
            values.push(self.argument(word, param(i))?);
        }
        if let Some(piped) = args.piped {
            values.push(self.fit(piped, param(values.len()))?);
        }
        if function.is_long() {
            self.step_call(&values)?;
        }
        match function.call(&values) {
            Ok(value) => {
                if function.is_long() {
                    self.step_result(&values, &value)?;
                }
                Ok(value)
            }
            Err(message) => {
                self.at = span;
                Err(self.fault(format!("`{}`: {message}", function.name())))
            }
        }
    }

    /// Evaluates `and` or `or`, up to the argument that decides.
    fn logic(&mut self, stop_at: bool, args: CallArgs<'a>) -> Faulty<Value<'a>> {
        let mut value = Value::Absent;
        for word in args.words {
            value = self.operand(word)?;
            if value.truth() == stop_at {
                return Ok(value);
            }
        }
        Ok(args.piped.unwrap_or(value))
    }

    /// Calls a method. `name` is the position of its name.
    pub(super) fn method(
        &mut self,
        receiver: &Value<'a>,
        method: &'static Method,
        name: Span,
        args: CallArgs<'a>,
    ) -> Faulty<Value<'a>> {
        let at = self.at;
        self.check_count(name, method.params.len(), &args)?;
        let mut values = Vec::with_capacity(args.count());
        for (word, ty) in args.words.iter().zip(method.params) {
            values.push(self.argument(word, *ty)?);
        }
        if let (Some(piped), Some(ty)) = (args.piped, method.params.last()) {
            values.push(self.fit(piped, *ty)?);
        }
        self.step_call(&values)?;
        match (method.call)(receiver, &values) {
            Ok(value) => {
                self.step_result(&values, &value)?;
                Ok(value)
            }
            Err(message) => {
                self.at = at;
                Err(self.fault_at(name, format!("`{}`: {message}", method.name)))
            }
        }
    }

    /// Fails if the number of arguments is not the wanted one.
    pub(super) fn check_count(&self, name: Span, wanted: usize, args: &CallArgs<'a>) -> Faulty<()> {
        match args.count() {
            given if given == wanted => Ok(()),
            given => Err(self.fault_at(name, count_error(self.text(name), wanted, given))),
        }
    }
}
