//! Evaluation of pipelines, commands and operands.

use super::Execution;
use super::call::CallArgs;
use crate::fault::{Faulty, Span};
use crate::limits::WORDS_PER_STEP;
use crate::model::{INT, Member};
use crate::nearest::nearest;
use crate::syntax::ast::{Command, Expr, ExprKind, NaturalType, Number, Pipeline};
use crate::value::{Text, Value};

impl<'a> Execution<'a> {
    pub(super) fn pipeline(&mut self, pipeline: &'a Pipeline) -> Faulty<Value<'a>> {
        self.at = pipeline.span;
        let mut value = None;
        for command in &pipeline.commands {
            value = Some(match self.command(command, value.take())? {
                Value::Nil => Value::Absent,
                value => value,
            });
        }
        let value = value.unwrap_or(Value::Absent);
        for variable in &pipeline.variables {
            match pipeline.declares {
                true => self.variables.declare(variable.name, value.clone()),
                false => self.set(variable, value.clone())?,
            }
        }
        Ok(value)
    }

    fn command(&mut self, command: &'a Command, piped: Option<Value<'a>>) -> Faulty<Value<'a>> {
        let Some((first, words)) = command.words.split_first() else {
            return Ok(Value::Absent);
        };
        self.step((words.len() / WORDS_PER_STEP) as u64)?;
        let args = CallArgs { words, piped };
        if matches!(first.kind, ExprKind::Nil) && args.count() == 0 {
            self.at = first.span;
            return Err(self.fault("`nil` is not a command"));
        }
        self.evaluate(first, command.span, args)
    }

    /// Evaluates an operand that is not called with arguments.
    pub(super) fn operand(&mut self, word: &'a Expr) -> Faulty<Value<'a>> {
        self.at = word.span;
        self.evaluate(word, word.span, CallArgs::default())
    }

    /// Evaluates the first operand of a command, whose position is `span`.
    fn evaluate(&mut self, word: &'a Expr, span: Span, args: CallArgs<'a>) -> Faulty<Value<'a>> {
        // For parentheses, Go reports the line of the previous node.
        if !matches!(word.kind, ExprKind::Paren(_)) {
            self.at = word.span;
        }
        let value = match &word.kind {
            ExprKind::Function(function) => return self.function(*function, span, args),
            ExprKind::Field(names) => return self.chain(self.dot.clone(), names, args),
            ExprKind::Chain(base, names) => {
                let base = self.operand(base)?;
                return self.chain(base, names, args);
            }
            ExprKind::Variable(variable, names) => {
                let value = self.variable(variable)?;
                if !names.is_empty() {
                    return self.chain(value, names, args);
                }
                Some(value)
            }
            _ => None,
        };
        if args.count() > 0 {
            let message = format!("`{}` takes no arguments", self.text(word.span));
            return Err(self.fault_at(word.span, message));
        }
        Ok(match &word.kind {
            ExprKind::Dot => self.dot.clone(),
            ExprKind::Bool(truth) => Value::Bool(*truth),
            ExprKind::Number(number) => self.number(number, word.span)?,
            ExprKind::Str(bytes) => Value::Str(Text::Borrowed(bytes)),
            ExprKind::Paren(pipeline) => {
                self.step(1)?;
                self.pipeline(pipeline)?
            }
            _ => value.unwrap_or(Value::Absent),
        })
    }

    /// The value of a number where no type is required.
    fn number(&self, number: &Number, span: Span) -> Faulty<Value<'a>> {
        let (re, im) = number.complex.unwrap_or_default();
        match number.natural {
            NaturalType::Int => Ok(Value::Int(number.int.unwrap_or_default(), &INT)),
            NaturalType::Float => Ok(Value::Float(number.float.unwrap_or_default())),
            NaturalType::Complex => Ok(Value::Complex(re, im)),
            NaturalType::TooLarge => {
                let message = format!("{} is too large for an integer", self.text(span));
                Err(self.fault_at(span, message))
            }
        }
    }

    /// Evaluates a chain of fields and methods, each on the value of the previous one. The last one
    /// gets the arguments.
    fn chain(
        &mut self,
        mut value: Value<'a>,
        names: &'a [Span],
        args: CallArgs<'a>,
    ) -> Faulty<Value<'a>> {
        let Some((last, names)) = names.split_last() else {
            return Ok(value);
        };
        self.step((names.len() / WORDS_PER_STEP) as u64)?;
        for name in names {
            value = self.member(&value, *name, CallArgs::default())?;
        }
        self.member(&value, *last, args)
    }

    /// Evaluates a field or method of a value, or an entry of a map.
    fn member(&mut self, value: &Value<'a>, name: Span, args: CallArgs<'a>) -> Faulty<Value<'a>> {
        let text = self.text(name);
        let member = match value {
            Value::Absent => return Ok(Value::Absent),
            Value::Nil => {
                return Err(self.fault_at(name, format!("there is no `{text}` in nil")));
            }
            Value::Map(map) => {
                self.check_no_method(name, &args)?;
                return Ok(map.get(text.as_bytes()).unwrap_or(Value::Absent));
            }
            _ => value.ty().member(text),
        };
        match (member, value) {
            (Some(Member::Field(field)), Value::Object(object)) => {
                self.check_no_method(name, &args)?;
                Ok((field.get)(object.data))
            }
            (Some(Member::Field(_)), _) => {
                let title = value.title();
                let message = format!("there is no `{text}` without {title} (nil here)");
                Err(self.fault_at(name, message))
            }
            (Some(Member::Getter(field)), _) => {
                self.check_count(name, 0, &args)?;
                Ok(match value {
                    Value::Object(object) => (field.get)(object.data),
                    _ => field.ty.zero(),
                })
            }
            (Some(Member::Method(method)), _) => self.method(value, method, name, args),
            _ => {
                let ty = value.ty();
                let message = format!("`{text}` is no field or method of {}", ty.title());
                let meant = nearest(text, ty.names());
                Err(self.fault_at(name, message).suggest(meant))
            }
        }
    }

    /// Fails if a field or an entry of a map is called with arguments.
    fn check_no_method(&self, name: Span, args: &CallArgs<'a>) -> Faulty<()> {
        if args.count() == 0 {
            return Ok(());
        }
        let text = self.text(name);
        let message = format!("`{text}` is no method and takes no arguments");
        Err(self.fault_at(name, message))
    }
}
