//! What is known at a point of a template.

use std::collections::HashMap;

use super::known::{Known, Nilness, Path};

/// How many lessons are looked through for a pointer.
const MEMORY: usize = 256;

/// What is known at a point of a template.
pub(super) struct State {
    /// The dot.
    pub(super) dot: Known<'static>,
    /// Whether this point is reached with all data.
    pub(super) reached: bool,
    variables: Variables,
    /// What conditions have said of pointers.
    lessons: Vec<(Path, Nilness)>,
}

/// The variables that are declared, the latest last.
#[derive(Default)]
pub(super) struct Variables {
    declared: Vec<Declared>,
    /// For every name, the index of its latest declaration.
    latest: HashMap<u32, usize>,
}

struct Declared {
    name: u32,
    known: Known<'static>,
    hidden: Option<usize>,
}

impl Variables {
    fn truncate(&mut self, length: usize) {
        while self.declared.len() > length {
            let Some(last) = self.declared.pop() else {
                return;
            };
            match last.hidden {
                Some(hidden) => self.latest.insert(last.name, hidden),
                None => self.latest.remove(&last.name),
            };
        }
    }
}

/// A point to go back to.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    variables: usize,
    lessons: usize,
    reached: bool,
}

impl State {
    pub(super) fn new() -> State {
        State {
            dot: Known::absent(),
            reached: true,
            variables: Variables::default(),
            lessons: Vec::new(),
        }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            variables: self.variables.declared.len(),
            lessons: self.lessons.len(),
            reached: self.reached,
        }
    }

    /// The point `mark`, but with the variables of here.
    pub(super) fn mark_behind(&self, mark: Mark) -> Mark {
        Mark {
            variables: self.variables.declared.len(),
            ..mark
        }
    }

    pub(super) fn go_back(&mut self, mark: Mark) {
        self.variables.truncate(mark.variables);
        self.forget(mark);
    }

    /// Goes back, but keeps the variables.
    pub(super) fn forget(&mut self, mark: Mark) {
        self.lessons.truncate(mark.lessons);
        self.reached = mark.reached;
    }

    /// Hides the variables from a template that is called.
    pub(super) fn hide_variables(&mut self) -> Variables {
        std::mem::take(&mut self.variables)
    }

    pub(super) fn show_variables(&mut self, variables: Variables) {
        self.variables = variables;
    }

    pub(super) fn declare(&mut self, name: u32, known: Known<'static>) {
        let Variables { declared, latest } = &mut self.variables;
        let hidden = latest.insert(name, declared.len());
        declared.push(Declared {
            name,
            known,
            hidden,
        });
    }

    pub(super) fn variable(&self, name: u32) -> Option<&Known<'static>> {
        let index = self.variables.latest.get(&name)?;
        self.variables.declared.get(*index).map(|d| &d.known)
    }

    pub(super) fn learn(&mut self, lessons: &[(Path, Nilness)]) {
        self.lessons.extend_from_slice(lessons);
    }

    pub(super) fn lessons(&self) -> &[(Path, Nilness)] {
        &self.lessons
    }

    pub(super) fn learned(&self, path: Path) -> Option<Nilness> {
        let recent = self.lessons.iter().rev().take(MEMORY);
        recent
            .clone()
            .find(|(p, _)| *p == path)
            .map(|(_, nil)| *nil)
    }
}
