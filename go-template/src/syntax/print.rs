//! From syntax tree back to source.

use super::ast::{Branch, Document, Expr, ExprKind, Item, ItemKind, Pipeline, Tree};
use crate::room::with_room;

/// The source of a document. Parsing it gives the same document again, except for the
/// places of its parts; `source` is what the document was parsed from.
#[must_use]
pub fn print(document: &Document, source: &str) -> String {
    let printed = with_room(document.depth, || printed(document, source));
    printed.unwrap_or_default()
}

fn printed(document: &Document, source: &str) -> String {
    let mut printer = Printer {
        source,
        out: String::with_capacity(source.len()),
    };
    for (i, tree) in document.trees.iter().enumerate() {
        if i != document.main {
            printer.definition(tree);
        }
    }
    if let Some(tree) = document.trees.get(document.main) {
        printer.items(&tree.items);
    }
    printer.out
}

struct Printer<'s> {
    source: &'s str,
    out: String,
}

impl Printer<'_> {
    fn definition(&mut self, tree: &Tree) {
        self.action(|p| {
            p.push("define ");
            p.bytes(&tree.name);
        });
        self.items(&tree.items);
        self.action(|p| p.push("end"));
    }

    fn items(&mut self, items: &[Item]) {
        for item in items {
            self.item(item);
        }
    }

    fn item(&mut self, item: &Item) {
        match &item.kind {
            ItemKind::Text => {
                let text = item.span.of(self.source);
                self.separate(text);
                self.push(text);
            }
            ItemKind::Action(pipeline) => self.action(|p| p.pipeline(pipeline)),
            ItemKind::If(branch) => self.action(|p| p.branch("if ", branch)),
            ItemKind::With(branch) => self.action(|p| p.branch("with ", branch)),
            ItemKind::Range(branch) => self.action(|p| p.branch("range ", branch)),
            ItemKind::Else { branch: None, .. } => self.action(|p| p.push("else")),
            ItemKind::Else {
                branch: Some(branch),
                with,
                ..
            } => {
                self.action(|p| p.branch(if *with { "else with " } else { "else if " }, branch));
            }
            ItemKind::End => self.action(|p| p.push("end")),
            ItemKind::Break { .. } => self.action(|p| p.push("break")),
            ItemKind::Continue { .. } => self.action(|p| p.push("continue")),
            ItemKind::Template(call) => self.action(|p| {
                p.push("template ");
                p.bytes(&call.name);
                if let Some(pipeline) = &call.pipeline {
                    p.push(" ");
                    p.pipeline(pipeline);
                }
            }),
        }
    }

    /// Keeps a brace at the end of a text apart from one that follows.
    fn separate(&mut self, next: &str) {
        if self.out.ends_with('{') && next.starts_with('{') {
            self.push(" {{- /**/ -}} ");
        }
    }

    fn action(&mut self, inside: impl FnOnce(&mut Self)) {
        self.separate("{{");
        self.push("{{");
        inside(self);
        self.push("}}");
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn branch(&mut self, keyword: &str, branch: &Branch) {
        self.push(keyword);
        self.pipeline(&branch.pipeline);
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        for (i, variable) in pipeline.variables.iter().enumerate() {
            self.push(if i > 0 { ", " } else { "" });
            self.push(variable.span.of(self.source));
        }
        if !pipeline.variables.is_empty() {
            self.push(if pipeline.declares { " := " } else { " = " });
        }
        for (i, command) in pipeline.commands.iter().enumerate() {
            self.push(if i > 0 { " | " } else { "" });
            for (j, word) in command.words.iter().enumerate() {
                self.push(if j > 0 { " " } else { "" });
                self.operand(word);
            }
        }
    }

    fn operand(&mut self, word: &Expr) {
        match &word.kind {
            ExprKind::Paren(pipeline) => {
                self.push("(");
                self.pipeline(pipeline);
                self.push(")");
            }
            ExprKind::Chain(base, names) => {
                self.operand(base);
                for name in names {
                    self.push(".");
                    self.push(name.span.of(self.source));
                }
            }
            // Everything else has no spaces inside, except within quotes.
            _ => self.push(word.span.of(self.source)),
        }
    }

    /// A string in quotes.
    fn bytes(&mut self, bytes: &[u8]) {
        self.push("\"");
        for chunk in bytes.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '"' | '\\' => self.out.extend(['\\', c]),
                    '\n' => self.push("\\n"),
                    _ => self.out.push(c),
                }
            }
            for byte in chunk.invalid() {
                self.push(&format!("\\x{byte:02x}"));
            }
        }
        self.push("\"");
    }
}
