//! What is known of pipelines, commands and operands.

use super::super::exec::constant;
use super::super::fault::Span;
use super::super::model::{INT, Member, Method, Type};
use super::super::names::nearest;
use super::super::syntax::ast::{Command, Expr, ExprKind, Name, Natural, Number, Pipeline};
use super::Checker;
use super::known::{Constant, Known, Nilness, Path};

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

    fn member(&mut self, base: Known<'d>, name: &'d Name, passed: Passed<'_, 'd>) -> Known<'d> {
        let text = self.text(name.span).to_owned();
        let path = base.path.and_then(|p| p.then(name.hash));
        let ty = match base.ty {
            Some(Type::StringMap) => {
                self.arguments_of_field(name, &passed);
                return Known {
                    ty: Some(Type::Str),
                    nil: self.nilness(path),
                    path,
                    constant: None,
                };
            }
            Some(Type::Map) => {
                self.arguments_of_field(name, &passed);
                return Known::nothing();
            }
            Some(ty) => ty,
            None if base.nil == Nilness::Always && base.constant.is_none() => {
                let message = format!("there is no dot here, so `.{text}` is missing");
                let remedy = "pass it on: `{{template \"name\" .}}`".to_owned();
                self.may_fail(name.span, "no-dot", message, Some(remedy));
                return Known::nothing();
            }
            None => {
                self.operands(&passed);
                return Known::nothing();
            }
        };
        match ty.member(&text, name.hash) {
            Some(Member::Field(field)) => {
                self.arguments_of_field(name, &passed);
                self.dereference(&base, name, ty);
                let nil = match field.ty {
                    Type::Pointer(_) => self.nilness(path),
                    Type::Any => Nilness::Maybe,
                    _ => Nilness::Never,
                };
                Known {
                    nil,
                    path,
                    ..Known::typed(field.ty)
                }
            }
            Some(Member::Getter(field)) => {
                self.count(name.span, &text, 0, &passed);
                let nil = match field.ty {
                    Type::Pointer(_) if base.nil == Nilness::Never => {
                        let path = base.path.and_then(|p| p.then(field.hash));
                        self.nilness(path)
                    }
                    Type::Pointer(_) => Nilness::Maybe,
                    _ => Nilness::Never,
                };
                Known {
                    nil,
                    ..Known::typed(field.ty)
                }
            }
            Some(Member::String(_)) => {
                self.count(name.span, &text, 0, &passed);
                Known::typed(Type::Str)
            }
            Some(Member::Method(method)) => self.method(name.span, method, passed),
            None => {
                self.operands(&passed);
                let meant = nearest(&text, ty.names());
                let on_root = self.state.variable(0).and_then(|root| root.ty);
                let remedy = match meant {
                    Some(meant) => Some(format!("did you mean `{meant}`?")),
                    None if on_root.and_then(|r| r.member(&text, name.hash)).is_some() => {
                        Some(format!("did you mean `$.{text}`?"))
                    }
                    None => None,
                };
                let message = format!("a {ty} has no field or method `{text}`");
                // Of what is missing, every field is missing, too.
                let fails = base.nil == Nilness::Never || matches!(ty, Type::Pointer(_));
                self.note(name.span, "unknown-field", message, remedy, fails);
                Known::nothing()
            }
        }
    }

    /// A field of what a pointer points to.
    fn dereference(&mut self, base: &Known<'d>, name: &Name, ty: Type) {
        let Type::Pointer(_) = ty else { return };
        let text = self.text(name.span).to_owned();
        let before = self.before(name.span);
        let remedy =
            before.map(|b| format!("guard it with `{{{{with {b}}}}}` or `{{{{if {b}}}}}`"));
        match base.nil {
            Nilness::Never => {}
            Nilness::Always => {
                let message = format!("there is no `{text}`, because the {ty} is nil");
                self.fails(name.span, "nil-pointer", message, remedy);
            }
            Nilness::Maybe => {
                let message = format!("there is no `{text}` when the {ty} is nil");
                self.may_fail(name.span, "may-be-nil", message, remedy);
            }
        }
    }

    /// What a field is taken from, as it is written.
    fn before(&self, name: Span) -> Option<String> {
        let upto = self.source.get(..name.start.saturating_sub(1) as usize)?;
        let start = upto
            .rfind([' ', '(', '{', '|', '\t', '\n'])
            .map_or(0, |i| i + 1);
        let text = &upto[start..];
        (!text.is_empty() && !text.ends_with(')')).then(|| text.to_owned())
    }

    fn arguments_of_field(&mut self, name: &Name, passed: &Passed<'_, 'd>) {
        if passed.count() > 0 {
            let message = format!(
                "`{}` is no method and takes no arguments",
                self.text(name.span)
            );
            self.fails(name.span, "argument-count", message, None);
        }
        self.operands(passed);
    }

    /// Looks at arguments that nothing is known about.
    pub(super) fn operands(&mut self, passed: &Passed<'_, 'd>) {
        for word in passed.words {
            self.operand(word);
        }
    }

    fn count(&mut self, span: Span, name: &str, wanted: usize, passed: &Passed<'_, 'd>) {
        let given = passed.count();
        if given != wanted {
            let arguments = if wanted == 1 { "argument" } else { "arguments" };
            let message = format!("`{name}` takes {wanted} {arguments}, got {given}");
            self.fails(span, "argument-count", message, None);
        }
    }

    fn method(&mut self, span: Span, method: &Method, passed: Passed<'_, 'd>) -> Known<'d> {
        self.count(span, method.name, method.params.len(), &passed);
        for (word, ty) in passed.words.iter().zip(method.params) {
            let known = match &word.kind {
                ExprKind::Number(number) if *ty != Type::Any => number_of(number),
                _ => self.operand(word).known,
            };
            self.fit(&known, *ty, word.span);
        }
        if let (Some(piped), Some(ty)) = (passed.piped, method.params.last()) {
            // What is piped is a value, which does not convert.
            self.fit(&piped.detached(), *ty, span);
        }
        Known::typed(method.result)
    }

    /// Whether a value can be an argument of type `ty`.
    pub(super) fn fit(&mut self, known: &Known<'_>, ty: Type, span: Span) {
        if ty == Type::Any {
            return;
        }
        let fits = match (known.constant, known.ty) {
            (Some(Constant::Number(n)), _) => constant(n, ty).is_some(),
            (Some(Constant::Nil), _) => matches!(ty, Type::Pointer(_) | Type::Strings),
            (_, Some(found)) => found == ty,
            (_, None) => known.nil != Nilness::Always,
        };
        let text = self.text(span).to_owned();
        if !fits {
            let found = match known.ty {
                Some(found) if known.constant.is_none() => format!("a {found}"),
                _ => format!("`{text}`"),
            };
            let message = format!("expected a {ty}, found {found}");
            self.fails(span, "argument-type", message, None);
        } else if known.ty == Some(Type::Str) && known.nil != Nilness::Never {
            let message = format!("expected a {ty}, but `{text}` may be missing");
            let remedy = format!("guard it with `{{{{with {text}}}}}`");
            self.may_fail(span, "may-be-missing", message, Some(remedy));
        }
    }
}

fn number_of(number: &Number) -> Known<'_> {
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
