//! Goes through the items of a template, without the help of the call stack.

use std::collections::HashSet;

use super::known::{Known, Nilness, Path};
use super::operand::Outcome;
use super::state::{Mark, Variables};
use super::{Checker, MAX_LOOKS};
use crate::model::Type;
use crate::syntax::ast::{Branch, Document, ItemKind, Pipeline};

/// A call of a template, as far as it matters to what is found in it.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Call {
    tree: usize,
    ty: Option<String>,
    nil: Nilness,
    path: Option<Path>,
    reached: bool,
    lessons: Vec<(Path, Nilness)>,
}

/// A block that was entered.
struct Block {
    /// The point behind the condition.
    mark: Mark,
    /// The point before it.
    outside: Mark,
    dot: Known<'static>,
    /// What holds if the conditions so far do not.
    otherwise: Vec<(Path, Nilness)>,
    /// Whether the branches so far are passed over with all data.
    passed: bool,
    with: bool,
}

/// A place to come back to.
struct Return {
    tree: usize,
    next: usize,
    dot: Known<'static>,
    variables: Variables,
    blocks: Vec<Block>,
}

/// The variables that are set anywhere.
pub(super) fn reassigned(document: &Document) -> HashSet<u32> {
    let mut names = HashSet::new();
    for item in document.trees.iter().flat_map(|t| &t.items) {
        if let Some(pipeline) = item.kind.pipeline() {
            collect(pipeline, &mut names);
        }
    }
    names
}

fn collect(pipeline: &Pipeline, names: &mut HashSet<u32>) {
    if !pipeline.declares {
        names.extend(pipeline.variables.iter().map(|v| v.name));
    }
    for word in pipeline.commands.iter().flat_map(|c| &c.words) {
        if let Some(inner) = word.pipeline() {
            collect(inner, names);
        }
    }
}

impl<'d> Checker<'d> {
    pub(super) fn run(&mut self, main: usize, root: Known<'static>) {
        let document = self.document;
        let (mut tree, mut next) = (main, 0);
        let mut blocks: Vec<Block> = Vec::new();
        let mut returns: Vec<Return> = Vec::new();
        self.state.declare(0, root.clone());
        self.state.dot = root;
        loop {
            let item = document.trees.get(tree).and_then(|t| t.items.get(next));
            self.looks += 1;
            let Some(item) = item.filter(|_| self.looks < MAX_LOOKS) else {
                let Some(back) = returns.pop() else { return };
                (tree, next, blocks) = (back.tree, back.next, back.blocks);
                self.state.dot = back.dot;
                self.state.show_variables(back.variables);
                continue;
            };
            next += 1;
            match &item.kind {
                ItemKind::Text | ItemKind::Break { .. } | ItemKind::Continue { .. } => {}
                ItemKind::Action(pipeline) => {
                    let outcome = self.pipeline(pipeline, false);
                    if pipeline.variables.is_empty() {
                        self.printed(pipeline, &outcome.known);
                    }
                }
                ItemKind::If(branch) => self.enter(branch, false, &mut blocks),
                ItemKind::With(branch) => self.enter(branch, true, &mut blocks),
                ItemKind::Range(branch) => self.enter_range(branch, &mut blocks),
                ItemKind::Else { branch, .. } => self.part(branch.as_deref(), &mut blocks),
                ItemKind::End => {
                    if let Some(block) = blocks.pop() {
                        self.state.dot = block.dot;
                        self.state.go_back(block.outside);
                    }
                }
                ItemKind::Template(call) => {
                    let dot = match &call.pipeline {
                        Some(pipeline) => self.pipeline(pipeline, false).known.detached(),
                        None => Known::absent(),
                    };
                    let Some(callee) = call.tree.map(|t| t as usize) else {
                        let name = String::from_utf8_lossy(&call.name);
                        let message = format!("there is no template {name:?}");
                        self.fails(call.name_span, "unknown-template", message, None);
                        continue;
                    };
                    if !self.is_new(callee, &dot) {
                        continue;
                    }
                    returns.push(Return {
                        tree: std::mem::replace(&mut tree, callee),
                        next: std::mem::replace(&mut next, 0),
                        dot: std::mem::replace(&mut self.state.dot, dot.clone()),
                        variables: self.state.hide_variables(),
                        blocks: std::mem::take(&mut blocks),
                    });
                    self.state.declare(0, dot);
                }
            }
        }
    }

    /// Whether a call was not looked at before.
    fn is_new(&mut self, tree: usize, dot: &Known<'_>) -> bool {
        self.called.insert(Call {
            tree,
            ty: dot.ty.map(|t| t.to_string()),
            nil: dot.nil,
            path: dot.path,
            reached: self.state.reached,
            lessons: self.state.lessons().to_vec(),
        })
    }

    fn enter(&mut self, branch: &'d Branch, with: bool, blocks: &mut Vec<Block>) {
        let outside = self.state.mark();
        let outcome = self.pipeline(&branch.pipeline, false);
        let mut block = Block {
            mark: self.state.mark(),
            outside,
            dot: self.state.dot.clone(),
            otherwise: Vec::new(),
            passed: self.state.reached,
            with,
        };
        self.take(outcome, &mut block);
        blocks.push(block);
    }

    /// Goes into a branch whose condition was looked at.
    fn take(&mut self, outcome: Outcome<'_>, block: &mut Block) {
        let truth = outcome.known.truth();
        self.state.reached = block.passed && truth == Some(true);
        block.passed &= truth == Some(false);
        self.state.learn(&outcome.if_true);
        block.otherwise.extend(outcome.if_false);
        if block.with {
            self.state.dot = outcome.known.detached().present();
        }
    }

    fn part(&mut self, branch: Option<&'d Branch>, blocks: &mut [Block]) {
        let Some(block) = blocks.last_mut() else {
            return;
        };
        self.state.dot = block.dot.clone();
        self.state.go_back(block.mark);
        self.state.learn(&block.otherwise);
        self.state.reached = block.passed;
        if let Some(branch) = branch {
            let outcome = self.pipeline(&branch.pipeline, false);
            // What this condition declares is in sight in the next ones, too.
            block.mark = self.state.mark_behind(block.mark);
            self.take(outcome, block);
        }
    }

    fn enter_range(&mut self, branch: &'d Branch, blocks: &mut Vec<Block>) {
        let outside = self.state.mark();
        let pipeline = &branch.pipeline;
        let known = self.pipeline(pipeline, true).known.detached();
        let mark = self.state.mark();
        let dot = self.state.dot.clone();
        let (key, element) = self.elements(pipeline, &known);
        if pipeline.declares {
            match pipeline.variables.as_slice() {
                [one] => self.keep(one.name, element.clone()),
                [first, second, ..] => {
                    self.keep(first.name, key);
                    self.keep(second.name, element.clone());
                }
                [] => {}
            }
        }
        self.state.dot = element;
        self.state.reached = false;
        let passed = false;
        blocks.push(Block {
            mark,
            outside,
            dot,
            otherwise: Vec::new(),
            passed,
            with: false,
        });
    }

    /// What a range over a value gives in each turn.
    fn elements(
        &mut self,
        pipeline: &Pipeline,
        known: &Known<'_>,
    ) -> (Known<'static>, Known<'static>) {
        let int = Known::typed(Type::Int(&crate::model::INT));
        match known.ty {
            Some(Type::Strings) => (int, Known::typed(Type::Str)),
            Some(Type::List) => (int, Known::nothing()),
            Some(Type::StringMap) => (Known::typed(Type::Str), Known::typed(Type::Str)),
            Some(Type::Map) => (Known::typed(Type::Str), Known::nothing()),
            Some(ty @ Type::Int(_)) => {
                if pipeline.variables.len() > 1 {
                    let message = "a range over an integer takes one variable".to_owned();
                    self.fails(pipeline.span, "range", message, None);
                }
                (Known::typed(ty), Known::typed(ty))
            }
            Some(ty) => {
                let message = format!("{} cannot be ranged over", ty.described());
                let fails = known.nil == Nilness::Never || matches!(ty, Type::Pointer(_));
                self.note(pipeline.span, "range", message, None, fails);
                (Known::nothing(), Known::nothing())
            }
            None => (Known::nothing(), Known::nothing()),
        }
    }

    pub(super) fn keep(&mut self, name: u32, known: Known<'static>) {
        // What is declared in parentheses may be skipped, and then another is meant.
        let unknown = self.reassigned.contains(&name) || self.parens > 0;
        self.state
            .declare(name, if unknown { Known::nothing() } else { known });
    }

    /// Warns of what is printed as a note that there is nothing.
    fn printed(&mut self, pipeline: &Pipeline, known: &Known<'_>) {
        let may_be_absent = match known.ty {
            Some(Type::Str) => known.nil != Nilness::Never,
            None => known.nil == Nilness::Always && known.constant.is_none(),
            _ => false,
        };
        if may_be_absent {
            let text = self.text(pipeline.span).to_owned();
            let when = if known.nil == Nilness::Always {
                "is"
            } else {
                "may be"
            };
            let message = format!("`{text}` {when} missing and then prints `<no value>`");
            let remedy = format!("guard it with `{{{{with {text}}}}}`");
            self.may_fail(pipeline.span, "may-be-missing", message, Some(remedy));
        }
    }
}
