//! The syntax tree.
//!
//! Blocks are flat: a tree is a list of items, in which an `if` has the index of its `else` and of
//! its `end`. So trees are walked without recursion, and deep nesting cannot exhaust the stack.
//! Only parentheses within one action are nested nodes.

use crate::builtin::Builtin;
use crate::fault::Span;

/// A parsed template, with the templates that it defines.
#[derive(Clone, Debug, Default)]
pub struct Template {
    pub(crate) source: String,
    /// The trees, in the order of their ends.
    pub trees: Vec<Tree>,
    /// The index of the tree that is executed first.
    pub main: usize,
    /// The depth to which parentheses nest.
    pub(crate) depth: usize,
}

impl Template {
    /// The source. All spans refer to it.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }
}

/// The tree of one template.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// The name, which need not be UTF-8.
    pub name: Vec<u8>,
    /// The items, in the order of the source.
    pub items: Vec<Item>,
}

/// Text or one action.
#[derive(Clone, Debug)]
pub struct Item {
    /// The position; that of an action includes its delimiters.
    pub span: Span,
    /// The kind, and its parts.
    pub kind: ItemKind,
}

/// The kind of an item.
#[derive(Clone, Debug)]
pub enum ItemKind {
    /// Text that is printed as it is: the span of the item, which trimming has shortened.
    Text,
    /// `{{pipeline}}`: prints the value, unless the pipeline sets a variable.
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
        /// `true` if this is an `else with`.
        with: bool,
        /// The index of the `end` of the block.
        end: u32,
    },
    /// `{{end}}`
    End,
    /// `{{break}}`
    Break {
        /// The index of the `range`.
        range: u32,
    },
    /// `{{continue}}`
    Continue {
        /// The index of the `range`.
        range: u32,
    },
    /// `{{template "name" pipeline}}`, also for a `{{block}}`.
    Template(Box<TemplateCall>),
}

impl ItemKind {
    /// The pipeline of an action or a block. `None` if it has none.
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

/// The start of a branch that may be skipped.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The condition, or the value to range over.
    pub pipeline: Pipeline,
    /// The index of the next `else` or `end` of the block.
    pub otherwise: u32,
}

/// A call of a template.
#[derive(Clone, Debug)]
pub struct TemplateCall {
    /// The name, which need not be UTF-8.
    pub name: Vec<u8>,
    /// The position of the name.
    pub name_span: Span,
    /// The index of the tree with that name. `None` if there is none.
    pub tree: Option<u32>,
    /// The dot of the called template.
    pub pipeline: Option<Pipeline>,
}

/// Commands, each of which gets the value of the previous one as its last argument.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// The position.
    pub span: Span,
    /// `true` if `variables` are declared (`:=`), and not set (`=`).
    pub declares: bool,
    /// The variables that get the value: at most one, or two in a `range`.
    pub variables: Vec<Variable>,
    /// The commands, at least one.
    pub commands: Vec<Command>,
}

/// A declaration or a use of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The position.
    pub span: Span,
    /// The number of the name; that of `$` is 0.
    pub name: u32,
}

/// A value, or a call with its arguments.
#[derive(Clone, Debug)]
pub struct Command {
    /// The position.
    pub span: Span,
    /// The value or callee, then the arguments.
    pub words: Vec<Expr>,
}

/// An operand.
#[derive(Clone, Debug)]
pub struct Expr {
    /// The position.
    pub span: Span,
    /// The kind, and its parts.
    pub kind: ExprKind,
}

/// The kind of an operand.
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
    /// A string, without its quotes and escapes.
    Str(Vec<u8>),
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
    /// The pipeline in the parentheses. `None` if there are none.
    #[must_use]
    pub fn pipeline(&self) -> Option<&Pipeline> {
        match &self.kind {
            ExprKind::Paren(pipeline) => Some(pipeline),
            ExprKind::Chain(base, _) => base.pipeline(),
            _ => None,
        }
    }
}

/// The positions of names without their dots: fields, methods or keys, each of the value of the
/// previous one.
pub type Names = Vec<Span>;

/// A number in every type that can hold it.
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
    /// The type where no other type is required.
    pub natural: NaturalType,
}

/// The type of a number where no other type is required.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NaturalType {
    /// `int`
    #[default]
    Int,
    /// `float64`
    Float,
    /// `complex128`
    Complex,
    /// None: the number is too large for an `int`.
    TooLarge,
}

/// A keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Range,
    Template,
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
