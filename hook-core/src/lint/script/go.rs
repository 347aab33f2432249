//! The pieces of a Go template.

use std::collections::HashMap;

use super::chars::Chars;
use super::piece::{Hole, Literal, Piece, Value};
use super::vocabulary::{Shape, Vocabulary};
use crate::template::Template;
use crate::template::go::syntax::ast::{
    Branch, Command, Expr, ExprKind, Item, ItemKind, Name, Pipeline, Tree, Variable,
};
use crate::template::go::{Builtin, Document, parse};

/// How deep blocks, calls of templates and parentheses are followed.
const MAX_DEPTH: usize = 64;
/// How many pieces are looked at, templates counted wherever they are called.
const MAX_PIECES: usize = 20_000;
/// How often a template is read to learn what its variables can hold. A variable set
/// from a variable that is set later in a loop needs more than one turn.
const TURNS: usize = 3;

/// The pieces of a template; `None` if it is too deep or too long.
pub(super) fn pieces(template: &Template, vocabulary: &Vocabulary) -> Option<Vec<Piece>> {
    let document = parse("", template.source()).ok()?;
    let tree = document.trees.get(document.main)?;
    let mut reader = Reader {
        document: &document,
        source: template.source(),
        vocabulary,
        variables: HashMap::new(),
        pieces: 0,
    };
    let mut pieces = None;
    for _ in 0..TURNS {
        reader.pieces = 0;
        pieces = Some(reader.tree(tree, &Shape::Root, 0)?);
    }
    pieces
}

struct Reader<'t> {
    document: &'t Document,
    source: &'t str,
    vocabulary: &'t Vocabulary,
    /// What each variable can hold, wherever it is set.
    variables: HashMap<u32, Shape>,
    pieces: usize,
}

/// What `.` and `$` are.
#[derive(Clone, Copy)]
struct Scope<'s> {
    dot: &'s Shape,
    root: &'s Shape,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn tree(&mut self, tree: &'t Tree, dot: &Shape, depth: usize) -> Option<Vec<Piece>> {
        let scope = Scope {
            dot,
            root: dot,
            depth,
        };
        self.block(tree, 0, tree.items.len(), scope)
    }

    /// The items from one index up to another, which are whole blocks.
    fn block(
        &mut self,
        tree: &'t Tree,
        from: usize,
        to: usize,
        scope: Scope<'_>,
    ) -> Option<Vec<Piece>> {
        if scope.depth > MAX_DEPTH {
            return None;
        }
        let mut out = Vec::new();
        let mut at = from;
        while at < to {
            let item = tree.items.get(at)?;
            self.pieces += 1;
            if self.pieces > MAX_PIECES {
                return None;
            }
            at += 1;
            match &item.kind {
                ItemKind::Text => out.push(Piece::Text(item.span.of(self.source).to_owned())),
                ItemKind::Action(pipeline) => out.extend(self.action(item, pipeline, scope)),
                ItemKind::If(branch) | ItemKind::With(branch) | ItemKind::Range(branch) => {
                    let (piece, end) = self.branches(tree, item, at, branch, scope)?;
                    out.push(piece);
                    at = end + 1;
                }
                ItemKind::Template { tree, pipeline, .. } => {
                    let dot = match pipeline {
                        Some(pipeline) => self.pipeline(pipeline, scope),
                        None => Shape::One(Value::safe()),
                    };
                    let called = tree.and_then(|i| self.document.trees.get(i as usize));
                    if let Some(called) = called {
                        out.extend(self.tree(called, &dot, scope.depth + 1)?);
                    }
                }
                // Leaving a loop early is one of the ways through it that are followed.
                ItemKind::Break { .. } | ItemKind::Continue { .. } => {}
                ItemKind::Else { .. } | ItemKind::End => {}
            }
        }
        Some(out)
    }

    /// A block with all its branches, and the index of its end.
    fn branches(
        &mut self,
        tree: &'t Tree,
        item: &'t Item,
        body: usize,
        branch: &'t Branch,
        scope: Scope<'_>,
    ) -> Option<(Piece, usize)> {
        let mut arms = Vec::new();
        let mut body = body;
        let mut head = Some((&item.kind, branch));
        loop {
            let (dot, next) = match head {
                Some((kind, branch)) => (
                    self.head(kind, &branch.pipeline, scope),
                    branch.otherwise as usize,
                ),
                None => (scope.dot.clone(), 0),
            };
            let next = match head {
                Some(_) => next,
                None => arms_end(tree, body)?,
            };
            let inner = Scope {
                dot: &dot,
                root: scope.root,
                depth: scope.depth + 1,
            };
            let pieces = self.block(tree, body, next, inner)?;
            let loops = matches!(head, Some((ItemKind::Range(_), _)));
            arms.push(if loops {
                vec![Piece::Loop(pieces)]
            } else {
                pieces
            });
            body = next + 1;
            head = match &tree.items.get(next)?.kind {
                ItemKind::Else {
                    branch: Some(branch),
                    ..
                } => Some((&item.kind, branch)),
                ItemKind::Else { branch: None, .. } => None,
                _ => {
                    if head.is_some() {
                        arms.push(Vec::new());
                    }
                    return Some((Piece::Fork(arms), next));
                }
            };
        }
    }

    /// The head of a branch: sets its variables and gives what `.` is within.
    fn head(&mut self, kind: &ItemKind, pipeline: &'t Pipeline, scope: Scope<'_>) -> Shape {
        let value = self.commands(pipeline, scope);
        match kind {
            ItemKind::If(_) => {
                self.set(pipeline.variables.first(), &value);
                scope.dot.clone()
            }
            ItemKind::Range(_) => {
                let element = Shape::One(match &value {
                    Shape::List(value) | Shape::One(value) => value.clone(),
                    shape => self.vocabulary.printed(shape),
                });
                match pipeline.variables.as_slice() {
                    [key, value] => {
                        // The keys of a map can be anything, those of a list are numbers.
                        let keys = match self.commands(pipeline, scope) {
                            Shape::List(_) => Value::safe(),
                            shape => Value::of(self.vocabulary.printed(&shape).chars),
                        };
                        self.set(Some(key), &Shape::One(keys));
                        self.set(Some(value), &element);
                    }
                    variables => self.set(variables.first(), &element),
                }
                element
            }
            _ => {
                self.set(pipeline.variables.first(), &value);
                value
            }
        }
    }

    fn set(&mut self, variable: Option<&Variable>, shape: &Shape) {
        let Some(variable) = variable else { return };
        let joined = match self.variables.get(&variable.name) {
            Some(known) if known != shape => {
                let printed = |shape| self.vocabulary.printed(shape);
                Shape::One(printed(known).or(&printed(shape)))
            }
            _ => shape.clone(),
        };
        self.variables.insert(variable.name, joined);
    }

    fn action(&mut self, item: &Item, pipeline: &'t Pipeline, scope: Scope<'_>) -> Option<Piece> {
        let shape = self.pipeline(pipeline, scope);
        if !pipeline.variables.is_empty() {
            return None;
        }
        let commands = (pipeline.commands.first()?, pipeline.commands.last()?);
        let shown = commands.0.span.to(commands.1.span).of(self.source);
        Some(Piece::Hole(Hole {
            start: item.span.start as usize,
            end: item.span.end as usize,
            shown: shown.trim().to_owned(),
            value: self.vocabulary.printed(&shape),
        }))
    }

    /// What a pipeline gives, after it set its variables.
    fn pipeline(&mut self, pipeline: &'t Pipeline, scope: Scope<'_>) -> Shape {
        let shape = self.commands(pipeline, scope);
        self.set(pipeline.variables.first(), &shape);
        shape
    }

    fn commands(&mut self, pipeline: &'t Pipeline, scope: Scope<'_>) -> Shape {
        let scope = Scope {
            depth: scope.depth + 1,
            ..scope
        };
        if scope.depth > MAX_DEPTH * 2 {
            return Shape::One(Value::free());
        }
        let mut last: Option<(Shape, String)> = None;
        let first = pipeline.commands.first().map(|c| c.span);
        for command in &pipeline.commands {
            let shape = self.command(command, last.take(), scope);
            let shown = first.map_or("", |first| first.to(command.span).of(self.source));
            last = Some((shape, format!("({})", shown.trim())));
        }
        last.map_or(Shape::One(Value::safe()), |(shape, _)| shape)
    }

    /// What a command gives; `piped` is its last argument and how that is written.
    fn command(
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
            ExprKind::Plain(span) => constant(span.of(self.source)),
            ExprKind::Escaped(bytes) => constant(&String::from_utf8_lossy(bytes)),
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
    fn call(&self, of: Shape, names: &[Name], arguments: &[(Shape, String)]) -> Shape {
        let mut shape = of;
        for (i, name) in names.iter().enumerate() {
            let name = name.span.of(self.source);
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

/// Where the last branch of a block ends that begins at `body`.
fn arms_end(tree: &Tree, body: usize) -> Option<usize> {
    match &tree.items.get(body.checked_sub(1)?)?.kind {
        ItemKind::Else { end, .. } => Some(*end as usize),
        _ => None,
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
