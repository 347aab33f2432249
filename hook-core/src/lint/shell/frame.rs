//! The nested constructs that a shell is reading.

/// A construct that has begun and not ended. The stack of frames is the state of the lexer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Frame {
    CommandList(CommandList),
    /// `"…"`
    Double,
    /// `'…'`
    Single,
    /// `$'…'`
    DollarSingle,
    /// `${…}`
    Parameter,
    /// `$((…))` or `((…))`, and the number of parentheses that are open within.
    Arithmetic(u8),
    /// A comment, up to the end of its line.
    Comment,
    HereDelimiter(HereDelimiter),
    HereDocument(HereDocument),
}

/// A list of commands and the command that is being read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct CommandList {
    pub(crate) closer: Closer,
    /// The beginning of the word that is being read, without what is quoted in it.
    pub(crate) word: String,
    /// True if a word has begun, be it with quotes.
    pub(crate) in_word: bool,
    pub(crate) head: CommandState,
    /// The number of `case` that are open: their patterns end with parentheses.
    pub(crate) cases: u8,
}

/// The end of a list of commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Closer {
    /// The end of the script.
    #[default]
    End,
    /// `)`
    Parenthesis,
    Backtick,
}

/// The state of a command by the words read so far: which of its next words are code for
/// another shell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum CommandState {
    /// Only assignments so far, or words such as `then` that a command follows.
    #[default]
    Start,
    /// No word is code.
    Words,
    /// The command is a program such as `sudo` that runs its arguments as a command, which may
    /// be a shell.
    Wrapper,
    /// The command is a shell: the argument of `-c` is code.
    Shell,
    /// Only the next word is code.
    CodeWord,
    /// Every further word is code.
    Code,
    /// Every further word is code for a shell on another machine.
    RemoteCode,
    /// The command is `ssh`: the words after its options and the host are code.
    Remote {
        /// True if the next word belongs to an option.
        argument: bool,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct HereDelimiter {
    /// Its text, quotes removed.
    pub(crate) text: String,
    pub(crate) quoted: bool,
    /// True if tabs before lines are removed: `<<-`.
    pub(crate) strip_tabs: bool,
    /// The quote that is open.
    pub(crate) quote: Option<char>,
    /// True if its first character was read.
    pub(crate) begun: bool,
    /// The state of the command that reads the document.
    pub(crate) reader: CommandState,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct HereDocument {
    /// The line that ends it.
    pub(crate) delimiter: String,
    /// True if the shell expands nothing in it, because the delimiter is quoted.
    pub(crate) quoted: bool,
    /// True if tabs before lines are removed.
    pub(crate) strip_tabs: bool,
    /// The line that is being read, as long as it can be the last.
    pub(crate) line: Option<String>,
    /// The state of the command that reads it.
    pub(crate) reader: CommandState,
    /// The documents that begin when this one ends.
    pub(crate) next: Vec<HereDocument>,
}

impl HereDocument {
    /// Reads a character; returns whether it ends the document.
    pub(crate) fn ends(&mut self, c: char) -> bool {
        if c == '\n' {
            let line = self.line.replace(String::new());
            return line.is_some_and(|line| line == self.delimiter);
        }
        if let Some(line) = &mut self.line {
            let indent = c == '\t' && self.strip_tabs && line.is_empty();
            if !indent {
                line.push(c);
                if !self.delimiter.starts_with(line.as_str()) {
                    self.line = None;
                }
            }
        }
        false
    }
}

impl CommandList {
    /// A list that ends with `closer`.
    pub(crate) fn until(closer: Closer) -> CommandList {
        CommandList {
            closer,
            ..CommandList::default()
        }
    }

    /// Begins or continues a word, of which only the beginning matters.
    pub(crate) fn push(&mut self, c: char) {
        self.in_word = true;
        if self.word.len() < 64 {
            self.word.push(c);
        }
    }

    /// Ends the command: the next word begins another.
    pub(crate) fn end_command(&mut self) {
        self.end_word();
        self.head = CommandState::Start;
    }

    /// Ends the word, if one was begun, and updates the state of the command.
    pub(crate) fn end_word(&mut self) {
        if !std::mem::take(&mut self.in_word) {
            return;
        }
        let word = std::mem::take(&mut self.word);
        let name = word.rsplit('/').next().unwrap_or_default();
        self.head = match self.head {
            CommandState::Start => match name {
                "case" => {
                    self.cases = self.cases.saturating_add(1);
                    CommandState::Words
                }
                "esac" => {
                    self.cases = self.cases.saturating_sub(1);
                    CommandState::Words
                }
                "eval" => CommandState::Code,
                "trap" => CommandState::CodeWord,
                name if is_one_of(BEFORE_COMMANDS, name) || is_assignment(&word) => {
                    CommandState::Start
                }
                name if is_one_of(WRAPPERS, name) => CommandState::Wrapper,
                name => runs_code(name).unwrap_or(CommandState::Words),
            },
            CommandState::Words => CommandState::Words,
            CommandState::Wrapper => runs_code(name).unwrap_or(CommandState::Wrapper),
            CommandState::Shell if word.starts_with('-') && word.contains('c') => {
                CommandState::CodeWord
            }
            CommandState::Shell => CommandState::Shell,
            CommandState::CodeWord => CommandState::Words,
            CommandState::Code => CommandState::Code,
            CommandState::RemoteCode => CommandState::RemoteCode,
            CommandState::Remote { argument: true } => CommandState::Remote { argument: false },
            CommandState::Remote { argument: false } if word.starts_with('-') => {
                CommandState::Remote {
                    argument: word.len() == 2
                        && word.ends_with(|c| SSH_OPTIONS_WITH_ARGUMENT.contains(c)),
                }
            }
            CommandState::Remote { argument: false } => CommandState::RemoteCode,
        };
    }
}

/// The options of `ssh` that have an argument.
const SSH_OPTIONS_WITH_ARGUMENT: &str = "BbcDEeFIiJLlmOoPpQRSW";

/// Returns the state after the name of a program that runs one of its arguments as code.
fn runs_code(name: &str) -> Option<CommandState> {
    match name {
        "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh" | "mksh" | "su" => Some(CommandState::Shell),
        "ssh" => Some(CommandState::Remote { argument: false }),
        _ => None,
    }
}

/// Programs that run their arguments as a command.
const WRAPPERS: &str = "sudo doas env xargs timeout nice ionice setsid stdbuf chronic flock find \
    runuser docker podman kubectl chroot nsenter sshpass systemd-run";

/// Words that a command follows.
const BEFORE_COMMANDS: &str =
    "if then else elif do while until ! { } time exec command builtin nohup";

fn is_one_of(names: &str, name: &str) -> bool {
    names.split_whitespace().any(|known| known == name)
}

/// Returns whether a word is `NAME=…` or `NAME+=…`.
fn is_assignment(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else {
        return false;
    };
    let name = name.strip_suffix('+').unwrap_or(name);
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
