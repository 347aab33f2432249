//! The check of pipelines, commands and operands.

use super::known::{Constant, Known, Nilness};
use super::{Checker, Fact};
use crate::fault::Span;
use crate::model::{INT, Type};
use crate::syntax::ast::{Command, Expr, ExprKind, NaturalType, Number, Pipeline};

/// The value of an expression, and the facts about pointers that follow from its truth.
pub(super) struct Outcome<'d> {
    pub(super) known: Known<'d>,
    pub(super) if_true: Vec<Fact>,
    pub(super) if_false: Vec<Fact>,
}

impl<'d> Outcome<'d> {
    /// The outcome for a value that is its own condition.
    pub(super) fn of(known: Known<'d>) -> Self {
        let fact = |nil| known.path.clone().map(|path| (path, nil));
        // An empty value is nil only if it is a pointer.
        let if_false = match known.ty {
            Some(Type::Pointer(_)) => fact(Nilness::Always),
            _ => None,
        };
        Outcome {
            if_true: fact(Nilness::Never).into_iter().collect(),
            if_false: if_false.into_iter().collect(),
            known,
        }
    }
}

/// The known values of the arguments of a call.
#[derive(Clone, Copy, Default)]
pub(super) struct KnownArgs<'p, 'd> {
    pub(super) words: &'d [Expr],
    pub(super) piped: Option<&'p Known<'d>>,
}

impl KnownArgs<'_, '_> {
    pub(super) fn count(&self) -> usize {
        self.words.len() + usize::from(self.piped.is_some())
    }
}

impl<'d> Checker<'d> {
    pub(super) fn pipeline(&mut self, pipeline: &'d Pipeline) -> Outcome<'d> {
        let outcome = self.commands(pipeline);
        for variable in &pipeline.variables {
            if pipeline.declares {
                // A variable does not convert to other types as a constant does.
                self.declare(variable.name, outcome.known.without_constant());
            } else {
                self.variable(variable.name, variable.span);
            }
        }
        outcome
    }

    /// Checks the commands of a pipeline, but not its variables.
    pub(super) fn commands(&mut self, pipeline: &'d Pipeline) -> Outcome<'d> {
        let mut outcome = None;
        for command in &pipeline.commands {
            let piped = outcome.map(|o: Outcome<'d>| o.known);
            outcome = Some(self.command(command, piped));
        }
        outcome.unwrap_or_else(|| Outcome::of(Known::unknown()))
    }

    fn command(&mut self, command: &'d Command, piped: Option<Known<'d>>) -> Outcome<'d> {
        let Some((first, words)) = command.words.split_first() else {
            return Outcome::of(Known::unknown());
        };
        let args = KnownArgs {
            words,
            piped: piped.as_ref(),
        };
        if matches!(first.kind, ExprKind::Nil) {
            self.error(
                first.span,
                "nil-command",
                "`nil` is not a command".to_owned(),
            );
        }
        self.evaluate(first, command.span, args)
    }

    /// Checks an operand that is not called with arguments.
    pub(super) fn operand(&mut self, word: &'d Expr) -> Outcome<'d> {
        self.evaluate(word, word.span, KnownArgs::default())
    }

    /// Checks the first operand of a command, whose position is `span`.
    fn evaluate(&mut self, word: &'d Expr, span: Span, args: KnownArgs<'_, 'd>) -> Outcome<'d> {
        let base = match &word.kind {
            ExprKind::Function(function) => return self.function(*function, span, args),
            ExprKind::Field(names) => Some((self.dot.clone(), names)),
            ExprKind::Chain(base, names) => Some((self.operand(base).known, names)),
            ExprKind::Variable(variable, names) => {
                Some((self.variable(variable.name, variable.span), names))
            }
            _ => None,
        };
        match base {
            Some((base, names)) if !names.is_empty() => {
                return Outcome::of(self.chain(base, names, args));
            }
            _ if args.count() > 0 => {
                let message = format!("`{}` takes no arguments", self.text(word.span));
                self.error(word.span, "not-a-function", message);
            }
            _ => {}
        }
        Outcome::of(match &word.kind {
            ExprKind::Dot => self.dot.clone(),
            ExprKind::Nil => Known {
                constant: Some(Constant::Nil),
                ..Known::absent()
            },
            ExprKind::Bool(truth) => Known::constant(Type::Bool, Constant::Bool(*truth)),
            ExprKind::Number(number) => {
                if number.natural == NaturalType::TooLarge {
                    let message = format!("{} is too large for an integer", self.text(word.span));
                    self.error(word.span, "too-large", message);
                }
                known_number(number)
            }
            ExprKind::Str(bytes) => Known::constant(Type::Str, Constant::Str(bytes)),
            ExprKind::Paren(pipeline) => {
                self.parens += 1;
                let mut outcome = self.pipeline(pipeline);
                self.parens -= 1;
                // A value in parentheses does not convert to other types as a constant does.
                let constant = &mut outcome.known.constant;
                *constant = constant.filter(|c| matches!(c, Constant::Bool(_)));
                return outcome;
            }
            _ => base.map_or(Known::unknown(), |(base, _)| base),
        })
    }

    pub(super) fn variable(&mut self, name: u32, span: Span) -> Known<'d> {
        let Some(known) = self.variables.get(name).cloned() else {
            let message = format!("the variable `{}` is not declared here", self.text(span));
            self.error(span, "undeclared-variable", message);
            return Known::unknown();
        };
        let nil = match known.nil {
            Nilness::Maybe if known.path.is_some() => self.nilness(known.path.as_ref()),
            nil => nil,
        };
        Known { nil, ..known }
    }

    fn chain(
        &mut self,
        mut known: Known<'d>,
        names: &'d [Span],
        args: KnownArgs<'_, 'd>,
    ) -> Known<'d> {
        for (i, name) in names.iter().enumerate() {
            let is_last = i + 1 == names.len();
            let args = if is_last { args } else { KnownArgs::default() };
            known = self.member(known, *name, args);
        }
        known
    }
}

pub(super) fn known_number(number: &Number) -> Known<'_> {
    let known = match number.natural {
        NaturalType::Int => Known::typed(Type::Int(&INT)),
        NaturalType::Float => Known::typed(Type::Float),
        NaturalType::Complex => Known::typed(Type::Complex),
        NaturalType::TooLarge => Known::unknown(),
    };
    Known {
        constant: Some(Constant::Number(number)),
        ..known
    }
}
