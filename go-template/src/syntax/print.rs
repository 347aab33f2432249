//! The source of a syntax tree.

use std::fmt;

use super::ast::{Branch, Expr, ExprKind, Item, ItemKind, Pipeline, Template, Tree};
use crate::format::quote;
use crate::stack::with_stack;

/// The template as source without comments. Parsing it gives the same template, but for the
/// positions.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = with_stack(self.depth, || write(self)).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

fn write(template: &Template) -> String {
    let mut writer = SourceWriter {
        source: &template.source,
        out: String::with_capacity(template.source.len()),
    };
    for (i, tree) in template.trees.iter().enumerate() {
        if i != template.main {
            writer.definition(tree);
        }
    }
    if let Some(tree) = template.trees.get(template.main) {
        writer.items(&tree.items);
    }
    writer.out
}

struct SourceWriter<'s> {
    source: &'s str,
    out: String,
}

impl SourceWriter<'_> {
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
            ItemKind::Else { branch, with, .. } => self.action(|p| match branch {
                None => p.push("else"),
                Some(branch) => p.branch(if *with { "else with " } else { "else if " }, branch),
            }),
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

    /// Separates a brace at the end of a text from a following brace.
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
                    self.push(name.of(self.source));
                }
            }
            // Other operands contain spaces only within quotes.
            _ => self.push(word.span.of(self.source)),
        }
    }

    /// Appends a string in quotes.
    fn bytes(&mut self, bytes: &[u8]) {
        let quoted = quote(bytes, '"', false);
        self.push(&String::from_utf8_lossy(&quoted));
    }
}
