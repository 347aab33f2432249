//! What `$`, backticks and backslashes begin.

use super::command_list::CommandList;
use super::frame::{Closer, Frame};
use super::lexer::{PendingChar, ShellLexer};

impl ShellLexer {
    /// Reads a character where `$`, backticks and backslashes have their meaning, but words
    /// and separators do not.
    pub(super) fn expansion(&mut self, c: char) {
        match c {
            '\\' => self.pending = PendingChar::Escape,
            '$' => self.pending = PendingChar::Dollar,
            '`' if self.closes_backtick() => self.pop_backtick(),
            '`' => self.push(Frame::CommandList(CommandList::until(Closer::Backtick))),
            _ => self.content(c),
        }
    }

    pub(super) fn escaped(&mut self, c: char) {
        match self.stack.last_mut() {
            // The line goes on in the next.
            Some(Frame::CommandList(_)) if c == '\n' => {}
            Some(Frame::CommandList(commands)) => commands.push(c),
            Some(Frame::Double) if "\"$`".contains(c) => self.content(c),
            Some(Frame::HereDocument(_)) if "$`".contains(c) => self.content(c),
            Some(_) => {
                self.content('\\');
                if c != '\\' {
                    self.content(c);
                }
            }
            None => {}
        }
    }

    pub(super) fn dollar(&mut self, c: char) {
        let quotes_count = matches!(self.stack.last(), Some(Frame::CommandList(_)));
        match c {
            '(' => self.pending = PendingChar::DollarParenthesis,
            '{' => {
                self.push(Frame::Parameter);
                self.begin_variable(self.at.saturating_sub(1), self.at + 1);
            }
            '\'' if quotes_count => self.push(Frame::DollarSingle),
            // `$$` and `$#` are complete parameters.
            '$' | '#' => {}
            _ => {
                self.begin_variable(self.at.saturating_sub(1), self.at);
                if !self.continues_variable(c) {
                    self.read(c);
                }
            }
        }
    }
}
