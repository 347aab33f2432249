//! The parts of a Tera template, and the tokens of its expressions.
//!
//! Tera shows neither its tokens nor its tree, and has no bounds of its own. What is read
//! here decides where bounds go and what the check and the lints know, so it follows
//! Tera's own rules of where a part begins and ends.

/// A part of a template.
#[derive(Debug)]
pub(crate) struct Part<'s> {
    /// What it is.
    pub(crate) kind: PartKind<'s>,
    /// Where it begins in the source, in bytes.
    pub(crate) start: usize,
    /// Where it ends.
    pub(crate) end: usize,
}

/// What a part is.
#[derive(Debug)]
pub(crate) enum PartKind<'s> {
    /// Text, and the text of `{% raw %}`; white space that is trimmed is gone from it.
    Text(&'s str),
    /// `{# … #}`
    Comment,
    /// `{{ … }}`
    Value(Vec<Token<'s>>),
    /// `{% … %}`
    Tag(Vec<Token<'s>>),
}

/// A token of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'s> {
    /// What it is.
    pub(crate) kind: TokenKind,
    /// As written; a string with its quotes.
    pub(crate) text: &'s str,
    /// Where it begins in the source, in bytes.
    pub(crate) start: usize,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A name or a keyword.
    Name,
    /// A string.
    Text,
    /// A number.
    Number,
    /// An operator or a bracket.
    Symbol,
}

impl Token<'_> {
    /// Whether it is this name or symbol.
    pub(crate) fn is(&self, text: &str) -> bool {
        matches!(self.kind, TokenKind::Name | TokenKind::Symbol) && self.text == text
    }
}

/// A place where a template makes no sense.
#[derive(Debug)]
pub(crate) struct Slip {
    /// Where, in bytes.
    pub(crate) at: usize,
    /// What is wrong.
    pub(crate) message: String,
}

/// The parts of a template, one after the other.
pub(crate) struct Parts<'s> {
    source: &'s str,
    at: usize,
    /// Whether the last delimiter takes the white space behind it away.
    trims: bool,
}

impl<'s> Parts<'s> {
    /// Reads a template from its beginning.
    pub(crate) fn of(source: &'s str) -> Parts<'s> {
        Parts {
            source,
            at: 0,
            trims: false,
        }
    }

    fn text(&mut self) -> Part<'s> {
        let start = self.at;
        let rest = &self.source[start..];
        let opens = |pair: &[u8]| matches!(pair, b"{{" | b"{%" | b"{#");
        let end = rest.as_bytes().windows(2).position(opens);
        let end = start + end.unwrap_or(rest.len());
        let mut text = &self.source[start..end];
        if self.trims {
            text = text.trim_start();
        }
        if self.source.as_bytes().get(end + 2) == Some(&b'-') {
            text = text.trim_end();
        }
        self.pass(PartKind::Text(text), end, false)
    }

    /// `{% raw %}` and all up to its end, if that is what begins here.
    fn raw(&mut self) -> Option<Result<Part<'s>, Slip>> {
        let start = self.at;
        let after = start + 2;
        let (from, trim_start) = self.tag_named("raw", after)?;
        let mut at = from;
        while let Some(next) = self.source[at..].find("{%") {
            let tag = at + next + 2;
            if let Some((end, trims)) = self.tag_named("endraw", tag) {
                let mut text = &self.source[from..tag - 2];
                if trim_start {
                    text = text.trim_start();
                }
                if self.source[tag..].starts_with('-') {
                    text = text.trim_end();
                }
                return Some(Ok(self.pass(PartKind::Text(text), end, trims)));
            }
            at = tag;
        }
        Some(Err(slip(start, "unexpected end of raw block")))
    }

    /// Where a tag of one name ends that begins at `at`, and whether it trims.
    fn tag_named(&self, name: &str, at: usize) -> Option<(usize, bool)> {
        let space = |c: char| c.is_ascii_whitespace();
        let mut rest = &self.source[at..];
        // The first is the delimiter's, as in `{%-`.
        rest = rest.strip_prefix('-').unwrap_or(rest);
        rest = rest
            .strip_prefix('-')
            .unwrap_or(rest)
            .trim_start_matches(space);
        rest = rest.strip_prefix(name)?.trim_start_matches(space);
        let trims = rest.starts_with('-');
        rest = rest.strip_prefix('-').unwrap_or(rest).strip_prefix("%}")?;
        Some((self.source.len() - rest.len(), trims))
    }

    fn comment(&mut self) -> Result<Part<'s>, Slip> {
        let begin = self.at + 2;
        let begin = begin + usize::from(self.source[begin..].starts_with('-'));
        let Some(length) = self.source[begin..].find("#}") else {
            return Err(slip(self.at, "closing comment tag `#}` not found"));
        };
        let trims = length > 0 && self.source[begin..begin + length].ends_with('-');
        Ok(self.pass(PartKind::Comment, begin + length + 2, trims))
    }

    fn expression(&mut self, closing: &str) -> Result<Part<'s>, Slip> {
        let mut tokens = Vec::new();
        let mut at = self.at + 2;
        at += usize::from(self.source[at..].starts_with('-'));
        loop {
            let rest = &self.source[at..];
            let skipped = rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
            at += rest.len() - skipped.len();
            if skipped.is_empty() {
                return Err(slip(at, "unexpected end of input"));
            }
            let trims = skipped.starts_with('-') && skipped[1..].starts_with(closing);
            if trims || skipped.starts_with(closing) {
                let end = at + 2 + usize::from(trims);
                let kind = match closing {
                    "}}" => PartKind::Value(tokens),
                    _ => PartKind::Tag(tokens),
                };
                return Ok(self.pass(kind, end, trims));
            }
            let (kind, length) = token(skipped).map_err(|message| slip(at, message))?;
            tokens.push(Token {
                kind,
                text: &skipped[..length],
                start: at,
            });
            at += length;
        }
    }

    fn pass(&mut self, kind: PartKind<'s>, end: usize, trims: bool) -> Part<'s> {
        let start = std::mem::replace(&mut self.at, end);
        self.trims = trims;
        Part { kind, start, end }
    }
}

impl<'s> Iterator for Parts<'s> {
    type Item = Result<Part<'s>, Slip>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.source.as_bytes()[self.at..];
        let part = match rest.get(..2) {
            None if rest.is_empty() => return None,
            Some(b"{{") => self.expression("}}"),
            Some(b"{#") => self.comment(),
            Some(b"{%") => match self.raw() {
                Some(raw) => raw,
                None => self.expression("%}"),
            },
            _ => Ok(self.text()),
        };
        if part.is_err() {
            self.at = self.source.len();
        }
        Some(part)
    }
}

/// The kind and the length of the token that a text begins with.
fn token(text: &str) -> Result<(TokenKind, usize), &'static str> {
    const LONG: [&str; 10] = ["...", "//", "**", "==", "!=", ">=", "<=", "</", "?.", "?["];
    if let Some(symbol) = LONG.iter().find(|s| text.starts_with(**s)) {
        return Ok((TokenKind::Symbol, symbol.len()));
    }
    let bytes = text.as_bytes();
    let run = |is: fn(u8) -> bool| bytes.iter().take_while(|b| is(**b)).count();
    match bytes.first() {
        Some(b'\'' | b'"' | b'`') => match string(bytes) {
            Some(length) => Ok((TokenKind::Text, length)),
            None => Err("this string has no end"),
        },
        Some(b'0'..=b'9') => {
            let whole = run(|b| b.is_ascii_digit());
            let fraction = bytes.get(whole) == Some(&b'.');
            let digits = bytes
                .iter()
                .skip(whole + 1)
                .take_while(|b| b.is_ascii_digit());
            let length = if fraction {
                whole + 1 + digits.count()
            } else {
                whole
            };
            Ok((TokenKind::Number, length))
        }
        Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => Ok((
            TokenKind::Name,
            run(|b| b.is_ascii_alphanumeric() || b == b'_'),
        )),
        Some(b) if b"+-*/%!.,:~|=><()[]{}@".contains(b) => Ok((TokenKind::Symbol, 1)),
        _ => Err("unexpected character"),
    }
}

/// The length of the string that a text begins with, if it has an end.
fn string(bytes: &[u8]) -> Option<usize> {
    let quote = bytes.first()?;
    let mut escaped = false;
    for (i, byte) in bytes.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            _ if byte == quote => return Some(i + 1),
            _ => {}
        }
    }
    None
}

fn slip(at: usize, message: &str) -> Slip {
    Slip {
        at,
        message: message.to_owned(),
    }
}
