//! What the expressions of a Go template can come to.

use super::{Reader, Scope};
use crate::lint::script::chars::Chars;
use crate::lint::script::piece::{Literal, Value};
use crate::lint::script::vocabulary::Shape;
use go_template::syntax::ast::{Command, Expr, ExprKind, Variable};
use go_template::{Builtin, Span};

impl<'t> Reader<'t> {
    /// What a command gives; `piped` is its last argument and how that is written.
    pub(super) fn command(
        &mut self,
        command: &'t Command,
        piped: Option<(Shape, String)>,
        scope: Scope<'_>,
    ) -> Shape {
        let Some((first, words)) = command.words.split_first() else {
            return Shape::One(Value::safe());
        };
        let mut arguments: Vec<(Shape, String)> = Vec::new();
        for word in words {
            let shown = word.span.of(self.source).to_owned();
            arguments.push((self.expr(word, scope), shown));
        }
        arguments.extend(piped);
        match &first.kind {
            ExprKind::Function(builtin) => self.function(*builtin, &arguments),
            ExprKind::Field(names) => self.call(scope.dot.clone(), names, &arguments),
            ExprKind::Variable(variable, names) => {
                self.call(self.variable(*variable, scope), names, &arguments)
            }
            ExprKind::Chain(expr, names) => {
                let shape = self.expr(expr, scope);
                self.call(shape, names, &arguments)
            }
            _ => self.expr(first, scope),
        }
    }

    fn expr(&mut self, expr: &'t Expr, scope: Scope<'_>) -> Shape {
        let constant = |text: &str| Shape::One(Value::constant(text));
        match &expr.kind {
            ExprKind::Dot => scope.dot.clone(),
            ExprKind::Nil | ExprKind::Bool(_) | ExprKind::Number(_) => Shape::One(Value::safe()),
            ExprKind::Str(bytes) => constant(&String::from_utf8_lossy(bytes)),
            ExprKind::Field(names) => self.call(scope.dot.clone(), names, &[]),
            ExprKind::Variable(variable, names) => {
                self.call(self.variable(*variable, scope), names, &[])
            }
            ExprKind::Function(builtin) => self.function(*builtin, &[]),
            ExprKind::Paren(pipeline) => self.pipeline(pipeline, scope),
            ExprKind::Chain(expr, names) => {
                let shape = self.expr(expr, scope);
                self.call(shape, names, &[])
            }
        }
    }

    fn variable(&self, variable: Variable, scope: Scope<'_>) -> Shape {
        if variable.name == 0 {
            return scope.root.clone();
        }
        // A variable that is not set yet is set in a later turn.
        let known = self.variables.get(&variable.name);
        known.cloned().unwrap_or(Shape::One(Value::safe()))
    }

    /// The member at the end of a chain of names, called if it is a method.
    fn call(&self, of: Shape, names: &[Span], arguments: &[(Shape, String)]) -> Shape {
        let mut shape = of;
        for (i, name) in names.iter().enumerate() {
            let name = name.of(self.source);
            let argument = arguments.last().filter(|_| i + 1 == names.len());
            shape = match (name, argument) {
                ("ShellEscape", Some((shape, shown))) => {
                    let value = self.vocabulary.printed(shape);
                    Shape::One(Value {
                        escapes: value.escapes.saturating_add(1),
                        constant: None,
                        inner: Some(shown.clone()),
                        ..value
                    })
                }
                (name, Some((shape, _))) if literal(name).is_some() => {
                    let kind = literal(name);
                    let value = as_literal(&self.vocabulary.printed(shape), kind);
                    Shape::One(value)
                }
                // The layout of a time is copied where it is no part of the time.
                ("Format", Some((shape, _))) => {
                    Shape::One(Value::of(self.vocabulary.printed(shape).chars))
                }
                _ => self.vocabulary.member(&shape, name),
            };
        }
        shape
    }

    fn function(&self, builtin: Builtin, arguments: &[(Shape, String)]) -> Shape {
        let printed = |(shape, _): &(Shape, String)| self.vocabulary.printed(shape);
        let all = || {
            let mut values = arguments.iter().map(printed);
            let first = values.next().unwrap_or_else(Value::safe);
            values.fold(first, |all, value| all.or(&value))
        };
        let value = match builtin {
            Builtin::And | Builtin::Or => match arguments {
                [(first, _), rest @ ..] if rest.iter().all(|(shape, _)| shape == first) => {
                    return first.clone();
                }
                _ => all(),
            },
            Builtin::Index => {
                return match arguments.first() {
                    Some((Shape::List(value), _)) => Shape::One(value.clone()),
                    Some((Shape::Labels, _)) => Shape::One(Value::free()),
                    Some((shape, _)) => Shape::One(Value::of(self.vocabulary.printed(shape).chars)),
                    None => Shape::One(Value::safe()),
                };
            }
            Builtin::Slice => {
                return match arguments.first() {
                    Some((Shape::List(value), _)) => Shape::List(value.clone()),
                    Some((shape, _)) => Shape::One(Value::of(self.vocabulary.printed(shape).chars)),
                    None => Shape::One(Value::safe()),
                };
            }
            Builtin::Print if arguments.len() == 1 => all(),
            Builtin::Print | Builtin::Println => {
                let joined = all();
                match joined.escapes {
                    0 => Value::of(joined.chars.and(Chars::SPACE)),
                    _ => Value {
                        inner: None,
                        ..joined
                    },
                }
            }
            Builtin::Printf => formatted(&arguments.iter().map(printed).collect::<Vec<_>>()),
            Builtin::Html => {
                let quotes = Chars::SINGLE.and(Chars::DOUBLE);
                let chars = all().chars;
                let amp = if chars.is_none() {
                    Chars::NONE
                } else {
                    Chars::OPERATOR
                };
                Value::of(chars.without(quotes).and(amp))
            }
            Builtin::Js => Value::of(all().chars.and(Chars::BACKSLASH).without(Chars::NEWLINE)),
            Builtin::Len | Builtin::UrlQuery | Builtin::Not | Builtin::Call => Value::safe(),
            Builtin::Eq | Builtin::Ne | Builtin::Lt | Builtin::Le | Builtin::Gt | Builtin::Ge => {
                Value::safe()
            }
        };
        Shape::One(value)
    }
}

/// The literal that a method of that name makes.
fn literal(name: &str) -> Option<Literal> {
    match name {
        "JsonMarshal" => Some(Literal::Json),
        "PowerShellEscape" => Some(Literal::PowerShell),
        "AppleScriptEscape" => Some(Literal::AppleScript),
        _ => None,
    }
}

/// A value as a literal of a language. What is no more than letters and digits stays
/// harmless between its quotes; in any other there are quotes and escapes.
fn as_literal(value: &Value, literal: Option<Literal>) -> Value {
    let quotes = match literal {
        Some(Literal::PowerShell) => Chars::SINGLE,
        _ => Chars::DOUBLE.and(Chars::BACKSLASH),
    };
    let chars = match (value.chars, literal) {
        (chars, _) if chars.is_none() => chars,
        (chars, Some(Literal::Json)) => chars.and(quotes).without(Chars::NEWLINE),
        (chars, _) => chars.and(quotes),
    };
    Value {
        literal,
        ..Value::of(chars)
    }
}

/// What `printf` makes of a format and its values.
fn formatted(arguments: &[Value]) -> Value {
    let Some((format, values)) = arguments.split_first() else {
        return Value::safe();
    };
    let Some(text) = &format.constant else {
        return Value::free();
    };
    if let ("%s" | "%v", [value]) = (text.as_str(), values) {
        return value.clone();
    }
    let verbs = text.match_indices('%').count();
    // Besides words that are escaped, spaces are harmless: they stand between words.
    let escaped = values.iter().any(|value| value.escapes > 0);
    let harmless = if escaped { Chars::SPACE } else { Chars::NONE };
    let mut all = Value::of(format.chars.without(harmless));
    if text.contains('q') && verbs > 0 {
        all.chars = all.chars.and(Chars::DOUBLE).and(Chars::BACKSLASH);
    }
    values.iter().fold(all, |all, value| all.or(value))
}
