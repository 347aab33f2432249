//! Keywords: what opens, parts and closes blocks.

use super::super::fault::{Fault, Faulty, Span};
use super::super::limits::MAX_BLOCKS;
use super::ast::{Branch, ItemKind, Keyword, Tree};
use super::literal::unquote;
use super::parse::Parser;
use super::scope::Outer;
use super::token::{Kind, Token};

/// A block that is open.
pub(super) struct Open {
    block: Block,
    /// Where it was opened.
    span: Span,
}

enum Block {
    /// `if`, `with` or `range`.
    Control {
        keyword: Keyword,
        /// The index of its first item.
        head: usize,
        /// The indices of its `else`s so far.
        elses: Vec<usize>,
        /// Whether the last `else` had no condition of its own.
        last: bool,
        mark: usize,
    },
    /// `define` or `block`: the tree around it waits here.
    Template {
        outside: Tree,
        scope: Outer,
        /// Of a `block` the end of its first action, where Go reports a stray `else`.
        head: Option<Span>,
    },
}

impl Parser<'_> {
    pub(super) fn keyword(&mut self, keyword: Keyword, delim: Span, token: Token) -> Faulty<()> {
        match keyword {
            Keyword::If | Keyword::With | Keyword::Range => self.open_control(keyword, delim),
            Keyword::Else => self.part(delim),
            Keyword::End => self.close(delim),
            Keyword::Break | Keyword::Continue => self.jump(keyword, delim, token),
            Keyword::Template => self.call(delim),
            Keyword::Block => self.open_block(delim),
            Keyword::Define => self.define(delim),
        }
    }

    fn open_control(&mut self, keyword: Keyword, delim: Span) -> Faulty<()> {
        let mark = self.scope.mark();
        let context = match keyword {
            Keyword::If => "if",
            Keyword::With => "with",
            _ => "range",
        };
        let pipeline = self.pipeline(context, Kind::RightDelim)?;
        let head = self.tree.items.len();
        let branch = Branch {
            pipeline,
            otherwise: 0,
        };
        let kind = match keyword {
            Keyword::If => ItemKind::If(branch),
            Keyword::With => ItemKind::With(branch),
            _ => ItemKind::Range(branch),
        };
        self.push_action(delim, kind);
        self.enter(
            Block::Control {
                keyword,
                head,
                elses: Vec::new(),
                last: false,
                mark,
            },
            delim,
        )
    }

    fn enter(&mut self, block: Block, span: Span) -> Faulty<()> {
        if self.open.len() >= MAX_BLOCKS {
            return Err(Fault::new(
                span,
                format!("more than {MAX_BLOCKS} blocks nested"),
            ));
        }
        self.open.push(Open { block, span });
        Ok(())
    }

    /// `{{else}}`, `{{else if …}}`, `{{else with …}}`
    fn part(&mut self, delim: Span) -> Faulty<()> {
        let next = self.peek_word();
        let chained = match next.kind {
            Kind::Keyword(word @ (Keyword::If | Keyword::With)) => Some(word),
            _ => {
                self.expect(Kind::RightDelim, "after `else`")?;
                None
            }
        };
        let open = self.open.last_mut().map(|o| &mut o.block);
        let (keyword, last) = match open {
            Some(Block::Control { keyword, last, .. }) => (keyword, last),
            Some(Block::Template {
                head: Some(head), ..
            }) => {
                return Err(Fault::new(*head, "an `else` that belongs to this `block`"));
            }
            _ => {
                let message = "an `else` without an `if`, `with` or `range`";
                return Err(self.fault(delim, message));
            }
        };
        if *last {
            return Err(self.fault(delim, "a second `else`, expected `end`"));
        }
        let branch = match chained {
            Some(word) if word == *keyword => {
                self.next_word();
                let context = if word == Keyword::If {
                    "else if"
                } else {
                    "else with"
                };
                let pipeline = self.pipeline(context, Kind::RightDelim)?;
                Some(Branch {
                    pipeline,
                    otherwise: 0,
                })
            }
            Some(_) => return Err(self.unexpected(next, "after this `else`")),
            None => {
                *last = true;
                None
            }
        };
        let at = self.tree.items.len();
        self.push_action(
            delim,
            ItemKind::Else {
                branch,
                with: chained == Some(Keyword::With),
                end: 0,
            },
        );
        if let Some(Open {
            block: Block::Control { elses, .. },
            ..
        }) = self.open.last_mut()
        {
            elses.push(at);
        }
        Ok(())
    }

    /// `{{end}}`
    fn close(&mut self, delim: Span) -> Faulty<()> {
        self.expect(Kind::RightDelim, "after `end`")?;
        match self.open.pop().map(|o| o.block) {
            Some(Block::Control {
                head, elses, mark, ..
            }) => {
                self.scope.leave(mark);
                self.connect(head, &elses, self.tree.items.len());
                self.push_action(delim, ItemKind::End);
                Ok(())
            }
            Some(Block::Template { outside, scope, .. }) => {
                self.scope.leave_template(scope);
                let tree = std::mem::replace(&mut self.tree, outside);
                self.add(tree)
            }
            None => Err(self.fault(delim, "an `end` without a block to close")),
        }
    }

    /// Lets the parts of a block know where the next part is.
    fn connect(&mut self, head: usize, elses: &[usize], end: usize) {
        let items = &mut self.tree.items;
        let next = |i: usize| elses.get(i).copied().unwrap_or(end) as u32;
        if let Some(ItemKind::If(b) | ItemKind::With(b) | ItemKind::Range(b)) =
            items.get_mut(head).map(|i| &mut i.kind)
        {
            b.otherwise = next(0);
        }
        for (i, at) in elses.iter().enumerate() {
            if let Some(ItemKind::Else {
                branch, end: to, ..
            }) = items.get_mut(*at).map(|i| &mut i.kind)
            {
                *to = end as u32;
                if let Some(branch) = branch {
                    branch.otherwise = next(i + 1);
                }
            }
        }
    }

    /// `{{break}}` and `{{continue}}`
    fn jump(&mut self, keyword: Keyword, delim: Span, token: Token) -> Faulty<()> {
        let word = token.span.of(self.source);
        self.expect(Kind::RightDelim, &format!("after `{word}`"))?;
        let range = self.range_around(keyword);
        let range =
            range.ok_or_else(|| self.fault(delim, format!("`{word}` outside a `range`")))?;
        let kind = match keyword {
            Keyword::Break => ItemKind::Break { range },
            _ => ItemKind::Continue { range },
        };
        self.push_action(delim, kind);
        Ok(())
    }

    /// The range that a `break` or `continue` is for: it must stand in the body of one.
    /// A `break` in the `else` of a range within that body leaves only the inner one.
    fn range_around(&self, keyword: Keyword) -> Option<u32> {
        let mut innermost = None;
        for open in self.open.iter().rev() {
            match &open.block {
                Block::Control {
                    keyword: Keyword::Range,
                    head,
                    elses,
                    ..
                } => {
                    let head = *head as u32;
                    innermost = innermost
                        .filter(|_| keyword == Keyword::Break)
                        .or(Some(head));
                    if elses.is_empty() {
                        return innermost;
                    }
                }
                Block::Control { .. } => {}
                Block::Template { .. } => break,
            }
        }
        None
    }

    /// `{{template "name" pipeline}}`
    fn call(&mut self, delim: Span) -> Faulty<()> {
        let (name, name_span) = self.template_name("after `template`")?;
        let next = self.next_word();
        let pipeline = if next.kind == Kind::RightDelim {
            None
        } else {
            self.back(next);
            Some(self.pipeline("template", Kind::RightDelim)?)
        };
        self.push_action(
            delim,
            ItemKind::Template {
                name,
                name_span,
                tree: None,
                pipeline,
            },
        );
        Ok(())
    }

    /// `{{block "name" pipeline}}`: a template that is defined and called in one.
    fn open_block(&mut self, delim: Span) -> Faulty<()> {
        let (name, name_span) = self.template_name("after `block`")?;
        let pipeline = Some(self.pipeline("block", Kind::RightDelim)?);
        let call = ItemKind::Template {
            name: name.clone(),
            name_span,
            tree: None,
            pipeline,
        };
        self.push_action(delim, call);
        let head = self.furthest();
        self.open_template(name, delim, Some(head))
    }

    /// `{{define "name"}}`
    pub(super) fn define(&mut self, delim: Span) -> Faulty<()> {
        let (name, _) = self.template_name("after `define`")?;
        self.expect(Kind::RightDelim, "after the name")?;
        self.open_template(name, delim, None)
    }

    fn open_template(&mut self, name: Vec<u8>, delim: Span, head: Option<Span>) -> Faulty<()> {
        let outside = std::mem::replace(
            &mut self.tree,
            Tree {
                name,
                items: Vec::new(),
            },
        );
        let scope = self.scope.enter_template();
        self.enter(
            Block::Template {
                outside,
                scope,
                head,
            },
            delim,
        )
    }

    fn template_name(&mut self, place: &str) -> Faulty<(Vec<u8>, Span)> {
        let token = self.next_word();
        if !matches!(token.kind, Kind::Str | Kind::RawStr) {
            return Err(self.unexpected(token, place));
        }
        let name = unquote(token.span.of(self.source)).ok_or_else(|| {
            self.fault(token.span, "the string has an escape that Go does not know")
        })?;
        Ok((name, token.span))
    }

    pub(super) fn expect(&mut self, kind: Kind, place: &str) -> Faulty<()> {
        let token = self.next_word();
        if token.kind == kind {
            Ok(())
        } else {
            Err(self.unexpected(token, place))
        }
    }

    /// What to say when the template ends within a block.
    pub(super) fn unclosed_block(&self) -> Box<Fault> {
        let opened = self.open.last().map(|o| o.span).unwrap_or_default();
        let (line, _) = opened.line_column(self.source);
        let end = Span::new(self.source.len(), self.source.len());
        self.fault(
            end,
            format!("the block opened on line {line} is not closed by `{{{{end}}}}`"),
        )
    }
}
