//! The check of the items of a template, without recursion.

use std::collections::HashSet;

use super::known::{Known, Nilness, Path};
use super::operand::Outcome;
use super::{Checker, Checkpoint, Fact, MAX_ITEMS};
use crate::model::{INT, Type};
use crate::scope::CallerScope;
use crate::syntax::ast::{Branch, ItemKind, Pipeline, Template, TemplateCall};

/// The knowledge at a call of a template. With the same knowledge the flaws are the same.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct CheckedCall {
    tree: usize,
    ty: Option<String>,
    nil: Nilness,
    path: Option<Path>,
    reached: bool,
    facts: Vec<Fact>,
}

/// A block that was entered.
struct CheckedBlock {
    /// The point after the condition.
    inside: Checkpoint,
    /// The point before the condition.
    outside: Checkpoint,
    dot: Known<'static>,
    /// The facts if all conditions so far are false.
    otherwise: Vec<Fact>,
    /// `true` if all conditions so far are false with all data.
    skipped: bool,
    with: bool,
}

/// The state to restore after a call of a template.
struct CheckedCaller {
    tree: usize,
    next: usize,
    dot: Known<'static>,
    scope: CallerScope,
    blocks: Vec<CheckedBlock>,
}

/// The variables that are set anywhere after their declaration.
pub(super) fn reassigned(template: &Template) -> HashSet<u32> {
    let mut names = HashSet::new();
    for item in template.trees.iter().flat_map(|t| &t.items) {
        if let Some(pipeline) = item.kind.pipeline() {
            collect_reassigned(pipeline, &mut names);
        }
    }
    names
}

fn collect_reassigned(pipeline: &Pipeline, names: &mut HashSet<u32>) {
    if !pipeline.declares {
        names.extend(pipeline.variables.iter().map(|v| v.name));
    }
    for word in pipeline.commands.iter().flat_map(|c| &c.words) {
        if let Some(inner) = word.pipeline() {
            collect_reassigned(inner, names);
        }
    }
}

impl<'d> Checker<'d> {
    pub(super) fn run(&mut self, root: Known<'static>) {
        let template = self.template;
        let (mut tree, mut next) = (template.main, 0);
        let mut blocks: Vec<CheckedBlock> = Vec::new();
        let mut callers: Vec<CheckedCaller> = Vec::new();
        self.variables.declare(0, root.clone());
        self.dot = root;
        loop {
            let item = template.trees.get(tree).and_then(|t| t.items.get(next));
            self.items += 1;
            let Some(item) = item.filter(|_| self.items < MAX_ITEMS) else {
                let Some(caller) = callers.pop() else { return };
                self.variables.leave_template(caller.scope);
                (tree, next, blocks) = (caller.tree, caller.next, caller.blocks);
                self.dot = caller.dot;
                continue;
            };
            next += 1;
            match &item.kind {
                ItemKind::Text | ItemKind::Break { .. } | ItemKind::Continue { .. } => {}
                ItemKind::Action(pipeline) => {
                    let outcome = self.pipeline(pipeline);
                    if pipeline.variables.is_empty() {
                        self.check_printed(pipeline, &outcome.known);
                    }
                }
                ItemKind::If(branch) => blocks.push(self.enter(branch, false)),
                ItemKind::With(branch) => blocks.push(self.enter(branch, true)),
                ItemKind::Range(branch) => blocks.push(self.enter_range(branch)),
                ItemKind::Else { branch, .. } => {
                    if let Some(block) = blocks.last_mut() {
                        self.part(branch.as_deref(), block);
                    }
                }
                ItemKind::End => {
                    if let Some(block) = blocks.pop() {
                        self.dot = block.dot;
                        self.return_to(block.outside);
                    }
                }
                ItemKind::Template(call) => {
                    if let Some((callee, dot)) = self.call(call) {
                        callers.push(CheckedCaller {
                            tree: std::mem::replace(&mut tree, callee),
                            next: std::mem::replace(&mut next, 0),
                            dot: std::mem::replace(&mut self.dot, dot.clone()),
                            scope: self.variables.enter_template(),
                            blocks: std::mem::take(&mut blocks),
                        });
                        self.variables.declare(0, dot);
                    }
                }
            }
        }
    }

    /// Checks a call of a template. Returns the index of the tree and its dot, unless the tree
    /// was checked with the same knowledge.
    fn call(&mut self, call: &'d TemplateCall) -> Option<(usize, Known<'static>)> {
        let dot = match &call.pipeline {
            Some(pipeline) => self.pipeline(pipeline).known.without_constant(),
            None => Known::absent(),
        };
        let Some(tree) = call.tree.map(|t| t as usize) else {
            let name = String::from_utf8_lossy(&call.name);
            let message = format!("there is no template {name:?}");
            self.error(call.name_span, "unknown-template", message);
            return None;
        };
        let is_new = self.called.insert(CheckedCall {
            tree,
            ty: dot.ty.map(|t| t.to_string()),
            nil: dot.nil,
            path: dot.path.clone(),
            reached: self.reached,
            facts: self.facts.clone(),
        });
        is_new.then_some((tree, dot))
    }

    fn enter(&mut self, branch: &'d Branch, with: bool) -> CheckedBlock {
        let outside = self.checkpoint();
        let outcome = self.pipeline(&branch.pipeline);
        let mut block = CheckedBlock {
            inside: self.checkpoint(),
            outside,
            dot: self.dot.clone(),
            otherwise: Vec::new(),
            skipped: self.reached,
            with,
        };
        self.enter_branch(outcome, &mut block);
        block
    }

    /// Enters a branch after its condition.
    fn enter_branch(&mut self, outcome: Outcome<'_>, block: &mut CheckedBlock) {
        let truth = outcome.known.truth();
        self.reached = block.skipped && truth == Some(true);
        block.skipped &= truth == Some(false);
        self.facts.extend(outcome.if_true);
        block.otherwise.extend(outcome.if_false);
        if block.with {
            self.dot = outcome.known.without_constant().present();
        }
    }

    fn part(&mut self, branch: Option<&'d Branch>, block: &mut CheckedBlock) {
        self.dot = block.dot.clone();
        self.return_to(block.inside);
        self.facts.extend_from_slice(&block.otherwise);
        self.reached = block.skipped;
        if let Some(branch) = branch {
            let outcome = self.pipeline(&branch.pipeline);
            // The variables of this condition are visible in later conditions, too.
            block.inside.variables = self.variables.mark();
            self.enter_branch(outcome, block);
        }
    }

    fn enter_range(&mut self, branch: &'d Branch) -> CheckedBlock {
        let outside = self.checkpoint();
        let pipeline = &branch.pipeline;
        let known = self.commands(pipeline).known.without_constant();
        let (key, element) = self.elements(pipeline, &known);
        let values = match pipeline.variables.len() {
            2.. => vec![key, element.clone()],
            count => vec![element.clone(); count],
        };
        if !pipeline.declares {
            for variable in &pipeline.variables {
                self.variable(variable.name, variable.span);
            }
        }
        let inside = self.checkpoint();
        if pipeline.declares {
            for (variable, value) in pipeline.variables.iter().zip(values) {
                self.declare(variable.name, value);
            }
        }
        let dot = std::mem::replace(&mut self.dot, element);
        self.reached = false;
        CheckedBlock {
            inside,
            outside,
            dot,
            otherwise: Vec::new(),
            skipped: false,
            with: false,
        }
    }

    /// The key and the element of an iteration over a value.
    fn elements(
        &mut self,
        pipeline: &Pipeline,
        known: &Known<'_>,
    ) -> (Known<'static>, Known<'static>) {
        let int = Known::typed(Type::Int(&INT));
        let string = Known::typed(Type::Str);
        match known.ty {
            Some(Type::Strings) => (int, string),
            Some(Type::List) => (int, Known::unknown()),
            Some(Type::StringMap) => (string.clone(), string),
            Some(Type::Map) => (string, Known::unknown()),
            Some(ty @ Type::Int(_)) => {
                if pipeline.variables.len() > 1 {
                    let message = "a range over an integer takes one variable".to_owned();
                    self.error(pipeline.span, "range", message);
                }
                (Known::typed(ty), Known::typed(ty))
            }
            Some(ty) => {
                let message = format!("{} cannot be ranged over", ty.title());
                let fails = known.nil == Nilness::Never || matches!(ty, Type::Pointer(_));
                self.report(pipeline.span, "range", message, None, fails);
                (Known::unknown(), Known::unknown())
            }
            None => (Known::unknown(), Known::unknown()),
        }
    }

    pub(super) fn declare(&mut self, name: u32, known: Known<'static>) {
        // If a declaration in parentheses is skipped, the name refers to another variable.
        let is_unknown = self.reassigned.contains(&name) || self.parens > 0;
        let known = if is_unknown { Known::unknown() } else { known };
        self.variables.declare(name, known);
    }

    /// Warns of a value that prints `<no value>`.
    fn check_printed(&mut self, pipeline: &Pipeline, known: &Known<'_>) {
        let may_be_absent = match known.ty {
            Some(Type::Str) => known.nil != Nilness::Never,
            None => known.nil == Nilness::Always && known.constant.is_none(),
            _ => false,
        };
        if may_be_absent {
            let text = self.text(pipeline.span).to_owned();
            let verb = match known.nil {
                Nilness::Always => "is",
                _ => "may be",
            };
            let message = format!("`{text}` {verb} missing and then prints `<no value>`");
            let remedy = format!("guard it with `{{{{with {text}}}}}`");
            self.warn(pipeline.span, "may-be-missing", message, Some(remedy));
        }
    }
}
