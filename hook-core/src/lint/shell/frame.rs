//! The nested constructs that a shell is reading.

use super::command_list::CommandList;
use super::content::Content;
use super::program::CodeReader;

/// A construct that has begun and not ended. The stack of frames is the state of the lexer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Frame {
    CommandList(CommandList),
    /// `"…"`
    Double,
    /// `'…'`
    Single,
    /// `$'…'`
    DollarSingle,
    /// `${…}`
    Parameter,
    /// `$((…))` or `((…))`, and the number of parentheses that are open within.
    Arithmetic(u8),
    /// A comment, up to the end of its line.
    Comment,
    HereDelimiter(HereDelimiter),
    HereDocument(HereDocument),
}

/// The end of a list of commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Closer {
    /// The end of the script.
    #[default]
    End,
    /// `)`
    Parenthesis,
    Backtick,
}

/// The reader of a here-document that is code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct DocumentReader {
    pub(crate) reader: CodeReader,
    /// True if it lacks the environment of the script.
    pub(crate) clears: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct HereDelimiter {
    /// Its text, quotes removed.
    pub(crate) text: String,
    pub(crate) quoted: bool,
    /// True if tabs before lines are removed: `<<-`.
    pub(crate) strip_tabs: bool,
    /// The quote that is open.
    pub(crate) quote: Option<char>,
    /// True if its first character was read.
    pub(crate) begun: bool,
    /// The reader of the document, if it is code.
    pub(crate) reader: Option<DocumentReader>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct HereDocument {
    /// The line that ends it.
    pub(crate) delimiter: String,
    /// True if the shell expands nothing in it, because the delimiter is quoted.
    pub(crate) quoted: bool,
    /// True if tabs before lines are removed.
    pub(crate) strip_tabs: bool,
    /// The line that is being read, as long as it can be the last.
    pub(crate) line: Option<String>,
    /// The reader of the document, if it is code.
    pub(crate) reader: Option<DocumentReader>,
    /// Its text so far.
    pub(crate) content: Content,
    /// The documents that begin when this one ends.
    pub(crate) next: Vec<HereDocument>,
}

impl HereDocument {
    /// Reads a character; returns whether it ends the document.
    pub(crate) fn ends(&mut self, c: char) -> bool {
        if c == '\n' {
            let line = self.line.replace(String::new());
            return line.is_some_and(|line| line == self.delimiter);
        }
        if let Some(line) = &mut self.line {
            let indent = c == '\t' && self.strip_tabs && line.is_empty();
            if !indent {
                line.push(c);
                if !self.delimiter.starts_with(line.as_str()) {
                    self.line = None;
                }
            }
        }
        false
    }
}
