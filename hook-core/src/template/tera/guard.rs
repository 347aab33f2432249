//! The template as Tera gets it: with a toll in front of everything that evaluates.
//!
//! A toll is a call that prints nothing. Nothing else changes, no line gets longer, and
//! places in what Tera says are led back to the source. What cannot be bounded in this
//! way is not taken: see [`refusal`].

use tera::{Kwargs, State, Tera, TeraResult, Value};

use super::budget::Toll;
use super::lex::{PartKind, Parts, Slip, Token, TokenKind};

/// The function that takes a toll. Names that begin so are refused in templates.
const TOLL: &str = "__toll";
/// How deep blocks can nest in Tera.
const MAX_BLOCKS: usize = 39;
/// How many `elif` may be open at once: Tera follows each by recursion.
pub(crate) const MAX_ELIFS: usize = 100;

/// A template with its tolls.
#[derive(Debug, Default)]
pub(super) struct Guarded {
    /// The template.
    pub(super) source: String,
    /// What each place costs, by its number.
    tolls: Vec<Toll>,
    /// What was put in.
    places: Vec<Place>,
    /// How deep Tera recurses to read it, at most: tokens of an expression, and the blocks
    /// and branches around it.
    pub(super) depth: usize,
}

/// A text that was put into the source.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Where in the new source, in bytes.
    at: usize,
    /// How long it is.
    length: usize,
}

/// A block that is open.
enum Open {
    /// With the number of its toll, and how many `elif` it has.
    If(usize, usize),
    For,
}

impl Guarded {
    /// Puts tolls into a template. What Tera finds wrong with it, Tera may say.
    pub(super) fn of(source: &str) -> Result<Guarded, Slip> {
        let mut guarded = Guarded::default();
        let mut open: Vec<Open> = Vec::new();
        let mut elifs = 0;
        for part in Parts::of(source) {
            let part = part?;
            let mut is_loop = false;
            match &part.kind {
                PartKind::Text(_) | PartKind::Comment => {}
                PartKind::Value(tokens) => {
                    refusal(tokens)?;
                    guarded.deepen(tokens, 2 * open.len() + elifs);
                    guarded.put(toll(tokens), trims(source, part.start), false);
                }
                PartKind::Tag(tokens) => {
                    let trim = trims(source, part.start);
                    let inner = tagged(tokens)?;
                    refusal(tokens.get(1..).unwrap_or_default())?;
                    match keyword(tokens) {
                        "if" => {
                            let toll = guarded.put(toll(inner), trim, false);
                            open.push(Open::If(toll, 0));
                        }
                        "elif" => {
                            if let Some(Open::If(toll, own)) = open.last_mut() {
                                *own += 1;
                                elifs += 1;
                                guarded.add_branch(*toll, inner);
                            }
                        }
                        "for" => {
                            guarded.put(toll(inner), trim, false);
                            open.push(Open::For);
                            is_loop = true;
                        }
                        "endif" | "endfor" => {
                            if let Some(Open::If(_, own)) = open.pop() {
                                elifs -= own;
                            }
                        }
                        "set" | "set_global" => {
                            guarded.put(toll(inner), trim, false);
                        }
                        _ => {}
                    }
                    let too_deep = |message: String| Slip {
                        at: part.start,
                        message,
                    };
                    guarded.deepen(inner, 2 * open.len() + elifs);
                    if open.len() > MAX_BLOCKS {
                        return Err(too_deep("the template nesting is too deep".to_owned()));
                    }
                    if elifs > MAX_ELIFS {
                        return Err(too_deep(format!(
                            "more than {MAX_ELIFS} `elif` follow each other"
                        )));
                    }
                }
            }
            guarded.source.push_str(&source[part.start..part.end]);
            if is_loop {
                let trims = source[..part.end].ends_with("-%}");
                guarded.put(
                    Toll {
                        turn: true,
                        ..Toll::default()
                    },
                    false,
                    trims,
                );
            }
        }
        Ok(guarded)
    }

    /// Notes how deep a part is nested.
    fn deepen(&mut self, tokens: &[Token<'_>], around: usize) {
        self.depth = self.depth.max(tokens.len() + around);
    }

    /// Puts a toll in here, and gives its number.
    fn put(&mut self, toll: Toll, trims_before: bool, trims_after: bool) -> usize {
        let number = self.tolls.len();
        let dash = |trims| if trims { "-" } else { "" };
        let call = format!(
            "{{{{{} {TOLL}(n={number}) {}}}}}",
            dash(trims_before),
            dash(trims_after)
        );
        self.places.push(Place {
            at: self.source.len(),
            length: call.len(),
        });
        self.source.push_str(&call);
        self.tolls.push(toll);
        number
    }

    /// What `elif` asks is paid for with the `if`.
    fn add_branch(&mut self, number: usize, tokens: &[Token<'_>]) {
        let more = toll(tokens);
        if let Some(all) = self.tolls.get_mut(number) {
            all.tokens += more.tokens;
            all.literals += more.literals;
            all.copies = all.copies.max(more.copies);
            all.nesting = all.nesting.max(more.nesting);
            all.paths.extend(more.paths);
        }
    }

    /// The place in the template that a place in the guarded one stands for, in bytes.
    pub(super) fn original(places: &[(usize, usize)], at: usize) -> usize {
        let mut put_in = 0;
        for (place, length) in places {
            if *place > at {
                break;
            }
            if at < place + length {
                return place - put_in;
            }
            put_in += length;
        }
        at.saturating_sub(put_in)
    }

    /// Where something was put in and how long it is, in order.
    pub(super) fn places(&self) -> Vec<(usize, usize)> {
        self.places.iter().map(|p| (p.at, p.length)).collect()
    }

    /// Lets templates pay.
    pub(super) fn register(self, tera: &mut Tera) {
        let tolls = self.tolls;
        tera.register_function(
            TOLL,
            move |kwargs: Kwargs, state: &State<'_>| -> TeraResult<Value> {
                if let Some(toll) = tolls.get(kwargs.must_get::<usize>("n")?) {
                    toll.pay(state)?;
                }
                Ok(Value::safe_string(""))
            },
        );
    }
}

/// Whether the delimiter that begins here takes white space away.
fn trims(source: &str, at: usize) -> bool {
    source.as_bytes().get(at + 2) == Some(&b'-')
}

/// The name of a tag.
pub(crate) fn keyword<'s>(tokens: &[Token<'s>]) -> &'s str {
    tokens.first().map_or("", |t| t.text)
}

/// The expression of a tag: without its name, and what it declares.
pub(crate) fn tagged<'t, 's>(tokens: &'t [Token<'s>]) -> Result<&'t [Token<'s>], Slip> {
    let Some((first, rest)) = tokens.split_first() else {
        return Ok(tokens);
    };
    let refuse = |message: String| {
        Err(Slip {
            at: first.start,
            message,
        })
    };
    let after = |symbol: &str| {
        let at = rest.iter().position(|t| t.is(symbol));
        at.map_or(rest, |at| &rest[at + 1..])
    };
    match first.text {
        "include" | "extends" | "block" | "component" | "import" | "macro" | "macros" | "<" => {
            refuse(format!(
                "`{}` is not taken: a template stands alone",
                first.text
            ))
        }
        "filter" => refuse("`filter` is not taken as a tag: filter each value".to_owned()),
        "set" | "set_global" if !rest.get(1).is_some_and(|t| t.is("=")) => refuse(format!(
            "`{}` is not taken without `=`: put texts together with `~`",
            first.text
        )),
        "set" | "set_global" => Ok(after("=")),
        "for" => Ok(after("in")),
        _ => Ok(rest),
    }
}

/// Refuses what has no bound: components and lists that are made by loops. And names that
/// are ours.
fn refusal(tokens: &[Token<'_>]) -> Result<(), Slip> {
    for (i, token) in tokens.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| tokens.get(i));
        let is_member = before.is_some_and(|b| b.is(".") || b.is("?."));
        let is_argument = tokens.get(i + 1).is_some_and(|n| n.is("="));
        let message = if token.kind == TokenKind::Name && token.text.starts_with("__") {
            format!(
                "`{}` is not taken: names that begin so are Tera's own",
                token.text
            )
        } else if token.is("for") && !is_member && !is_argument {
            "a list made by `for` is not taken: use `{% for %}`".to_owned()
        } else if token.is("<") && !before.is_some_and(ends_operand) {
            "components are not taken: a template stands alone".to_owned()
        } else {
            continue;
        };
        return Err(Slip {
            at: token.start,
            message,
        });
    }
    Ok(())
}

/// Whether an operand can end with this token.
fn ends_operand(token: &Token<'_>) -> bool {
    match token.kind {
        TokenKind::Name => !matches!(
            token.text,
            "and" | "or" | "not" | "in" | "if" | "else" | "is"
        ),
        TokenKind::Text | TokenKind::Number => true,
        TokenKind::Symbol => matches!(token.text, ")" | "]" | "}"),
    }
}

/// What it costs to evaluate an expression.
fn toll(tokens: &[Token<'_>]) -> Toll {
    let mut toll = Toll {
        tokens: tokens.len() as u64,
        ..Toll::default()
    };
    let mut depth = 0_u32;
    for (i, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::Text => toll.literals += token.text.len(),
            TokenKind::Number => {}
            TokenKind::Name => match token.text {
                "sort" => toll.copies += 32,
                "in" | "is" => toll.copies += 1,
                _ => toll.paths.extend(
                    path(tokens, i)
                        .map(|p| p.iter().map(|t| t.text.to_owned()).collect::<Vec<_>>()),
                ),
            },
            TokenKind::Symbol => match token.text {
                "[" | "?[" | "{" => {
                    depth += 1;
                    toll.nesting = toll.nesting.max(depth);
                    toll.copies += 1;
                }
                "]" | "}" => depth = depth.saturating_sub(1),
                "(" | ")" | "." | "," | "=" | ":" | "?." => {}
                _ => toll.copies += 1,
            },
        }
    }
    toll
}

/// The variable, and its fields, that an expression mentions at a token.
pub(crate) fn path<'s>(tokens: &[Token<'s>], at: usize) -> Option<Vec<Token<'s>>> {
    const KEYWORDS: [&str; 15] = [
        "and", "or", "not", "in", "is", "if", "else", "true", "True", "false", "False", "none",
        "None", "null", "loop",
    ];
    let first = tokens.get(at)?;
    if first.kind != TokenKind::Name || KEYWORDS.contains(&first.text) {
        return None;
    }
    let before = |n: usize| at.checked_sub(n).and_then(|i| tokens.get(i));
    let is_test = |n| before(n).is_some_and(|t| t.is("is"));
    let named = before(1).is_some_and(|t| t.is(".") || t.is("?.") || t.is("|"))
        || is_test(1)
        || (is_test(2) && before(1).is_some_and(|t| t.is("not")));
    let called = tokens.get(at + 1).is_some_and(|t| t.is("(") || t.is("="));
    if named || called {
        return None;
    }
    let mut path = vec![*first];
    let mut rest = &tokens[at + 1..];
    while let [dot, name, more @ ..] = rest {
        if !(dot.is(".") || dot.is("?.")) || name.kind != TokenKind::Name {
            break;
        }
        path.push(*name);
        rest = more;
    }
    Some(path)
}
