//! Which variables are declared where.

use std::collections::BTreeMap;

/// The variables in sight while a template is read.
pub(super) struct Scope<'s> {
    /// Every name, of which the first is `$`.
    names: Vec<&'s str>,
    /// The numbers of all names but `$`.
    numbers: BTreeMap<&'s str, u32>,
    /// For every name, one more than the index of its latest declaration.
    latest: Vec<usize>,
    declared: Vec<Declared>,
    /// Declarations before this one belong to another template.
    base: usize,
}

struct Declared {
    name: u32,
    shadowed: usize,
}

/// What to go back to when a template within a template ends.
pub(super) struct Outer(usize);

impl<'s> Scope<'s> {
    pub(super) fn new() -> Self {
        let mut scope = Scope {
            names: vec!["$"],
            numbers: BTreeMap::new(),
            latest: vec![0],
            declared: Vec::new(),
            base: 0,
        };
        scope.declare(0);
        scope
    }

    /// The number of a name, whether it is declared or not.
    pub(super) fn number(&mut self, name: &'s str) -> u32 {
        if name == "$" {
            return 0;
        }
        *self.numbers.entry(name).or_insert_with(|| {
            self.names.push(name);
            self.latest.push(0);
            self.names.len() as u32 - 1
        })
    }

    pub(super) fn is_declared(&self, name: u32) -> bool {
        self.latest[name as usize] > self.base
    }

    pub(super) fn declare(&mut self, name: u32) {
        let latest = &mut self.latest[name as usize];
        self.declared.push(Declared {
            name,
            shadowed: *latest,
        });
        *latest = self.declared.len();
    }

    /// A point to go back to with [`Scope::leave`].
    pub(super) fn mark(&self) -> usize {
        self.declared.len()
    }

    /// Forgets everything declared since the mark.
    pub(super) fn leave(&mut self, mark: usize) {
        while self.declared.len() > mark {
            if let Some(last) = self.declared.pop() {
                self.latest[last.name as usize] = last.shadowed;
            }
        }
    }

    /// Begins a template in which only `$` is declared.
    pub(super) fn enter_template(&mut self) -> Outer {
        let outer = Outer(self.base);
        self.base = self.declared.len();
        self.declare(0);
        outer
    }

    pub(super) fn leave_template(&mut self, outer: Outer) {
        self.leave(self.base);
        self.base = outer.0;
    }

    /// The names in sight, for suggestions.
    pub(super) fn visible(&self) -> impl Iterator<Item = &'s str> {
        self.declared[self.base..]
            .iter()
            .map(|d| self.names[d.name as usize])
    }

    pub(super) fn names(&self) -> Vec<Box<str>> {
        self.names.iter().copied().map(Box::from).collect()
    }
}
