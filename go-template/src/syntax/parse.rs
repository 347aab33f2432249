//! The parser: text, actions, and the blocks that they open and close.

use std::collections::BTreeMap;

use super::ast::{Item, ItemKind, Keyword, Template, Tree};
use super::block::OpenBlock;
use super::lex::Lexer;
use super::token::{Token, TokenKind};
use crate::fault::{Fault, Faulty, Span};
use crate::limits::{MAX_PARENS, MAX_SOURCE};
use crate::scope::Scope;
use crate::stack::{SHALLOW, with_stack};

impl Template {
    /// Parses a template, which can call itself by its name.
    pub fn parse(name: &str, source: impl Into<String>) -> Result<Template, Box<Fault>> {
        let source = source.into();
        if source.len() > MAX_SOURCE {
            let message = format!("the template is longer than {MAX_SOURCE} bytes");
            return Err(Fault::new(Span::default(), message));
        }
        let mut parser = Parser::new(name, &source, SHALLOW);
        let template = match parser.template() {
            Err(_) if parser.too_deep => with_stack(MAX_PARENS, || {
                Parser::new(name, &source, MAX_PARENS).template()
            })?,
            result => result,
        }?;
        Ok(Template { source, ..template })
    }
}

pub(super) struct Parser<'s> {
    pub(super) source: &'s str,
    lexer: Lexer<'s>,
    /// Tokens that were put back; the last one is read next.
    ahead: Vec<Token>,
    /// The last token of the lexer. Go reports faults on its line.
    pub(super) furthest: Span,
    /// The numbers of the names of variables.
    names: BTreeMap<&'s str, u32>,
    pub(super) scope: Scope<()>,
    /// The number of open parentheses, and its maximum so far.
    pub(super) parens: usize,
    pub(super) deepest: usize,
    /// The number of open parentheses for which the stack is large enough.
    pub(super) most_parens: usize,
    /// `true` if more parentheses were open.
    pub(super) too_deep: bool,
    /// The tree to which items are added.
    pub(super) tree: Tree,
    /// The open blocks of all trees, the innermost last.
    pub(super) open: Vec<OpenBlock>,
    trees: Vec<Tree>,
    by_name: BTreeMap<Vec<u8>, usize>,
}

impl<'s> Parser<'s> {
    fn new(name: &str, source: &'s str, most_parens: usize) -> Self {
        let mut scope = Scope::new();
        scope.declare(0, ());
        Parser {
            source,
            lexer: Lexer::new(source),
            ahead: Vec::new(),
            furthest: Span::default(),
            names: BTreeMap::from([("$", 0)]),
            scope,
            parens: 0,
            deepest: 0,
            most_parens,
            too_deep: false,
            tree: Tree {
                name: name.as_bytes().to_vec(),
                items: Vec::new(),
            },
            open: Vec::new(),
            trees: Vec::new(),
            by_name: BTreeMap::new(),
        }
    }

    /// Parses the source. The result does not have the source yet.
    fn template(&mut self) -> Faulty<Template> {
        loop {
            let token = self.next();
            match token.kind {
                TokenKind::Text => self.push(token.span, ItemKind::Text),
                TokenKind::LeftDelim => self.action(token.span)?,
                TokenKind::Eof if self.open.is_empty() => break,
                TokenKind::Eof => return Err(self.unclosed_block()),
                _ => return Err(self.unexpected(token, "here")),
            }
        }
        let tree = std::mem::take(&mut self.tree);
        let main = self.add(tree)?;
        self.link();
        Ok(Template {
            source: String::new(),
            trees: std::mem::take(&mut self.trees),
            main,
            depth: self.deepest,
        })
    }

    /// Sets the tree of every call of a template.
    fn link(&mut self) {
        for item in self.trees.iter_mut().flat_map(|t| &mut t.items) {
            if let ItemKind::Template(call) = &mut item.kind {
                call.tree = self.by_name.get(&call.name).map(|i| *i as u32);
            }
        }
    }

    /// Adds a finished tree and returns its index. An empty tree does not replace another one
    /// with its name.
    pub(super) fn add(&mut self, tree: Tree) -> Faulty<usize> {
        if let Some(&index) = self.by_name.get(&tree.name) {
            if self.is_empty(&self.trees[index]) {
                self.trees[index] = tree;
            } else if !self.is_empty(&tree) {
                let name = String::from_utf8_lossy(&tree.name).into_owned();
                let message = format!("template {name:?} is defined twice");
                return Err(self.fault(self.furthest, message));
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
            TokenKind::Keyword(Keyword::Define) if !self.open.is_empty() => {
                Err(self.unexpected(token, "within a block"))
            }
            TokenKind::Keyword(keyword) => self.keyword(keyword, delim, token),
            _ => {
                self.back(token);
                let pipeline = self.pipeline("the action", TokenKind::RightDelim)?;
                self.push_action(delim, ItemKind::Action(Box::new(pipeline)));
                Ok(())
            }
        }
    }

    fn push(&mut self, span: Span, kind: ItemKind) {
        self.tree.items.push(Item { span, kind });
    }

    /// Adds an action that ends with the last token.
    pub(super) fn push_action(&mut self, delim: Span, kind: ItemKind) {
        self.push(delim.to(self.furthest), kind);
    }

    /// The number of the name of a variable.
    pub(super) fn name_number(&mut self, name: &'s str) -> u32 {
        let next = self.names.len() as u32;
        *self.names.entry(name).or_insert(next)
    }

    pub(super) fn visible_names(&self) -> impl Iterator<Item = &'s str> {
        let visible: Vec<usize> = self.scope.visible().collect();
        let names = self.names.iter();
        names.filter_map(move |(name, number)| {
            visible.contains(&(*number as usize)).then_some(*name)
        })
    }

    pub(super) fn next(&mut self) -> Token {
        self.ahead.pop().unwrap_or_else(|| {
            let token = self.lexer.next();
            self.furthest = token.span;
            token
        })
    }

    /// Puts a token back, to be read again.
    pub(super) fn back(&mut self, token: Token) {
        self.ahead.push(token);
    }

    pub(super) fn peek(&mut self) -> Token {
        let token = self.next();
        self.back(token);
        token
    }

    /// The next token that is no space.
    pub(super) fn next_word(&mut self) -> Token {
        loop {
            let token = self.next();
            if token.kind != TokenKind::Space {
                return token;
            }
        }
    }

    /// Skips spaces, and returns the token after them without reading it.
    pub(super) fn peek_word(&mut self) -> Token {
        let token = self.next_word();
        self.back(token);
        token
    }

    pub(super) fn expect(&mut self, kind: TokenKind, place: &str) -> Faulty<()> {
        let token = self.next_word();
        match token.kind == kind {
            true => Ok(()),
            false => Err(self.unexpected(token, place)),
        }
    }

    /// A fault at `span`, or where Go reports it if that is another line.
    pub(super) fn fault(&self, span: Span, message: impl Into<String>) -> Box<Fault> {
        Fault::new(span.on_line_of(self.furthest, self.source), message)
    }

    /// The fault of a token that cannot be where it is.
    pub(super) fn unexpected(&self, token: Token, place: &str) -> Box<Fault> {
        let text = token.span.of(self.source);
        let message = match token.kind {
            TokenKind::Error => self.lexer.error.clone(),
            TokenKind::Eof => "unexpected end of the template".to_owned(),
            TokenKind::RightDelim => format!("unexpected end of the action {place}"),
            TokenKind::Space => format!("unexpected space {place}"),
            _ => format!("unexpected `{text}` {place}"),
        };
        self.fault(token.span, message)
    }
}
