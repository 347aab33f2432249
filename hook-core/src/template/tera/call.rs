//! The check of what is called: filters, tests and functions.

use super::check::{Checker, UNKNOWN_CALL};
use super::known::{Callable, FILTERS, FUNCTIONS, Kind, TESTS, helpers};
use super::lex::{Token, TokenKind};
use go_template::nearest;

impl<'s> Checker<'s> {
    /// A filter, test or function, whose arguments may begin at `at`. Gives where to go on
    /// and what comes of it.
    pub(super) fn call(
        &mut self,
        what: &'static str,
        name: &Token<'s>,
        tokens: &[Token<'s>],
        at: usize,
        input: Option<Kind>,
    ) -> (usize, Kind) {
        let end = match tokens.get(at) {
            Some(open) if open.is("(") => closing(tokens, at),
            _ => at,
        };
        let inside = tokens
            .get(at + 1..end.saturating_sub(1))
            .unwrap_or_default();
        let (certain, printed) = (self.certain, self.printed);
        let all = callables(what);
        let Some(callable) = all.iter().find(|c| c.name == name.text) else {
            let message = format!("unknown {what} `{}`", name.text);
            let meant = nearest(name.text, all.iter().map(|c| c.name));
            self.flaw(name, UNKNOWN_CALL, message, meant, true);
            return (end, Kind::Any);
        };
        if let Some(input) = input
            && !callable.takes.is_empty()
            && !callable.takes.iter().any(|t| input.fits(*t))
        {
            let wanted: Vec<&str> = callable.takes.iter().map(|t| t.title()).collect();
            let message = format!(
                "`{}` takes {}, not {}",
                name.text,
                wanted.join(" or "),
                input.title()
            );
            self.flaw(name, "argument-type", message, None, what == "filter");
        }
        self.arguments(what, callable, name, inside);
        // Within the parentheses nothing is printed by itself.
        self.printed = false;
        self.certain = false;
        self.expression(inside);
        (self.certain, self.printed) = (certain, printed);
        (end, callable.gives)
    }

    fn arguments(
        &mut self,
        what: &str,
        callable: &Callable,
        name: &Token<'s>,
        inside: &[Token<'s>],
    ) {
        let mut args: Vec<_> = callable.args.to_vec();
        if what == "function" && helpers().any(|h| h.name == callable.name) {
            args.push(("value", Kind::Any, false));
        }
        let mut given = Vec::new();
        let mut depth = 0_i32;
        for (i, token) in inside.iter().enumerate() {
            match token.text {
                "(" | "[" | "{" | "?[" if token.kind == TokenKind::Symbol => depth += 1,
                ")" | "]" | "}" if token.kind == TokenKind::Symbol => depth -= 1,
                _ => {}
            }
            if depth > 0 || !inside.get(i + 1).is_some_and(|t| t.is("=")) {
                continue;
            }
            given.push(token.text);
            let Some((_, wanted, _)) = args.iter().find(|(arg, ..)| *arg == token.text) else {
                let message = format!("`{}` has no argument `{}`", name.text, token.text);
                let meant = nearest(token.text, args.iter().map(|(arg, ..)| *arg));
                self.flaw(token, "unknown-argument", message, meant, false);
                continue;
            };
            let alone = inside.get(i + 3).is_none_or(|t| t.is(","));
            let value = inside.get(i + 2).filter(|_| alone);
            if let Some((value, kind)) = value.and_then(|v| Some((v, literal(v)?)))
                && !kind.fits(*wanted)
            {
                let message = format!(
                    "`{}` is {}, not {}",
                    token.text,
                    wanted.title(),
                    kind.title()
                );
                self.flaw(value, "argument-type", message, None, false);
            }
        }
        for (arg, _, needed) in args {
            if needed && !given.contains(&arg) {
                let message = format!("`{}` needs an argument `{arg}`", name.text);
                self.flaw(name, "argument-count", message, None, what != "test");
            }
        }
    }
}

fn callables(what: &str) -> Vec<Callable> {
    match what {
        "filter" => FILTERS.to_vec(),
        "test" => TESTS.to_vec(),
        _ => FUNCTIONS.iter().chain(helpers()).copied().collect(),
    }
}

/// The kind of a literal.
pub(super) fn literal(token: &Token<'_>) -> Option<Kind> {
    match token.kind {
        TokenKind::Text => Some(Kind::Text),
        TokenKind::Number => Some(Kind::Number),
        TokenKind::Name if matches!(token.text, "true" | "True" | "false" | "False") => {
            Some(Kind::Bool)
        }
        TokenKind::Name | TokenKind::Symbol => None,
    }
}

/// Behind the parenthesis that closes the one at `open`.
fn closing(tokens: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0_usize;
    for (i, token) in tokens.iter().enumerate().skip(open) {
        if token.is("(") {
            depth += 1;
        } else if token.is(")") {
            depth -= 1;
            if depth == 0 {
                return i + 1;
            }
        }
    }
    tokens.len()
}
