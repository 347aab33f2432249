//! What the shell is in the middle of.

/// What an inner stretch of a script is to the shell. Frames nest: the stack of them is
/// the state of the lexer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Frame {
    /// A list of commands.
    Commands(Commands),
    /// `"…"`
    Double,
    /// `'…'`
    Single,
    /// `$'…'`
    DollarSingle,
    /// `${…}`
    Parameter,
    /// `$((…))` or `((…))`; how many parentheses are open within.
    Arithmetic(u8),
    /// A comment, up to the end of its line.
    Comment,
    /// The delimiter of a here-document, while it is read.
    Delimiter(Delimiter),
    /// The body of a here-document.
    Document(Document),
}

/// A list of commands and the command that is being read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Commands {
    /// What ends the list.
    pub(crate) closer: Closer,
    /// The word that is being read; quotes leave nothing in it.
    pub(crate) word: String,
    /// Whether a word has begun, if only with quotes.
    pub(crate) in_word: bool,
    /// What is known of the command.
    pub(crate) head: Head,
    /// How many `case` are open: their patterns end with parentheses.
    pub(crate) cases: u8,
}

/// What ends a list of commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Closer {
    /// The end of the script.
    #[default]
    End,
    /// `)`
    Parenthesis,
    /// A backtick.
    Backtick,
}

/// What is known of a command: whether one of its words is code for another shell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Head {
    /// No command yet; only assignments, or words that a command follows.
    #[default]
    Start,
    /// Words are words.
    Words,
    /// A program that runs its arguments as a command, of which one may be a shell.
    Wrapper,
    /// A shell was named: after `-c` comes code.
    Shell,
    /// The next word is code, what follows is not.
    CodeWord,
    /// Every further word is code.
    Code,
    /// Every further word is code for a shell on another machine.
    RemoteCode,
    /// `ssh` was named: after its options and the host comes code.
    Remote {
        /// Whether the next word belongs to an option.
        argument: bool,
    },
}

/// The delimiter of a here-document, while it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Delimiter {
    /// Its text, quotes removed.
    pub(crate) text: String,
    /// Whether any of it is quoted.
    pub(crate) quoted: bool,
    /// Whether tabs before lines are removed: `<<-`.
    pub(crate) strip_tabs: bool,
    /// The quote that is open.
    pub(crate) quote: Option<char>,
    /// Whether it has begun.
    pub(crate) begun: bool,
    /// What is known of the command that reads the document.
    pub(crate) reader: Head,
}

/// The body of a here-document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Document {
    /// The line that ends it.
    pub(crate) delimiter: String,
    /// Whether the shell leaves it alone, because the delimiter is quoted.
    pub(crate) quoted: bool,
    /// Whether tabs before lines are removed.
    pub(crate) strip_tabs: bool,
    /// The line that is being read, as long as it can be the last.
    pub(crate) line: Option<String>,
    /// What is known of the command that reads it.
    pub(crate) reader: Head,
    /// The documents that begin when this one ends.
    pub(crate) next: Vec<Document>,
}

impl Document {
    /// Reads a character; whether it ends the document.
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

impl Commands {
    /// A list that ends with `closer`.
    pub(crate) fn until(closer: Closer) -> Commands {
        Commands {
            closer,
            ..Commands::default()
        }
    }

    /// Begins or continues a word. Only its beginning is ever looked at.
    pub(crate) fn push(&mut self, c: char) {
        self.in_word = true;
        if self.word.len() < 64 {
            self.word.push(c);
        }
    }

    /// A separator: the next word begins a command.
    pub(crate) fn end_command(&mut self) {
        self.end_word();
        self.head = Head::Start;
    }

    /// The end of a word, if one was begun.
    pub(crate) fn end_word(&mut self) {
        if !std::mem::take(&mut self.in_word) {
            return;
        }
        let word = std::mem::take(&mut self.word);
        let name = word.rsplit('/').next().unwrap_or_default();
        self.head = match self.head {
            Head::Start => match name {
                "case" => {
                    self.cases = self.cases.saturating_add(1);
                    Head::Words
                }
                "esac" => {
                    self.cases = self.cases.saturating_sub(1);
                    Head::Words
                }
                "eval" => Head::Code,
                "trap" => Head::CodeWord,
                name if leads_to_command(name) || is_assignment(&word) => Head::Start,
                name if runs_arguments(name) => Head::Wrapper,
                name => runs_code(name).unwrap_or(Head::Words),
            },
            Head::Words => Head::Words,
            Head::Wrapper => runs_code(name).unwrap_or(Head::Wrapper),
            Head::Shell if word.starts_with('-') && word.contains('c') => Head::CodeWord,
            Head::Shell => Head::Shell,
            Head::CodeWord => Head::Words,
            Head::Code => Head::Code,
            Head::RemoteCode => Head::RemoteCode,
            Head::Remote { argument: true } => Head::Remote { argument: false },
            Head::Remote { argument: false } if word.starts_with('-') => Head::Remote {
                argument: word.len() == 2 && word.ends_with(SSH_OPTIONS_WITH_ARGUMENT),
            },
            Head::Remote { argument: false } => Head::RemoteCode,
        };
    }
}

/// The options of `ssh` that the next word belongs to.
const SSH_OPTIONS_WITH_ARGUMENT: [char; 21] = [
    'B', 'b', 'c', 'D', 'E', 'e', 'F', 'I', 'i', 'J', 'L', 'l', 'm', 'O', 'o', 'P', 'p', 'Q', 'R',
    'S', 'W',
];

/// A program that runs one of its arguments as code.
fn runs_code(name: &str) -> Option<Head> {
    match name {
        "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh" | "mksh" | "su" => Some(Head::Shell),
        "ssh" => Some(Head::Remote { argument: false }),
        _ => None,
    }
}

/// A program that runs its arguments as a command.
fn runs_arguments(name: &str) -> bool {
    matches!(
        name,
        "sudo"
            | "doas"
            | "env"
            | "xargs"
            | "timeout"
            | "nice"
            | "ionice"
            | "setsid"
            | "stdbuf"
            | "chronic"
            | "flock"
            | "find"
            | "runuser"
            | "docker"
            | "podman"
            | "kubectl"
            | "chroot"
            | "nsenter"
            | "sshpass"
            | "systemd-run"
    )
}

/// A word that a command follows.
fn leads_to_command(name: &str) -> bool {
    matches!(
        name,
        "if" | "then"
            | "else"
            | "elif"
            | "do"
            | "while"
            | "until"
            | "!"
            | "{"
            | "}"
            | "time"
            | "exec"
            | "command"
            | "builtin"
            | "nohup"
    )
}

/// `NAME=…` or `NAME+=…`.
fn is_assignment(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else {
        return false;
    };
    let name = name.strip_suffix('+').unwrap_or(name);
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
