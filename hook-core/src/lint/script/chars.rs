//! Which characters that mean something to a shell a value can hold.

/// A set of kinds of characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chars(u16);

impl Chars {
    /// Letters, digits and `@%+=:,./_-`, which mean nothing anywhere.
    pub(crate) const NONE: Chars = Chars(0);
    /// `'`
    pub(crate) const SINGLE: Chars = Chars(1);
    /// `"`
    pub(crate) const DOUBLE: Chars = Chars(2);
    /// `$`
    pub(crate) const DOLLAR: Chars = Chars(4);
    /// A backtick.
    pub(crate) const BACKTICK: Chars = Chars(8);
    /// `\`
    pub(crate) const BACKSLASH: Chars = Chars(16);
    /// A space or a tab.
    pub(crate) const SPACE: Chars = Chars(32);
    /// A line break.
    pub(crate) const NEWLINE: Chars = Chars(64);
    /// `; & | < > ( )` and `#`
    pub(crate) const OPERATOR: Chars = Chars(128);
    /// `* ? [ ] { } ~ ! ^`
    pub(crate) const PATTERN: Chars = Chars(256);
    /// Any.
    pub(crate) const ALL: Chars = Chars(511);

    /// Those of a text that is known.
    pub(crate) fn of(text: &str) -> Chars {
        text.chars().fold(Chars::NONE, |set, c| {
            set.and(match c {
                '\'' => Chars::SINGLE,
                '"' => Chars::DOUBLE,
                '$' => Chars::DOLLAR,
                '`' => Chars::BACKTICK,
                '\\' => Chars::BACKSLASH,
                ' ' | '\t' => Chars::SPACE,
                '\n' | '\r' => Chars::NEWLINE,
                ';' | '&' | '|' | '<' | '>' | '(' | ')' | '#' => Chars::OPERATOR,
                '*' | '?' | '[' | ']' | '{' | '}' | '~' | '!' | '^' => Chars::PATTERN,
                _ => Chars::NONE,
            })
        })
    }

    /// Those of either.
    pub(crate) const fn and(self, other: Chars) -> Chars {
        Chars(self.0 | other.0)
    }

    /// Those that are not in the other.
    pub(crate) const fn without(self, other: Chars) -> Chars {
        Chars(self.0 & !other.0)
    }

    /// Whether any is in both.
    pub(crate) const fn meets(self, other: Chars) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether there are none.
    pub(crate) const fn is_none(self) -> bool {
        self.0 == 0
    }
}
