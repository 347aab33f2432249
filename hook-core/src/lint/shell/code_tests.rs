//! Tests of which values become code, and for which program.

use std::collections::BTreeSet;

use super::command_list::ShellValue;
use super::context::hole_context;
use super::lexer::ShellLexer;
use super::program::CodeReader;

/// Asserts the readers of the code that each `@` and each `$HOOK_TASK` becomes part of.
#[track_caller]
fn check_code(script: &str, want: &[CodeReader]) {
    let mut lexer = ShellLexer::new(BTreeSet::from(["HOOK_TASK".to_owned()]));
    let mut found = Vec::new();
    for (i, text) in script.split('@').enumerate() {
        if i > 0 {
            lexer.before_hole();
            let context = hole_context(&lexer);
            lexer.found.push((ShellValue::Hole(i), context));
            lexer.hole(Some(ShellValue::Hole(i)));
        }
        lexer.text(0, text);
        found.append(&mut lexer.found);
    }
    lexer.end_pipeline();
    found.append(&mut lexer.found);
    let codes = found.iter().filter_map(|(_, context)| context.code);
    let readers: Vec<CodeReader> = codes.map(|code| code.reader).collect();
    assert_eq!(readers, want, "{script:?}");
}

#[test]
fn code_for_another_shell() {
    use CodeReader::{Eval, Remote, Shell, Su};
    check_code("eval \"@\" @; echo \"@\"", &[Eval, Eval]);
    check_code("sh -c 'echo @' '@' @", &[Shell]);
    check_code("bash -euo pipefail -c \"@\" \"@\"", &[Shell]);
    check_code("sudo -u x /bin/bash -lc \"@\"", &[Shell]);
    check_code("ls | xargs -n1 sh -c '@'", &[Shell]);
    check_code("find . -exec sh -c 'x @' {} \\;", &[Shell]);
    check_code("flock x -c '@'; ionice -c '@' ls", &[Shell]);
    check_code("su - x -c \"@\"; su -c '@' x", &[Su, Su]);
    check_code(
        "ssh -p 22 -o A=b host \"rm '@'\" @ && echo '@'",
        &[Remote, Remote],
    );
    check_code("ssh @ ls", &[]);
    check_code("ssh host sudo sh -c '@'", &[Remote]);
    check_code("trap '@' EXIT; trap - EXIT '@'", &[Eval]);
    check_code("echo ssh host '@'; grep sh -c '@'", &[]);
    check_code("if ssh host '@'; then x; fi", &[Remote]);
    check_code("A=b ssh host @", &[Remote]);
    check_code("docker exec db sh -c 'psql \"@\"'", &[Shell]);
    check_code("curl -d '@' # eval @\n", &[]);
    check_code("sh <<E\n@\nE\nssh h <<E\n@\nE\n", &[Shell, Remote]);
    check_code("ssh h cat <<E\n@\nE\nsh x <<E\n@\nE\n", &[]);
    check_code("ssh h bash -s x <<E\n@\nE\n", &[Remote]);
    check_code("sh <<< '@'; cat <<< '@'", &[Shell]);
}

#[test]
fn code_for_another_language() {
    use CodeReader::{
        AppleScript, Awk, JavaScript, Jq, MySql, Perl, Php, PowerShell, Psql, Python, Ruby, Sed,
        Sqlite,
    };
    check_code(
        "osascript -e 'on @' -l x -e \"@\" -- @",
        &[AppleScript, AppleScript],
    );
    check_code("python3.11 -uc \"@\" @; python x -c '@'", &[Python]);
    check_code("docker run -i python python -c '@'", &[Python]);
    check_code("python3 - @ <<E\n@\nE\npython3 x <<E\n@\nE\n", &[Python]);
    check_code("curl x | python3 -m json.tool @", &[]);
    check_code("perl -MX -ne'@' @; perl -i -pe \"@\"", &[Perl, Perl]);
    check_code("ruby -rjson -e '@' @", &[Ruby]);
    check_code("node --eval=\"@\"; node -p '@'", &[JavaScript, JavaScript]);
    check_code("php -r \"@\"", &[Php]);
    check_code("pwsh -NoProfile -Command \"@\"", &[PowerShell]);
    check_code("awk -v a=@ -F: '@' @; awk -f @ '@'", &[Awk]);
    check_code("awk 2>/dev/null '@'; mawk > @ '@'", &[Awk, Awk]);
    check_code("jq -nr --arg a @ '@' @; jq -f @ @", &[Jq]);
    check_code("sed -i.bak -e 's/@/x/' @; sed -n \"/@/p\" @", &[Sed, Sed]);
    check_code("psql -U x -d @ -Atc \"@\" @", &[Psql]);
    check_code("psql -v a=@ <<E\n@\nE\n", &[Psql]);
    check_code("psql -f x <<E\n@\nE\n", &[]);
    check_code("docker exec -i db mysql -uroot -px -e\"@\" @", &[MySql]);
    check_code("sqlite3 -separator : @ '@'; sqlite3 @", &[Sqlite]);
}

#[test]
fn values_flow() {
    use CodeReader::{Eval, Psql, Shell};
    check_code(
        "sh -c \"$HOOK_TASK ${HOOK_TASK:-x} $HOOK_TASKS\"",
        &[Shell, Shell],
    );
    check_code("sh -c '$HOOK_TASK'; echo $HOOK_TASK", &[]);
    check_code("eval \"$(echo '@')\" `echo @`", &[Eval, Eval]);
    check_code("x=\"a $HOOK_TASK\"; local y=$x; sh -c \"$y\"", &[Shell]);
    check_code("x=$(basename \"@\")\nsh -c \"rm $x\"", &[Shell]);
    check_code(
        "x=$(echo \"@\" | od -An -tx1 | tr -d ' ')\nsh -c \"$x\"",
        &[],
    );
    check_code(
        "echo \"$HOOK_TASK\" | psql x; echo @ | tr a b | sh",
        &[Psql, Shell],
    );
    check_code("echo @ || sh; echo @; sh; dump @ | psql; echo @ | cat", &[]);
    check_code("(echo @; echo b) | sh; echo \"@\" | sh -c 'cat'", &[]);
    check_code("sh -c \"$HOOK_LABEL_HOST\"", &[Shell]);
}
