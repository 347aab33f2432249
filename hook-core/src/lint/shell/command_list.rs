//! A list of commands, and the values that flow through it.

use super::command::{CommandState, assigned};
use super::content::Content;
use super::frame::{Closer, DocumentReader};
use super::program::CodeReader;

/// A value in a script.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ShellValue {
    /// A value that the template prints, by the beginning of its action.
    Hole(usize),
    /// A variable of the shell, as in `$HOOK_TASK`.
    Variable {
        start: usize,
        end: usize,
        name: String,
    },
}

/// A list of commands and the command that is being read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct CommandList {
    pub(crate) closer: Closer,
    /// The beginning of the word that is being read, without what is quoted in it.
    pub(crate) word: String,
    /// True if a word has begun, be it with quotes.
    pub(crate) in_word: bool,
    /// True if a part of the word is quoted.
    pub(crate) is_quoted: bool,
    /// The word with what is quoted in it.
    pub(crate) content: Content,
    pub(crate) head: CommandState,
    /// The number of `case` that are open: their patterns end with parentheses.
    pub(crate) cases: u8,
    redirection: Redirection,
    /// The shell that reads the words again, behind `eval` or `ssh host`.
    again: Option<CodeReader>,
    /// True if `again` has had a word.
    has_again_word: bool,
    /// The values in the pipeline that is being read.
    flow: Vec<ShellValue>,
    /// The number of values that the command gets on its standard input.
    upstream: usize,
    /// The values in the pipelines before.
    printed: Vec<ShellValue>,
    word_has_value: bool,
    is_after_pipe: bool,
}

/// The word that follows `<` or `>`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Redirection {
    #[default]
    None,
    File,
    /// The text of `<<<`.
    Text,
}

/// The reader of a word that is code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct WordReader {
    pub(crate) reader: CodeReader,
    /// True if the reader lacks the environment of the script.
    pub(crate) clears: bool,
    /// True if the reader starts another that reads the word as code once more.
    pub(crate) is_nested: bool,
}

/// The most values of one pipeline that are followed, so that long scripts are read in linear
/// time.
const MAX_VALUES: usize = 256;

fn add(values: &mut Vec<ShellValue>, value: ShellValue) {
    if values.len() < MAX_VALUES && !values.contains(&value) {
        values.push(value);
    }
}

impl CommandList {
    /// A list that ends with `closer`.
    pub(crate) fn until(closer: Closer) -> CommandList {
        CommandList {
            closer,
            ..CommandList::default()
        }
    }

    /// Begins or continues a word, of which only the beginning matters.
    pub(crate) fn push(&mut self, c: char) {
        self.in_word = true;
        self.is_after_pipe = false;
        self.content.push(c);
        if self.word.len() < 64 {
            self.word.push(c);
        }
    }

    /// Begins or continues a word with quotes or a substitution.
    pub(crate) fn begin_quotes(&mut self) {
        self.in_word = true;
        self.is_quoted = true;
        self.is_after_pipe = false;
    }

    /// Notes that the word holds a value.
    pub(crate) fn hold(&mut self, value: ShellValue) {
        self.word_has_value = true;
        add(&mut self.flow, value);
    }

    /// Notes `<` or `>`: the next word is no argument.
    pub(crate) fn redirect(&mut self) {
        // The number of a descriptor.
        if self.word.chars().all(|c| c.is_ascii_digit()) && !self.is_quoted {
            self.word.clear();
            self.in_word = false;
        }
        self.end_word();
        self.redirection = Redirection::File;
    }

    /// Notes `<<<`: the next word is the standard input.
    pub(crate) fn redirect_text(&mut self) {
        self.redirection = Redirection::Text;
    }

    /// Takes back `<`, which began a here-document.
    pub(crate) fn take_redirection(&mut self) {
        self.redirection = Redirection::None;
    }

    /// Returns whether the file of a redirection comes next.
    pub(crate) fn is_redirecting(&self) -> bool {
        self.redirection != Redirection::None && !self.in_word
    }

    /// Returns the reader of the word that is being read, if it is code.
    pub(crate) fn word_reader(&self) -> Option<WordReader> {
        let inner = match self.redirection {
            Redirection::None => self.head.reader(&self.word),
            Redirection::File => return None,
            Redirection::Text => self.head.stdin_reader(),
        };
        let reader = match self.redirection {
            Redirection::None => self.again.or(inner)?,
            _ => inner?,
        };
        Some(WordReader {
            reader,
            clears: self.head.clears(),
            is_nested: self.again.is_some() && inner.is_some(),
        })
    }

    /// Returns the reader of the command's standard input, if it is code.
    pub(crate) fn stdin_reader(&self) -> Option<DocumentReader> {
        let again = self.again;
        let login_shell = again.filter(|again| *again == CodeReader::Remote);
        let reader = match self.head.stdin_reader() {
            Some(CodeReader::Shell) => login_shell.unwrap_or(CodeReader::Shell),
            Some(reader) => reader,
            None => login_shell.filter(|_| !self.has_again_word)?,
        };
        let clears = self.head.clears() || login_shell.is_some();
        Some(DocumentReader { reader, clears })
    }

    /// Ends the word, if one was begun, and updates the state of the command. Returns the name
    /// of a variable that it assigns a value to.
    pub(crate) fn end_word(&mut self) -> Option<String> {
        if !std::mem::take(&mut self.in_word) {
            return None;
        }
        let word = std::mem::take(&mut self.word);
        let is_quoted = std::mem::take(&mut self.is_quoted);
        let has_value = std::mem::take(&mut self.word_has_value);
        self.content = Content::default();
        if std::mem::take(&mut self.redirection) != Redirection::None {
            return None;
        }
        self.has_again_word |= self.again.is_some();
        let assigns = matches!(self.head, CommandState::Start | CommandState::Declaration);
        let before = self.head;
        self.head = match self.head.after(&word, is_quoted) {
            CommandState::Again(reader) => {
                self.again = self.again.or(Some(reader));
                CommandState::Start
            }
            state => state,
        };
        if before == CommandState::Start {
            match (word.as_str(), self.head) {
                (_, CommandState::Case) => self.cases = self.cases.saturating_add(1),
                ("esac", _) => self.cases = self.cases.saturating_sub(1),
                _ => {}
            }
        }
        let name = assigned(&word).filter(|_| assigns && has_value)?;
        Some(name.to_owned())
    }

    /// Ends the command at `|`, which hands its output to the next.
    /// Returns the values that its reader gets as code.
    pub(crate) fn end_stage(&mut self) -> (Option<DocumentReader>, Vec<ShellValue>) {
        if std::mem::replace(&mut self.is_after_pipe, true) {
            // `||`
            self.end_pipeline();
            return (None, Vec::new());
        }
        let piped = self.piped();
        let is_printed = self.head == CommandState::Printed || self.upstream > 0;
        if self.head == CommandState::Encoder || piped.0.is_some() {
            self.flow.clear();
        }
        self.upstream = if is_printed { self.flow.len() } else { 0 };
        self.reset();
        piped
    }

    /// Ends the command and its pipeline: the next word begins another.
    /// Returns the values that its reader gets as code.
    pub(crate) fn end_pipeline(&mut self) -> (Option<DocumentReader>, Vec<ShellValue>) {
        let piped = self.piped();
        if self.head == CommandState::Encoder {
            self.flow.clear();
        }
        let flow = std::mem::take(&mut self.flow);
        if self.closer != Closer::End {
            let new = flow
                .into_iter()
                .filter(|value| !self.printed.contains(value));
            let new: Vec<ShellValue> = new.collect();
            self.printed.extend(new);
        }
        self.upstream = 0;
        self.is_after_pipe = false;
        self.reset();
        piped
    }

    /// Returns the values in the output of all commands, which have ended.
    pub(crate) fn into_printed(self) -> Vec<ShellValue> {
        self.printed
    }

    fn piped(&self) -> (Option<DocumentReader>, Vec<ShellValue>) {
        let reader = self.stdin_reader().filter(|_| self.upstream > 0);
        let values = reader.and_then(|_| self.flow.get(..self.upstream));
        (reader, values.unwrap_or_default().to_vec())
    }

    fn reset(&mut self) {
        self.head = CommandState::Start;
        self.again = None;
        self.has_again_word = false;
        self.redirection = Redirection::None;
    }
}
