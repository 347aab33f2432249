//! The shell's view of a script, character by character.
//!
//! No parser of shell scripts that we know can say in which quotes a hole in an
//! unfinished script stands, so this reads as much of the grammar as decides that:
//! quotes, substitutions, here-documents, comments, and which words of a command are
//! code for another shell. It never fails; a script that is no valid shell leaves it in
//! some state or other.

use super::frame::{Closer, Commands, Document, Frame};

/// The state of the shell's lexer between two characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Lexer {
    /// What it is in the middle of, the innermost last; never empty.
    pub(super) stack: Vec<Frame>,
    /// Here-documents whose bodies begin with the next line.
    pub(super) waiting: Vec<Document>,
    /// What the last character was, where that decides what the next one means.
    pub(super) pending: Pending,
}

/// A character whose meaning the next one decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Pending {
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

impl Default for Lexer {
    fn default() -> Self {
        Lexer {
            stack: vec![Frame::Commands(Commands::default())],
            waiting: Vec::new(),
            pending: Pending::None,
        }
    }
}

impl Lexer {
    /// What the lexer is in the middle of, the innermost last.
    pub(crate) fn stack(&self) -> &[Frame] {
        &self.stack
    }

    /// Whether the last character changes the meaning of a quote that comes next.
    pub(crate) fn is_prefixed(&self) -> bool {
        matches!(self.pending, Pending::Escape | Pending::Dollar)
    }

    /// Reads literal text.
    pub(crate) fn text(&mut self, text: &str) {
        for c in text.chars() {
            self.step(c);
        }
    }

    /// Passes over a value that is well-behaved: it is part of whatever it stands in.
    pub(crate) fn hole(&mut self) {
        self.before_hole();
        self.pending = Pending::None;
        for document in self.documents() {
            document.line = None;
        }
        match self.stack.last_mut() {
            Some(Frame::Commands(commands)) => commands.push('\u{fffd}'),
            Some(Frame::Delimiter(delimiter)) => {
                delimiter.begun = true;
                delimiter.text.push('\u{fffd}');
            }
            _ => {}
        }
    }

    /// A value comes next: what the last characters began has begun.
    pub(crate) fn before_hole(&mut self) {
        match self.pending {
            Pending::DollarParenthesis | Pending::Parenthesis => {
                self.push(Frame::Commands(Commands::until(Closer::Parenthesis)));
            }
            Pending::LessLess => self.ask_for_document(false),
            _ => return,
        }
        self.pending = Pending::None;
    }

    fn step(&mut self, c: char) {
        if self.ends_document(c) {
            return;
        }
        match std::mem::replace(&mut self.pending, Pending::None) {
            Pending::None => self.read(c),
            Pending::Escape => self.escaped(c),
            Pending::Dollar => self.dollar(c),
            Pending::DollarParenthesis | Pending::Parenthesis if c == '(' => {
                self.push(Frame::Arithmetic(0));
            }
            Pending::DollarParenthesis | Pending::Parenthesis => {
                self.push(Frame::Commands(Commands::until(Closer::Parenthesis)));
                self.read(c);
            }
            Pending::Closing if c == ')' => self.pop(),
            // A lone parenthesis where two should stand: it was a subshell after all.
            Pending::Closing => {
                self.pop();
                self.read(c);
            }
            Pending::Less if c == '<' => self.pending = Pending::LessLess,
            Pending::Less => self.read(c),
            Pending::LessLess if c == '<' => {}
            Pending::LessLess => {
                self.ask_for_document(c == '-');
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
        // The first backtick ends a substitution, in whatever quotes it stands.
        if quiet && c == '`' && self.closes_backtick() {
            self.pop_backtick();
            return;
        }
        match self.stack.last_mut() {
            Some(Frame::Commands(_)) => self.command(c),
            Some(Frame::Double) => match c {
                '"' => self.pop(),
                _ => self.expansion(c),
            },
            Some(Frame::Single) if c == '\'' => self.pop(),
            Some(Frame::DollarSingle) => match c {
                '\'' => self.pop(),
                '\\' => self.pending = Pending::Escape,
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
                ')' => self.pending = Pending::Closing,
                '"' => self.push(Frame::Double),
                _ => self.expansion(c),
            },
            Some(Frame::Comment) if c == '\n' => {
                self.pop();
                self.read(c);
            }
            Some(Frame::Delimiter(_)) => self.delimiter(c),
            Some(Frame::Document(document)) if !document.quoted => self.expansion(c),
            _ => {}
        }
    }

    /// A character among commands.
    fn command(&mut self, c: char) {
        let Some(Frame::Commands(commands)) = self.stack.last_mut() else {
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
            '\\' => self.pending = Pending::Escape,
            '$' => {
                commands.in_word = true;
                self.pending = Pending::Dollar;
            }
            '\'' => {
                commands.in_word = true;
                self.push(Frame::Single);
            }
            '"' => {
                commands.in_word = true;
                self.push(Frame::Double);
            }
            '`' if commands.closer == Closer::Backtick => self.pop(),
            '`' => {
                commands.in_word = true;
                self.push(Frame::Commands(Commands::until(Closer::Backtick)));
            }
            '(' => {
                let at_start = !commands.in_word && commands.head == super::frame::Head::Start;
                commands.end_command();
                if at_start {
                    self.pending = Pending::Parenthesis;
                } else {
                    self.push(Frame::Commands(Commands::until(Closer::Parenthesis)));
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
                self.pending = Pending::Less;
            }
            '>' => commands.end_word(),
            _ => commands.push(c),
        }
    }

    /// A character where `$`, backticks and backslashes have their meaning, but words
    /// and separators do not.
    fn expansion(&mut self, c: char) {
        match c {
            '\\' => self.pending = Pending::Escape,
            '$' => self.pending = Pending::Dollar,
            '`' if self.closes_backtick() => self.pop_backtick(),
            '`' => self.push(Frame::Commands(Commands::until(Closer::Backtick))),
            _ => {}
        }
    }

    fn escaped(&mut self, c: char) {
        match self.stack.last_mut() {
            // A line that goes on in the next.
            Some(Frame::Commands(_)) if c == '\n' => {}
            Some(Frame::Commands(commands)) => commands.push(c),
            _ => {}
        }
    }

    fn dollar(&mut self, c: char) {
        let quotes_count = matches!(self.stack.last(), Some(Frame::Commands(_)));
        match c {
            '(' => self.pending = Pending::DollarParenthesis,
            '{' => self.push(Frame::Parameter),
            '\'' if quotes_count => self.push(Frame::DollarSingle),
            // `$$` and `$#` are whole.
            '$' | '#' => {}
            _ => self.read(c),
        }
    }

    /// Whether double quotes, or what works like them, are open around this.
    fn within_double(&self) -> bool {
        let outer = self.stack.iter().rev();
        let mut outer = outer.skip_while(|f| matches!(f, Frame::Parameter));
        matches!(outer.next(), Some(Frame::Double | Frame::Document(_)))
    }

    /// Whether a backtick ends a substitution that quotes within it left open.
    fn closes_backtick(&self) -> bool {
        let mut commands = self.stack.iter().rev().filter_map(|frame| match frame {
            Frame::Commands(commands) => Some(commands.closer),
            _ => None,
        });
        commands.next() == Some(Closer::Backtick)
    }

    fn pop_backtick(&mut self) {
        while let Some(frame) = self.stack.last() {
            let last = matches!(frame, Frame::Commands(c) if c.closer == Closer::Backtick);
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
