//! Interpreters: the arguments after which each accepts the path of a script.
//!
//! The lists hold options that are known to be harmless before a script's path. With any other
//! program or option the script is passed on stdin, which all interpreters can read.

use std::collections::VecDeque;

use crate::HandOver;

/// Returns the interpreter of a script without a `#!` line.
pub(crate) fn default(hand_over: HandOver) -> Vec<String> {
    let words = match (cfg!(windows), hand_over) {
        (false, _) => "sh",
        (true, HandOver::Stdin) => "powershell -NoLogo -NoProfile -Command -",
        (true, HandOver::File) => "powershell -NoLogo -NoProfile -File",
    };
    words.split(' ').map(str::to_owned).collect()
}

/// Returns whether a path after these words will be run as the script.
pub(crate) fn takes_a_path(words: &[String]) -> bool {
    let Some((program, arguments)) = words.split_first() else {
        return false;
    };
    let name = name(program);
    if name == "env" {
        return behind_env(arguments).is_some_and(|command| takes_a_path(&command));
    }
    let family = FAMILIES.iter().find(|family| family.has(&name));
    family.is_some_and(|family| family.leaves_the_script_open(arguments))
}

/// Returns a program's name without folder and, on Windows, without `.exe`.
fn name(program: &str) -> String {
    let separators: &[char] = if cfg!(windows) { &['/', '\\'] } else { &['/'] };
    let name = program.rsplit(separators).next().unwrap_or(program);
    if cfg!(windows) {
        let name = name.to_ascii_lowercase();
        name.strip_suffix(".exe").unwrap_or(&name).to_owned()
    } else {
        name.to_owned()
    }
}

/// Returns the command that `env` would run; `None` if an option of `env` is unknown.
fn behind_env(arguments: &[String]) -> Option<Vec<String>> {
    let mut words: VecDeque<String> = arguments.iter().cloned().collect();
    loop {
        let word = words.pop_front()?;
        if !word.starts_with('-') {
            words.push_front(word);
            break;
        }
        // The option, and its value if that is in the same word.
        let (option, value) = if word.starts_with("--") {
            word.split_once('=')
                .map_or((word.as_str(), None), |(o, v)| (o, Some(v)))
        } else {
            let letters = word[1..].trim_start_matches(['i', 'v']);
            match letters.chars().next() {
                None => ("-", None),
                Some(letter) => {
                    let (option, value) = letters.split_at(letter.len_utf8());
                    (option, Some(value).filter(|value| !value.is_empty()))
                }
            }
        };
        match (option, value) {
            ("--", None) => break,
            ("-" | "--ignore-environment" | "--debug", None) => {}
            ("u" | "C" | "--unset" | "--chdir", Some("")) => return None,
            ("u" | "C" | "--unset" | "--chdir", Some(_)) => {}
            ("u" | "C" | "--unset" | "--chdir", None) => {
                words.pop_front()?;
            }
            // The words in its value are again options and a command of `env`.
            ("S" | "--split-string", value) => {
                let line = value.map_or_else(|| words.pop_front(), |value| Some(value.to_owned()));
                for word in shlex::split(&line?)?.into_iter().rev() {
                    words.push_front(word);
                }
            }
            _ => return None,
        }
    }
    // Assignments stand before the command.
    let command = words.iter().position(|word| !word.contains('='))?;
    Some(words.into_iter().skip(command).collect())
}

/// Interpreters that share their options.
#[derive(Clone, Copy)]
struct Family {
    /// The names of the interpreters, separated by spaces.
    names: &'static str,
    /// Letters that may occur in a version behind the name, besides digits and dots; `None` if no
    /// version may follow.
    version: Option<&'static str>,
    /// Letters that stand alone or in a cluster.
    flags: &'static str,
    /// Letters whose value is the rest of the word, which may be empty.
    attached: &'static str,
    /// Letters whose value is the rest of the word or the next word.
    valued: &'static str,
    /// Long options without a value, or with one after `=`. A `*` ends a prefix.
    long: &'static str,
    /// Long options whose value is the next word, or stands after `=`.
    long_valued: &'static str,
    /// True if `--` ends the options.
    double_dash: bool,
    /// True if `+x` and `+o name` undo `-x` and `-o name`.
    plus: bool,
    /// True if long options have one dash and no case.
    single_dash: bool,
}

const NO_OPTIONS: Family = Family {
    names: "",
    version: None,
    flags: "",
    attached: "",
    valued: "",
    long: "",
    long_valued: "",
    double_dash: true,
    plus: false,
    single_dash: false,
};

const FAMILIES: [Family; 9] = [
    Family {
        names: "sh bash dash zsh ksh",
        // `-c` and `-s` take the script from elsewhere; `-i` would use a terminal.
        flags: "aBbCefhkmnPprTtuvxEHl",
        valued: "oO",
        long: "--login --norc --noprofile --noediting --posix --restricted --verbose --debugger",
        long_valued: "--rcfile --init-file",
        plus: true,
        ..NO_OPTIONS
    },
    Family {
        names: "fish",
        flags: "NPln",
        valued: "fdoDC",
        long: "--no-config --private --login --no-execute",
        long_valued: "--features --init-command --debug --debug-output",
        ..NO_OPTIONS
    },
    Family {
        names: "python",
        // `t` and `d` are builds without the global lock and for debugging.
        version: Some("td"),
        flags: "bBdEIOPqRsSuvx",
        valued: "WX",
        long_valued: "--check-hash-based-pycs",
        double_dash: false,
        ..NO_OPTIONS
    },
    Family {
        names: "perl",
        version: Some(""),
        // Digits are values of `-0` and `-l`, which other letters may follow: `-0777`, `-le`.
        flags: "cdfStTuUvwWXl0123456789",
        attached: "CDmM",
        valued: "I",
        ..NO_OPTIONS
    },
    Family {
        names: "ruby",
        version: Some(""),
        flags: "dlUvwaWT0123456789",
        valued: "EIrC",
        long: "--enable=* --disable=* --encoding=* --yjit* --jit* --verbose --debug",
        ..NO_OPTIONS
    },
    Family {
        names: "node",
        valued: "rC",
        long: "--no-* --use-* --harmony* --experimental-* --trace-* --throw-deprecation \
               --enable-* --preserve-symlinks* --inspect* --max-* --stack-* \
               --unhandled-rejections=* --env-file=* --import=* --loader=* --require=* \
               --conditions=*",
        long_valued: "--require --import --loader --conditions",
        ..NO_OPTIONS
    },
    Family {
        names: "php",
        version: Some(""),
        flags: "qnCe",
        valued: "cd",
        long: "--no-header --no-php-ini --no-chdir",
        long_valued: "--php-ini --define",
        ..NO_OPTIONS
    },
    Family {
        names: "lua",
        version: Some(""),
        flags: "EW",
        valued: "l",
        ..NO_OPTIONS
    },
    Family {
        names: "pwsh",
        long: "-nologo -noprofile -nop -noninteractive -noni -login -l -sta -mta \
               -noprofileloadtime",
        long_valued: "-executionpolicy -ex -ep -workingdirectory -wd -outputformat \
                      -inputformat -settingsfile -configurationname",
        double_dash: false,
        single_dash: true,
        ..NO_OPTIONS
    },
];

impl Family {
    /// Returns whether this is the name of an interpreter of the family.
    fn has(&self, name: &str) -> bool {
        self.names.split(' ').any(|own| match self.version {
            None => name == own,
            Some(letters) => name.strip_prefix(own).is_some_and(|version| {
                version
                    .chars()
                    .all(|c| c.is_ascii_digit() || c == '.' || letters.contains(c))
            }),
        })
    }

    /// Returns whether all arguments are options that do not name a script.
    fn leaves_the_script_open(&self, arguments: &[String]) -> bool {
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let word = if self.single_dash {
                word.to_ascii_lowercase()
            } else if self.plus && word.starts_with('+') {
                word.replacen('+', "-", 1)
            } else {
                word.clone()
            };
            if word == "--" {
                return self.double_dash && words.next().is_none();
            }
            let takes_next = if word.starts_with("--") || self.single_dash {
                self.long_takes_next(&word)
            } else {
                self.cluster_takes_next(&word)
            };
            match takes_next {
                Some(false) => {}
                Some(true) if words.next().is_some() => {}
                _ => return false,
            }
        }
        true
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
