//! The parser of keywords, which open, split and close blocks.

use super::ast::{Branch, ItemKind, Keyword, TemplateCall, Tree};
use super::literal::unquote;
use super::parse::Parser;
use super::pipeline::BAD_ESCAPE;
use super::token::{Token, TokenKind};
use crate::fault::{Fault, Faulty, Span};
use crate::limits::MAX_BLOCKS;
use crate::scope::CallerScope;

/// A block without its end.
pub(super) struct OpenBlock {
    kind: OpenBlockKind,
    /// The position of the block's first action.
    span: Span,
    loops: Loops,
}

/// The innermost ranges around a position in the same template, by their first items.
#[derive(Clone, Copy, Default)]
struct Loops {
    innermost: Option<u32>,
    /// The innermost range whose body, and not its `else`, contains the position.
    with_body_here: Option<u32>,
}

enum OpenBlockKind {
    /// `if`, `with` or `range`.
    Control {
        keyword: Keyword,
        /// The index of its first item.
        head: usize,
        /// The indices of its `else`s so far.
        elses: Vec<usize>,
        /// `true` if the last `else` had no condition.
        last: bool,
        mark: usize,
    },
    /// `define` or `block`.
    Template {
        outside: Tree,
        caller: CallerScope,
        /// The end of the first action of a `block`. Go reports a wrong `else` there.
        head: Option<Span>,
    },
}

impl Parser<'_> {
    pub(super) fn keyword(&mut self, keyword: Keyword, delim: Span, token: Token) -> Faulty<()> {
        match keyword {
            Keyword::If | Keyword::With | Keyword::Range => {
                self.open_control(keyword, delim, token)
            }
            Keyword::Else => self.part(delim),
            Keyword::End => self.close(delim),
            Keyword::Break | Keyword::Continue => self.jump(keyword, delim, token),
            Keyword::Template => self.call(delim),
            Keyword::Block => self.open_block(delim),
            Keyword::Define => self.define(delim),
        }
    }

    fn open_control(&mut self, keyword: Keyword, delim: Span, token: Token) -> Faulty<()> {
        let mark = self.scope.mark();
        let context = token.span.of(self.source);
        let branch = self.branch(context)?;
        let head = self.tree.items.len();
        let mut loops = self.loops(self.open.len());
        let kind = match keyword {
            Keyword::If => ItemKind::If(branch),
            Keyword::With => ItemKind::With(branch),
            _ => {
                loops = Loops {
                    innermost: Some(head as u32),
                    with_body_here: Some(head as u32),
                };
                ItemKind::Range(branch)
            }
        };
        self.push_action(delim, kind);
        let block = OpenBlockKind::Control {
            keyword,
            head,
            elses: Vec::new(),
            last: false,
            mark,
        };
        self.enter(block, delim, loops)
    }

    fn branch(&mut self, context: &str) -> Faulty<Box<Branch>> {
        let pipeline = self.pipeline(context, TokenKind::RightDelim)?;
        Ok(Box::new(Branch {
            pipeline,
            otherwise: 0,
        }))
    }

    /// The loops around the content of the outermost `depth` blocks.
    fn loops(&self, depth: usize) -> Loops {
        let block = depth.checked_sub(1).and_then(|i| self.open.get(i));
        block.map(|open| open.loops).unwrap_or_default()
    }

    fn enter(&mut self, kind: OpenBlockKind, span: Span, loops: Loops) -> Faulty<()> {
        if self.open.len() >= MAX_BLOCKS {
            let message = format!("more than {MAX_BLOCKS} blocks nested");
            return Err(Fault::new(span, message));
        }
        self.open.push(OpenBlock { kind, span, loops });
        Ok(())
    }

    /// Parses the rest of `{{else}}`, `{{else if …}}` or `{{else with …}}`.
    fn part(&mut self, delim: Span) -> Faulty<()> {
        let next = self.peek_word();
        let chained = match next.kind {
            TokenKind::Keyword(word @ (Keyword::If | Keyword::With)) => Some(word),
            _ => {
                self.expect(TokenKind::RightDelim, "after `else`")?;
                None
            }
        };
        let outside = self.loops(self.open.len().saturating_sub(1));
        let at = self.tree.items.len();
        let open = self.open.last_mut();
        let keyword = match open.map(|open| (&mut open.kind, &mut open.loops)) {
            Some((OpenBlockKind::Control { last: true, .. }, _)) => {
                return Err(self.fault(delim, "a second `else`, expected `end`"));
            }
            Some((
                OpenBlockKind::Control {
                    keyword,
                    last,
                    elses,
                    ..
                },
                loops,
            )) => {
                *last = chained.is_none();
                elses.push(at);
                loops.with_body_here = outside.with_body_here;
                *keyword
            }
            Some((
                OpenBlockKind::Template {
                    head: Some(head), ..
                },
                _,
            )) => {
                return Err(Fault::new(*head, "an `else` that belongs to this `block`"));
            }
            _ => {
                let message = "an `else` without an `if`, `with` or `range`";
                return Err(self.fault(delim, message));
            }
        };
        let branch = match chained {
            Some(word) if word == keyword => {
                self.next_word();
                let context = format!("else {}", next.span.of(self.source));
                Some(self.branch(&context)?)
            }
            Some(_) => return Err(self.unexpected(next, "after this `else`")),
            None => None,
        };
        let kind = ItemKind::Else {
            branch,
            with: chained == Some(Keyword::With),
            end: 0,
        };
        self.push_action(delim, kind);
        Ok(())
    }

    /// Parses the rest of `{{end}}`.
    fn close(&mut self, delim: Span) -> Faulty<()> {
        self.expect(TokenKind::RightDelim, "after `end`")?;
        match self.open.pop().map(|open| open.kind) {
            Some(OpenBlockKind::Control {
                head, elses, mark, ..
            }) => {
                self.scope.leave(mark);
                self.connect(head, &elses, self.tree.items.len());
                self.push_action(delim, ItemKind::End);
                Ok(())
            }
            Some(OpenBlockKind::Template {
                outside, caller, ..
            }) => {
                self.scope.leave_template(caller);
                let tree = std::mem::replace(&mut self.tree, outside);
                self.add(tree).map(drop)
            }
            None => Err(self.fault(delim, "an `end` without a block to close")),
        }
    }

    /// Sets the indices of the next parts in all parts of a block.
    fn connect(&mut self, head: usize, elses: &[usize], end: usize) {
        let parts = [&[head], elses, &[end]].concat();
        for pair in parts.windows(2) {
            let next = pair[1] as u32;
            match &mut self.tree.items[pair[0]].kind {
                ItemKind::If(branch) | ItemKind::With(branch) | ItemKind::Range(branch) => {
                    branch.otherwise = next;
                }
                ItemKind::Else {
                    branch, end: to, ..
                } => {
                    *to = end as u32;
                    if let Some(branch) = branch {
                        branch.otherwise = next;
                    }
                }
                _ => {}
            }
        }
    }

    /// Parses the rest of `{{break}}` or `{{continue}}`.
    fn jump(&mut self, keyword: Keyword, delim: Span, token: Token) -> Faulty<()> {
        let word = token.span.of(self.source);
        self.expect(TokenKind::RightDelim, &format!("after `{word}`"))?;
        let loops = self.loops(self.open.len());
        // It must be in the body of a range. A `break` in the `else` of a range within that
        // body leaves only the inner one.
        let range = match keyword {
            Keyword::Break => loops.with_body_here.and(loops.innermost),
            _ => loops.with_body_here,
        };
        let range =
            range.ok_or_else(|| self.fault(delim, format!("`{word}` outside a `range`")))?;
        let kind = match keyword {
            Keyword::Break => ItemKind::Break { range },
            _ => ItemKind::Continue { range },
        };
        self.push_action(delim, kind);
        Ok(())
    }

    /// Parses the rest of `{{template "name" pipeline}}`.
    fn call(&mut self, delim: Span) -> Faulty<()> {
        let (name, name_span) = self.template_name("after `template`")?;
        let pipeline = match self.peek_word().kind {
            TokenKind::RightDelim => {
                self.next();
                None
            }
            _ => Some(self.pipeline("template", TokenKind::RightDelim)?),
        };
        let call = TemplateCall {
            name,
            name_span,
            tree: None,
            pipeline,
        };
        self.push_action(delim, ItemKind::Template(Box::new(call)));
        Ok(())
    }

    /// Parses the rest of `{{block "name" pipeline}}`, which defines and calls a template.
    fn open_block(&mut self, delim: Span) -> Faulty<()> {
        let (name, name_span) = self.template_name("after `block`")?;
        let call = TemplateCall {
            name: name.clone(),
            name_span,
            tree: None,
            pipeline: Some(self.pipeline("block", TokenKind::RightDelim)?),
        };
        self.push_action(delim, ItemKind::Template(Box::new(call)));
        self.open_template(name, delim, Some(self.furthest))
    }

    /// Parses the rest of `{{define "name"}}`.
    fn define(&mut self, delim: Span) -> Faulty<()> {
        let (name, _) = self.template_name("after `define`")?;
        self.expect(TokenKind::RightDelim, "after the name")?;
        self.open_template(name, delim, None)
    }

    fn open_template(&mut self, name: Vec<u8>, delim: Span, head: Option<Span>) -> Faulty<()> {
        let tree = Tree {
            name,
            items: Vec::new(),
        };
        let outside = std::mem::replace(&mut self.tree, tree);
        let caller = self.scope.enter_template();
        self.scope.declare(0, ());
        let block = OpenBlockKind::Template {
            outside,
            caller,
            head,
        };
        self.enter(block, delim, Loops::default())
    }

    fn template_name(&mut self, place: &str) -> Faulty<(Vec<u8>, Span)> {
        let token = self.next_word();
        if !matches!(token.kind, TokenKind::Str | TokenKind::RawStr) {
            return Err(self.unexpected(token, place));
        }
        let name = unquote(token.span.of(self.source));
        let name = name.ok_or_else(|| self.fault(token.span, BAD_ESCAPE))?;
        Ok((name, token.span))
    }

    /// The fault of a template that ends within a block.
    pub(super) fn unclosed_block(&self) -> Box<Fault> {
        let opened = self.open.last().map(|o| o.span).unwrap_or_default();
        let (line, _) = opened.line_column(self.source);
        let end = Span::new(self.source.len(), self.source.len());
        let message = format!("the block opened on line {line} is not closed by `{{{{end}}}}`");
        self.fault(end, message)
    }
}
