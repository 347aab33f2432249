//! A command by the words read so far, and which of its next words are code.

use super::program::{CodeReader, Program, SHELL, StdinIsCode, is_one_of, program};
use super::wrapper::Wrapper;

/// The state of a command by the words read so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum CommandState {
    /// Only assignments so far, or words such as `then` that a command follows.
    #[default]
    Start,
    /// No word is code.
    Words,
    /// The words after `case`.
    Case,
    /// The words of `export`, `local` and the like, which can be assignments.
    Declaration,
    /// The words of `echo` and the like, which come out as they are.
    Printed,
    /// The command prints digits and letters, whatever it reads.
    Encoder,
    /// The command is a program such as `sudo` that runs its arguments as a command.
    Wrapper(Wrapper),
    /// The command is an interpreter.
    Interpreter(Arguments),
    /// The command is `trap`: its first word is code.
    Trap,
    /// The command is `ssh`: the words after its options and the host are code.
    Ssh {
        /// True if the next word belongs to an option.
        argument: bool,
    },
    /// A shell reads the words again: those of `eval`, or of `ssh` after the host.
    Again(CodeReader),
}

/// The arguments of an interpreter so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Arguments {
    program: &'static Program,
    next: NextWord,
    operands: u8,
    /// True if an option gave the code.
    has_code: bool,
    /// True if an option gave the file with the code.
    has_file: bool,
    /// True if standard input is code in spite of operands: `bash -s`.
    reads_stdin: bool,
    /// True if options come after operands, too: the first operand can be the image of a
    /// container, and many programs permute them.
    permutes: bool,
    /// True if the program does not get the environment of the script.
    pub(super) clears: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum NextWord {
    Any,
    /// The arguments of an option.
    Values(u8),
    Code,
    Operand,
}

impl CommandState {
    /// Returns the state after another word. `is_quoted` is true if the word has parts that are
    /// quoted, and not in the text.
    pub(super) fn after(self, word: &str, is_quoted: bool) -> CommandState {
        let name = word.rsplit('/').next().unwrap_or_default();
        match self {
            CommandState::Start => match name {
                "case" => CommandState::Case,
                "eval" => CommandState::Again(CodeReader::Eval),
                "trap" => CommandState::Trap,
                _ if is_one_of(BEFORE_COMMANDS, name) || is_assignment(word) => self,
                _ if is_one_of(DECLARATIONS, name) => CommandState::Declaration,
                _ if is_one_of(PRINTERS, name) => CommandState::Printed,
                _ if is_one_of(ENCODERS, name) => CommandState::Encoder,
                _ => Wrapper::of(name)
                    .map(CommandState::Wrapper)
                    .or_else(|| interpreter(name, None))
                    .unwrap_or(CommandState::Words),
            },
            CommandState::Wrapper(wrapper) => match Wrapper::of(name) {
                _ if wrapper.takes_code && is_one_of("-c --command", word) => {
                    let mut shell = Arguments::of(&SHELL, Some(wrapper));
                    shell.next = NextWord::Code;
                    CommandState::Interpreter(shell)
                }
                Some(inner) => CommandState::Wrapper(Wrapper {
                    clears: wrapper.clears || inner.clears,
                    takes_code: inner.takes_code,
                }),
                None => interpreter(name, Some(wrapper)).unwrap_or(self),
            },
            CommandState::Interpreter(arguments) => {
                CommandState::Interpreter(arguments.after(word, is_quoted))
            }
            CommandState::Trap => CommandState::Words,
            CommandState::Ssh { argument: true } => CommandState::Ssh { argument: false },
            CommandState::Ssh { argument: false } if word.starts_with('-') => CommandState::Ssh {
                argument: word.len() == 2
                    && !is_quoted
                    && word.ends_with(|c| SSH_OPTIONS_WITH_ARGUMENT.contains(c)),
            },
            CommandState::Ssh { argument: false } => CommandState::Again(CodeReader::Remote),
            CommandState::Words
            | CommandState::Case
            | CommandState::Declaration
            | CommandState::Printed
            | CommandState::Encoder
            | CommandState::Again(_) => self,
        }
    }

    /// Returns the reader of the word that is being read, if it is code.
    pub(super) fn reader(&self, word: &str) -> Option<CodeReader> {
        match self {
            CommandState::Trap => Some(CodeReader::Eval),
            CommandState::Interpreter(arguments) => {
                arguments.is_code(word).then_some(arguments.program.reader)
            }
            _ => None,
        }
    }

    /// Returns the reader of the command's standard input, if it is code.
    pub(super) fn stdin_reader(&self) -> Option<CodeReader> {
        match self {
            CommandState::Interpreter(arguments) => {
                arguments.reads_code().then_some(arguments.program.reader)
            }
            _ => None,
        }
    }

    /// Returns whether the command lacks the environment of the script.
    pub(super) fn clears(&self) -> bool {
        matches!(self, CommandState::Interpreter(arguments) if arguments.clears)
    }
}

impl Arguments {
    fn of(program: &'static Program, wrapper: Option<Wrapper>) -> Arguments {
        let permutes = wrapper.is_some()
            || matches!(
                program.reader,
                CodeReader::Su
                    | CodeReader::Jq
                    | CodeReader::Sed
                    | CodeReader::Psql
                    | CodeReader::MySql
                    | CodeReader::Sqlite
            );
        Arguments {
            program,
            next: NextWord::Any,
            operands: 0,
            has_code: false,
            has_file: false,
            reads_stdin: false,
            permutes,
            clears: wrapper.is_some_and(|wrapper| wrapper.clears),
        }
    }

    fn after(mut self, word: &str, is_quoted: bool) -> Arguments {
        match self.next {
            NextWord::Values(n) if n > 1 => self.next = NextWord::Values(n - 1),
            NextWord::Values(_) => self.next = NextWord::Any,
            NextWord::Code => {
                self.has_code = true;
                self.next = NextWord::Any;
            }
            NextWord::Any if word == "--" => self.next = NextWord::Operand,
            NextWord::Any if word.len() > 1 && word.starts_with('-') => {
                match self.option(word, is_quoted) {
                    OptionKind::Code { attached: true } => self.has_code = true,
                    OptionKind::Code { attached: false } => self.next = NextWord::Code,
                    OptionKind::File { attached } => {
                        self.has_file = true;
                        self.next = NextWord::Values(1 - u8::from(attached)).at_least_one();
                    }
                    OptionKind::Valued(n) => self.next = NextWord::Values(n),
                    OptionKind::Stdin => self.reads_stdin = true,
                    OptionKind::Flag => {}
                }
            }
            NextWord::Any | NextWord::Operand if word == "-" && !is_quoted => {
                self.reads_stdin = true;
            }
            NextWord::Any | NextWord::Operand => {
                self.operands = self.operands.saturating_add(1);
                if !self.permutes {
                    self.next = NextWord::Operand;
                }
            }
        }
        self
    }

    fn is_code(&self, word: &str) -> bool {
        match self.next {
            NextWord::Code => true,
            NextWord::Values(_) => false,
            NextWord::Any if word.starts_with('-') => {
                self.option(word, true) == OptionKind::Code { attached: true }
            }
            NextWord::Any | NextWord::Operand => {
                let operands = self.program.code_operands.as_ref();
                !self.has_code
                    && !self.has_file
                    && operands.is_some_and(|operands| operands.contains(&self.operands))
            }
        }
    }

    fn reads_code(&self) -> bool {
        let has_option = self.has_code || self.has_file;
        match self.program.stdin {
            StdinIsCode::Never => false,
            StdinIsCode::WithoutFile => !has_option && (self.operands == 0 || self.reads_stdin),
            StdinIsCode::WithoutOption => {
                let given = self.program.code_operands.as_ref();
                !has_option && given.is_none_or(|operands| self.operands <= operands.start)
            }
        }
    }

    fn option(&self, word: &str, is_quoted: bool) -> OptionKind {
        let program = self.program;
        let (name, attached) = match word.split_once('=') {
            Some((name, _)) => (name, true),
            None => (word, false),
        };
        if is_one_of(program.code_options, name) {
            return OptionKind::Code { attached };
        } else if is_one_of(program.file_options, name) {
            return OptionKind::File { attached };
        } else if is_one_of(program.pair_options, name) {
            return OptionKind::Valued(2);
        } else if is_one_of(program.valued_options, name) && !attached {
            return OptionKind::Valued(1);
        } else if word.starts_with("--") {
            return OptionKind::Flag;
        }
        let is_shell = matches!(program.reader, CodeReader::Shell | CodeReader::Su);
        let letters = word.get(1..).unwrap_or_default();
        for (i, letter) in letters.char_indices() {
            let attached = is_quoted || i + letter.len_utf8() < letters.len();
            if program.code_letters.contains(letter) {
                let attached = attached && (is_quoted || !is_shell);
                return OptionKind::Code { attached };
            } else if program.file_letters.contains(letter) {
                return OptionKind::File { attached };
            } else if program.valued_letters.contains(letter) {
                // GNU sed takes the suffix of `-i` only with it.
                let is_suffix = letter == 'i' && program.reader == CodeReader::Sed;
                return match attached || is_suffix {
                    true => OptionKind::Flag,
                    false => OptionKind::Valued(1),
                };
            } else if letter == 's' && is_shell {
                return OptionKind::Stdin;
            }
        }
        OptionKind::Flag
    }
}

impl NextWord {
    fn at_least_one(self) -> NextWord {
        match self {
            NextWord::Values(0) => NextWord::Any,
            next => next,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OptionKind {
    /// Its argument is code, which can be in the same word.
    Code {
        attached: bool,
    },
    File {
        attached: bool,
    },
    /// The number of the next words that belong to it.
    Valued(u8),
    Stdin,
    Flag,
}

fn interpreter(name: &str, wrapper: Option<Wrapper>) -> Option<CommandState> {
    match name {
        "ssh" => Some(CommandState::Ssh { argument: false }),
        _ => program(name).map(|p| CommandState::Interpreter(Arguments::of(p, wrapper))),
    }
}

/// The options of `ssh` that have an argument.
const SSH_OPTIONS_WITH_ARGUMENT: &str = "BbcDEeFIiJLlmOoPpQRSW";

/// Words that a command follows.
const BEFORE_COMMANDS: &str =
    "if then else elif do while until ! { } time exec command builtin nohup";

const DECLARATIONS: &str = "export local readonly declare typeset";

const PRINTERS: &str = "echo printf print";

/// Commands whose output has only digits, letters and spaces, whatever they read.
const ENCODERS: &str = "od xxd hexdump base64 base32 basenc md5sum sha1sum sha256sum sha512sum \
    b2sum cksum wc";

/// Returns whether a word is `NAME=…` or `NAME+=…`.
fn is_assignment(word: &str) -> bool {
    assigned(word).is_some()
}

/// Returns the name of the variable that a word assigns.
pub(super) fn assigned(word: &str) -> Option<&str> {
    let (name, _) = word.split_once('=')?;
    let name = name.strip_suffix('+').unwrap_or(name);
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then_some(name)
}
