//! Whole templates: actions, text and nesting.

use super::random::Random;
use go_template_fuzz::order::OrderName;

/// Generates templates that follow the grammar.
pub(super) struct Grammar {
    pub(super) random: Random,
    pub(super) data: OrderName,
    /// `true` if printing the dot may print addresses.
    pub(super) dot_hides: bool,
    /// `true` if the dot is the whole order, as far as is known.
    pub(super) dot_is_all: bool,
}

impl Grammar {
    pub(super) fn new(random: Random, data: OrderName) -> Grammar {
        Grammar {
            random,
            data,
            dot_hides: super::hides_pointers(data),
            dot_is_all: true,
        }
    }

    /// A template of several actions.
    pub(super) fn template(&mut self) -> String {
        let mut out = String::new();
        if self.random.percent(50) {
            let value = self.pipeline(1);
            out += &self.action(&format!("$x := {value}"));
        }
        if self.random.percent(30) {
            out += "{{$i := 1}}{{$v := 2}}{{$y := \"q\"}}";
        }
        out += &self.body(2, false);
        if self.random.percent(25) {
            let body = self.definition();
            out += &format!(
                "{}{body}{}",
                self.action("define \"a\""),
                self.action("end")
            );
        }
        if self.random.percent(10) {
            let dot = self.random.pick(&[".", ".Basket", "nil"]);
            let body = self.definition();
            let start = self.action(&format!("block \"b\" {dot}"));
            out += &format!("{start}{body}{}", self.action("end"));
        }
        out
    }

    /// A template of one action.
    pub(super) fn lone_action(&mut self) -> String {
        let pipeline = self.pipeline(2);
        self.action(&pipeline)
    }

    pub(super) fn action(&mut self, inner: &str) -> String {
        let left = ["{{", "{{", "{{", "{{", "{{", "{{", "{{- ", "{{-\n"];
        let right = ["}}", "}}", "}}", "}}", "}}", "}}", " -}}", "\n}}", "\n-}}"];
        let mut out = self.random.pick(&left).to_owned();
        let wrap = self.random.percent(15);
        for c in inner.chars() {
            let breaks = wrap && c == ' ' && self.random.percent(40);
            out.push(if breaks { '\n' } else { c });
        }
        out + self.random.pick(&right)
    }

    /// The body of a template that others call with any dot. It calls no template, so that no
    /// recursion is endless.
    fn definition(&mut self) -> String {
        let hides = super::hides_pointers(self.data);
        self.with_dot(hides, false, |grammar| {
            let mut out = String::new();
            for _ in 0..=grammar.random.below(2) {
                out += grammar.text();
                let pipeline = grammar.pipeline(1);
                out += &grammar.action(&pipeline);
            }
            out
        })
    }

    fn body(&mut self, depth: usize, in_loop: bool) -> String {
        let mut out = String::new();
        for _ in 0..=self.random.below(3) {
            out += self.text();
            out += &self.node(depth, in_loop);
        }
        out
    }

    fn text(&mut self) -> &'static str {
        let texts = ["", "x", " y ", "\n", "{", "}", "a\n b", "é", " {", "{ "];
        self.random.pick(&texts)
    }

    fn node(&mut self, depth: usize, in_loop: bool) -> String {
        match self.random.below(100) {
            _ if depth == 0 => self.lone_action(),
            0..50 => self.lone_action(),
            50..60 => {
                let target = self.random.pick(&["$x := ", "$y := ", "$x = "]);
                let value = self.pipeline(1);
                self.action(&format!("{target}{value}"))
            }
            60..72 => self.branch(depth, in_loop),
            72..82 => self.with(depth, in_loop),
            82..94 => self.range(depth, in_loop),
            94..96 if in_loop => {
                let word = self.random.pick(&["break", "continue"]);
                self.action(word)
            }
            94..98 => {
                let name = self.random.pick(&["\"a\"", "\"b\"", "`a`", "\"none\""]);
                let dot = match self.random.below(4) {
                    0 => String::new(),
                    1 => ".".to_owned(),
                    2 => self.pipeline(1),
                    _ => ".Basket".to_owned(),
                };
                self.action(&format!("template {name} {dot}"))
            }
            _ => {
                let comments = ["{{/* c */}}", "{{- /* c\n */ -}}", "{{/**/ -}} "];
                self.random.pick(&comments).to_owned()
            }
        }
    }

    fn branch(&mut self, depth: usize, in_loop: bool) -> String {
        let condition = self.condition();
        let mut out = self.action(&format!("if {condition}"));
        out += &self.body(depth - 1, in_loop);
        if self.random.percent(40) {
            let condition = self.condition();
            out += &self.action(&format!("else if {condition}"));
            out += &self.body(depth - 1, in_loop);
        }
        out + &self.otherwise(depth, in_loop)
    }

    fn with(&mut self, depth: usize, in_loop: bool) -> String {
        let hidden = self.random.percent(15);
        let (operand, hides) = if hidden {
            (self.hidden(), super::hides_pointers(self.data))
        } else {
            let variable = self.random.pick(&["", "$x := ", "$v := "]);
            (format!("{variable}{}", self.pipeline(2)), false)
        };
        let mut out = self.action(&format!("with {operand}"));
        out += &self.with_dot(hides, false, |g| g.body(depth - 1, in_loop));
        if self.random.percent(30) {
            let operand = self.pipeline(1);
            out += &self.action(&format!("else with {operand}"));
            out += &self.with_dot(false, false, |g| g.body(depth - 1, in_loop));
        }
        out + &self.otherwise(depth, in_loop)
    }

    fn range(&mut self, depth: usize, in_loop: bool) -> String {
        // Only short loops: a range over a number from a time would hardly end.
        let over = self.random.pick(&[
            "$.Basket.Items",
            "$.Basket.Items",
            "$.Customer.Tags",
            "$.Labels",
            "$.Delivery.Note",
            "$.Delivery.Note.tags",
            "$.Delivery.Stops",
            "$.Basket.Gifts",
            "$.Status",
            "slice $.Basket.Items 1",
            "$.Delivery.Note.missing",
            ".",
            "$",
            ".Labels",
            ".Basket.Items",
            "3",
            "0",
            "-1",
            "'\\n'",
            "1.5",
            "nil",
            "true",
            "$.Title",
            "(len $.Title)",
            "$.Placed",
        ]);
        // The dot may be any number.
        let over = if over == "." && !self.dot_is_all {
            "2"
        } else {
            over
        };
        let variables = [
            "",
            "",
            "$i := ",
            "$i, $v := ",
            "$i,$v:=",
            "$x = ",
            "$x, $y = ",
        ];
        let variables = self.random.pick(&variables);
        let mut out = self.action(&format!("range {variables}{over}"));
        out += &self.with_dot(false, false, |g| g.body(depth - 1, true));
        out + &self.otherwise(depth, in_loop)
    }

    fn otherwise(&mut self, depth: usize, in_loop: bool) -> String {
        let mut out = String::new();
        if self.random.percent(45) {
            out += &self.action("else");
            out += &self.body(depth - 1, in_loop);
        }
        out + &self.action("end")
    }

    fn with_dot<T>(&mut self, hides: bool, all: bool, make: impl FnOnce(&mut Self) -> T) -> T {
        let before = (self.dot_hides, self.dot_is_all);
        (self.dot_hides, self.dot_is_all) = (hides, all);
        let made = make(self);
        (self.dot_hides, self.dot_is_all) = before;
        made
    }
}
