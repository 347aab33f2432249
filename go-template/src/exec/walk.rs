//! Execution of the items of a template. Blocks and calls are on the heap, so that deep nesting
//! cannot exhaust the stack.

use super::Execution;
use super::range::Iteration;
use crate::fault::Faulty;
use crate::format::sprint;
use crate::limits::MAX_CALLS;
use crate::model::IntType;
use crate::scope::CallerScope;
use crate::syntax::ast::{Branch, Item, ItemKind, Pipeline, TemplateCall};
use crate::value::Value;

pub(super) struct Block<'a> {
    pub(super) head: usize,
    /// The mark of the variables before the block.
    pub(super) mark: usize,
    /// The dot outside, if it differs.
    pub(super) dot: Option<Value<'a>>,
    /// The state of a loop. `None` in its `else`.
    pub(super) iteration: Option<Box<Iteration<'a>>>,
}

/// The state to restore after a call of a template.
pub(super) struct Caller<'a> {
    items: &'a [Item],
    next: usize,
    dot: Value<'a>,
    scope: CallerScope,
}

impl<'a> Execution<'a> {
    pub(super) fn run(&mut self) -> Faulty<()> {
        let Some(tree) = self.template.trees.get(self.template.main) else {
            return Ok(());
        };
        self.items = &tree.items;
        self.variables.declare(0, self.dot.clone());
        loop {
            if let Some(item) = self.items.get(self.next) {
                self.step(1)?;
                self.item(item)?;
            } else if let Some(caller) = self.callers.pop() {
                self.variables.leave_template(caller.scope);
                self.items = caller.items;
                self.next = caller.next;
                self.dot = caller.dot;
            } else {
                return Ok(());
            }
        }
    }

    fn item(&mut self, item: &'a Item) -> Faulty<()> {
        let head = self.next;
        self.next += 1;
        match &item.kind {
            ItemKind::Text => self.write(self.text(item.span).as_bytes()),
            ItemKind::Action(pipeline) => self.action(pipeline),
            ItemKind::If(branch) => self.branch(branch, head, false),
            ItemKind::With(branch) => self.branch(branch, head, true),
            ItemKind::Range(branch) => self.range(branch, head),
            ItemKind::Else { end, .. } => {
                self.next = *end as usize;
                Ok(())
            }
            ItemKind::End => self.end(),
            ItemKind::Break { range } => {
                self.close_within(*range);
                self.next = end_of(self.items, *range as usize) + 1;
                self.close();
                Ok(())
            }
            ItemKind::Continue { range } => {
                self.close_within(*range);
                self.end()
            }
            ItemKind::Template(call) => self.call(call),
        }
    }

    fn action(&mut self, pipeline: &'a Pipeline) -> Faulty<()> {
        let value = self.pipeline(pipeline)?;
        match &value {
            _ if !pipeline.variables.is_empty() => Ok(()),
            Value::Str(text) => self.write(text.bytes()),
            Value::Int(
                i,
                IntType {
                    text: Some(text), ..
                },
            ) => self.write(text(*i).as_bytes()),
            _ => {
                let mut text = Vec::new();
                sprint(&mut text, &[value.printed()]);
                self.write(&text)
            }
        }
    }

    /// Enters an `if` or `with`: goes to the branch whose condition holds, to the `else`, or
    /// to the end.
    fn branch(&mut self, mut branch: &'a Branch, head: usize, with: bool) -> Faulty<()> {
        self.blocks.push(Block {
            head,
            mark: self.variables.mark(),
            dot: None,
            iteration: None,
        });
        loop {
            let value = self.pipeline(&branch.pipeline)?;
            if value.truth() {
                if let Some(block) = self.blocks.last_mut().filter(|_| with) {
                    block.dot = Some(std::mem::replace(&mut self.dot, value));
                }
                return Ok(());
            }
            self.step(1)?;
            match self.skip_branch(branch) {
                Some(next) => branch = next,
                None => return Ok(()),
            }
        }
    }

    /// Goes to the next part of a block. Returns its branch if it has a condition.
    pub(super) fn skip_branch(&mut self, branch: &Branch) -> Option<&'a Branch> {
        self.next = branch.otherwise as usize;
        match self.items.get(self.next).map(|item| &item.kind) {
            Some(ItemKind::Else { branch, .. }) => {
                self.next += 1;
                branch.as_deref()
            }
            _ => None,
        }
    }

    /// Ends an iteration of a loop, or another block.
    fn end(&mut self) -> Faulty<()> {
        if self.blocks.last().is_some_and(|b| b.iteration.is_some()) {
            return self.iterate();
        }
        self.close();
        Ok(())
    }

    pub(super) fn close(&mut self) {
        if let Some(block) = self.blocks.pop() {
            self.variables.leave(block.mark);
            if let Some(dot) = block.dot {
                self.dot = dot;
            }
        }
    }

    /// Leaves the blocks within the range whose first item is `range`.
    fn close_within(&mut self, range: u32) {
        let head = range as usize;
        while self.blocks.last().is_some_and(|b| b.head != head) {
            self.close();
        }
    }

    fn call(&mut self, call: &'a TemplateCall) -> Faulty<()> {
        self.at = call.name_span;
        let tree = call.tree.and_then(|t| self.template.trees.get(t as usize));
        let Some(tree) = tree else {
            let name = String::from_utf8_lossy(&call.name);
            return Err(self.fault(format!("there is no template {name:?}")));
        };
        if self.callers.len() >= MAX_CALLS {
            let message = format!("more than {MAX_CALLS} templates call each other");
            return Err(self.fault(message));
        }
        let dot = match &call.pipeline {
            Some(pipeline) => self.pipeline(pipeline)?,
            None => Value::Absent,
        };
        self.callers.push(Caller {
            items: std::mem::replace(&mut self.items, &tree.items),
            next: std::mem::replace(&mut self.next, 0),
            dot: std::mem::replace(&mut self.dot, dot.clone()),
            scope: self.variables.enter_template(),
        });
        self.variables.declare(0, dot);
        Ok(())
    }
}

/// The index of the `end` of the block whose first item is `head`.
pub(super) fn end_of(items: &[Item], head: usize) -> usize {
    let otherwise = match items.get(head).map(|item| &item.kind) {
        Some(ItemKind::If(b) | ItemKind::With(b) | ItemKind::Range(b)) => b.otherwise as usize,
        _ => return head,
    };
    match items.get(otherwise).map(|item| &item.kind) {
        Some(ItemKind::Else { end, .. }) => *end as usize,
        _ => otherwise,
    }
}
