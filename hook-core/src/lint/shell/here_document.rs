//! Here-documents: their announcement, beginning and end.

use super::content::Content;
use super::frame::{Frame, HereDelimiter, HereDocument};
use super::lexer::{PendingChar, ShellLexer};

impl ShellLexer {
    /// Announces a here-document with `<<`: its delimiter comes next.
    pub(super) fn announce_document(&mut self, strip_tabs: bool) {
        let reader = match self.stack.last_mut() {
            Some(Frame::CommandList(commands)) => {
                commands.take_redirection();
                commands.stdin_reader()
            }
            _ => None,
        };
        self.push(Frame::HereDelimiter(HereDelimiter {
            strip_tabs,
            reader,
            ..HereDelimiter::default()
        }));
    }

    /// Reads a character of a delimiter.
    pub(super) fn delimiter(&mut self, c: char) {
        let Some(Frame::HereDelimiter(delimiter)) = self.stack.last_mut() else {
            return;
        };
        match (delimiter.quote, c) {
            (Some(quote), c) if c == quote => delimiter.quote = None,
            (Some(_), c) => delimiter.text.push(c),
            (None, '\'' | '"') => {
                delimiter.quote = Some(c);
                delimiter.quoted = true;
                delimiter.begun = true;
            }
            (None, '\\') => {
                delimiter.quoted = true;
                delimiter.begun = true;
            }
            (None, ' ' | '\t') if !delimiter.begun => {}
            (None, ' ' | '\t' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')') => {
                self.waiting.push(HereDocument {
                    delimiter: std::mem::take(&mut delimiter.text),
                    quoted: delimiter.quoted,
                    strip_tabs: delimiter.strip_tabs,
                    line: Some(String::new()),
                    reader: delimiter.reader,
                    content: Content::default(),
                    next: Vec::new(),
                });
                self.pop();
                self.read(c);
            }
            (None, c) => {
                delimiter.begun = true;
                delimiter.text.push(c);
            }
        }
    }

    /// Begins the first here-document that the last line announced; the others follow it.
    pub(super) fn begin_documents(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        self.begin(waiting);
    }

    fn begin(&mut self, documents: Vec<HereDocument>) {
        let mut documents = documents.into_iter();
        if let Some(mut first) = documents.next() {
            first.next = documents.collect();
            self.push(Frame::HereDocument(first));
        }
    }

    /// Returns whether a character ends a here-document, even if constructs within it are
    /// open.
    pub(super) fn ends_document(&mut self, c: char) -> bool {
        let joins = c == '\n' && self.pending == PendingChar::Escape;
        let ended = self.stack.iter_mut().position(|frame| match frame {
            Frame::HereDocument(document) if joins && !document.quoted => {
                document.line = None;
                false
            }
            Frame::HereDocument(document) => document.ends(c),
            _ => false,
        });
        let Some(ended) = ended else { return false };
        let next = match self.stack.get_mut(ended) {
            Some(Frame::HereDocument(document)) => std::mem::take(&mut document.next),
            _ => Vec::new(),
        };
        self.stack.truncate(ended);
        self.pending = PendingChar::None;
        self.begin(next);
        true
    }

    /// Returns the here-documents that are open.
    pub(super) fn documents(&mut self) -> impl Iterator<Item = &mut HereDocument> {
        self.stack.iter_mut().filter_map(|frame| match frame {
            Frame::HereDocument(document) => Some(document),
            _ => None,
        })
    }
}
