//! The syntax tree.
//!
//! Blocks are kept flat: a tree is a list of items, in which an `if` knows the index of
//! its `else` and of its `end`. So nothing that walks a tree needs the call stack, and
//! no depth of nesting can exhaust it. Only parentheses within one action nest.

use smallvec::SmallVec;

use crate::builtin::Builtin;
use crate::fault::Span;

/// A template and the templates that it defines.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// The trees, in the order in which they end.
    pub trees: Vec<Tree>,
    /// The names of the variables, with their `$`; the first one is `$` itself.
    pub variables: Vec<Box<str>>,
    /// The index of the tree that runs first.
    pub main: usize,
    /// How deep parentheses nest.
    pub depth: usize,
}

/// One template.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// Its name. Any bytes, because a Go string may hold any.
    pub name: Vec<u8>,
    /// What it consists of, in the order of the source.
    pub items: Vec<Item>,
}

/// Literal text or one action.
#[derive(Clone, Debug)]
pub struct Item {
    /// Where it is; of an action with its delimiters.
    pub span: Span,
    /// What it is.
    pub kind: ItemKind,
}

/// What an item is.
#[derive(Clone, Debug)]
pub enum ItemKind {
    /// Text that goes to the output as it is. The span of the item is what is left of
    /// it after trimming.
    Text,
    /// `{{pipeline}}`: prints the value, unless it is kept in a variable.
    Action(Box<Pipeline>),
    /// `{{if pipeline}}`
    If(Box<Branch>),
    /// `{{with pipeline}}`
    With(Box<Branch>),
    /// `{{range pipeline}}`
    Range(Box<Branch>),
    /// `{{else}}`, `{{else if pipeline}}` or `{{else with pipeline}}`.
    Else {
        /// The condition of an `else if` or `else with`.
        branch: Option<Box<Branch>>,
        /// Whether that is an `else with`.
        with: bool,
        /// The index of the `end` of the block.
        end: u32,
    },
    /// `{{end}}`
    End,
    /// `{{break}}`
    Break {
        /// The index of the `range` that it leaves.
        range: u32,
    },
    /// `{{continue}}`
    Continue {
        /// The index of the `range` that it turns.
        range: u32,
    },
    /// `{{template "name" pipeline}}`, and where a `{{block}}` stands.
    Template(Box<Call>),
}

impl ItemKind {
    /// The pipeline of an action or a block, if it has one.
    #[must_use]
    pub fn pipeline(&self) -> Option<&Pipeline> {
        match self {
            ItemKind::Action(pipeline) => Some(pipeline),
            ItemKind::If(branch) | ItemKind::With(branch) | ItemKind::Range(branch) => {
                Some(&branch.pipeline)
            }
            ItemKind::Else { branch, .. } => branch.as_ref().map(|b| &b.pipeline),
            ItemKind::Template(call) => call.pipeline.as_ref(),
            _ => None,
        }
    }
}

/// The head of a block that may be passed over.
#[derive(Clone, Debug)]
pub struct Branch {
    /// What decides.
    pub pipeline: Pipeline,
    /// The index of the next `else` or `end` of the same block.
    pub otherwise: u32,
}

/// The call of a template.
#[derive(Clone, Debug)]
pub struct Call {
    /// The name. Any bytes, as that of a [`Tree`].
    pub name: Vec<u8>,
    /// Where the name is.
    pub name_span: Span,
    /// The index of the tree of that name, if there is one.
    pub tree: Option<u32>,
    /// What becomes its dot.
    pub pipeline: Option<Pipeline>,
}

/// Commands of which each one gets the value of the one before as its last argument.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// Where it is.
    pub span: Span,
    /// Whether `variables` are declared (`:=`) or set (`=`).
    pub declares: bool,
    /// What keeps the value: one variable, or two in a `range`.
    pub variables: SmallVec<[Variable; 1]>,
    /// The commands, at least one.
    pub commands: SmallVec<[Command; 1]>,
}

/// A variable where it is declared, set or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Where it is.
    pub span: Span,
    /// The index of its name in [`Document::variables`].
    pub name: u32,
}

/// A value, or something to call and its arguments.
#[derive(Clone, Debug)]
pub struct Command {
    /// Where it is.
    pub span: Span,
    /// The first word is what to evaluate or to call, the others are its arguments.
    pub words: SmallVec<[Expr; 1]>,
}

/// One operand.
#[derive(Clone, Debug)]
pub struct Expr {
    /// Where it is.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// What an operand is.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `.`
    Dot,
    /// `nil`
    Nil,
    /// `true` or `false`
    Bool(bool),
    /// A number or a character.
    Number(Box<Number>),
    /// A string that stands in the source as it is, without its quotes.
    Plain(Span),
    /// A string that was written with escapes.
    Escaped(Box<[u8]>),
    /// `.Field.Field`
    Field(Names),
    /// `$variable.Field.Field`
    Variable(Variable, Names),
    /// The name of a function.
    Function(Builtin),
    /// `(pipeline)`
    Paren(Box<Pipeline>),
    /// `(pipeline).Field` or `function.Field`
    Chain(Box<Expr>, Names),
}

impl Expr {
    /// The pipeline in its parentheses, if it has one.
    #[must_use]
    pub fn pipeline(&self) -> Option<&Pipeline> {
        match &self.kind {
            ExprKind::Paren(pipeline) => Some(pipeline),
            ExprKind::Chain(base, _) => base.pipeline(),
            _ => None,
        }
    }
}

/// Fields, each one of the value of the one before.
pub type Names = SmallVec<[Name; 2]>;

/// The name of a field, a method or a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    /// Where it is, without its dot.
    pub span: Span,
    /// The hash of the name, to compare it quickly.
    pub hash: u32,
}

/// A number as every kind of number that can hold it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Number {
    /// As a signed integer.
    pub int: Option<i64>,
    /// As an unsigned integer.
    pub uint: Option<u64>,
    /// As a floating-point number.
    pub float: Option<f64>,
    /// As a complex number.
    pub complex: Option<(f64, f64)>,
    /// What it is where nothing says what it should be.
    pub natural: Natural,
}

/// What a number is where nothing says what it should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Natural {
    /// An `int`.
    #[default]
    Int,
    /// A `float64`.
    Float,
    /// A `complex128`.
    Complex,
    /// Nothing: it does not fit an `int`.
    TooLarge,
}

/// A word with a meaning of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    /// `block`
    Block,
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// `define`
    Define,
    /// `else`
    Else,
    /// `end`
    End,
    /// `if`
    If,
    /// `range`
    Range,
    /// `template`
    Template,
    /// `with`
    With,
}

impl Keyword {
    pub(super) fn parse(word: &str) -> Option<Keyword> {
        Some(match word {
            "block" => Keyword::Block,
            "break" => Keyword::Break,
            "continue" => Keyword::Continue,
            "define" => Keyword::Define,
            "else" => Keyword::Else,
            "end" => Keyword::End,
            "if" => Keyword::If,
            "range" => Keyword::Range,
            "template" => Keyword::Template,
            "with" => Keyword::With,
            _ => return None,
        })
    }
}
