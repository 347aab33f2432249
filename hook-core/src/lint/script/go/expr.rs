//! The values of a Go template's expressions.

use super::{DotScope, GoPieces};
use crate::lint::script::char_set::CharSet;
use crate::lint::script::piece::{Literal, ValueTraits};
use crate::lint::script::vocabulary::Shape;
use go_template::syntax::ast::{Command, Expr, ExprKind, Variable};
use go_template::{Builtin, Span};

/// The most bytes of code in an advice: longer code is of no help, and copies of it would make the
/// lint quadratic.
const MAX_SHOWN: usize = 4096;

/// Code of an argument.
#[derive(Clone, Copy, Debug)]
pub(super) enum ShownCode<'t> {
    /// A word of the command.
    Word(&'t str),
    /// The commands before the last `|`.
    Piped(&'t str),
}

impl ShownCode<'_> {
    /// Returns the code as one operand; `None` if it is too long.
    fn text(self) -> Option<String> {
        match self {
            ShownCode::Word(code) | ShownCode::Piped(code) if code.len() > MAX_SHOWN => None,
            ShownCode::Word(code) => Some(code.to_owned()),
            ShownCode::Piped(code) => Some(format!("({})", code.trim())),
        }
    }
}

impl<'t> GoPieces<'t> {
    /// Returns the value of a command; `piped` is its last argument and how that is written.
    pub(super) fn command(
        &mut self,
        command: &'t Command,
        piped: Option<(Shape, ShownCode<'t>)>,
        scope: DotScope<'_>,
    ) -> Shape {
        let Some((first, words)) = command.words.split_first() else {
            return Shape::One(ValueTraits::safe());
        };
        let mut arguments: Vec<(Shape, ShownCode<'t>)> = Vec::new();
        for word in words {
            let shown = ShownCode::Word(word.span.of(self.source));
            arguments.push((self.expr(word, &[], scope), shown));
        }
        arguments.extend(piped);
        self.expr(first, &arguments, scope)
    }

    /// Returns the value of an operand, called with arguments if it is a function or a method.
    fn expr(
        &mut self,
        expr: &'t Expr,
        arguments: &[(Shape, ShownCode<'t>)],
        scope: DotScope<'_>,
    ) -> Shape {
        match &expr.kind {
            ExprKind::Dot => scope.dot.clone(),
            ExprKind::Nil | ExprKind::Bool(_) | ExprKind::Number(_) => {
                Shape::One(ValueTraits::safe())
            }
            ExprKind::Str(bytes) => {
                Shape::One(ValueTraits::constant(&String::from_utf8_lossy(bytes)))
            }
            ExprKind::Field(names) => self.call(scope.dot.clone(), names, arguments),
            ExprKind::Variable(variable, names) => {
                self.call(self.variable(*variable, scope), names, arguments)
            }
            ExprKind::Function(builtin) => self.function(*builtin, arguments),
            ExprKind::Paren(pipeline) => self.pipeline(pipeline, scope),
            ExprKind::Chain(expr, names) => {
                let shape = self.expr(expr, &[], scope);
                self.call(shape, names, arguments)
            }
        }
    }

    fn variable(&self, variable: Variable, scope: DotScope<'_>) -> Shape {
        if variable.name == 0 {
            return scope.root.clone();
        }
        // The variable is set later in a loop; a later pass knows its value.
        let known = self.variables.get(&variable.name);
        known.cloned().unwrap_or(Shape::One(ValueTraits::safe()))
    }

    /// Returns the member at the end of a chain of names, called if it is a method.
    fn call(&self, of: Shape, names: &[Span], arguments: &[(Shape, ShownCode<'t>)]) -> Shape {
        let mut shape = of;
        for (i, name) in names.iter().enumerate() {
            let name = name.of(self.source);
            let argument = arguments.last().filter(|_| i + 1 == names.len());
            shape = match (name, argument) {
                ("ShellEscape", Some((shape, shown))) => {
                    let value = self.vocabulary.printed(shape);
                    Shape::One(ValueTraits {
                        escapes: value.escapes.saturating_add(1),
                        constant: None,
                        inner: shown.text(),
                        ..value
                    })
                }
                // Text of a layout that is not part of the time is copied to the output.
                ("Format", Some((shape, _))) => self.unescaped(shape),
                (name, Some((argument, shown))) => match literal(name) {
                    Some(kind) => Shape::One(ValueTraits {
                        marshalled: shown.text(),
                        ..self.vocabulary.printed(argument).as_literal(kind)
                    }),
                    None => self.vocabulary.member(&shape, name),
                },
                (name, None) => self.vocabulary.member(&shape, name),
            };
        }
        shape
    }

    /// Returns the traits of an unknown value with the same set of characters.
    fn unescaped(&self, shape: &Shape) -> Shape {
        Shape::One(ValueTraits::of(self.vocabulary.printed(shape).chars))
    }

    fn function(&self, builtin: Builtin, arguments: &[(Shape, ShownCode<'t>)]) -> Shape {
        let printed = |(shape, _): &(Shape, ShownCode<'t>)| self.vocabulary.printed(shape);
        let all = || {
            let mut values = arguments.iter().map(printed);
            let first = values.next().unwrap_or_else(ValueTraits::safe);
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
                    Some((Shape::Labels, _)) => Shape::One(ValueTraits::free()),
                    Some((shape, _)) => self.unescaped(shape),
                    None => Shape::One(ValueTraits::safe()),
                };
            }
            Builtin::Slice => {
                return match arguments.first() {
                    Some((Shape::List(value), _)) => Shape::List(value.clone()),
                    Some((shape, _)) => self.unescaped(shape),
                    None => Shape::One(ValueTraits::safe()),
                };
            }
            Builtin::Print if arguments.len() == 1 => all(),
            Builtin::Print | Builtin::Println => {
                let joined = all();
                match joined.escapes {
                    0 => ValueTraits::of(joined.chars.union(CharSet::SPACE)),
                    _ => ValueTraits {
                        inner: None,
                        ..joined
                    },
                }
            }
            Builtin::Printf => formatted(&arguments.iter().map(printed).collect::<Vec<_>>()),
            Builtin::Html => {
                let quotes = CharSet::SINGLE.union(CharSet::DOUBLE);
                let chars = all().chars;
                let amp = if chars.is_empty() {
                    CharSet::EMPTY
                } else {
                    CharSet::OPERATOR
                };
                ValueTraits::of(chars.without(quotes).union(amp))
            }
            Builtin::Js => ValueTraits::of(
                all()
                    .chars
                    .union(CharSet::BACKSLASH)
                    .without(CharSet::NEWLINE),
            ),
            Builtin::Len | Builtin::UrlQuery | Builtin::Not | Builtin::Call => ValueTraits::safe(),
            Builtin::Eq | Builtin::Ne | Builtin::Lt | Builtin::Le | Builtin::Gt | Builtin::Ge => {
                ValueTraits::safe()
            }
        };
        Shape::One(value)
    }
}

/// Returns the literal that a method of that name makes.
fn literal(name: &str) -> Option<Literal> {
    match name {
        "JsonMarshal" => Some(Literal::Json),
        "PowerShellEscape" => Some(Literal::PowerShell),
        "AppleScriptEscape" => Some(Literal::AppleScript),
        _ => None,
    }
}

/// Returns the value that `printf` makes of a format and its arguments.
fn formatted(arguments: &[ValueTraits]) -> ValueTraits {
    let Some((format, values)) = arguments.split_first() else {
        return ValueTraits::safe();
    };
    let Some(text) = &format.constant else {
        return ValueTraits::free();
    };
    if let ("%s" | "%v", [value]) = (text.as_str(), values) {
        return value.clone();
    }
    let verbs = text.match_indices('%').count();
    // Beside escaped words, spaces are harmless: they separate words.
    let escaped = values.iter().any(|value| value.escapes > 0);
    let harmless = if escaped {
        CharSet::SPACE
    } else {
        CharSet::EMPTY
    };
    let mut all = ValueTraits::of(format.chars.without(harmless));
    if text.contains('q') && verbs > 0 {
        all.chars = all.chars.union(CharSet::DOUBLE).union(CharSet::BACKSLASH);
    }
    ValueTraits {
        literal: shared_literal(text, values),
        ..values.iter().fold(all, |all, value| all.or(value))
    }
}

/// Returns the kind of literal that all values are, if a format puts no quotes around them: it
/// is code of that language then.
fn shared_literal(format: &str, values: &[ValueTraits]) -> Option<Literal> {
    let before = format.split('%').map(|part| part.chars().last());
    let is_quoted = before
        .take(values.len())
        .any(|last| matches!(last, Some('"' | '\'' | '`')));
    let unsafe_values = values.iter().filter(|value| !value.chars.is_empty());
    let mut kinds = unsafe_values.map(|value| value.literal);
    let first = kinds.next()??;
    (!is_quoted && kinds.all(|kind| kind == Some(first))).then_some(first)
}
