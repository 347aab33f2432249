//! Calls of functions and methods.

use super::eval::Passed;
use super::{Args, Run};
use crate::builtin::Builtin;
use crate::fault::{Faulty, Span};
use crate::model::{Method, Type};
use crate::syntax::ast::Name;
use crate::value::Value;

impl<'a> Run<'a> {
    pub(super) fn function(
        &mut self,
        function: Builtin,
        span: Span,
        passed: Passed<'_, 'a>,
    ) -> Faulty<Value<'a>> {
        let given = passed.words.len() + usize::from(passed.piped.is_some());
        let (least, most) = function.arity();
        if given < least || most.is_some_and(|most| given > most) {
            let (name, at_least) = (
                function.name(),
                if most.is_none() { "at least " } else { "" },
            );
            let message = format!("`{name}` takes {at_least}{}, got {given}", arguments(least));
            return Err(self.fault(message));
        }
        self.step(1)?;
        if matches!(function, Builtin::And | Builtin::Or) {
            return self.logic(function == Builtin::Or, passed);
        }
        let mut args = Args::new();
        for (i, word) in passed.words.iter().enumerate() {
            let ty = if i == 0 && function == Builtin::Printf {
                Type::Str
            } else {
                Type::Any
            };
            args.push(self.argument(word, ty, passed.dot)?);
        }
        if let Some(piped) = passed.piped {
            let alone = args.is_empty() && function == Builtin::Printf;
            args.push(self.fit(piped, if alone { Type::Str } else { Type::Any })?);
        }
        if function.is_long() {
            self.weigh_call(&args)?;
        }
        match function.call(&args) {
            Ok(value) => {
                if function.is_long() {
                    self.weigh_result(&args, &value)?;
                }
                Ok(value)
            }
            Err(message) => {
                self.at = span;
                Err(self.fault(format!("`{}`: {message}", function.name())))
            }
        }
    }

    /// `and` and `or` stop at the argument that decides.
    fn logic(&mut self, stop_at: bool, passed: Passed<'_, 'a>) -> Faulty<Value<'a>> {
        let mut value = Value::Absent;
        for word in passed.words {
            value = self.argument(word, Type::Any, passed.dot)?;
            if value.truth() == stop_at {
                return Ok(value);
            }
        }
        Ok(passed.piped.unwrap_or(value))
    }

    pub(super) fn method(
        &mut self,
        value: &Value<'a>,
        method: &'static Method,
        name: &Name,
        passed: Passed<'_, 'a>,
    ) -> Faulty<Value<'a>> {
        let at = self.at;
        let given = passed.words.len() + usize::from(passed.piped.is_some());
        let wanted = method.params.len();
        if given != wanted {
            let message = format!("`{}` takes {}, got {given}", method.name, arguments(wanted));
            return Err(self.fault_at(name.span, message));
        }
        let mut args = Args::new();
        for (word, ty) in passed.words.iter().zip(method.params) {
            args.push(self.argument(word, *ty, passed.dot)?);
        }
        if let (Some(piped), Some(ty)) = (passed.piped, method.params.last()) {
            args.push(self.fit(piped, *ty)?);
        }
        self.weigh_call(&args)?;
        match (method.call)(value, &args) {
            Ok(value) => {
                self.weigh_result(&args, &value)?;
                Ok(value)
            }
            Err(message) => {
                self.at = at;
                Err(self.fault_at(name.span, format!("`{}`: {message}", method.name)))
            }
        }
    }
}

fn arguments(count: usize) -> String {
    if count == 1 {
        "1 argument".to_owned()
    } else {
        format!("{count} arguments")
    }
}
