//! What is known of pipelines, commands and operands.

use super::Checker;
use super::known::{Constant, Known, Nilness, Path};
use crate::fault::Span;
use crate::model::{INT, Type};
use crate::syntax::ast::{Command, Expr, ExprKind, Name, Natural, Number, Pipeline};

/// What a condition says of pointers if it holds, or if it does not.
pub(super) type Lessons = Vec<(Path, Nilness)>;

/// What is known of a value, and what it says of others when it is a condition.
pub(super) struct Outcome<'d> {
    pub(super) known: Known<'d>,
    pub(super) if_true: Lessons,
    pub(super) if_false: Lessons,
}

impl<'d> Outcome<'d> {
    /// A value that is its own condition.
    pub(super) fn of(known: Known<'d>) -> Self {
        let lesson = |nil| known.path.map(|path| (path, nil)).into_iter().collect();
        // Of what is no pointer, an empty value is there all the same.
        let if_false = match known.ty {
            Some(Type::Pointer(_)) => lesson(Nilness::Always),
            _ => Vec::new(),
        };
        Outcome {
            if_true: lesson(Nilness::Never),
            if_false,
            known,
        }
    }
}

/// What is passed to something that is called.
pub(super) struct Passed<'p, 'd> {
    pub(super) words: &'d [Expr],
    pub(super) piped: Option<&'p Known<'d>>,
}

impl Passed<'_, '_> {
    pub(super) fn count(&self) -> usize {
        self.words.len() + usize::from(self.piped.is_some())
    }
}

impl<'d> Checker<'d> {
    /// `keeps` says that the caller declares the variables by itself.
    pub(super) fn pipeline(&mut self, pipeline: &'d Pipeline, keeps: bool) -> Outcome<'d> {
        let mut outcome = None;
        for command in &pipeline.commands {
            let piped = outcome.map(|o: Outcome<'d>| o.known);
            outcome = Some(self.command(command, piped));
        }
        let outcome = outcome.unwrap_or_else(|| Outcome::of(Known::nothing()));
        for variable in &pipeline.variables {
            if !pipeline.declares {
                self.variable(variable.name, variable.span);
            } else if !keeps {
                // A value in a variable is a constant no more.
                self.keep(variable.name, outcome.known.detached());
            }
        }
        outcome
    }

    fn command(&mut self, command: &'d Command, piped: Option<Known<'d>>) -> Outcome<'d> {
        let Some((first, words)) = command.words.split_first() else {
            return Outcome::of(Known::nothing());
        };
        let passed = Passed {
            words,
            piped: piped.as_ref(),
        };
        match &first.kind {
            ExprKind::Field(names) => {
                let dot = self.state.dot.clone();
                Outcome::of(self.chain(dot, names, passed))
            }
            ExprKind::Chain(base, names) => {
                let base = self.operand(base).known;
                Outcome::of(self.chain(base, names, passed))
            }
            ExprKind::Variable(variable, names) if !names.is_empty() => {
                let base = self.variable(variable.name, variable.span);
                Outcome::of(self.chain(base, names, passed))
            }
            ExprKind::Function(function) => self.function(*function, command.span, passed),
            _ => {
                if passed.count() > 0 {
                    let message = format!("`{}` takes no arguments", self.text(first.span));
                    self.fails(first.span, "not-a-function", message, None);
                }
                if matches!(first.kind, ExprKind::Nil) {
                    let message = "`nil` is not a command".to_owned();
                    self.fails(first.span, "nil-command", message, None);
                }
                self.operand(first)
            }
        }
    }

    /// An operand that is no call with arguments.
    pub(super) fn operand(&mut self, word: &'d Expr) -> Outcome<'d> {
        let none = Passed {
            words: &[],
            piped: None,
        };
        Outcome::of(match &word.kind {
            ExprKind::Dot => self.state.dot.clone(),
            ExprKind::Nil => Known {
                constant: Some(Constant::Nil),
                ..Known::absent()
            },
            ExprKind::Bool(truth) => Known::constant(Type::Bool, Constant::Bool(*truth)),
            ExprKind::Number(number) => {
                if number.natural == Natural::TooLarge {
                    let text = self.text(word.span).to_owned();
                    let message = format!("{text} is too large for an integer");
                    self.fails(word.span, "too-large", message, None);
                }
                number_of(number)
            }
            ExprKind::Plain(span) => {
                let bytes = span.of(self.source).as_bytes();
                Known::constant(Type::Str, Constant::Str(bytes))
            }
            ExprKind::Escaped(bytes) => Known::constant(Type::Str, Constant::Str(bytes)),
            ExprKind::Field(names) => {
                let dot = self.state.dot.clone();
                self.chain(dot, names, none)
            }
            ExprKind::Variable(variable, names) => {
                let base = self.variable(variable.name, variable.span);
                self.chain(base, names, none)
            }
            ExprKind::Function(function) => return self.function(*function, word.span, none),
            ExprKind::Paren(pipeline) => {
                self.parens += 1;
                let mut outcome = self.pipeline(pipeline, false);
                self.parens -= 1;
                // A value is no longer a constant that converts.
                outcome.known.constant = outcome
                    .known
                    .constant
                    .filter(|c| matches!(c, Constant::Bool(_)));
                return outcome;
            }
            ExprKind::Chain(base, names) => {
                let base = self.operand(base).known;
                self.chain(base, names, none)
            }
        })
    }

    fn variable(&mut self, name: u32, span: Span) -> Known<'d> {
        match self.state.variable(name) {
            Some(known) => {
                let known = known.clone();
                let nil = known
                    .path
                    .map_or(known.nil, |path| self.refined(path, known.nil));
                Known { nil, ..known }
            }
            None => {
                let message = format!("the variable `{}` is not declared here", self.text(span));
                self.fails(span, "undeclared-variable", message, None);
                Known::nothing()
            }
        }
    }

    /// What is known of a pointer now, if that is more than before.
    fn refined(&self, path: Path, before: Nilness) -> Nilness {
        match before {
            Nilness::Maybe => self.nilness(Some(path)),
            known => known,
        }
    }

    fn chain(&mut self, base: Known<'d>, names: &'d [Name], passed: Passed<'_, 'd>) -> Known<'d> {
        let Some((last, names)) = names.split_last() else {
            return base;
        };
        let mut known = base;
        for name in names {
            known = self.member(
                known,
                name,
                Passed {
                    words: &[],
                    piped: None,
                },
            );
        }
        self.member(known, last, passed)
    }
}

pub(super) fn number_of(number: &Number) -> Known<'_> {
    let known = match number.natural {
        Natural::Int => Known::typed(Type::Int(&INT)),
        Natural::Float => Known::typed(Type::Float),
        Natural::Complex => Known::typed(Type::Complex),
        Natural::TooLarge => Known::nothing(),
    };
    Known {
        constant: Some(Constant::Number(number)),
        ..known
    }
}
