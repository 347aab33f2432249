//! The characters with a meaning to a shell that a value can hold.

/// A set of classes of characters. Letters, digits and `@%+=:,./_-`, which have no meaning
/// to any shell, belong to no class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CharSet(u16);

impl CharSet {
    pub(crate) const EMPTY: CharSet = CharSet(0);
    /// `'`
    pub(crate) const SINGLE: CharSet = CharSet(1);
    /// `"`
    pub(crate) const DOUBLE: CharSet = CharSet(2);
    /// `$`
    pub(crate) const DOLLAR: CharSet = CharSet(4);
    pub(crate) const BACKTICK: CharSet = CharSet(8);
    /// `\`
    pub(crate) const BACKSLASH: CharSet = CharSet(16);
    /// A space or a tab.
    pub(crate) const SPACE: CharSet = CharSet(32);
    pub(crate) const NEWLINE: CharSet = CharSet(64);
    /// `; & | < > ( )` and `#`
    pub(crate) const OPERATOR: CharSet = CharSet(128);
    /// `* ? [ ] { } ~ ! ^`
    pub(crate) const PATTERN: CharSet = CharSet(256);
    pub(crate) const ALL: CharSet = CharSet(511);

    /// Returns the classes of the characters of a text.
    pub(crate) fn of(text: &str) -> CharSet {
        text.chars().fold(CharSet::EMPTY, |set, c| {
            set.union(match c {
                '\'' => CharSet::SINGLE,
                '"' => CharSet::DOUBLE,
                '$' => CharSet::DOLLAR,
                '`' => CharSet::BACKTICK,
                '\\' => CharSet::BACKSLASH,
                ' ' | '\t' => CharSet::SPACE,
                '\n' | '\r' => CharSet::NEWLINE,
                ';' | '&' | '|' | '<' | '>' | '(' | ')' | '#' => CharSet::OPERATOR,
                '*' | '?' | '[' | ']' | '{' | '}' | '~' | '!' | '^' => CharSet::PATTERN,
                _ => CharSet::EMPTY,
            })
        })
    }

    pub(crate) const fn union(self, other: CharSet) -> CharSet {
        CharSet(self.0 | other.0)
    }

    pub(crate) const fn without(self, other: CharSet) -> CharSet {
        CharSet(self.0 & !other.0)
    }

    pub(crate) const fn intersects(self, other: CharSet) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}
