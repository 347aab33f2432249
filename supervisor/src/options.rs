//! Options of a program on a `#!` line: the words that come before its operands.

/// Options of a program that are known. With any other, nothing is known of the words after it.
#[derive(Clone, Copy)]
pub(crate) struct Options {
    /// Letters that stand alone or in a cluster.
    pub(crate) flags: &'static str,
    /// Letters whose value is the rest of the word, which may be empty.
    pub(crate) attached: &'static str,
    /// Letters whose value is the rest of the word or the next word.
    pub(crate) valued: &'static str,
    /// Long options without a value, or with one after `=`. A `*` ends a prefix.
    pub(crate) long: &'static str,
    /// Long options whose value is the next word, or stands after `=`.
    pub(crate) long_valued: &'static str,
    /// True if `--` ends the options.
    pub(crate) double_dash: bool,
    /// True if `+x` and `+o name` undo `-x` and `-o name`.
    pub(crate) plus: bool,
    /// True if long options have one dash and no case.
    pub(crate) single_dash: bool,
}

impl Options {
    /// No option but `--`.
    pub(crate) const NONE: Options = Options {
        flags: "",
        attached: "",
        valued: "",
        long: "",
        long_valued: "",
        double_dash: true,
        plus: false,
        single_dash: false,
    };

    /// Returns the words after the options; `None` if an option is not known.
    pub(crate) fn operands<'w>(&self, mut words: &'w [String]) -> Option<&'w [String]> {
        while let Some((word, rest)) = words.split_first() {
            let word = if self.single_dash {
                word.to_ascii_lowercase()
            } else if self.plus && word.starts_with('+') {
                word.replacen('+', "-", 1)
            } else {
                word.clone()
            };
            if !word.starts_with('-') || word == "-" {
                return Some(words);
            }
            words = rest;
            if word == "--" {
                return self.double_dash.then_some(words);
            }
            let takes_next = if word.starts_with("--") || self.single_dash {
                self.long_takes_next(&word)
            } else {
                self.cluster_takes_next(&word)
            };
            if takes_next? {
                words = words.split_first()?.1;
            }
        }
        Some(words)
    }

    /// Returns whether the next word is the option's value; `None` if the option is not
    /// known.
    fn long_takes_next(&self, word: &str) -> Option<bool> {
        let valued = |option| self.long_valued.split(' ').any(|known| known == option);
        if valued(word) {
            return Some(true);
        }
        let known = self
            .long
            .split(' ')
            .any(|known| match known.strip_suffix('*') {
                Some(prefix) => word.starts_with(prefix),
                None => word == known,
            });
        let with_value = word
            .split_once('=')
            .is_some_and(|(option, _)| valued(option));
        (known || with_value).then_some(false)
    }

    /// Returns whether the next word is the value of the cluster's last letter; `None` if
    /// a letter is not known.
    fn cluster_takes_next(&self, word: &str) -> Option<bool> {
        let letters = word.strip_prefix('-').filter(|word| !word.is_empty())?;
        for (at, letter) in letters.char_indices() {
            if self.valued.contains(letter) {
                return Some(at + letter.len_utf8() == letters.len());
            }
            if self.attached.contains(letter) {
                return Some(false);
            }
            if !self.flags.contains(letter) {
                return None;
            }
        }
        Some(false)
    }
}
