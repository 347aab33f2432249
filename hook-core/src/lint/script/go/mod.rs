//! The pieces of a Go template.

mod expr;

use std::collections::HashMap;

use expr::ShownCode;

use super::piece::{Hole, Piece, ValueTraits};
use super::vocabulary::{Shape, Vocabulary};
use crate::template::Template;
use go_template::Template as GoTemplate;
use go_template::syntax::ast::{Branch, Item, ItemKind, Pipeline, Tree, Variable};

/// The nesting of blocks, calls of templates and parentheses beyond which a script is not
/// followed.
const MAX_DEPTH: usize = 64;
/// The number of pieces after which a script is not followed. A template counts wherever it is
/// called.
const MAX_PIECES: usize = 20_000;
/// The number of passes over a template that determine the values of its variables. A variable
/// that depends on one set later in a loop needs more than one pass.
const TURNS: usize = 3;

/// Returns the pieces of a template; `None` if it nests too deeply or is too long.
pub(super) fn pieces(template: &Template, vocabulary: &Vocabulary) -> Option<Vec<Piece>> {
    let document = GoTemplate::parse("", template.source()).ok()?;
    let tree = document.trees.get(document.main)?;
    let mut reader = GoPieces {
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

struct GoPieces<'t> {
    document: &'t GoTemplate,
    source: &'t str,
    vocabulary: &'t Vocabulary,
    /// The value of each variable, wherever it is set.
    variables: HashMap<u32, Shape>,
    pieces: usize,
}

/// The values of `.` and `$`.
#[derive(Clone, Copy)]
struct DotScope<'s> {
    dot: &'s Shape,
    root: &'s Shape,
    depth: usize,
}

impl<'t> GoPieces<'t> {
    fn tree(&mut self, tree: &'t Tree, dot: &Shape, depth: usize) -> Option<Vec<Piece>> {
        let scope = DotScope {
            dot,
            root: dot,
            depth,
        };
        self.block(tree, 0, tree.items.len(), scope)
    }

    /// Returns the pieces of the items from one index up to another, which are whole blocks.
    fn block(
        &mut self,
        tree: &'t Tree,
        from: usize,
        to: usize,
        scope: DotScope<'_>,
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
                ItemKind::Text => out.push(Piece::Text {
                    start: item.span.start as usize,
                    text: item.span.of(self.source).to_owned(),
                }),
                ItemKind::Action(pipeline) => out.extend(self.action(item, pipeline, scope)),
                ItemKind::If(branch) | ItemKind::With(branch) | ItemKind::Range(branch) => {
                    let (piece, end) = self.branches(tree, item, at, branch, scope)?;
                    out.push(piece);
                    at = end + 1;
                }
                ItemKind::Template(call) => {
                    let dot = match &call.pipeline {
                        Some(pipeline) => self.pipeline(pipeline, scope),
                        None => Shape::One(ValueTraits::safe()),
                    };
                    let called = call.tree.and_then(|i| self.document.trees.get(i as usize));
                    if let Some(called) = called {
                        out.extend(self.tree(called, &dot, scope.depth + 1)?);
                    }
                }
                // A loop that is left early is treated like one with fewer iterations.
                ItemKind::Break { .. } | ItemKind::Continue { .. } => {}
                ItemKind::Else { .. } | ItemKind::End => {}
            }
        }
        Some(out)
    }

    /// Returns a block with all its branches, and the index of its end.
    fn branches(
        &mut self,
        tree: &'t Tree,
        item: &'t Item,
        body: usize,
        branch: &'t Branch,
        scope: DotScope<'_>,
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
                None => (scope.dot.clone(), arms_end(tree, body)?),
            };
            let inner = DotScope {
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

    /// Sets the variables of a branch's head, and returns the value of `.` within.
    fn head(&mut self, kind: &ItemKind, pipeline: &'t Pipeline, scope: DotScope<'_>) -> Shape {
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
                        // The keys of a list are integers, which are harmless.
                        let keys = match self.commands(pipeline, scope) {
                            Shape::List(_) => ValueTraits::safe(),
                            shape => ValueTraits::of(self.vocabulary.printed(&shape).chars),
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

    fn action(
        &mut self,
        item: &Item,
        pipeline: &'t Pipeline,
        scope: DotScope<'_>,
    ) -> Option<Piece> {
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
            is_variable: false,
            value: self.vocabulary.printed(&shape),
        }))
    }

    /// Sets the variables of a pipeline, and returns its value.
    fn pipeline(&mut self, pipeline: &'t Pipeline, scope: DotScope<'_>) -> Shape {
        let shape = self.commands(pipeline, scope);
        self.set(pipeline.variables.first(), &shape);
        shape
    }

    fn commands(&mut self, pipeline: &'t Pipeline, scope: DotScope<'_>) -> Shape {
        let scope = DotScope {
            depth: scope.depth + 1,
            ..scope
        };
        if scope.depth > MAX_DEPTH * 2 {
            return Shape::One(ValueTraits::free());
        }
        let mut last: Option<(Shape, ShownCode<'t>)> = None;
        let first = pipeline.commands.first().map(|c| c.span);
        for command in &pipeline.commands {
            let shape = self.command(command, last.take(), scope);
            let shown = first.map_or("", |first| first.to(command.span).of(self.source));
            last = Some((shape, ShownCode::Piped(shown)));
        }
        last.map_or(Shape::One(ValueTraits::safe()), |(shape, _)| shape)
    }
}

/// Returns where a block's last branch ends that begins at `body`.
fn arms_end(tree: &Tree, body: usize) -> Option<usize> {
    match &tree.items.get(body.checked_sub(1)?)?.kind {
        ItemKind::Else { end, .. } => Some(*end as usize),
        _ => None,
    }
}
