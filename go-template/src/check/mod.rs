//! The check of a template against the types of its data.
//!
//! The check walks the template once, in the order of the source, and knows at each point the
//! type of the dot, the types of the variables, and the pointers that an `if` or `with` has
//! tested. It reports that an action fails only if it fails with all data. An action that may
//! be skipped is at most a warning.

mod call;
mod known;
mod member;
mod operand;
mod printf;
mod walk;

use std::collections::HashSet;

use crate::fault::Span;
use crate::model::Type;
use crate::scope::Scope;
use crate::stack::with_stack;
use crate::syntax::ast::Template;
pub use known::Nilness;
use known::{Known, Path};

const MAX_FLAWS: usize = 100;
/// The maximum number of items that are checked, including those of called templates.
const MAX_ITEMS: usize = 1_000_000;
/// The maximum number of recent conditions that are searched for a pointer.
const MAX_FACTS: usize = 256;

/// A problem that the check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The position.
    pub span: Span,
    /// `true` if the action always fails when it is executed.
    pub fails: bool,
    /// `true` if the action is executed with all data.
    pub reached: bool,
    /// A stable name for this kind of flaw.
    pub code: &'static str,
    /// The problem, as a lower-case fragment.
    pub message: String,
    /// The remedy.
    pub remedy: Option<String>,
}

impl Template {
    /// Checks the template against data of type `root`. `nilness` gives the nilness of fields of
    /// the data by name; that of other pointers is unknown.
    #[must_use]
    pub fn check(&self, root: Type, nilness: &[(&str, Nilness)]) -> Vec<Flaw> {
        let flaws = with_stack(self.depth, || {
            let mut checker = Checker {
                template: self,
                nilness: nilness
                    .iter()
                    .map(|(name, nil)| (Path::new(name), *nil))
                    .collect(),
                reassigned: walk::reassigned(self),
                flaws: Vec::new(),
                seen: HashSet::new(),
                called: HashSet::new(),
                items: 0,
                parens: 0,
                dot: Known::absent(),
                reached: true,
                variables: Scope::new(),
                facts: Vec::new(),
            };
            checker.run(Known::root(root));
            checker.flaws.sort_by_key(|f| f.span.start);
            checker.flaws
        });
        flaws.unwrap_or_default()
    }
}

/// The nilness of a pointer, learned from a condition.
type Fact = (Path, Nilness);

struct Checker<'d> {
    template: &'d Template,
    /// The nilness of pointers that was passed to the check.
    nilness: Vec<Fact>,
    /// The variables that are set anywhere, whose types are unknown.
    reassigned: HashSet<u32>,
    flaws: Vec<Flaw>,
    /// The reported flaws, by start and code.
    seen: HashSet<(u32, &'static str)>,
    /// The calls of templates that were checked.
    called: HashSet<walk::CheckedCall>,
    /// The number of items that were checked.
    items: usize,
    parens: usize,
    dot: Known<'static>,
    /// `true` if the current action is executed with all data.
    reached: bool,
    variables: Scope<Known<'static>>,
    /// The facts that hold here, the latest last.
    facts: Vec<Fact>,
}

/// A point of the template to return to.
#[derive(Clone, Copy)]
struct Checkpoint {
    variables: usize,
    facts: usize,
    reached: bool,
}

impl Checker<'_> {
    fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            variables: self.variables.mark(),
            facts: self.facts.len(),
            reached: self.reached,
        }
    }

    fn return_to(&mut self, point: Checkpoint) {
        self.variables.leave(point.variables);
        self.forget_facts(point);
    }

    /// Returns to a checkpoint, but keeps the variables.
    fn forget_facts(&mut self, point: Checkpoint) {
        self.facts.truncate(point.facts);
        self.reached = point.reached;
    }

    fn text(&self, span: Span) -> &str {
        span.of(&self.template.source)
    }

    /// Reports an action that always fails when it is executed.
    fn error(&mut self, span: Span, code: &'static str, message: String) {
        self.report(span, code, message, None, true);
    }

    /// Reports an action that fails with some data, or has a result that is hardly intended.
    fn warn(&mut self, span: Span, code: &'static str, message: String, remedy: Option<String>) {
        self.report(span, code, message, remedy, false);
    }

    fn report(
        &mut self,
        span: Span,
        code: &'static str,
        message: String,
        remedy: Option<String>,
        fails: bool,
    ) {
        if self.flaws.len() < MAX_FLAWS && self.seen.insert((span.start, code)) {
            self.flaws.push(Flaw {
                span,
                fails,
                reached: self.reached,
                code,
                message,
                remedy,
            });
        }
    }

    /// The nilness of a pointer here.
    fn nilness(&self, path: Option<&Path>) -> Nilness {
        let latest = self.facts.iter().rev().take(MAX_FACTS);
        let mut facts = latest.chain(&self.nilness);
        let fact = facts.find(|(p, _)| Some(p) == path);
        fact.map_or(Nilness::Maybe, |(_, nil)| *nil)
    }
}
