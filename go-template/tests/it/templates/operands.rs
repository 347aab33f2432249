//! Operands, calls and pipelines.

use super::grammar::Grammar;
use super::words::{FIELDS, FUNCTIONS, LAYOUTS, NUMBERS, STRINGS};
use go_template_fuzz::order::OrderName;

impl Grammar {
    pub(super) fn pipeline(&mut self, depth: usize) -> String {
        let mut out = self.command(depth);
        while self.random.percent(25) {
            out += self.random.pick(&[" | ", "|", " |", "| "]);
            out += &self.command(depth.saturating_sub(1));
        }
        if self.random.percent(4) {
            out.insert_str(0, self.random.pick(&["$x := ", "$x = ", "$y := "]));
        }
        out
    }

    /// The condition of an `if`. It may be any operand, because it prints nothing.
    pub(super) fn condition(&mut self) -> String {
        match self.random.below(10) {
            0 => self.hidden(),
            1 => format!("not {}", self.hidden()),
            _ => self.pipeline(2),
        }
    }

    /// An operand that prints addresses, to use where nothing is printed.
    pub(super) fn hidden(&mut self) -> String {
        self.random
            .pick(&[".", "$", ".Customer", "$.Customer"])
            .to_owned()
    }

    /// An action that is a `printf`.
    pub(super) fn printf_action(&mut self) -> String {
        let printf = self.printf(2);
        self.action(&printf)
    }

    fn command(&mut self, depth: usize) -> String {
        let inner = depth.saturating_sub(1);
        match self.random.below(100) {
            0..30 => self.operand(depth),
            30..38 => self.printf(inner),
            38..48 => self.method(inner),
            48..55 => self.time(depth),
            55..60 => self.silent(),
            _ => {
                let function = self.random.pick(FUNCTIONS);
                let count = self.random.pick(&[0, 1, 1, 2, 2, 2, 3, 4]);
                self.call(function, count, inner)
            }
        }
    }

    fn call(&mut self, function: &str, count: usize, depth: usize) -> String {
        let mut out = function.to_owned();
        for _ in 0..count {
            out.push(' ');
            out += &self.operand(depth);
        }
        out
    }

    fn printf(&mut self, depth: usize) -> String {
        let format = self.format();
        let count = self.random.below(4);
        self.call(&format!("printf {format}"), count, depth)
    }

    /// A call with any operand whose result has no addresses.
    fn silent(&mut self) -> String {
        let call = self.random.pick(&[
            "len @",
            "not @",
            "eq @ @",
            "ne @ nil",
            "lt @ 1",
            "index @ 1",
            "slice @ 1",
            "call @",
            "$.Json @",
            "$.Quote @",
            "$.ShowWeight @",
            "$.ShowTime @",
            "$.StatusName @",
            "@ | len",
            "@ | $.Json",
        ]);
        let operand = self.hidden();
        call.replace('@', &operand)
    }

    fn method(&mut self, depth: usize) -> String {
        let name = self.random.pick(&[
            "Quote",
            "ShowTime",
            "ShowWait",
            "ShowWeight",
            "StatusName",
            "IsLost",
            "Json",
        ]);

        let on = if self.dot_is_all && self.random.percent(70) {
            "."
        } else {
            "$."
        };
        let count = self.random.pick(&[1, 1, 1, 1, 0, 2]);
        self.call(&format!("{on}{name}"), count, depth)
    }

    fn time(&mut self, depth: usize) -> String {
        let calls = [
            ".Placed.Add .Wait",
            ".Placed.Format LAYOUT",
            ".Placed.Format TEXT",
            ".Placed.Sub OPERAND",
            ".Placed.Before .Placed",
            ".Placed.Truncate NUMBER",
            ".Placed.Round 3600000000000",
            ".Wait.Round NUMBER",
            ".Wait.Round 1000000000",
            ".Wait.Truncate NUMBER",
            ".Wait.Truncate 1000000",
            ".Placed.AddDate 1 -2 40",
            ".Placed.Equal .Placed.UTC",
            ".Placed.Compare .Placed",
            "(.Placed.Add 86400000000000).Weekday",
            "eq .Placed .Placed.UTC",
            ".Placed.GoString",
        ];
        let call = self.random.pick(&calls);
        let call = if self.dot_is_all {
            call.to_owned()
        } else {
            call.replace(".Placed", "$.Placed")
        };
        let call = call.replace("LAYOUT", self.random.pick(LAYOUTS));
        let call = call.replace("TEXT", self.random.pick(STRINGS));
        let call = call.replace("NUMBER", self.random.pick(NUMBERS));
        call.replace("OPERAND", &self.operand(depth))
    }

    fn field(&mut self) -> String {
        // The dot or the customer, if its text has no addresses.
        match self.random.below(20) {
            0 | 1 if !self.dot_hides => return ".".to_owned(),
            2 if !super::hides_pointers(self.data) => return "$".to_owned(),
            3 if !super::hides_pointers_in_customer(self.data) => return "$.Customer".to_owned(),
            _ => {}
        }
        let field = self.random.pick(FIELDS);
        if !self.dot_is_all && field.starts_with('.') && self.random.percent(80) {
            return format!("${field}");
        }
        field.to_owned()
    }

    fn operand(&mut self, depth: usize) -> String {
        match self.random.below(100) {
            0..40 => self.field(),
            40..60 => self.random.pick(NUMBERS).to_owned(),
            60..75 => self.random.pick(STRINGS).to_owned(),
            75..80 => {
                let words = ["nil", "true", "false", "$x", "$y", "$i", "$v"];
                self.random.pick(&words).to_owned()
            }
            _ if depth == 0 => self.field(),
            _ => {
                let mut out = format!("({})", self.pipeline(depth - 1));
                if self.random.percent(10) {
                    let fields = [".Id", ".X", ".Year", ".String", ".k", ".Items"];
                    out += self.random.pick(&fields);
                }
                out
            }
        }
    }

    /// A quoted format. The verb `%p` would print addresses; so would verbs that are not for
    /// text, for a time that is not in UTC.
    fn format(&mut self) -> String {
        let random = &mut self.random;
        let verbs: &[&str] = match self.data {
            OrderName::Zoned => &["s", "v", "q", "x", "X", "T"],
            _ => &[
                "d", "s", "v", "q", "x", "X", "t", "f", "e", "g", "c", "U", "o", "b", "O", "T",
                "F", "E", "G", "z", "w",
            ],
        };
        let mut out = String::from("\"");
        for _ in 0..=random.below(3) {
            if random.percent(10) {
                let odd: &[&str] = match self.data {
                    OrderName::Zoned => &["%%", "abc", "é"],
                    _ => &["%%", "%!", "abc", "%", "é", "%[1]", "% "],
                };
                out += random.pick(odd);
                continue;
            }
            out.push('%');
            out += &random.some(2, &["", "", "", "#", "+", "-", " ", "0", "+"]);
            out += random.pick(&["", "", "", "5", "10", "2", "*", "[2]*", "08"]);
            out += random.pick(&["", "", "", ".2", ".0", ".", ".5", ".*", ".[1]*", ".10"]);
            out += random.pick(&["", "", "", "", "[1]", "[2]", "[3]", "[x]", "[9]"]);
            out += random.pick(verbs);
            out += random.pick(&["", " ", "|"]);
        }
        out.push('"');
        out
    }
}
