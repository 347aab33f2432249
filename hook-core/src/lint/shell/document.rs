//! Here-documents: how they are asked for, and how they begin and end.

use super::frame::{Delimiter, Document, Frame, Head};
use super::lexer::{Lexer, Pending};

impl Lexer {
    /// A command asks for a here-document with `<<`: its delimiter comes next.
    pub(super) fn ask_for_document(&mut self, strip_tabs: bool) {
        let reader = match self.stack.last() {
            Some(Frame::Commands(commands)) => commands.head,
            _ => Head::Words,
        };
        self.push(Frame::Delimiter(Delimiter {
            strip_tabs,
            reader,
            ..Delimiter::default()
        }));
    }

    /// A character of the delimiter that `<<` asks for.
    pub(super) fn delimiter(&mut self, c: char) {
        let Some(Frame::Delimiter(delimiter)) = self.stack.last_mut() else {
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
                self.waiting.push(Document {
                    delimiter: std::mem::take(&mut delimiter.text),
                    quoted: delimiter.quoted,
                    strip_tabs: delimiter.strip_tabs,
                    line: Some(String::new()),
                    reader: delimiter.reader,
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

    /// After the line that asks for them, here-documents begin, one after the other.
    pub(super) fn begin_documents(&mut self) {
        let mut waiting = std::mem::take(&mut self.waiting).into_iter();
        if let Some(mut first) = waiting.next() {
            first.next = waiting.collect();
            self.push(Frame::Document(first));
        }
    }

    /// Whether a character ends a here-document. Its lines are looked for first, whatever
    /// else begins or ends within them.
    pub(super) fn ends_document(&mut self, c: char) -> bool {
        let joins = c == '\n' && self.pending == Pending::Escape;
        let ended = self.stack.iter_mut().position(|frame| match frame {
            Frame::Document(document) if joins && !document.quoted => {
                document.line = None;
                false
            }
            Frame::Document(document) => document.ends(c),
            _ => false,
        });
        let Some(ended) = ended else { return false };
        let mut next = match self.stack.get_mut(ended) {
            Some(Frame::Document(document)) => std::mem::take(&mut document.next).into_iter(),
            _ => Vec::new().into_iter(),
        };
        self.stack.truncate(ended);
        self.pending = Pending::None;
        if let Some(mut first) = next.next() {
            first.next = next.collect();
            self.push(Frame::Document(first));
        }
        true
    }

    /// The here-documents that are open.
    pub(super) fn documents(&mut self) -> impl Iterator<Item = &mut Document> {
        self.stack.iter_mut().filter_map(|frame| match frame {
            Frame::Document(document) => Some(document),
            _ => None,
        })
    }
}
