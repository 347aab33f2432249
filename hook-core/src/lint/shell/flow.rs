//! The way of values through a script: by variables, substitutions and pipes.

use super::command_list::{CommandList, ShellValue};
use super::context::{self, CodeContext, HoleContext, ShellContext};
use super::frame::{DocumentReader, Frame};
use super::lexer::{ShellLexer, VariableName};

impl ShellLexer {
    /// Begins a variable whose name begins with the character at `next`.
    pub(super) fn begin_variable(&mut self, start: usize, next: usize) {
        self.variable = Some(VariableName {
            start,
            end: next,
            name: String::new(),
        });
    }

    /// Reads a character of a variable's name. Returns false, and ends the name, if it is none.
    pub(super) fn continues_variable(&mut self, c: char) -> bool {
        match &mut self.variable {
            Some(variable) if variable.continues_with(c) => {
                variable.name.push(c);
                variable.end = self.at + 1;
                true
            }
            Some(_) => {
                self.end_variable();
                false
            }
            None => false,
        }
    }

    /// Ends the name of a variable, and notes the variable if it holds a value.
    pub(super) fn end_variable(&mut self) {
        let Some(variable) = self.variable.take() else {
            return;
        };
        let VariableName { start, end, name } = variable;
        if self.variables.contains(&name) || name.starts_with(LABELS) {
            let end = match self.stack.last() {
                Some(Frame::Parameter) => end + 1,
                _ => end,
            };
            let value = ShellValue::Variable { start, end, name };
            let context = context::hole_context(self);
            self.found.push((value.clone(), context));
            self.hold(value);
        }
        match self.stack.last_mut() {
            Some(Frame::Parameter) => {}
            Some(Frame::CommandList(commands)) => commands.push('\u{fffd}'),
            _ => self.content('\u{fffd}'),
        }
    }

    /// Adds a value to the command that it becomes a part of.
    pub(super) fn hold(&mut self, value: ShellValue) {
        if let Some(commands) = self.commands() {
            commands.hold(value);
        }
    }

    /// Adds a character to the text of the word or the here-document that is being read.
    pub(super) fn content(&mut self, c: char) {
        for frame in self.stack.iter_mut().rev() {
            match frame {
                Frame::CommandList(commands) => return commands.content.push(c),
                Frame::HereDocument(document) => return document.content.push(c),
                // Its text is replaced by another.
                Frame::Parameter | Frame::Arithmetic(_) | Frame::Comment => return,
                Frame::Double | Frame::Single | Frame::DollarSingle | Frame::HereDelimiter(_) => {}
            }
        }
    }

    pub(super) fn end_word(&mut self) {
        let assigned = match self.stack.last_mut() {
            Some(Frame::CommandList(commands)) => commands.end_word(),
            _ => None,
        };
        self.variables.extend(assigned);
    }

    pub(super) fn end_stage(&mut self) {
        self.end_word();
        if let Some(Frame::CommandList(commands)) = self.stack.last_mut() {
            let (reader, values) = commands.end_stage();
            self.piped(reader, values);
        }
    }

    pub(super) fn end_pipeline(&mut self) {
        self.end_word();
        if let Some(Frame::CommandList(commands)) = self.stack.last_mut() {
            let (reader, values) = commands.end_pipeline();
            self.piped(reader, values);
        }
    }

    /// Notes the values that a reader of code gets on its standard input.
    fn piped(&mut self, reader: Option<DocumentReader>, values: Vec<ShellValue>) {
        let Some(DocumentReader { reader, clears }) = reader else {
            return;
        };
        let code = CodeContext {
            reader,
            clears,
            is_nested: false,
            is_carried: true,
            is_word: false,
            before: None,
        };
        self.find(values, code);
    }

    /// Takes the output of a substitution into the word around it.
    pub(super) fn carry(&mut self, values: Vec<ShellValue>) {
        let code = context::hole_context(self).code;
        if let Some(code) = code {
            let code = CodeContext {
                is_carried: true,
                ..code
            };
            self.find(values.clone(), code);
        }
        values.into_iter().for_each(|value| self.hold(value));
    }

    fn find(&mut self, values: Vec<ShellValue>, code: CodeContext) {
        let context = HoleContext {
            context: ShellContext::Unquoted,
            in_document: false,
            in_backticks: false,
            code: Some(code),
            in_json_string: None,
        };
        let found = values.into_iter().map(|value| (value, context));
        self.found.extend(found);
    }

    /// Returns the innermost list of commands, unless a here-document is within it.
    fn commands(&mut self) -> Option<&mut CommandList> {
        for frame in self.stack.iter_mut().rev() {
            match frame {
                Frame::CommandList(commands) => return Some(commands),
                Frame::HereDocument(_) | Frame::Comment => return None,
                _ => {}
            }
        }
        None
    }
}

impl VariableName {
    pub(super) fn continues_with(&self, c: char) -> bool {
        c == '_' || c.is_ascii_alphabetic() || (!self.name.is_empty() && c.is_ascii_digit())
    }
}

/// The beginning of the names of variables with the labels of an event.
const LABELS: &str = "HOOK_LABEL_";
