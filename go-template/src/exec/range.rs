//! Loops.

use super::Run;
use super::walk::{Block, Place};
use crate::fault::Faulty;
use crate::limits::MAX_ITERATIONS;
use crate::model::{INT, IntType};
use crate::syntax::ast::{Branch, ItemKind, Pipeline};
use crate::value::{List, Value};

/// A loop that is under way.
pub(super) struct Turns<'a> {
    pipeline: &'a Pipeline,
    over: Over<'a>,
    next: usize,
    /// The variables declared before each turn.
    mark: usize,
}

enum Over<'a> {
    List(List<'a>),
    Map(std::vec::IntoIter<(&'a str, Value<'a>)>),
    Int(i64, &'static IntType),
}

impl<'a> Over<'a> {
    /// The key and the element of a turn.
    fn turn(&mut self, index: usize) -> Option<(Value<'a>, Value<'a>)> {
        match self {
            Over::List(list) => {
                (index < list.len()).then(|| (Value::Int(index as i64, &INT), list.get(index)))
            }
            Over::Map(entries) => entries.next().map(|(key, value)| (Value::from(key), value)),
            Over::Int(end, ty) => {
                let value = Value::Int(index as i64, ty);
                ((index as i64) < *end).then(|| (value.clone(), value))
            }
        }
    }
}

impl<'a> Run<'a> {
    pub(super) fn range(
        &mut self,
        branch: &'a Branch,
        head: usize,
        place: &mut Place<'a>,
    ) -> Faulty<()> {
        let mark = self.slots.len();
        let pipeline = &branch.pipeline;
        let value = self.pipeline(pipeline, &place.dot)?;
        let over = match value {
            Value::List(list) => Some(Over::List(list)),
            Value::Map(map) => {
                self.step(map.len() as u64)?;
                Some(Over::Map(map.sorted().into_iter()))
            }
            Value::Int(..) if pipeline.variables.len() > 1 => {
                return Err(self.fault("a range over an integer takes one variable"));
            }
            Value::Int(end, ty) => Some(Over::Int(end, ty)),
            Value::Absent => None,
            _ => return Err(self.fault(format!("{} cannot be ranged over", value.described()))),
        };
        let turns = over.map(|over| {
            Box::new(Turns {
                pipeline,
                over,
                next: 0,
                mark: self.slots.len(),
            })
        });
        let dot = turns.is_some().then(|| place.dot.clone());
        place.blocks.push(Block {
            head,
            mark,
            dot,
            turns,
        });
        self.turn(place)
    }

    /// Begins the next turn of the innermost loop, or ends it.
    pub(super) fn turn(&mut self, place: &mut Place<'a>) -> Faulty<()> {
        let Some(block) = place.blocks.last_mut() else {
            return Ok(());
        };
        let head = block.head;
        let Some(turns) = &mut block.turns else {
            return self.pass_over(place, head);
        };
        self.leave(turns.mark);
        let Some((key, element)) = turns.over.turn(turns.next) else {
            let turned = turns.next > 0;
            if turned {
                place.next = super::walk::end_of(place.items, head) + 1;
                self.close(place);
                return Ok(());
            }
            block.turns = None;
            return self.pass_over(place, head);
        };
        turns.next += 1;
        self.turns += 1;
        let (pipeline, mark) = (turns.pipeline, turns.mark);
        if self.turns > MAX_ITERATIONS {
            return Err(self.fault(format!("loops turn more than {MAX_ITERATIONS} times")));
        }
        place.next = head + 1;
        match pipeline.variables.as_slice() {
            [] => {}
            [one] => self.keep(pipeline, one, mark - 1, &element)?,
            [first, second, ..] => {
                self.keep(pipeline, first, mark - 2, &key)?;
                self.keep(pipeline, second, mark - 1, &element)?;
            }
        }
        place.dot = element;
        Ok(())
    }

    /// Gives a variable of the loop its value for this turn.
    fn keep(
        &mut self,
        pipeline: &Pipeline,
        variable: &crate::syntax::ast::Variable,
        slot: usize,
        value: &Value<'a>,
    ) -> Faulty<()> {
        if !pipeline.declares {
            return self.set(variable, value.clone());
        }
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.value = value.clone();
        }
        Ok(())
    }

    /// Goes to the `else` of a loop that does not turn, or to its end.
    fn pass_over(&mut self, place: &mut Place<'a>, head: usize) -> Faulty<()> {
        if let Some(ItemKind::Range(branch)) = place.items.get(head).map(|i| &i.kind) {
            let otherwise = branch.otherwise as usize;
            let has_else = matches!(
                place.items.get(otherwise).map(|i| &i.kind),
                Some(ItemKind::Else { .. })
            );
            place.next = otherwise + usize::from(has_else);
        }
        Ok(())
    }
}
