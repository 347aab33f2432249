//! The shell's view of a script, character by character.
//!
//! No known parser of shell scripts reports the quotes around a hole in an unfinished script,
//! so this lexer reads the part of the grammar that determines them: quotes, substitutions,
//! here-documents, comments, and which words of a command are code for another shell. It never
//! fails; the state after a syntax error is a guess.

use std::collections::BTreeSet;

use super::command::CommandState;
use super::command_list::{CommandList, ShellValue};
use super::context::HoleContext;
use super::frame::{Closer, Frame, HereDocument};

/// The state of the shell's lexer between two characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ShellLexer {
    /// The open constructs, the innermost last; never empty.
    pub(super) stack: Vec<Frame>,
    /// Here-documents whose bodies begin with the next line.
    pub(super) waiting: Vec<HereDocument>,
    /// The last character, if the next one decides its meaning.
    pub(super) pending: PendingChar,
    /// The variables of the shell that hold values.
    pub(super) variables: BTreeSet<String>,
    /// The variable that is being read.
    pub(super) variable: Option<VariableName>,
    /// The contexts of values that were found only now.
    pub(super) found: Vec<(ShellValue, HoleContext)>,
    /// The place of the character that is being read.
    pub(super) at: usize,
}

/// The name of a variable as far as it was read, and its place from the `$` on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct VariableName {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) name: String,
}

/// A character of which the next one decides the meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum PendingChar {
    None,
    /// `\`
    Escape,
    /// `$`
    Dollar,
    /// `$(`
    DollarParenthesis,
    /// `(` where a command can begin.
    Parenthesis,
    /// `)` within arithmetic.
    Closing,
    /// `<`
    Less,
    /// `<<`
    LessLess,
}

/// The deepest nesting that is followed.
const MAX_DEPTH: usize = 64;

impl ShellLexer {
    /// Returns the state before a script. These variables of the shell hold values.
    pub(crate) fn new(variables: BTreeSet<String>) -> ShellLexer {
        ShellLexer {
            stack: vec![Frame::CommandList(CommandList::default())],
            waiting: Vec::new(),
            pending: PendingChar::None,
            variables,
            variable: None,
            found: Vec::new(),
            at: 0,
        }
    }

    /// Returns the open constructs, the innermost last.
    pub(crate) fn stack(&self) -> &[Frame] {
        &self.stack
    }

    /// Returns whether the last character changes the meaning of a quote that comes next.
    pub(crate) fn is_prefixed(&self) -> bool {
        matches!(self.pending, PendingChar::Escape | PendingChar::Dollar)
    }

    /// Reads text that begins at a place of the template.
    pub(crate) fn text(&mut self, start: usize, text: &str) {
        for (i, c) in text.char_indices() {
            self.at = start + i;
            self.step(c);
        }
        self.at = 0;
    }

    /// Reads a value, which neither opens nor closes a construct; `None` if it is harmless
    /// everywhere.
    pub(crate) fn hole(&mut self, value: Option<ShellValue>) {
        self.before_hole();
        if let Some(value) = value {
            self.hold(value);
        }
        self.pending = PendingChar::None;
        for document in self.documents() {
            document.line = None;
        }
        match self.stack.last_mut() {
            Some(Frame::CommandList(commands)) => commands.push('\u{fffd}'),
            Some(Frame::HereDelimiter(delimiter)) => {
                delimiter.begun = true;
                delimiter.text.push('\u{fffd}');
            }
            _ => self.content('\u{fffd}'),
        }
    }

    /// Prepares for a value: resolves the pending character.
    pub(crate) fn before_hole(&mut self) {
        self.end_variable();
        match self.pending {
            PendingChar::DollarParenthesis | PendingChar::Parenthesis => {
                self.push(Frame::CommandList(CommandList::until(Closer::Parenthesis)));
            }
            PendingChar::LessLess => self.announce_document(false),
            _ => return,
        }
        self.pending = PendingChar::None;
    }

    fn step(&mut self, c: char) {
        let name_ends = self.variable.as_ref().is_some_and(|v| !v.continues_with(c));
        if name_ends {
            self.end_variable();
        }
        if self.ends_document(c) || self.continues_variable(c) {
            return;
        }
        match std::mem::replace(&mut self.pending, PendingChar::None) {
            PendingChar::None => self.read(c),
            PendingChar::Escape => self.escaped(c),
            PendingChar::Dollar => self.dollar(c),
            PendingChar::DollarParenthesis | PendingChar::Parenthesis if c == '(' => {
                self.push(Frame::Arithmetic(0));
            }
            PendingChar::DollarParenthesis | PendingChar::Parenthesis => {
                self.push(Frame::CommandList(CommandList::until(Closer::Parenthesis)));
                self.read(c);
            }
            PendingChar::Closing if c == ')' => self.pop(),
            // One parenthesis instead of two: it was a subshell, not arithmetic.
            PendingChar::Closing => {
                self.pop();
                self.read(c);
            }
            PendingChar::Less if c == '<' => self.pending = PendingChar::LessLess,
            PendingChar::Less => self.read(c),
            PendingChar::LessLess if c == '<' => {
                if let Some(Frame::CommandList(commands)) = self.stack.last_mut() {
                    commands.redirect_text();
                }
            }
            PendingChar::LessLess => {
                self.announce_document(c == '-');
                if c != '-' {
                    self.read(c);
                }
            }
        }
    }

    pub(super) fn read(&mut self, c: char) {
        let quiet = matches!(
            self.stack.last(),
            Some(Frame::Single | Frame::DollarSingle | Frame::Comment)
        );
        // A backtick ends a substitution even in quotes.
        if quiet && c == '`' && self.closes_backtick() {
            self.pop_backtick();
            return;
        }
        match self.stack.last_mut() {
            Some(Frame::CommandList(_)) => self.command(c),
            Some(Frame::Double) => match c {
                '"' => self.pop(),
                _ => self.expansion(c),
            },
            Some(Frame::Single) => match c {
                '\'' => self.pop(),
                _ => self.content(c),
            },
            Some(Frame::DollarSingle) => match c {
                '\'' => self.pop(),
                '\\' => self.pending = PendingChar::Escape,
                _ => self.content(c),
            },
            Some(Frame::Parameter) => match c {
                '}' => self.pop(),
                '"' => self.push(Frame::Double),
                '\'' if !self.within_double() => self.push(Frame::Single),
                _ => self.expansion(c),
            },
            Some(Frame::Arithmetic(open)) => match c {
                '(' => *open = open.saturating_add(1),
                ')' if *open > 0 => *open -= 1,
                ')' => self.pending = PendingChar::Closing,
                '"' => self.push(Frame::Double),
                _ => self.expansion(c),
            },
            Some(Frame::Comment) if c == '\n' => {
                self.pop();
                self.read(c);
            }
            Some(Frame::HereDelimiter(_)) => self.delimiter(c),
            Some(Frame::HereDocument(document)) if !document.quoted => self.expansion(c),
            Some(Frame::HereDocument(_)) => self.content(c),
            _ => {}
        }
    }

    /// Reads a character among commands.
    fn command(&mut self, c: char) {
        let Some(Frame::CommandList(commands)) = self.stack.last_mut() else {
            return;
        };
        match c {
            '\n' => {
                self.end_pipeline();
                self.begin_documents();
            }
            ' ' | '\t' | '\r' => self.end_word(),
            // `>&2`
            '&' if commands.is_redirecting() => {}
            '|' => self.end_stage(),
            ';' | '&' => self.end_pipeline(),
            '#' if !commands.in_word => self.push(Frame::Comment),
            '\\' => self.pending = PendingChar::Escape,
            '`' if commands.closer == Closer::Backtick => self.pop(),
            '$' => {
                commands.in_word = true;
                self.pending = PendingChar::Dollar;
            }
            '\'' | '"' | '`' => {
                commands.begin_quotes();
                self.push(match c {
                    '\'' => Frame::Single,
                    '"' => Frame::Double,
                    _ => Frame::CommandList(CommandList::until(Closer::Backtick)),
                });
            }
            // `<(…)`
            '(' if commands.is_redirecting() => {
                commands.begin_quotes();
                self.push(Frame::CommandList(CommandList::until(Closer::Parenthesis)));
            }
            '(' => {
                let at_start = !commands.in_word && commands.head == CommandState::Start;
                self.end_pipeline();
                if at_start {
                    self.pending = PendingChar::Parenthesis;
                } else {
                    self.push(Frame::CommandList(CommandList::until(Closer::Parenthesis)));
                }
            }
            ')' => {
                // Within `case` it ends a pattern.
                let is_last = commands.cases == 0 && commands.closer == Closer::Parenthesis;
                self.end_pipeline();
                if is_last {
                    self.pop();
                }
            }
            '<' | '>' => {
                commands.redirect();
                if c == '<' {
                    self.pending = PendingChar::Less;
                }
            }
            _ => commands.push(c),
        }
    }

    /// Returns whether double quotes, or what works like them, are open around a parameter.
    pub(super) fn within_double(&self) -> bool {
        let outer = self.stack.iter().rev();
        let mut outer = outer.skip_while(|f| matches!(f, Frame::Parameter));
        matches!(outer.next(), Some(Frame::Double | Frame::HereDocument(_)))
    }

    /// Returns whether a backtick ends a substitution, even with quotes open within it.
    pub(super) fn closes_backtick(&self) -> bool {
        let mut commands = self.stack.iter().rev().filter_map(|frame| match frame {
            Frame::CommandList(commands) => Some(commands.closer),
            _ => None,
        });
        commands.next() == Some(Closer::Backtick)
    }

    pub(super) fn pop_backtick(&mut self) {
        while let Some(frame) = self.stack.last() {
            let last = matches!(frame, Frame::CommandList(c) if c.closer == Closer::Backtick);
            self.pop();
            if last {
                return;
            }
        }
    }

    pub(super) fn push(&mut self, frame: Frame) {
        if self.stack.len() < MAX_DEPTH {
            self.stack.push(frame);
        }
    }

    pub(super) fn pop(&mut self) {
        if self.stack.len() > 1 {
            if matches!(self.stack.last(), Some(Frame::CommandList(_))) {
                self.end_pipeline();
            }
            if let Some(Frame::CommandList(commands)) = self.stack.pop() {
                self.carry(commands.into_printed());
            }
        }
    }
}
