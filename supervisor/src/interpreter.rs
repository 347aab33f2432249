//! Interpreters: the arguments after which each accepts the path of a script.
//!
//! The lists hold options that are known to be harmless before a script's path. With any other
//! program or option the script is passed on stdin, which most interpreters can read.

use crate::HandOver;
use crate::options::Options;
use crate::wrapper::{changes_user, runs_elsewhere, wrapped};

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
    if let Some(command) = wrapped(&name, arguments) {
        return command.is_some_and(|command| takes_a_path(&command));
    }
    family(&name).is_some_and(|family| family.takes_a_path(arguments))
}

/// Returns the programs that these words start, one through the other, as far as they are known.
pub(crate) fn programs(words: &[String]) -> Vec<String> {
    let Some((program, arguments)) = words.split_first() else {
        return Vec::new();
    };
    let command = wrapped(&name(program), arguments).flatten();
    let mut programs = vec![program.clone()];
    if let Some(command) = command {
        programs.extend(self::programs(&command));
    }
    programs
}

/// Reason to doubt that a script on stdin runs as its author means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StdinDoubt {
    /// An interpreter reads it from stdin, where a command in the script can take the rest of it.
    Eaten {
        /// The interpreter.
        interpreter: String,
    },
    /// As [`Eaten`](StdinDoubt::Eaten), and the interpreter may run as a user who cannot read the
    /// script's file.
    OtherUser {
        /// The interpreter.
        interpreter: String,
        /// The program that changes the user.
        program: String,
    },
    /// The program reads a script only from the file that an option names.
    NeedsOption {
        /// The program.
        program: String,
        /// The option.
        option: String,
    },
}

/// Returns the reason to doubt that a script on the stdin of these words runs as meant.
pub(crate) fn doubt(words: &[String]) -> Option<StdinDoubt> {
    let (program, arguments) = words.split_first()?;
    let own = name(program);
    if runs_elsewhere(&own) {
        return None;
    }
    if let Some(Some(command)) = wrapped(&own, arguments) {
        return doubt(&command);
    }
    if let Some(family) = family(&own) {
        let names_one = arguments.iter().any(|word| family.names_a_script(word));
        return (!family.script_letters.is_empty() && !names_one).then(|| {
            StdinDoubt::NeedsOption {
                program: own,
                option: "-f".to_owned(),
            }
        });
    }
    let interpreter = name(words.last()?);
    family(&interpreter)?;
    Some(match changes_user(&own) {
        true => StdinDoubt::OtherUser {
            interpreter,
            program: own,
        },
        false => StdinDoubt::Eaten { interpreter },
    })
}

fn family(name: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.has(name))
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

/// Interpreters that share their options.
struct Family {
    /// The names of the interpreters, separated by spaces.
    names: &'static str,
    /// Letters that may occur in a version behind the name, besides digits and dots; `None` if no
    /// version may follow.
    version: Option<&'static str>,
    options: Options,
    /// Letters behind which alone a script can stand; empty if it is the first operand.
    script_letters: &'static str,
    /// Long options for the same.
    script_options: &'static str,
}

impl Family {
    const DEFAULT: Family = Family {
        names: "",
        version: None,
        options: Options::NONE,
        script_letters: "",
        script_options: "",
    };
}

const FAMILIES: [Family; 14] = [
    Family {
        names: "sh bash dash zsh ksh",
        options: Options {
            // `-c` and `-s` take the script from elsewhere; `-i` would use a terminal.
            flags: "aBbCefhkmnPprTtuvxEHl",
            valued: "oO",
            long: "--login --norc --noprofile --noediting --posix --restricted --verbose --debugger",
            long_valued: "--rcfile --init-file",
            plus: true,
            ..Options::NONE
        },
        ..Family::DEFAULT
    },
    Family {
        names: "fish",
        options: Options {
            flags: "NPln",
            valued: "fdoDC",
            long: "--no-config --private --login --no-execute",
            long_valued: "--features --init-command --debug --debug-output",
            ..Options::NONE
        },
        ..Family::DEFAULT
    },
    Family {
        names: "python",
        // `t` and `d` are builds without the global lock and for debugging.
        version: Some("td"),
        options: Options {
            flags: "bBdEIOPqRsSuvx",
            valued: "WX",
            long_valued: "--check-hash-based-pycs",
            double_dash: false,
            ..Options::NONE
        },
        ..Family::DEFAULT
    },
    Family {
        names: "perl",
        version: Some(""),
        // Digits are values of `-0` and `-l`, which other letters may follow: `-0777`, `-le`.
        options: Options {
            flags: "cdfStTuUvwWXl0123456789",
            attached: "CDmM",
            valued: "I",
            ..Options::NONE
        },
        ..Family::DEFAULT
    },
    Family {
        names: "ruby",
        version: Some(""),
        options: Options {
            flags: "dlUvwaWT0123456789",
            valued: "EIrC",
            long: "--enable=* --disable=* --encoding=* --yjit* --jit* --verbose --debug",
            ..Options::NONE
        },
        ..Family::DEFAULT
    },
    Family {
        names: "node",
        options: Options {
            valued: "rC",
            long: "--no-* --use-* --harmony* --experimental-* --trace-* --throw-deprecation \
            --enable-* --preserve-symlinks* --inspect* --max-* --stack-* \
            --unhandled-rejections=* --env-file=* --import=* --loader=* --require=* \
            --conditions=*",
            long_valued: "--require --import --loader --conditions",
            ..Options::NONE
        },
        ..Family::DEFAULT
    },
    Family {
        names: "php",
        version: Some(""),
        options: Options {
            flags: "qnCe",
            valued: "cd",
            long: "--no-header --no-php-ini --no-chdir",
            long_valued: "--php-ini --define",
            ..Options::NONE
        },
        ..Family::DEFAULT
    },
    Family {
        names: "lua",
        version: Some(""),
        options: Options {
            flags: "EW",
            valued: "l",
            ..Options::NONE
        },
        ..Family::DEFAULT
    },
    Family {
        names: "pwsh",
        options: Options {
            long: "-nologo -noprofile -nop -noninteractive -noni -login -l -sta -mta \
            -noprofileloadtime",
            long_valued: "-executionpolicy -ex -ep -workingdirectory -wd -outputformat \
            -inputformat -settingsfile -configurationname",
            double_dash: false,
            single_dash: true,
            ..Options::NONE
        },
        ..Family::DEFAULT
    },
    Family {
        names: "awk gawk mawk nawk",
        options: Options {
            valued: "Fv",
            long: "--posix --traditional --sandbox --lint*",
            long_valued: "--field-separator --assign",
            ..Options::NONE
        },
        script_letters: "fE",
        script_options: "--file --exec",
        ..Family::DEFAULT
    },
    Family {
        names: "sed gsed",
        options: Options {
            flags: "nErsuz",
            long: "--quiet --silent --regexp-extended --posix --separate --unbuffered --null-data",
            ..Options::NONE
        },
        script_letters: "f",
        script_options: "--file",
        ..Family::DEFAULT
    },
    Family {
        names: "jq",
        options: Options {
            flags: "nrRsScCMaje",
            long: "--null-input --raw-input --slurp --compact-output --raw-output --join-output \
                   --ascii-output --sort-keys --exit-status --tab --seq --stream",
            ..Options::NONE
        },
        script_letters: "f",
        script_options: "--from-file",
        ..Family::DEFAULT
    },
    Family {
        names: "make gmake",
        options: Options {
            flags: "BeikrRsSwn",
            attached: "j",
            valued: "C",
            long: "--silent --quiet --keep-going --no-print-directory --always-make --jobs*",
            long_valued: "--directory",
            ..Options::NONE
        },
        script_letters: "f",
        script_options: "--file --makefile",
        ..Family::DEFAULT
    },
    Family {
        names: "nft",
        options: Options {
            flags: "aceEjnNsSTuy",
            ..Options::NONE
        },
        script_letters: "f",
        script_options: "--file",
        ..Family::DEFAULT
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

    /// Returns whether a path after these arguments is the script.
    fn takes_a_path(&self, arguments: &[String]) -> bool {
        let options = match arguments.split_last() {
            _ if self.script_letters.is_empty() => arguments,
            Some((last, before)) if self.names_a_script(last) => before,
            _ => return false,
        };
        let operands = self.options.operands(options);
        operands.is_some_and(<[String]>::is_empty)
    }

    /// Returns whether the word behind this one is the script's file.
    fn names_a_script(&self, word: &str) -> bool {
        if word.starts_with("--") {
            return self.script_options.split(' ').any(|own| own == word);
        }
        let letters = word.strip_prefix('-').unwrap_or_default();
        letters
            .char_indices()
            .next_back()
            .is_some_and(|(at, last)| {
                let flags = &letters[..at];
                self.script_letters.contains(last)
                    && flags.chars().all(|c| self.options.flags.contains(c))
            })
    }
}
