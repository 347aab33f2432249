//! The values of pipelines, commands and operands.

use super::Run;
use crate::fault::{Faulty, Span};
use crate::limits::WORDS_PER_STEP;
use crate::model::{INT, Member};
use crate::names::nearest;
use crate::syntax::ast::{Command, Expr, ExprKind, Name, Natural, Number, Pipeline};
use crate::value::{Text, Value};

/// What is passed to the thing that a command calls.
pub(super) struct Passed<'p, 'a> {
    /// The operands behind the first.
    pub(super) words: &'a [Expr],
    /// The value of the command before.
    pub(super) piped: Option<Value<'a>>,
    pub(super) dot: &'p Value<'a>,
}

impl<'a> Run<'a> {
    pub(super) fn pipeline(
        &mut self,
        pipeline: &'a Pipeline,
        dot: &Value<'a>,
    ) -> Faulty<Value<'a>> {
        if let Some(value) = self.plain(pipeline, dot) {
            return Ok(value);
        }
        self.at = pipeline.span;
        let mut value = None;
        for command in &pipeline.commands {
            let result = self.command(command, value.take(), dot)?;
            value = Some(if matches!(result, Value::Nil) {
                Value::Absent
            } else {
                result
            });
        }
        let value = value.unwrap_or(Value::Absent);
        for variable in &pipeline.variables {
            if pipeline.declares {
                self.declare(variable.name, value.clone());
            } else {
                self.set(variable, value.clone())?;
            }
        }
        Ok(value)
    }

    /// What most pipelines are, some fields of the dot, and no more.
    fn plain(&mut self, pipeline: &'a Pipeline, dot: &Value<'a>) -> Option<Value<'a>> {
        let [command] = pipeline.commands.as_slice() else {
            return None;
        };
        let [word] = command.words.as_slice() else {
            return None;
        };
        if !pipeline.variables.is_empty() {
            return None;
        }
        let value = self.fields(word, dot)?;
        self.at = word.span;
        Some(match value {
            Value::Nil => Value::Absent,
            _ => value,
        })
    }

    /// A field of the dot or a field of that, if the structs are there and have them: what
    /// [`Run::chain`] would give, at no more work.
    fn fields(&self, word: &Expr, dot: &Value<'a>) -> Option<Value<'a>> {
        let ExprKind::Field(names) = &word.kind else {
            return None;
        };
        match names.as_slice() {
            [name] => self.field(dot, name),
            [first, second] => self.field(&self.field(dot, first)?, second),
            _ => None,
        }
    }

    fn field(&self, value: &Value<'a>, name: &Name) -> Option<Value<'a>> {
        let Value::Object(object) = value else {
            return None;
        };
        match object.ty.member(self.text(name), name.hash) {
            Some(Member::Field(field)) => Some((field.get)(object.data)),
            _ => None,
        }
    }

    fn command(
        &mut self,
        command: &'a Command,
        piped: Option<Value<'a>>,
        dot: &Value<'a>,
    ) -> Faulty<Value<'a>> {
        let Some((first, words)) = command.words.split_first() else {
            return Ok(Value::Absent);
        };
        self.step((words.len() / WORDS_PER_STEP) as u64)?;
        let passed = Passed { words, piped, dot };
        match &first.kind {
            ExprKind::Field(names) => {
                self.at = first.span;
                self.chain(dot, names, passed)
            }
            ExprKind::Chain(base, names) => {
                let value = self.base(base, dot)?;
                self.chain(&value, names, passed)
            }
            ExprKind::Function(function) => {
                self.at = first.span;
                self.function(*function, command.span, passed)
            }
            ExprKind::Variable(variable, names) => {
                self.at = first.span;
                let slot = self.slot(variable)?;
                let value = self.slots[slot].value.clone();
                if names.is_empty() {
                    self.takes_nothing(first, &passed)?;
                    return Ok(value);
                }
                self.chain(&value, names, passed)
            }
            ExprKind::Paren(pipeline) => {
                self.takes_nothing(first, &passed)?;
                self.step(1)?;
                self.pipeline(pipeline, dot)
            }
            _ => {
                self.at = first.span;
                self.takes_nothing(first, &passed)?;
                if matches!(first.kind, ExprKind::Nil) {
                    return Err(self.fault("`nil` is not a command"));
                }
                self.operand(first, dot)
            }
        }
    }

    /// What the fields of a chain are taken from.
    pub(super) fn base(&mut self, base: &'a Expr, dot: &Value<'a>) -> Faulty<Value<'a>> {
        self.at = base.span;
        match &base.kind {
            ExprKind::Paren(pipeline) => {
                self.step(1)?;
                self.pipeline(pipeline, dot)
            }
            _ => self.operand(base, dot),
        }
    }

    fn takes_nothing(&self, word: &Expr, passed: &Passed<'_, 'a>) -> Faulty<()> {
        if passed.words.is_empty() && passed.piped.is_none() {
            return Ok(());
        }
        let text = word.span.of(self.source);
        Err(self.fault_at(word.span, format!("`{text}` takes no arguments")))
    }

    /// An operand that is no call with arguments.
    pub(super) fn operand(&mut self, word: &'a Expr, dot: &Value<'a>) -> Faulty<Value<'a>> {
        self.at = word.span;
        if let Some(value) = self.fields(word, dot) {
            return Ok(value);
        }
        let none = Passed {
            words: &[],
            piped: None,
            dot,
        };
        Ok(match &word.kind {
            ExprKind::Dot => dot.clone(),
            ExprKind::Nil => Value::Absent,
            ExprKind::Bool(truth) => Value::Bool(*truth),
            ExprKind::Number(number) => self.number(number, word.span)?,
            ExprKind::Plain(span) => Value::from(span.of(self.source)),
            ExprKind::Escaped(bytes) => Value::Str(Text::Borrowed(bytes)),
            ExprKind::Field(names) => self.chain(dot, names, none)?,
            ExprKind::Variable(variable, names) => {
                let slot = self.slot(variable)?;
                let value = self.slots[slot].value.clone();
                if names.is_empty() {
                    value
                } else {
                    self.chain(&value, names, none)?
                }
            }
            ExprKind::Function(function) => self.function(*function, word.span, none)?,
            ExprKind::Paren(pipeline) => {
                self.step(1)?;
                self.pipeline(pipeline, dot)?
            }
            ExprKind::Chain(base, names) => {
                let value = self.base(base, dot)?;
                self.chain(&value, names, none)?
            }
        })
    }

    /// A number where nothing says what it should be.
    fn number(&self, number: &Number, span: Span) -> Faulty<Value<'a>> {
        let (re, im) = number.complex.unwrap_or_default();
        Ok(match number.natural {
            Natural::Int => Value::Int(number.int.unwrap_or_default(), &INT),
            Natural::Float => Value::Float(number.float.unwrap_or_default()),
            Natural::Complex => Value::Complex(re, im),
            Natural::TooLarge => {
                let text = span.of(self.source);
                return Err(self.fault_at(span, format!("{text} is too large for an integer")));
            }
        })
    }

    /// The fields and methods of a value, one of another; the last one may take
    /// arguments.
    fn chain(
        &mut self,
        value: &Value<'a>,
        names: &'a [Name],
        passed: Passed<'_, 'a>,
    ) -> Faulty<Value<'a>> {
        let Some((last, names)) = names.split_last() else {
            return Ok(value.clone());
        };
        let Some((first, names)) = names.split_first() else {
            return self.member(value, last, passed);
        };
        self.step((names.len() / WORDS_PER_STEP) as u64)?;
        let nothing = || Passed {
            words: &[],
            piped: None,
            dot: passed.dot,
        };
        let mut value = self.member(value, first, nothing())?;
        for name in names {
            value = self.member(&value, name, nothing())?;
        }
        self.member(&value, last, passed)
    }

    /// A field or method of a value, or an entry of a map.
    fn member(
        &mut self,
        value: &Value<'a>,
        name: &Name,
        passed: Passed<'_, 'a>,
    ) -> Faulty<Value<'a>> {
        let text = self.text(name);
        let member = match value {
            Value::Absent => return Ok(Value::Absent),
            Value::Nil => {
                return Err(self.fault_at(name.span, format!("there is no `{text}` in nil")));
            }
            Value::Map(map) => {
                self.no_method(name, &passed)?;
                return Ok(map.get(text.as_bytes()).unwrap_or(Value::Absent));
            }
            Value::Object(object) => object.ty.member(text, name.hash),
            _ => value.ty().member(text, name.hash),
        };
        match (member, value) {
            (Some(Member::Field(field)), Value::Object(object)) => {
                self.no_method(name, &passed)?;
                Ok((field.get)(object.data))
            }
            (Some(Member::Field(_)), _) => {
                let title = value.described();
                let message = format!("there is no `{text}` without {title} (nil here)");
                Err(self.fault_at(name.span, message))
            }
            (Some(Member::Getter(field)), Value::Object(object)) => {
                self.takes_no_arguments(name, &passed)?;
                Ok((field.get)(object.data))
            }
            (Some(Member::Getter(field)), _) => {
                self.takes_no_arguments(name, &passed)?;
                Ok(field.ty.zero())
            }
            (Some(Member::String(ty)), Value::Int(i, _)) => {
                self.takes_no_arguments(name, &passed)?;
                Ok(ty.text.map_or(Value::Absent, |text| Value::from(text(*i))))
            }
            (Some(Member::Method(method)), _) => self.method(value, method, name, passed),
            _ => {
                let ty = value.ty();
                let meant = nearest(text, ty.names());
                let title = ty.described();
                let message = format!("`{text}` is no field or method of {title}");
                Err(self.fault_at(name.span, message).suggest(meant))
            }
        }
    }

    /// Fields and entries take no arguments.
    fn no_method(&self, name: &Name, passed: &Passed<'_, 'a>) -> Faulty<()> {
        if passed.words.is_empty() && passed.piped.is_none() {
            return Ok(());
        }
        let text = self.text(name);
        Err(self.fault_at(
            name.span,
            format!("`{text}` is no method and takes no arguments"),
        ))
    }

    fn takes_no_arguments(&self, name: &Name, passed: &Passed<'_, 'a>) -> Faulty<()> {
        let given = passed.words.len() + usize::from(passed.piped.is_some());
        if given == 0 {
            return Ok(());
        }
        let text = self.text(name);
        Err(self.fault_at(
            name.span,
            format!("`{text}` takes no arguments, got {given}"),
        ))
    }
}
