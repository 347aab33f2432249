//! The parser of pipelines: variables, commands and operands.

use super::ast::{Command, Expr, ExprKind, Names, Pipeline, Variable};
use super::literal::{unquote, unquote_char};
use super::number;
use super::parse::Parser;
use super::token::{Token, TokenKind};
use crate::builtin::Builtin;
use crate::fault::{Fault, Faulty, Span};
use crate::limits::MAX_PARENS;
use crate::nearest::nearest;

/// The message for a string with an invalid escape.
pub(super) const BAD_ESCAPE: &str = "the string has an escape that Go does not know";

impl<'s> Parser<'s> {
    /// Parses a pipeline up to and including the token that ends it.
    pub(super) fn pipeline(&mut self, context: &str, end: TokenKind) -> Faulty<Pipeline> {
        let first = self.peek_word();
        let mut pipeline = Pipeline {
            span: Span {
                start: first.span.start,
                end: first.span.start,
            },
            declares: false,
            variables: Vec::new(),
            commands: Vec::new(),
        };
        self.declarations(&mut pipeline, context)?;
        loop {
            let token = self.peek_word();
            if token.kind == end {
                self.next();
                self.check_commands(&pipeline, token, context)?;
                return Ok(pipeline);
            }
            if !starts_operand(token.kind) {
                return Err(self.unexpected(token, &format!("in {context}")));
            }
            let command = self.command()?;
            pipeline.span.end = command.span.end;
            pipeline.commands.push(command);
        }
    }

    /// Fails if a value is piped into a command that is no call.
    fn check_commands(&self, pipeline: &Pipeline, end: Token, context: &str) -> Faulty<()> {
        if pipeline.commands.is_empty() {
            return Err(self.fault(end.span, format!("missing value for {context}")));
        }
        let piped_into = pipeline.commands.iter().skip(1);
        for first in piped_into.filter_map(|command| command.words.first()) {
            use ExprKind::{Bool, Dot, Nil, Number, Str};
            if matches!(first.kind, Bool(_) | Dot | Nil | Number(_) | Str(_)) {
                let text = first.span.of(self.source);
                let message = format!("`{text}` cannot take the value that is piped into it");
                return Err(self.fault(first.span, message));
            }
        }
        Ok(())
    }

    /// Parses `$x :=`, `$x =`, and in a range `$i, $x :=`, if one of them is next.
    fn declarations(&mut self, pipeline: &mut Pipeline, context: &str) -> Faulty<()> {
        loop {
            let variable = self.peek_word();
            if variable.kind != TokenKind::Variable {
                return Ok(());
            }
            self.next();
            let after = self.peek();
            let next = self.peek_word();
            match next.kind {
                TokenKind::Assign | TokenKind::Declare => {
                    self.next_word();
                    pipeline.declares = next.kind == TokenKind::Declare;
                    self.declare(variable, pipeline);
                    return Ok(());
                }
                TokenKind::Other(',') => {
                    self.next_word();
                    self.declare(variable, pipeline);
                    if context != "range" || pipeline.variables.len() > 1 {
                        let message = format!("too many variables in {context}");
                        return Err(self.fault(next.span, message));
                    }
                    let second = self.peek_word();
                    use TokenKind::{RightDelim, RightParen, Variable};
                    if !matches!(second.kind, Variable | RightDelim | RightParen) {
                        return Err(self.unexpected(second, "where `range` expects a variable"));
                    }
                }
                _ => {
                    if after.kind == TokenKind::Space {
                        self.back(after);
                    }
                    self.back(variable);
                    return Ok(());
                }
            }
        }
    }

    fn declare(&mut self, token: Token, pipeline: &mut Pipeline) {
        let name = self.name_number(token.span.of(self.source));
        self.scope.declare(name, ());
        pipeline.variables.push(Variable {
            span: token.span,
            name,
        });
    }

    /// Parses operands that are separated by spaces, up to a `|` or the end of the pipeline.
    fn command(&mut self) -> Faulty<Command> {
        let mut words: Vec<Expr> = Vec::new();
        loop {
            words.extend(self.operand()?);
            let token = self.next();
            match token.kind {
                TokenKind::Space => {}
                TokenKind::Pipe => break,
                TokenKind::RightDelim | TokenKind::RightParen => {
                    self.back(token);
                    break;
                }
                _ => return Err(self.unexpected(token, "in the action")),
            }
        }
        match (words.first(), words.last()) {
            (Some(first), Some(last)) => Ok(Command {
                span: first.span.to(last.span),
                words,
            }),
            _ => Err(self.fault(Span::default(), "empty command")),
        }
    }

    /// Parses a term and the fields after it. `None` if there is no term.
    fn operand(&mut self) -> Faulty<Option<Expr>> {
        let Some(mut term) = self.term()? else {
            return Ok(None);
        };
        let mut names = match &mut term.kind {
            ExprKind::Field(names) => std::mem::take(names),
            _ => Names::new(),
        };
        let mut span = term.span;
        while let token = self.peek()
            && token.kind == TokenKind::Field
        {
            self.next();
            span.end = token.span.end;
            names.push(without_dot(token.span));
        }
        let kind = match term.kind {
            ExprKind::Field(_) => ExprKind::Field(names),
            _ if names.is_empty() => return Ok(Some(term)),
            ExprKind::Variable(variable, _) => ExprKind::Variable(variable, names),
            ExprKind::Function(_) | ExprKind::Paren(_) => ExprKind::Chain(Box::new(term), names),
            _ => {
                let text = term.span.of(self.source);
                return Err(self.fault(span, format!("`{text}` has no fields")));
            }
        };
        Ok(Some(Expr { span, kind }))
    }

    fn term(&mut self) -> Faulty<Option<Expr>> {
        let token = self.next_word();
        let span = token.span;
        let text = span.of(self.source);
        let number = |number| ExprKind::Number(Box::new(number));
        let faulty = |message: String| self.fault(span, message);
        let kind = match token.kind {
            TokenKind::Identifier => ExprKind::Function(self.function(span)?),
            TokenKind::Dot => ExprKind::Dot,
            TokenKind::Nil => ExprKind::Nil,
            TokenKind::Bool => ExprKind::Bool(text == "true"),
            TokenKind::Field => ExprKind::Field(vec![without_dot(span)]),
            TokenKind::Variable => ExprKind::Variable(self.variable(span)?, Names::new()),
            TokenKind::Number => number(number::number(text).map_err(faulty)?),
            TokenKind::Complex => number(number::complex(text).map_err(faulty)?),
            TokenKind::Char => {
                let wrong = || format!("{text} is not one character; strings are in double quotes");
                let code = unquote_char(text).ok_or_else(|| faulty(wrong()))?;
                number(number::character(code))
            }
            TokenKind::Str | TokenKind::RawStr => {
                ExprKind::Str(unquote(text).ok_or_else(|| faulty(BAD_ESCAPE.to_owned()))?)
            }
            TokenKind::LeftParen => return self.paren(span).map(Some),
            _ => {
                self.back(token);
                return Ok(None);
            }
        };
        Ok(Some(Expr { span, kind }))
    }

    fn paren(&mut self, open: Span) -> Faulty<Expr> {
        self.parens += 1;
        self.deepest = self.deepest.max(self.parens);
        if self.parens > self.most_parens {
            self.too_deep = true;
            let message = format!("more than {MAX_PARENS} parentheses nested");
            return Err(Fault::new(open, message));
        }
        let pipeline = self.pipeline("the parentheses", TokenKind::RightParen)?;
        self.parens -= 1;
        let inside = pipeline.span.end as usize;
        let close = self.source[inside..].find(')');
        let end = inside + close.map_or(0, |i| i + 1);
        Ok(Expr {
            span: Span::new(open.start as usize, end),
            kind: ExprKind::Paren(Box::new(pipeline)),
        })
    }

    fn variable(&mut self, span: Span) -> Faulty<Variable> {
        let text = span.of(self.source);
        let name = self.name_number(text);
        if self.scope.get(name).is_some() {
            return Ok(Variable { span, name });
        }
        let message = format!("the variable `{text}` is not declared");
        let meant = nearest(text, self.visible_names());
        Err(self.fault(span, message).suggest(meant))
    }

    fn function(&mut self, span: Span) -> Faulty<Builtin> {
        let text = span.of(self.source);
        Builtin::parse(text).ok_or_else(|| {
            let meant = nearest(text, Builtin::ALL.iter().map(|b| b.name()));
            let message = format!("there is no function `{text}`");
            let mut fault = self.fault(span, message).suggest(meant);
            fault.unknown_function = Some(text.to_owned());
            fault
        })
    }
}

/// `true` if a token can be the start of an operand.
fn starts_operand(kind: TokenKind) -> bool {
    use TokenKind::*;
    let is_constant = matches!(kind, Bool | Char | Complex | Nil | Number | RawStr | Str);
    is_constant || matches!(kind, Dot | Field | Identifier | LeftParen | Variable)
}

/// The position of the name in `.name`.
fn without_dot(field: Span) -> Span {
    Span {
        start: field.start + 1,
        end: field.end,
    }
}
