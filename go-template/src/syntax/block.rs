//! Keywords: what opens, parts and closes blocks.

use smallvec::SmallVec;

use super::ast::{Branch, Call, ItemKind, Keyword, Tree};
use super::literal::unquote;
use super::parse::Parser;
use super::scope::Outer;
use super::token::{Kind, Token};
use crate::fault::{Fault, Faulty, Span};
use crate::limits::MAX_BLOCKS;

/// A block that is open.
pub(super) struct Open {
    block: Block,
    /// Where it was opened.
    span: Span,
    /// What may be left or turned from within.
    ranges: Ranges,
}

/// The ranges around a place in the same template, by their first items.
#[derive(Clone, Copy, Default)]
struct Ranges {
    /// The innermost of all.
    innermost: Option<u32>,
    /// The innermost that the place is in the body of, and not in the `else`.
    turning: Option<u32>,
}

enum Block {
    /// `if`, `with` or `range`.
    Control {
        keyword: Keyword,
        /// The index of its first item.
        head: usize,
        /// The indices of its `else`s so far.
        elses: SmallVec<[usize; 2]>,
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
        let branch = Box::new(Branch {
            pipeline,
            otherwise: 0,
        });
        let kind = match keyword {
            Keyword::If => ItemKind::If(branch),
            Keyword::With => ItemKind::With(branch),
            _ => ItemKind::Range(branch),
        };
        self.push_action(delim, kind);
        let ranges = match keyword {
            Keyword::Range => Ranges {
                innermost: Some(head as u32),
                turning: Some(head as u32),
            },
            _ => self.ranges(self.open.len()),
        };
        let block = Block::Control {
            keyword,
            head,
            elses: SmallVec::new(),
            last: false,
            mark,
        };
        self.enter(block, delim, ranges)
    }

    /// The ranges around what stands in the outermost `depth` blocks.
    fn ranges(&self, depth: usize) -> Ranges {
        let block = depth.checked_sub(1).and_then(|i| self.open.get(i));
        block.map(|open| open.ranges).unwrap_or_default()
    }

    fn enter(&mut self, block: Block, span: Span, ranges: Ranges) -> Faulty<()> {
        if self.open.len() >= MAX_BLOCKS {
            return Err(Fault::new(
                span,
                format!("more than {MAX_BLOCKS} blocks nested"),
            ));
        }
        self.open.push(Open {
            block,
            span,
            ranges,
        });
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
                Some(Box::new(Branch {
                    pipeline,
                    otherwise: 0,
                }))
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
        let outside = self.ranges(self.open.len() - 1);
        if let Some(Open {
            block: Block::Control { elses, .. },
            ranges,
            ..
        }) = self.open.last_mut()
        {
            elses.push(at);
            ranges.turning = outside.turning;
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
                self.add(tree).map(drop)
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
        let Ranges { innermost, turning } = self.ranges(self.open.len());
        // One must stand in the body of a range. A `break` in the `else` of a range
        // within that body leaves only the inner one.
        let range = match keyword {
            Keyword::Break => turning.and(innermost),
            _ => turning,
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
        let call = Call {
            name,
            name_span,
            tree: None,
            pipeline,
        };
        self.push_action(delim, ItemKind::Template(Box::new(call)));
        Ok(())
    }

    /// `{{block "name" pipeline}}`: a template that is defined and called in one.
    fn open_block(&mut self, delim: Span) -> Faulty<()> {
        let (name, name_span) = self.template_name("after `block`")?;
        let pipeline = Some(self.pipeline("block", Kind::RightDelim)?);
        let call = Call {
            name: name.clone(),
            name_span,
            tree: None,
            pipeline,
        };
        self.push_action(delim, ItemKind::Template(Box::new(call)));
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
        let block = Block::Template {
            outside,
            scope,
            head,
        };
        self.enter(block, delim, Ranges::default())
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
