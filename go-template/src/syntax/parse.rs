//! Reads a template: text, actions and what they open and close.

use std::collections::BTreeMap;

use super::ast::{Document, Item, ItemKind, Keyword, Tree};
use super::block::Open;
use super::lex::Lexer;
use super::scope::Scope;
use super::token::{Kind, Token};
use crate::fault::{Fault, Faulty, Span};
use crate::limits::{MAX_PARENS, MAX_SOURCE};
use crate::room::{SHALLOW, with_room};

/// How many bytes of a source there are to an item, about and at most.
const BYTES_PER_ITEM: usize = 24;

/// Reads a template whose own name is `name`, under which it can call itself.
pub fn parse(name: &str, source: &str) -> Result<Document, Box<Fault>> {
    if source.len() > MAX_SOURCE {
        let message = format!("the template is longer than {MAX_SOURCE} bytes");
        return Err(Fault::new(Span::default(), message));
    }
    let mut parser = Parser::new(name, source);
    parser.most_parens = SHALLOW;
    match parser.document() {
        Err(_) if parser.too_deep => {
            with_room(MAX_PARENS, || Parser::new(name, source).document())?
        }
        result => result,
    }
}

/// What is known while a template is read.
pub(super) struct Parser<'s> {
    pub(super) source: &'s str,
    lexer: Lexer<'s>,
    /// Words that were read and given back, the next one last.
    ahead: [Token; 3],
    waiting: usize,
    /// The last word that the lexer has cut; Go reports errors on its line.
    furthest: Span,
    pub(super) scope: Scope<'s>,
    /// How many parentheses are open, were open at most, and may be open.
    pub(super) parens: usize,
    pub(super) deepest: usize,
    pub(super) most_parens: usize,
    /// Whether there were too many.
    pub(super) too_deep: bool,
    /// The tree that items go to.
    pub(super) tree: Tree,
    /// The blocks that are open in all trees, the innermost last.
    pub(super) open: Vec<Open>,
    trees: Vec<Tree>,
    by_name: BTreeMap<Vec<u8>, usize>,
}

impl<'s> Parser<'s> {
    fn new(name: &str, source: &'s str) -> Self {
        let none = Token {
            kind: Kind::Eof,
            span: Span::default(),
        };
        Parser {
            source,
            lexer: Lexer::new(source),
            ahead: [none; 3],
            waiting: 0,
            furthest: Span::default(),
            scope: Scope::new(),
            parens: 0,
            deepest: 0,
            most_parens: MAX_PARENS,
            too_deep: false,
            tree: Tree {
                name: name.as_bytes().to_vec(),
                items: Vec::with_capacity(source.len() / BYTES_PER_ITEM + 1),
            },
            open: Vec::new(),
            trees: Vec::new(),
            by_name: BTreeMap::new(),
        }
    }

    fn document(&mut self) -> Faulty<Document> {
        loop {
            let token = self.next();
            match token.kind {
                Kind::Text => self.push(token.span, ItemKind::Text),
                Kind::LeftDelim => self.action(token.span)?,
                Kind::Eof if self.open.is_empty() => break,
                Kind::Eof => return Err(self.unclosed_block()),
                _ => return Err(self.unexpected(token, "here")),
            }
        }
        let mut tree = std::mem::take(&mut self.tree);
        tree.items.shrink_to_fit();
        let main = self.add(tree)?;
        self.link();
        Ok(Document {
            trees: std::mem::take(&mut self.trees),
            variables: self.scope.names(),
            main,
            depth: self.deepest,
        })
    }

    /// Lets every call know the tree that it calls.
    fn link(&mut self) {
        for item in self.trees.iter_mut().flat_map(|t| &mut t.items) {
            if let ItemKind::Template(call) = &mut item.kind {
                call.tree = self.by_name.get(&call.name).map(|i| *i as u32);
            }
        }
    }

    /// Keeps a finished tree and says where. An empty one does not replace another of its
    /// name.
    pub(super) fn add(&mut self, tree: Tree) -> Faulty<usize> {
        if let Some(&index) = self.by_name.get(&tree.name) {
            if self.is_empty(&self.trees[index]) {
                self.trees[index] = tree;
            } else if !self.is_empty(&tree) {
                let name = String::from_utf8_lossy(&tree.name).into_owned();
                return Err(
                    self.fault(self.furthest, format!("template {name:?} is defined twice"))
                );
            }
            return Ok(index);
        }
        let index = self.trees.len();
        self.by_name.insert(tree.name.clone(), index);
        self.trees.push(tree);
        Ok(index)
    }

    fn is_empty(&self, tree: &Tree) -> bool {
        tree.items.iter().all(|item| {
            matches!(item.kind, ItemKind::Text) && item.span.of(self.source).trim().is_empty()
        })
    }

    fn action(&mut self, delim: Span) -> Faulty<()> {
        let token = self.next_word();
        match token.kind {
            Kind::Keyword(Keyword::Define) if self.open.is_empty() => self.define(delim),
            Kind::Keyword(Keyword::Define) => Err(self.unexpected(token, "within a block")),
            Kind::Keyword(keyword) => self.keyword(keyword, delim, token),
            _ => {
                self.back(token);
                let pipeline = self.pipeline("the action", Kind::RightDelim)?;
                self.push_action(delim, ItemKind::Action(Box::new(pipeline)));
                Ok(())
            }
        }
    }

    pub(super) fn push(&mut self, span: Span, kind: ItemKind) {
        self.tree.items.push(Item { span, kind });
    }

    /// Adds an action that ends with the delimiter just read.
    pub(super) fn push_action(&mut self, delim: Span, kind: ItemKind) {
        self.push(delim.to(self.furthest), kind);
    }

    /// The last word that was cut.
    pub(super) fn furthest(&self) -> Span {
        self.furthest
    }

    pub(super) fn next(&mut self) -> Token {
        if self.waiting > 0 {
            self.waiting -= 1;
            return self.ahead[self.waiting];
        }
        let token = self.lexer.next();
        self.furthest = token.span;
        token
    }

    /// Gives a word back, to be read again.
    pub(super) fn back(&mut self, token: Token) {
        if let Some(place) = self.ahead.get_mut(self.waiting) {
            *place = token;
            self.waiting += 1;
        }
    }

    pub(super) fn peek(&mut self) -> Token {
        let token = self.next();
        self.back(token);
        token
    }

    pub(super) fn next_word(&mut self) -> Token {
        loop {
            let token = self.next();
            if token.kind != Kind::Space {
                return token;
            }
        }
    }

    pub(super) fn peek_word(&mut self) -> Token {
        let token = self.next_word();
        self.back(token);
        token
    }

    /// A fault at `span`, or where Go sees it if that is another line.
    pub(super) fn fault(&self, span: Span, message: impl Into<String>) -> Box<Fault> {
        let (from, to) = (
            span.start.min(self.furthest.start),
            span.start.max(self.furthest.start),
        );
        let between = Span {
            start: from,
            end: to,
        }
        .of(self.source);
        let place = if between.contains('\n') {
            self.furthest
        } else {
            span
        };
        Fault::new(place, message)
    }

    /// What to say of a word that cannot stand where it stands.
    pub(super) fn unexpected(&self, token: Token, place: &str) -> Box<Fault> {
        let text = token.span.of(self.source);
        let message = match token.kind {
            Kind::Flaw(flaw) => flaw.message(text),
            Kind::Eof => "unexpected end of the template".to_owned(),
            Kind::RightDelim => format!("unexpected end of the action {place}"),
            Kind::Space => format!("unexpected space {place}"),
            _ => format!("unexpected `{text}` {place}"),
        };
        self.fault(token.span, message)
    }
}
