//! Programs in place of those that need a server or another system. Each does with its arguments
//! what the manual of the real one says.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// `sshd` joins the arguments and gives them to the login shell, in an environment of its own.
const SSH: &str = "#!/bin/sh\nwhile [ \"$1\" = -p ]; do shift 2; done\nshift\n\
                   exec env -i PATH=\"$PATH\" sh -c \"$*\"\n";

/// `sudo` clears the environment.
const SUDO: &str = "#!/bin/sh\nexec env -i PATH=\"$PATH\" \"$@\"\n";

/// `osascript` reads the lines of `-e` as one script, and hands what follows to `on run argv`.
/// Strings are data, and `do shell script` is run.
const OSASCRIPT: &str = r#"#!/usr/bin/env python3
import re, subprocess, sys
args, lines = sys.argv[1:], []
while args and args[0] == '-e':
    lines.append(args[1])
    args = args[2:]
if args and args[0] == '--':
    args = args[1:]
elif args and args[0].startswith('-'):
    sys.exit('osascript: illegal option')
string = r'"((?:\\.|[^"\\])*)"'
for token in re.finditer(f'do shell script {string}|{string}|item ([0-9]+) of argv', '\n'.join(lines), re.S):
    command, text, item = token.groups()
    if command is not None:
        subprocess.run(command, shell=True)
    elif text is not None:
        print(re.sub(r'\\(.)', r'\1', text, flags=re.S), end='')
    else:
        print(args[int(item) - 1], end='')
"#;

/// `psql` replaces `:'name'` by a string on standard input, but not in `-c`. SQLite's strings are
/// those of standard SQL.
const PSQL: &str = r#"#!/usr/bin/env python3
import re, subprocess, sys
args, variables, sql = sys.argv[1:], {}, None
while args:
    option = args.pop(0)
    if option == '-v':
        name, _, value = args.pop(0).partition('=')
        variables[name] = value
    elif option == '-c':
        sql = args.pop(0)
if sql is None:
    quoted = lambda name: "'" + variables[name[1]].replace("'", "''") + "'"
    sql = re.sub(r":'([a-z]+)'", quoted, sys.stdin.read())
sys.exit(subprocess.run(['sqlite3', ':memory:', sql]).returncode)
"#;

/// `mysql` reads backslashes in strings, and knows hexadecimal ones.
const MYSQL: &str = r#"#!/usr/bin/env python3
import re, subprocess, sys
sql = sys.argv[sys.argv.index('-e') + 1]
sql = re.sub(r"CONVERT\((x'[0-9a-f]*') USING utf8mb4\)", r"CAST(\1 AS TEXT)", sql)
sql = re.sub(r"\\(.)", lambda c: "''" if c[1] == "'" else c[1], sql, flags=re.S)
sys.exit(subprocess.run(['sqlite3', ':memory:', sql]).returncode)
"#;

/// Puts the programs into a folder, which comes first in `PATH`.
pub(super) fn install(folder: &Path) {
    for (name, program) in [
        ("ssh", SSH),
        ("sudo", SUDO),
        ("osascript", OSASCRIPT),
        ("psql", PSQL),
        ("mysql", MYSQL),
    ] {
        let path = folder.join(name);
        fs::write(&path, program).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}
