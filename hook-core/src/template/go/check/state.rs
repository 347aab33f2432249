//! What is known at a point of a template.

use super::known::{Known, Nilness, Path};

/// How many lessons are looked through for a pointer.
const MEMORY: usize = 256;

/// What is known at a point of a template.
pub(super) struct State {
    /// The dot.
    pub(super) dot: Known<'static>,
    /// Whether this point is reached with all data.
    pub(super) reached: bool,
    /// The variables in sight, the latest last.
    variables: Vec<(u32, Known<'static>)>,
    /// What conditions have said of pointers.
    lessons: Vec<(Path, Nilness)>,
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
            variables: Vec::new(),
            lessons: Vec::new(),
        }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            variables: self.variables.len(),
            lessons: self.lessons.len(),
            reached: self.reached,
        }
    }

    /// The point `mark`, but with the variables of here.
    pub(super) fn mark_behind(&self, mark: Mark) -> Mark {
        Mark {
            variables: self.variables.len(),
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
    pub(super) fn hide_variables(&mut self) -> Vec<(u32, Known<'static>)> {
        std::mem::take(&mut self.variables)
    }

    pub(super) fn show_variables(&mut self, variables: Vec<(u32, Known<'static>)>) {
        self.variables = variables;
    }

    pub(super) fn declare(&mut self, name: u32, known: Known<'static>) {
        self.variables.push((name, known));
    }

    pub(super) fn variable(&self, name: u32) -> Option<&Known<'static>> {
        self.variables
            .iter()
            .rev()
            .find(|(n, _)| *n == name)
            .map(|(_, known)| known)
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
