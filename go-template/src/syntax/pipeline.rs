//! What stands inside an action: variables, commands and operands.

use smallvec::{SmallVec, smallvec};

use super::ast::{Command, Expr, ExprKind, Name, Names, Pipeline, Variable};
use super::literal::{unquote, unquote_char};
use super::number;
use super::parse::Parser;
use super::token::{Kind, Token};
use crate::builtin::Builtin;
use crate::fault::{Fault, Faulty, Span};
use crate::limits::MAX_PARENS;
use crate::names::{hash, nearest};

impl Parser<'_> {
    /// Reads a pipeline up to and including the word that ends it.
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Faulty<Pipeline> {
        let first = self.peek_word();
        let mut pipeline = Pipeline {
            span: Span {
                start: first.span.start,
                end: first.span.start,
            },
            declares: false,
            variables: SmallVec::new(),
            commands: SmallVec::new(),
        };
        if first.kind == Kind::Variable {
            self.declarations(&mut pipeline, context)?;
        }
        loop {
            let token = self.next_word();
            match token.kind {
                _ if token.kind == end => {
                    self.check_commands(&pipeline, token, context)?;
                    return Ok(pipeline);
                }
                Kind::Bool
                | Kind::Char
                | Kind::Complex
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawStr
                | Kind::Str
                | Kind::Variable
                | Kind::LeftParen => {
                    self.back(token);
                    let command = self.command()?;
                    pipeline.span.end = command.span.end;
                    pipeline.commands.push(command);
                }
                _ => return Err(self.unexpected(token, &format!("in {context}"))),
            }
        }
    }

    /// Only what can be called can take the value of the command before it.
    fn check_commands(&self, pipeline: &Pipeline, end: Token, context: &str) -> Faulty<()> {
        if pipeline.commands.is_empty() {
            return Err(self.fault(end.span, format!("missing value for {context}")));
        }
        for command in pipeline.commands.iter().skip(1) {
            if let Some(first) = command.words.first()
                && matches!(
                    first.kind,
                    ExprKind::Bool(_)
                        | ExprKind::Dot
                        | ExprKind::Nil
                        | ExprKind::Number(_)
                        | ExprKind::Plain(_)
                        | ExprKind::Escaped(_)
                )
            {
                let text = first.span.of(self.source);
                let message = format!("`{text}` cannot take the value that is piped into it");
                return Err(self.fault(first.span, message));
            }
        }
        Ok(())
    }

    /// `$x :=`, `$x =`, and in a range `$i, $x :=`.
    fn declarations(&mut self, pipeline: &mut Pipeline, context: &str) -> Faulty<()> {
        loop {
            let variable = self.peek_word();
            if variable.kind != Kind::Variable {
                return Ok(());
            }
            self.next();
            let after = self.peek();
            let next = self.peek_word();
            match next.kind {
                Kind::Assign | Kind::Declare => {
                    self.next_word();
                    pipeline.declares = next.kind == Kind::Declare;
                    self.declare(variable, pipeline);
                    return Ok(());
                }
                Kind::Other(',') => {
                    self.next_word();
                    self.declare(variable, pipeline);
                    if context != "range" || pipeline.variables.len() > 1 {
                        let message = format!("too many variables in {context}");
                        return Err(self.fault(next.span, message));
                    }
                    let second = self.peek_word();
                    if !matches!(
                        second.kind,
                        Kind::Variable | Kind::RightDelim | Kind::RightParen
                    ) {
                        return Err(self.unexpected(second, "where `range` expects a variable"));
                    }
                }
                _ => {
                    if after.kind == Kind::Space {
                        self.back(after);
                    }
                    self.back(variable);
                    return Ok(());
                }
            }
        }
    }

    fn declare(&mut self, token: Token, pipeline: &mut Pipeline) {
        let name = self.scope.number(token.span.of(self.source));
        self.scope.declare(name);
        pipeline.variables.push(Variable {
            span: token.span,
            name,
        });
    }

    /// Operands, separated by spaces, up to a `|` or the end of the pipeline.
    fn command(&mut self) -> Faulty<Command> {
        let mut words: SmallVec<[Expr; 1]> = SmallVec::new();
        loop {
            words.extend(self.operand()?);
            let token = self.next();
            match token.kind {
                Kind::Space => {}
                Kind::Pipe => break,
                Kind::RightDelim | Kind::RightParen => {
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

    /// A term and the fields that follow it.
    fn operand(&mut self) -> Faulty<Option<Expr>> {
        let Some(term) = self.term()? else {
            return Ok(None);
        };
        if self.peek().kind != Kind::Field {
            return Ok(Some(term));
        }
        let mut names = Names::new();
        let mut span = term.span;
        while let token = self.peek()
            && token.kind == Kind::Field
        {
            self.next();
            span.end = token.span.end;
            names.push(self.name(token.span));
        }
        let kind = match term.kind {
            ExprKind::Field(mut first) => {
                first.extend(names);
                ExprKind::Field(first)
            }
            ExprKind::Variable(variable, _) => ExprKind::Variable(variable, names),
            ExprKind::Function(_) | ExprKind::Paren(_) => ExprKind::Chain(Box::new(term), names),
            _ => {
                let text = term.span.of(self.source);
                return Err(self.fault(span, format!("`{text}` has no fields")));
            }
        };
        Ok(Some(Expr { span, kind }))
    }

    fn name(&self, field: Span) -> Name {
        let span = Span {
            start: field.start + 1,
            end: field.end,
        };
        Name {
            span,
            hash: hash(span.of(self.source).as_bytes()),
        }
    }

    fn term(&mut self) -> Faulty<Option<Expr>> {
        let token = self.next_word();
        let text = token.span.of(self.source);
        let faulty = |message: String| self.fault(token.span, message);
        let kind = match token.kind {
            Kind::Identifier => ExprKind::Function(self.function(token.span)?),
            Kind::Dot => ExprKind::Dot,
            Kind::Nil => ExprKind::Nil,
            Kind::Bool => ExprKind::Bool(text == "true"),
            Kind::Field => ExprKind::Field(smallvec![self.name(token.span)]),
            Kind::Variable => ExprKind::Variable(self.variable(token.span)?, Names::new()),
            Kind::Number => ExprKind::Number(Box::new(number::number(text).map_err(faulty)?)),
            Kind::Complex => ExprKind::Number(Box::new(number::complex(text).map_err(faulty)?)),
            Kind::Char => match unquote_char(text) {
                Some(code) => ExprKind::Number(Box::new(number::character(code))),
                None => {
                    return Err(faulty(format!(
                        "{text} is not one character; strings stand in double quotes"
                    )));
                }
            },
            Kind::Str if !text.contains('\\') => ExprKind::Plain(inner(token.span)),
            Kind::RawStr if !text.contains('\r') => ExprKind::Plain(inner(token.span)),
            Kind::Str | Kind::RawStr => match unquote(text) {
                Some(bytes) => ExprKind::Escaped(bytes.into()),
                None => {
                    return Err(faulty(
                        "the string has an escape that Go does not know".to_owned(),
                    ));
                }
            },
            Kind::LeftParen => return self.paren(token.span).map(Some),
            _ => {
                self.back(token);
                return Ok(None);
            }
        };
        Ok(Some(Expr {
            span: token.span,
            kind,
        }))
    }

    fn paren(&mut self, open: Span) -> Faulty<Expr> {
        self.parens += 1;
        self.deepest = self.deepest.max(self.parens);
        if self.parens > self.most_parens {
            self.too_deep = true;
            return Err(Fault::new(
                open,
                format!("more than {MAX_PARENS} parentheses nested"),
            ));
        }
        let pipeline = self.pipeline("the parentheses", Kind::RightParen)?;
        self.parens -= 1;
        let inside = pipeline.span.end as usize;
        let close = self.source.as_bytes()[inside..]
            .iter()
            .position(|b| *b == b')');
        let end = inside + close.map_or(0, |i| i + 1);
        let span = Span::new(open.start as usize, end);
        Ok(Expr {
            span,
            kind: ExprKind::Paren(Box::new(pipeline)),
        })
    }

    fn variable(&mut self, span: Span) -> Faulty<Variable> {
        let text = span.of(self.source);
        let name = self.scope.number(text);
        if self.scope.is_declared(name) {
            return Ok(Variable { span, name });
        }
        let meant = nearest(text, self.scope.visible());
        Err(self
            .fault(span, format!("the variable `{text}` is not declared"))
            .suggest(meant))
    }

    fn function(&mut self, span: Span) -> Faulty<Builtin> {
        let text = span.of(self.source);
        Builtin::parse(text).ok_or_else(|| {
            let meant = nearest(text, Builtin::ALL.iter().map(|b| b.name()));
            let mut fault = self
                .fault(span, format!("there is no function `{text}`"))
                .suggest(meant);
            fault.unknown_function = Some(text.to_owned());
            fault
        })
    }
}

/// What stands between the quotes.
fn inner(span: Span) -> Span {
    Span {
        start: span.start + 1,
        end: span.end.saturating_sub(1),
    }
}
