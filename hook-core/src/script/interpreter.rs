//! Interpreters: which of them take a script's path, and with which arguments.
//!
//! The lists are of what is known to be harmless before a script's path. All else means
//! that the script goes to stdin, which every interpreter of Backrest's hooks can do.

/// The interpreter of a script without a `#!` line.
pub(super) fn default(file: bool) -> Vec<String> {
    let words: &[&str] = match (cfg!(windows), file) {
        (false, _) => &["sh"],
        (true, false) => &["powershell", "-NoLogo", "-NoProfile", "-Command", "-"],
        (true, true) => &["powershell", "-NoLogo", "-NoProfile", "-File"],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Whether the path of a script can follow these words and will be run as the script.
pub(super) fn takes_a_path(words: &[String]) -> bool {
    let Some((program, arguments)) = words.split_first() else {
        return false;
    };
    let name = name(program);
    if name == "env" {
        return behind_env(arguments).is_some_and(|command| takes_a_path(&command));
    }
    Family::of(&name).is_some_and(|family| family.accepts(arguments))
}

/// The program's name without folder and, on Windows, without `.exe`.
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

/// The command that `env` would run; `None` if its options are not all known.
fn behind_env(arguments: &[String]) -> Option<Vec<String>> {
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let rest = || words.clone().cloned();
        if let Some(line) = word.strip_prefix("--split-string=") {
            let line = split(line)?.into_iter();
            return behind_env(&line.chain(rest()).collect::<Vec<_>>());
        }
        match word.as_str() {
            "--" => return command(rest().collect()),
            "-" | "--ignore-environment" | "--debug" => {}
            "--unset" | "--chdir" => {
                words.next()?;
            }
            "--split-string" => {
                let line = split(words.next()?)?.into_iter();
                return behind_env(&line.chain(words.cloned()).collect::<Vec<_>>());
            }
            long if long.starts_with("--") => {
                let (option, value) = long.split_once('=')?;
                if !matches!(option, "--unset" | "--chdir") || value.is_empty() {
                    return None;
                }
            }
            short if short.starts_with('-') => {
                let letters = short[1..].trim_start_matches(['i', 'v']);
                match letters.chars().next() {
                    None => {}
                    Some('u' | 'C') if letters.len() > 1 => {}
                    Some('u' | 'C') => {
                        words.next()?;
                    }
                    // The words behind -S are options and a command of `env` again.
                    Some('S') if letters.len() > 1 => {
                        let line = split(&letters[1..])?.into_iter();
                        return behind_env(&line.chain(rest()).collect::<Vec<_>>());
                    }
                    Some('S') => {
                        let line = split(words.next()?)?.into_iter();
                        return behind_env(&line.chain(words.cloned()).collect::<Vec<_>>());
                    }
                    Some(_) => return None,
                }
            }
            _ => return command(std::iter::once(word.clone()).chain(rest()).collect()),
        }
    }
    None
}

/// What follows the assignments.
fn command(words: Vec<String>) -> Option<Vec<String>> {
    let start = words.iter().position(|word| !word.contains('='))?;
    Some(words[start..].to_vec())
}

fn split(line: &str) -> Option<Vec<String>> {
    shlex::split(line)
}

/// Interpreters whose options are alike.
#[derive(Clone, Copy)]
enum Family {
    Shell,
    Fish,
    Python,
    Perl,
    Ruby,
    Node,
    Php,
    Lua,
    Pwsh,
}

/// What the options of a family mean.
struct Options {
    /// Letters that stand alone or in a cluster.
    flags: &'static str,
    /// Letters whose value is the rest of the word, which may be empty.
    attached: &'static str,
    /// Letters whose value is the rest of the word or the next word.
    valued: &'static str,
    /// Long options without a value, or with one after `=`. A `*` ends a prefix.
    long: &'static [&'static str],
    /// Long options whose value is the next word, or stands after `=`.
    long_valued: &'static [&'static str],
    /// Whether `--` ends the options.
    double_dash: bool,
}

impl Family {
    fn of(name: &str) -> Option<Family> {
        let versioned = |prefix: &str, suffixes: &str| {
            name.strip_prefix(prefix).is_some_and(|rest| {
                rest.chars()
                    .all(|c| c.is_ascii_digit() || c == '.' || suffixes.contains(c))
            })
        };
        Some(match name {
            "sh" | "bash" | "dash" | "zsh" | "ksh" => Family::Shell,
            "fish" => Family::Fish,
            "pwsh" => Family::Pwsh,
            "node" => Family::Node,
            // `t` and `d` are builds without the global lock and for debugging.
            _ if versioned("python", "td") => Family::Python,
            _ if versioned("perl", "") => Family::Perl,
            _ if versioned("ruby", "") => Family::Ruby,
            _ if versioned("php", "") => Family::Php,
            _ if versioned("lua", "") => Family::Lua,
            _ => return None,
        })
    }

    fn options(self) -> Options {
        match self {
            // -c and -s take the script from elsewhere; -i would talk to a terminal.
            Family::Shell => Options {
                flags: "aBbCefhkmnPprTtuvxEHl",
                attached: "",
                valued: "oO",
                long: &[
                    "--login",
                    "--norc",
                    "--noprofile",
                    "--noediting",
                    "--posix",
                    "--restricted",
                    "--verbose",
                    "--debugger",
                ],
                long_valued: &["--rcfile", "--init-file"],
                double_dash: true,
            },
            Family::Fish => Options {
                flags: "NPln",
                attached: "",
                valued: "fdoDC",
                long: &["--no-config", "--private", "--login", "--no-execute"],
                long_valued: &["--features", "--init-command", "--debug", "--debug-output"],
                double_dash: true,
            },
            Family::Python => Options {
                flags: "bBdEIOPqRsSuvx",
                attached: "",
                valued: "WX",
                long: &[],
                long_valued: &["--check-hash-based-pycs"],
                double_dash: false,
            },
            Family::Perl => Options {
                // Digits belong to -0 and -l, which other letters may follow: `-0777`, `-le`.
                flags: "cdfStTuUvwWXl0123456789",
                attached: "CDmM",
                valued: "I",
                long: &[],
                long_valued: &[],
                double_dash: true,
            },
            Family::Ruby => Options {
                flags: "dlUvwaWT0123456789",
                attached: "",
                valued: "EIrC",
                long: &[
                    "--enable=*",
                    "--disable=*",
                    "--encoding=*",
                    "--yjit*",
                    "--jit*",
                    "--verbose",
                    "--debug",
                ],
                long_valued: &[],
                double_dash: true,
            },
            Family::Node => Options {
                flags: "",
                attached: "",
                valued: "rC",
                long: &[
                    "--no-*",
                    "--use-*",
                    "--harmony*",
                    "--experimental-*",
                    "--trace-*",
                    "--throw-deprecation",
                    "--enable-*",
                    "--preserve-symlinks*",
                    "--inspect*",
                    "--max-*",
                    "--stack-*",
                    "--unhandled-rejections=*",
                    "--env-file=*",
                    "--import=*",
                    "--loader=*",
                    "--require=*",
                    "--conditions=*",
                ],
                long_valued: &["--require", "--import", "--loader", "--conditions"],
                double_dash: true,
            },
            Family::Php => Options {
                flags: "qnCe",
                attached: "",
                valued: "cd",
                long: &["--no-header", "--no-php-ini", "--no-chdir"],
                long_valued: &["--php-ini", "--define"],
                double_dash: true,
            },
            Family::Lua => Options {
                flags: "EW",
                attached: "",
                valued: "l",
                long: &[],
                long_valued: &[],
                double_dash: true,
            },
            // PowerShell's own options have one dash, whole words and no case.
            Family::Pwsh => Options {
                flags: "",
                attached: "",
                valued: "",
                long: &[
                    "-nologo",
                    "-noprofile",
                    "-nop",
                    "-noninteractive",
                    "-noni",
                    "-login",
                    "-l",
                    "-sta",
                    "-mta",
                    "-noprofileloadtime",
                ],
                long_valued: &[
                    "-executionpolicy",
                    "-ex",
                    "-ep",
                    "-workingdirectory",
                    "-wd",
                    "-outputformat",
                    "-inputformat",
                    "-settingsfile",
                    "-configurationname",
                ],
                double_dash: false,
            },
        }
    }

    /// Whether the arguments are all options that leave the script to be named.
    fn accepts(self, arguments: &[String]) -> bool {
        let options = self.options();
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let word = match self {
                Family::Pwsh => word.to_ascii_lowercase(),
                // `+x` and `+o name` undo what `-x` and `-o name` do.
                Family::Shell if word.starts_with('+') => word.replacen('+', "-", 1),
                _ => word.clone(),
            };
            if word == "--" {
                return options.double_dash && words.next().is_none();
            }
            let takes_next = if word.starts_with("--") || matches!(self, Family::Pwsh) {
                options.long(&word)
            } else {
                options.short(&word)
            };
            match takes_next {
                None => return false,
                Some(false) => {}
                Some(true) if words.next().is_none() => return false,
                Some(true) => {}
            }
        }
        true
    }
}

impl Options {
    /// Whether the next word is the option's value; `None` if the option is not known.
    fn long(&self, word: &str) -> Option<bool> {
        let known = |pattern: &&str| match pattern.strip_suffix('*') {
            Some(prefix) => word.starts_with(prefix),
            None => word == *pattern,
        };
        if self.long_valued.contains(&word) {
            return Some(true);
        }
        let option = word.split_once('=').map_or(word, |(option, _)| option);
        (self.long.iter().any(known) || self.long_valued.contains(&option)).then_some(false)
    }

    /// Whether the next word is the value of the cluster's last letter; `None` if a
    /// letter is not known.
    fn short(&self, word: &str) -> Option<bool> {
        let letters = word.strip_prefix('-')?;
        if letters.is_empty() {
            return None;
        }
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
