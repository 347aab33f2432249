//! The shell's view of a script, character by character.
//!
//! No known parser of shell scripts reports the quotes around a hole in an unfinished script,
//! so this lexer reads the part of the grammar that determines them: quotes, substitutions,
//! here-documents, comments, and which words of a command are code for another shell. It never
//! fails; the state after a syntax error is a guess.

use super::frame::{Closer, CommandList, Frame, HereDocument};

/// The state of the shell's lexer between two characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ShellLexer {
    /// The open constructs, the innermost last; never empty.
    pub(super) stack: Vec<Frame>,
    /// Here-documents whose bodies begin with the next line.
    pub(super) waiting: Vec<HereDocument>,
    /// The last character, if the next one decides its meaning.
    pub(super) pending: PendingChar,
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

impl Default for ShellLexer {
    fn default() -> Self {
        ShellLexer {
            stack: vec![Frame::CommandList(CommandList::default())],
            waiting: Vec::new(),
            pending: PendingChar::None,
        }
    }
}

impl ShellLexer {
    /// Returns the open constructs, the innermost last.
    pub(crate) fn stack(&self) -> &[Frame] {
        &self.stack
    }

    /// Returns whether the last character changes the meaning of a quote that comes next.
    pub(crate) fn is_prefixed(&self) -> bool {
        matches!(self.pending, PendingChar::Escape | PendingChar::Dollar)
    }

    pub(crate) fn text(&mut self, text: &str) {
        for c in text.chars() {
            self.step(c);
        }
    }

    /// Reads a harmless value, which neither opens nor closes a construct.
    pub(crate) fn hole(&mut self) {
        self.before_hole();
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
            _ => {}
        }
    }

    /// Prepares for a value: resolves the pending character.
    pub(crate) fn before_hole(&mut self) {
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
        if self.ends_document(c) {
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
            PendingChar::LessLess if c == '<' => {}
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
            Some(Frame::Single) if c == '\'' => self.pop(),
            Some(Frame::DollarSingle) => match c {
                '\'' => self.pop(),
                '\\' => self.pending = PendingChar::Escape,
                _ => {}
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
                commands.end_command();
                self.begin_documents();
            }
            ' ' | '\t' | '\r' => commands.end_word(),
            ';' | '&' | '|' => commands.end_command(),
            '#' if !commands.in_word => self.push(Frame::Comment),
            '\\' => self.pending = PendingChar::Escape,
            '`' if commands.closer == Closer::Backtick => self.pop(),
            '$' | '\'' | '"' | '`' => {
                commands.in_word = true;
                match c {
                    '$' => self.pending = PendingChar::Dollar,
                    '\'' => self.push(Frame::Single),
                    '"' => self.push(Frame::Double),
                    _ => self.push(Frame::CommandList(CommandList::until(Closer::Backtick))),
                }
            }
            '(' => {
                let at_start =
                    !commands.in_word && commands.head == super::frame::CommandState::Start;
                commands.end_command();
                if at_start {
                    self.pending = PendingChar::Parenthesis;
                } else {
                    self.push(Frame::CommandList(CommandList::until(Closer::Parenthesis)));
                }
            }
            ')' => {
                commands.end_command();
                // Within `case` it ends a pattern.
                if commands.cases == 0 && commands.closer == Closer::Parenthesis {
                    self.pop();
                }
            }
            '<' => {
                commands.end_word();
                self.pending = PendingChar::Less;
            }
            '>' => commands.end_word(),
            _ => commands.push(c),
        }
    }

    /// Reads a character where `$`, backticks and backslashes have their meaning, but words
    /// and separators do not.
    fn expansion(&mut self, c: char) {
        match c {
            '\\' => self.pending = PendingChar::Escape,
            '$' => self.pending = PendingChar::Dollar,
            '`' if self.closes_backtick() => self.pop_backtick(),
            '`' => self.push(Frame::CommandList(CommandList::until(Closer::Backtick))),
            _ => {}
        }
    }

    fn escaped(&mut self, c: char) {
        match self.stack.last_mut() {
            // The line goes on in the next.
            Some(Frame::CommandList(_)) if c == '\n' => {}
            Some(Frame::CommandList(commands)) => commands.push(c),
            _ => {}
        }
    }

    fn dollar(&mut self, c: char) {
        let quotes_count = matches!(self.stack.last(), Some(Frame::CommandList(_)));
        match c {
            '(' => self.pending = PendingChar::DollarParenthesis,
            '{' => self.push(Frame::Parameter),
            '\'' if quotes_count => self.push(Frame::DollarSingle),
            // `$$` and `$#` are complete parameters.
            '$' | '#' => {}
            _ => self.read(c),
        }
    }

    /// Returns whether double quotes, or what works like them, are open around a parameter.
    pub(super) fn within_double(&self) -> bool {
        let outer = self.stack.iter().rev();
        let mut outer = outer.skip_while(|f| matches!(f, Frame::Parameter));
        matches!(outer.next(), Some(Frame::Double | Frame::HereDocument(_)))
    }

    /// Returns whether a backtick ends a substitution, even with quotes open within it.
    fn closes_backtick(&self) -> bool {
        let mut commands = self.stack.iter().rev().filter_map(|frame| match frame {
            Frame::CommandList(commands) => Some(commands.closer),
            _ => None,
        });
        commands.next() == Some(Closer::Backtick)
    }

    fn pop_backtick(&mut self) {
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
            self.stack.pop();
        }
    }
}
