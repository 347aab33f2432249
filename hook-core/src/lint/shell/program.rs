//! Programs that read code from their arguments or their standard input.

/// The reader of code that is not the shell of the script itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum CodeReader {
    /// `sh -c`
    Shell,
    /// `su -c`, which may clear the environment.
    Su,
    /// `eval` and `trap`: the script's own shell reads it once more.
    Eval,
    /// A shell on another machine, by `ssh`.
    Remote,
    AppleScript,
    Python,
    Perl,
    Ruby,
    JavaScript,
    Php,
    PowerShell,
    Awk,
    Jq,
    Sed,
    Psql,
    MySql,
    Sqlite,
}

/// When the standard input of a program is code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum StdinIsCode {
    Never,
    /// If no argument names a file.
    WithoutFile,
    /// Unless an option gives the code or its file.
    WithoutOption,
}

/// The options of a program that decide which of its arguments are code. Letters are short
/// options, which can be written together and with their argument: `-ne CODE`.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Program {
    names: &'static str,
    pub(super) reader: CodeReader,
    /// Options whose argument is code.
    pub(super) code_letters: &'static str,
    pub(super) code_options: &'static str,
    /// Options whose argument is the file or module with the code.
    pub(super) file_letters: &'static str,
    pub(super) file_options: &'static str,
    /// Other options with an argument.
    pub(super) valued_letters: &'static str,
    pub(super) valued_options: &'static str,
    /// Options with two arguments.
    pub(super) pair_options: &'static str,
    /// The index of the operands that are code, unless an option gives it.
    pub(super) code_operands: Option<std::ops::Range<u8>>,
    pub(super) stdin: StdinIsCode,
}

impl Program {
    const fn new(names: &'static str, reader: CodeReader, code_letters: &'static str) -> Program {
        Program {
            names,
            reader,
            code_letters,
            code_options: "",
            file_letters: "",
            file_options: "",
            valued_letters: "",
            valued_options: "",
            pair_options: "",
            code_operands: None,
            stdin: StdinIsCode::WithoutFile,
        }
    }
}

/// Shells, which take the code of `-c` from the first operand.
pub(super) static SHELL: Program = Program {
    valued_letters: "oO",
    valued_options: "--rcfile --init-file",
    ..Program::new("sh bash dash ash zsh ksh mksh fish", CodeReader::Shell, "c")
};

static PROGRAMS: [Program; 13] = [
    Program {
        code_options: "--command --session-command",
        valued_letters: "gGsw",
        valued_options: "--shell --group --supp-group --whitelist-environment",
        stdin: StdinIsCode::WithoutOption,
        ..Program::new("su", CodeReader::Su, "c")
    },
    Program {
        valued_letters: "ls",
        ..Program::new("osascript", CodeReader::AppleScript, "e")
    },
    Program {
        file_letters: "m",
        valued_letters: "WX",
        ..Program::new("python pypy", CodeReader::Python, "c")
    },
    Program {
        valued_letters: "MmIx",
        ..Program::new("perl", CodeReader::Perl, "eE")
    },
    Program {
        valued_letters: "rIx",
        ..Program::new("ruby", CodeReader::Ruby, "e")
    },
    Program {
        code_options: "--eval --print",
        valued_letters: "rC",
        valued_options: "--require --import --loader --conditions --host --port -u --username",
        ..Program::new(
            "node nodejs bun mongosh mongo",
            CodeReader::JavaScript,
            "ep",
        )
    },
    Program {
        file_letters: "f",
        valued_letters: "cdz",
        ..Program::new("php", CodeReader::Php, "rBRE")
    },
    Program {
        code_options: "-Command -command",
        file_options: "-File -file -f",
        ..Program::new("pwsh powershell", CodeReader::PowerShell, "c")
    },
    Program {
        code_options: "--source",
        file_letters: "f",
        file_options: "--file",
        valued_letters: "vFil",
        valued_options: "--assign --field-separator",
        code_operands: Some(0..1),
        stdin: StdinIsCode::Never,
        ..Program::new("awk gawk mawk nawk", CodeReader::Awk, "e")
    },
    Program {
        file_letters: "f",
        file_options: "--from-file",
        valued_letters: "L",
        valued_options: "--indent",
        pair_options: "--arg --argjson --slurpfile --rawfile --argfile",
        code_operands: Some(0..1),
        stdin: StdinIsCode::Never,
        ..Program::new("jq gojq jaq", CodeReader::Jq, "")
    },
    Program {
        code_options: "--expression",
        file_letters: "f",
        file_options: "--file",
        valued_letters: "il",
        code_operands: Some(0..1),
        stdin: StdinIsCode::Never,
        ..Program::new("sed gsed", CodeReader::Sed, "e")
    },
    Program {
        code_options: "--command",
        file_letters: "f",
        file_options: "--file",
        valued_letters: "dhpUvPFRLoT",
        valued_options: "--set --variable --dbname --host --port --username --pset --output \
                         --field-separator --record-separator --log-file --table-attr",
        stdin: StdinIsCode::WithoutOption,
        ..Program::new("psql", CodeReader::Psql, "c")
    },
    Program {
        code_options: "--execute --init-command",
        valued_letters: "uhPDSp",
        valued_options: "--user --host --port --database --socket --defaults-file",
        stdin: StdinIsCode::WithoutOption,
        ..Program::new("mysql mariadb", CodeReader::MySql, "e")
    },
];

/// `sqlite3`, whose options have long names behind one dash.
static SQLITE: Program = Program {
    code_options: "-cmd --cmd",
    valued_options: "-separator -newline -nullvalue -init -vfs -mmap -maxsize -heap",
    pair_options: "-lookaside -pagecache",
    code_operands: Some(1..u8::MAX),
    stdin: StdinIsCode::WithoutOption,
    ..Program::new("sqlite sqlite3", CodeReader::Sqlite, "")
};

/// Returns the program of that name, with or without a version at its end.
pub(super) fn program(name: &str) -> Option<&'static Program> {
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let mut all = PROGRAMS.iter().chain([&SHELL, &SQLITE]);
    all.find(|program| is_one_of(program.names, base))
}

/// Returns whether a list of names, separated by spaces, has that one.
pub(super) fn is_one_of(names: &str, name: &str) -> bool {
    names.split_whitespace().any(|known| known == name)
}
