//! Looks for what fails, or may fail, when a template meets data of known types.
//!
//! The check goes through a template once, in the order of its source, with what is
//! known at each point: the type of dot, the types of variables, and which pointers are
//! nil or not behind an `if` or `with`. It says that something fails only if it fails
//! with all data: what stands in a part that may be skipped is at most a warning.

mod call;
mod known;
mod member;
mod operand;
mod printf;
mod state;
mod walk;

use std::collections::HashSet;

use super::fault::Span;
use super::model::Type;
use super::names::hash;
use super::room::with_room;
use super::syntax::ast::Document;
pub use known::Nilness;
use known::{Known, Path};
use state::State;

/// How many findings one check gives at most.
const MAX_FINDINGS: usize = 100;
/// How many items one check looks at at most, calls of templates included.
const MAX_LOOKS: usize = 1_000_000;

/// Something that a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Where it is.
    pub span: Span,
    /// Whether it fails whenever it is reached.
    pub fails: bool,
    /// Whether it is reached with all data.
    pub reached: bool,
    /// A stable name of the kind of flaw.
    pub code: &'static str,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// Checks a template whose data has type `root`. `nilness` says of the fields of the
/// data, by name, whether they are nil; other pointers may or may not be.
#[must_use]
pub fn check(
    document: &Document,
    source: &str,
    root: Type,
    nilness: &[(&str, Nilness)],
) -> Vec<Flaw> {
    let flaws = with_room(document.depth, || flaws(document, source, root, nilness));
    flaws.unwrap_or_default()
}

fn flaws(document: &Document, source: &str, root: Type, nilness: &[(&str, Nilness)]) -> Vec<Flaw> {
    let mut checker = Checker {
        document,
        source,
        nilness: nilness
            .iter()
            .map(|(name, nil)| (Path::of(hash(name.as_bytes())), *nil))
            .collect(),
        reassigned: walk::reassigned(document),
        flaws: Vec::new(),
        seen: HashSet::new(),
        called: HashSet::new(),
        looks: 0,
        parens: 0,
        state: State::new(),
    };
    checker.run(document.main, Known::root(root));
    checker.flaws.sort_by_key(|f| f.span.start);
    checker.flaws
}

struct Checker<'d> {
    document: &'d Document,
    source: &'d str,
    /// What is known of pointers everywhere.
    nilness: Vec<(Path, Nilness)>,
    /// The variables that are set anywhere, of which nothing is known.
    reassigned: HashSet<u32>,
    flaws: Vec<Flaw>,
    /// The flaws that were found already, by place and kind.
    seen: HashSet<(u32, &'static str)>,
    /// The calls of templates that were looked at already.
    called: HashSet<walk::Call>,
    looks: usize,
    /// How many parentheses are open.
    parens: usize,
    state: State,
}

impl Checker<'_> {
    fn text(&self, span: Span) -> &str {
        span.of(self.source)
    }

    /// Notes what fails whenever it is reached.
    fn fails(&mut self, span: Span, code: &'static str, message: String, remedy: Option<String>) {
        self.note(span, code, message, remedy, true);
    }

    /// Notes what fails with some data, or gives what hardly anyone wants.
    fn may_fail(
        &mut self,
        span: Span,
        code: &'static str,
        message: String,
        remedy: Option<String>,
    ) {
        self.note(span, code, message, remedy, false);
    }

    fn note(
        &mut self,
        span: Span,
        code: &'static str,
        message: String,
        remedy: Option<String>,
        fails: bool,
    ) {
        if self.flaws.len() < MAX_FINDINGS && self.seen.insert((span.start, code)) {
            let reached = self.state.reached;
            self.flaws.push(Flaw {
                span,
                fails,
                reached,
                code,
                message,
                remedy,
            });
        }
    }

    /// Whether a pointer is nil, as far as is known here.
    fn nilness(&self, path: Option<Path>) -> Nilness {
        let Some(path) = path else {
            return Nilness::Maybe;
        };
        let always = || {
            self.nilness
                .iter()
                .find(|(p, _)| *p == path)
                .map(|(_, nil)| *nil)
        };
        self.state
            .learned(path)
            .or_else(always)
            .unwrap_or(Nilness::Maybe)
    }
}
