//! Loops.

use super::Execution;
use super::walk::{Block, end_of};
use crate::collection::List;
use crate::fault::Faulty;
use crate::limits::MAX_ITERATIONS;
use crate::model::{INT, IntType};
use crate::syntax::ast::Branch;
use crate::value::Value;

/// The state of a loop.
pub(super) struct Iteration<'a> {
    branch: &'a Branch,
    elements: Elements<'a>,
    done: usize,
    /// The mark of the variables before each iteration.
    mark: usize,
}

enum Elements<'a> {
    List(List<'a>),
    Map(std::vec::IntoIter<(&'a str, Value<'a>)>),
    Int(i64, &'static IntType),
}

impl<'a> Elements<'a> {
    /// The key and the element of an iteration. `None` after the last one.
    fn next(&mut self, index: usize) -> Option<(Value<'a>, Value<'a>)> {
        let number = |ty| Value::Int(index as i64, ty);
        match self {
            Elements::List(list) => (index < list.len()).then(|| (number(&INT), list.get(index))),
            Elements::Map(entries) => entries.next().map(|(key, value)| (key.into(), value)),
            Elements::Int(end, ty) => ((index as i64) < *end).then(|| (number(ty), number(ty))),
        }
    }
}

impl<'a> Execution<'a> {
    pub(super) fn range(&mut self, branch: &'a Branch, head: usize) -> Faulty<()> {
        let mark = self.variables.mark();
        let elements = match self.pipeline(&branch.pipeline)? {
            Value::List(list) => Elements::List(list),
            Value::Map(map) => {
                self.step(map.len() as u64)?;
                Elements::Map(map.sorted().into_iter())
            }
            Value::Int(..) if branch.pipeline.variables.len() > 1 => {
                return Err(self.fault("a range over an integer takes one variable"));
            }
            Value::Int(end, ty) => Elements::Int(end, ty),
            Value::Absent => Elements::Int(0, &INT),
            value => return Err(self.fault(format!("{} cannot be ranged over", value.title()))),
        };
        let iteration = Iteration {
            branch,
            elements,
            done: 0,
            mark: self.variables.mark(),
        };
        self.blocks.push(Block {
            head,
            mark,
            dot: Some(self.dot.clone()),
            iteration: Some(Box::new(iteration)),
        });
        self.iterate()
    }

    /// Starts the next iteration of the innermost loop, or ends the loop.
    pub(super) fn iterate(&mut self) -> Faulty<()> {
        let Some(block) = self.blocks.last_mut() else {
            return Ok(());
        };
        let head = block.head;
        let Some(iteration) = &mut block.iteration else {
            return Ok(());
        };
        let (branch, mark, index) = (iteration.branch, iteration.mark, iteration.done);
        self.variables.leave(mark);
        let Some((key, element)) = iteration.elements.next(index) else {
            if index > 0 {
                self.next = end_of(self.items, head) + 1;
                self.close();
            } else {
                block.iteration = None;
                self.skip_branch(branch);
            }
            return Ok(());
        };
        iteration.done += 1;
        self.iterations += 1;
        if self.iterations > MAX_ITERATIONS {
            return Err(self.fault(format!("loops turn more than {MAX_ITERATIONS} times")));
        }
        self.next = head + 1;
        let values = match branch.pipeline.variables.len() {
            2.. => vec![key, element.clone()],
            count => vec![element.clone(); count],
        };
        let first = mark
            - if branch.pipeline.declares {
                values.len()
            } else {
                0
            };
        for (i, (variable, value)) in branch.pipeline.variables.iter().zip(values).enumerate() {
            match branch.pipeline.declares {
                true => {
                    if let Some(slot) = self.variables.at_mut(first + i) {
                        *slot = value;
                    }
                }
                false => self.set(variable, value)?,
            }
        }
        self.dot = element;
        Ok(())
    }
}
