//! Goes through the items of a template. Blocks and calls are kept on a heap, so that
//! no depth exhausts the stack.

use smallvec::SmallVec;

use super::Run;
use super::range::Turns;
use crate::fault::Faulty;
use crate::format::sprint;
use crate::limits::MAX_CALLS;
use crate::model::IntType;
use crate::printed;
use crate::syntax::ast::{Branch, Item, ItemKind, Pipeline};
use crate::value::Value;

/// A place in the templates.
pub(super) struct Place<'a> {
    pub(super) items: &'a [Item],
    pub(super) next: usize,
    pub(super) dot: Value<'a>,
    /// The blocks around it, in all templates.
    pub(super) blocks: SmallVec<[Block<'a>; 2]>,
    calls: Vec<Call<'a>>,
}

/// A block that was entered.
pub(super) struct Block<'a> {
    /// The index of its first item.
    pub(super) head: usize,
    /// The variables declared before it.
    pub(super) mark: usize,
    /// The dot outside, if it differs.
    pub(super) dot: Option<Value<'a>>,
    /// What is left of a loop; nothing of its `else`.
    pub(super) turns: Option<Box<Turns<'a>>>,
}

/// Where to go on after a call.
struct Call<'a> {
    items: &'a [Item],
    next: usize,
    dot: Value<'a>,
    base: usize,
}

impl<'a> Run<'a> {
    pub(super) fn walk(&mut self, dot: Value<'a>) -> Faulty<()> {
        let Some(tree) = self.document.trees.get(self.document.main) else {
            return Ok(());
        };
        self.declare(0, dot.clone());
        let mut place = Place {
            items: &tree.items,
            next: 0,
            dot,
            blocks: SmallVec::new(),
            calls: Vec::new(),
        };
        loop {
            let Some(item) = place.items.get(place.next) else {
                match place.calls.pop() {
                    None => return Ok(()),
                    Some(call) => self.come_back(&mut place, call),
                }
                continue;
            };
            self.step(1)?;
            self.item(item, &mut place)?;
        }
    }

    fn item(&mut self, item: &'a Item, place: &mut Place<'a>) -> Faulty<()> {
        let head = place.next;
        place.next += 1;
        match &item.kind {
            ItemKind::Text => self.write(item.span.of(self.source).as_bytes()),
            ItemKind::Action(pipeline) => self.action(pipeline, &place.dot),
            ItemKind::If(branch) | ItemKind::With(branch) => {
                let mark = self.slots.len();
                place.blocks.push(Block {
                    head,
                    mark,
                    dot: None,
                    turns: None,
                });
                let with = matches!(item.kind, ItemKind::With(_));
                self.decide(branch, with, place)
            }
            ItemKind::Range(branch) => self.range(branch, head, place),
            ItemKind::Else { end, .. } => {
                place.next = *end as usize;
                Ok(())
            }
            ItemKind::End => self.end(place),
            ItemKind::Break { range } => {
                self.unwind(*range, place);
                place.next = end_of(place.items, *range as usize) + 1;
                self.close(place);
                Ok(())
            }
            ItemKind::Continue { range } => {
                self.unwind(*range, place);
                self.end(place)
            }
            ItemKind::Template(call) => {
                self.at = call.name_span;
                let tree = call.tree.and_then(|t| self.document.trees.get(t as usize));
                let Some(tree) = tree else {
                    let name = String::from_utf8_lossy(&call.name);
                    return Err(self.fault(format!("there is no template {name:?}")));
                };
                if place.calls.len() >= MAX_CALLS {
                    return Err(
                        self.fault(format!("more than {MAX_CALLS} templates call each other"))
                    );
                }
                let dot = match &call.pipeline {
                    Some(pipeline) => self.pipeline(pipeline, &place.dot)?,
                    None => Value::Absent,
                };
                self.call_tree(&tree.items, dot, place);
                Ok(())
            }
        }
    }

    fn action(&mut self, pipeline: &'a Pipeline, dot: &Value<'a>) -> Faulty<()> {
        let value = self.pipeline(pipeline, dot)?;
        if !pipeline.variables.is_empty() {
            return Ok(());
        }
        match &value {
            Value::Str(text) => return self.write(text.bytes()),
            Value::Int(
                i,
                IntType {
                    text: Some(text), ..
                },
            ) => {
                return self.write(text(*i).as_bytes());
            }
            _ => {}
        }
        let mut text = Vec::new();
        sprint(&mut text, &[printed(&value)]);
        self.write(&text)
    }

    /// Goes into a branch of an `if` or `with`, or past it.
    fn decide(&mut self, branch: &'a Branch, with: bool, place: &mut Place<'a>) -> Faulty<()> {
        let mut branch = branch;
        loop {
            let value = self.pipeline(&branch.pipeline, &place.dot)?;
            if value.truth() {
                if with {
                    let outside = std::mem::replace(&mut place.dot, value);
                    if let Some(block) = place.blocks.last_mut() {
                        block.dot = Some(outside);
                    }
                }
                return Ok(());
            }
            self.step(1)?;
            let otherwise = branch.otherwise as usize;
            match place.items.get(otherwise).map(|i| &i.kind) {
                Some(ItemKind::Else {
                    branch: Some(next), ..
                }) => {
                    place.next = otherwise + 1;
                    branch = next;
                }
                Some(ItemKind::Else { .. }) => {
                    place.next = otherwise + 1;
                    return Ok(());
                }
                _ => {
                    place.next = otherwise;
                    return Ok(());
                }
            }
        }
    }

    /// Ends a turn of a loop, or a block.
    fn end(&mut self, place: &mut Place<'a>) -> Faulty<()> {
        if place.blocks.last().is_some_and(|b| b.turns.is_some()) {
            return self.turn(place);
        }
        self.close(place);
        Ok(())
    }

    /// Leaves the innermost block.
    pub(super) fn close(&mut self, place: &mut Place<'a>) {
        if let Some(block) = place.blocks.pop() {
            self.leave(block.mark);
            if let Some(dot) = block.dot {
                place.dot = dot;
            }
        }
    }

    /// Leaves the blocks within the range that begins at `range`.
    fn unwind(&mut self, range: u32, place: &mut Place<'a>) {
        while place
            .blocks
            .last()
            .is_some_and(|b| b.head != range as usize)
        {
            self.close(place);
        }
    }

    fn call_tree(&mut self, items: &'a [Item], dot: Value<'a>, place: &mut Place<'a>) {
        let call = Call {
            items: std::mem::replace(&mut place.items, items),
            next: std::mem::replace(&mut place.next, 0),
            dot: std::mem::replace(&mut place.dot, dot.clone()),
            base: std::mem::replace(&mut self.base, self.slots.len()),
        };
        place.calls.push(call);
        self.declare(0, dot);
    }

    fn come_back(&mut self, place: &mut Place<'a>, call: Call<'a>) {
        self.leave(self.base);
        self.base = call.base;
        place.items = call.items;
        place.next = call.next;
        place.dot = call.dot;
    }
}

/// The index of the `end` of the block that begins at `head`.
pub(super) fn end_of(items: &[Item], head: usize) -> usize {
    let Some(ItemKind::If(b) | ItemKind::With(b) | ItemKind::Range(b)) =
        items.get(head).map(|i| &i.kind)
    else {
        return head;
    };
    match items.get(b.otherwise as usize).map(|i| &i.kind) {
        Some(ItemKind::Else { end, .. }) => *end as usize,
        _ => b.otherwise as usize,
    }
}
