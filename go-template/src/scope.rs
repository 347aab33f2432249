//! Variables by scope.

/// Values of variables by the numbers of their names. A declaration hides earlier ones of the same
/// name until the end of its block.
pub(crate) struct Scope<T> {
    declared: Vec<Declared<T>>,
    /// For every name the index of its latest declaration plus one.
    latest: Vec<usize>,
    /// The number of declarations of callers, which are not visible.
    base: usize,
}

struct Declared<T> {
    name: usize,
    /// The entry of `latest` before this declaration.
    hidden: usize,
    value: T,
}

/// The declarations of the caller of a template.
#[derive(Clone, Copy)]
pub(crate) struct CallerScope(usize);

impl<T> Scope<T> {
    pub(crate) const fn new() -> Self {
        Scope {
            declared: Vec::new(),
            latest: Vec::new(),
            base: 0,
        }
    }

    pub(crate) fn declare(&mut self, name: u32, value: T) {
        let name = name as usize;
        if self.latest.len() <= name {
            self.latest.resize(name + 1, 0);
        }
        self.declared.push(Declared {
            name,
            hidden: self.latest[name],
            value,
        });
        self.latest[name] = self.declared.len();
    }

    fn index(&self, name: u32) -> Option<usize> {
        let latest = *self.latest.get(name as usize)?;
        (latest > self.base).then(|| latest - 1)
    }

    /// The value of a variable. `None` if the variable is not declared.
    pub(crate) fn get(&self, name: u32) -> Option<&T> {
        self.index(name).map(|index| &self.declared[index].value)
    }

    pub(crate) fn get_mut(&mut self, name: u32) -> Option<&mut T> {
        let index = self.index(name)?;
        Some(&mut self.declared[index].value)
    }

    /// The number of declarations, to pass to [`Scope::leave`] at the end of the block.
    pub(crate) fn mark(&self) -> usize {
        self.declared.len()
    }

    /// Removes the declarations since the mark.
    pub(crate) fn leave(&mut self, mark: usize) {
        while self.declared.len() > mark
            && let Some(last) = self.declared.pop()
        {
            self.latest[last.name] = last.hidden;
        }
    }

    pub(crate) fn at_mut(&mut self, index: usize) -> Option<&mut T> {
        self.declared.get_mut(index).map(|d| &mut d.value)
    }

    /// Enters a template, which sees none of the variables so far.
    pub(crate) fn enter_template(&mut self) -> CallerScope {
        CallerScope(std::mem::replace(&mut self.base, self.declared.len()))
    }

    pub(crate) fn leave_template(&mut self, caller: CallerScope) {
        self.leave(self.base);
        self.base = caller.0;
    }

    /// The numbers of the names of all visible declarations.
    pub(crate) fn visible(&self) -> impl Iterator<Item = usize> {
        self.declared[self.base..].iter().map(|d| d.name)
    }
}
