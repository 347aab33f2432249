use proptest::prelude::*;

use process_supervisor::{HandOver, MAX_SHEBANG, Script, ShebangError, StdinDoubt};

fn parse(rendered: &str) -> Result<Script, ShebangError> {
    Script::parse(rendered.as_bytes(), None)
}

fn check_words(line: &str, expect: &[&str]) {
    let script = parse(&format!("{line}\ntrue\n")).unwrap_or_else(|e| panic!("{line}: {e}"));
    assert_eq!(script.interpreter, expect, "{line}");
}

fn check_hand_over(line: &str, expect: HandOver) {
    let script = parse(&format!("{line}\ntrue\n")).unwrap_or_else(|e| panic!("{line}: {e}"));
    assert_eq!(script.hand_over, expect, "{line}");
}

fn check_body(rendered: &str, via: Option<HandOver>, expect: &str) {
    let script = Script::parse(rendered.as_bytes(), via).unwrap();
    assert_eq!(
        String::from_utf8(script.body).unwrap(),
        expect,
        "{rendered:?}"
    );
}

#[test]
fn words_are_split_as_a_shell_would() {
    check_words("#!/bin/sh", &["/bin/sh"]);
    check_words("#! /bin/sh", &["/bin/sh"]);
    check_words("#!\t/bin/sh  -e\t-x ", &["/bin/sh", "-e", "-x"]);
    check_words("#!/bin/sh\r", &["/bin/sh"]);
    check_words("#!/usr/bin/env bash", &["/usr/bin/env", "bash"]);
    check_words("#!ssh host 'bash -s'", &["ssh", "host", "bash -s"]);
    check_words(r#"#!"/opt/my shell/sh" a\ b"#, &["/opt/my shell/sh", "a b"]);
    check_words("#!/bin/sh -e # stop at errors", &["/bin/sh", "-e"]);
    check_words("#!/bin/sh ''", &["/bin/sh", ""]);
    check_words("#!/usr/bin/schön", &["/usr/bin/schön"]);
}

#[cfg(unix)]
#[test]
fn without_a_shebang_it_is_sh() {
    for text in [
        "",
        "\n\n",
        "echo hi",
        "# ! not one\n",
        "#\n",
        "echo a\n#!/bin/bash\n",
    ] {
        let script = parse(text).unwrap();
        assert_eq!(script.interpreter, ["sh"], "{text:?}");
        assert_eq!(script.hand_over, HandOver::File);
        assert_eq!(script.body, text.as_bytes());
        let script = Script::parse(text.as_bytes(), Some(HandOver::Stdin)).unwrap();
        assert_eq!(script.hand_over, HandOver::Stdin);
        assert_eq!(script.body, text.as_bytes());
    }
}

#[test]
fn blank_lines_and_spaces_do_not_hide_it() {
    for before in ["\n", "\n\n\n", " \t\n\r\n", "   ", "\u{feff}", "\u{feff}\n"] {
        let script = parse(&format!("{before}#!/bin/bash\ntrue\n")).unwrap();
        assert_eq!(script.interpreter, ["/bin/bash"], "{before:?}");
    }
}

#[test]
fn what_is_no_line_is_refused() {
    let check = |text: &[u8], expect: ShebangError| {
        for via in [None, Some(HandOver::File), Some(HandOver::Stdin)] {
            assert_eq!(Script::parse(text, via), Err(expect), "{text:?}");
        }
    };
    check(b"#!/bin/sh", ShebangError::NoNewline);
    check(b"#!", ShebangError::NoNewline);
    check(b"\n\n#!sh", ShebangError::NoNewline);
    check(b"#!\n", ShebangError::NoInterpreter);
    check(b"#!   \t\r\ntrue\n", ShebangError::NoInterpreter);
    check(b"#! # bash\ntrue\n", ShebangError::NoInterpreter);
    check(b"#!''\ntrue\n", ShebangError::NoInterpreter);
    check(b"#!/bin/sh 'a\ntrue\n", ShebangError::UnbalancedQuotes);
    check(b"#!/bin/sh \"a\ntrue\n", ShebangError::UnbalancedQuotes);
    check(b"#!/bin/sh a\\\ntrue\n", ShebangError::UnbalancedQuotes);
    check(b"#!/bin/\0sh\ntrue\n", ShebangError::Nul);
    check(b"#!/bin/\xff\ntrue\n", ShebangError::NotUtf8);
    let long = [b"#!".as_slice(), &[b'a'; MAX_SHEBANG], b"\n"].concat();
    check(&long, ShebangError::TooLong { length: long.len() });
}

#[test]
fn stdin_gets_what_follows_the_line() {
    check_body("#!/bin/cat\na\nb\n", None, "a\nb\n");
    check_body("\n\n#!/bin/cat\n\na\n", None, "\na\n");
    check_body("#!/bin/cat\n", None, "");
    check_body("#!/bin/sh\na\n", Some(HandOver::Stdin), "a\n");
}

#[test]
fn a_file_keeps_the_line_numbers() {
    check_body("#!/bin/sh\na\n", None, "#!/bin/sh\na\n");
    check_body("\n \n#!/bin/sh -e\na\n", None, "#!/bin/sh -e\n\n\na\n");
    check_body("#!/bin/cat\na\n", Some(HandOver::File), "#!/bin/cat\na\n");
}

#[test]
fn interpreters_known_to_take_a_path_get_a_file() {
    for name in [
        "sh",
        "bash",
        "dash",
        "zsh",
        "ksh",
        "fish",
        "python",
        "python2",
        "python3",
        "python3.12",
        "python3.13t",
        "perl",
        "perl5.36",
        "ruby",
        "ruby3.2",
        "node",
        "php",
        "php8.2",
        "lua",
        "lua5.4",
        "pwsh",
    ] {
        check_hand_over(&format!("#!{name}"), HandOver::File);
        check_hand_over(&format!("#!/opt/bin/{name}"), HandOver::File);
        check_hand_over(&format!("#!/usr/bin/env {name}"), HandOver::File);
        check_hand_over(&format!("#!/usr/bin/env -S {name}"), HandOver::File);
        check_hand_over(&format!("#!/usr/bin/env -i A=1 {name}"), HandOver::File);
    }
}

#[test]
fn arguments_that_say_nothing_else_keep_the_file() {
    for line in [
        "bash -e",
        "bash -x",
        "bash -eu",
        "bash -euxo pipefail",
        "bash -eu -o pipefail",
        "bash +e",
        "bash +o posix",
        "bash --norc --noprofile",
        "bash --rcfile /etc/rc",
        "bash --login",
        "bash -l",
        "bash -O extglob",
        "bash --",
        "sh -e",
        "dash -eu",
        "zsh -f",
        "ksh -e",
        "fish -N",
        "fish --no-config",
        "fish -C 'set a b'",
        "python3 -u",
        "python3 -uBE",
        "python3 -I -X dev",
        "python3 -Xutf8 -W ignore",
        "python3 -OO",
        "perl -w",
        "perl -wT",
        "perl -0777 -l012",
        "perl -CS",
        "perl -Mstrict -I /lib",
        "perl -I/lib",
        "ruby -w",
        "ruby -W0 -rjson",
        "ruby -I lib",
        "node --no-warnings",
        "node --require ./a.js",
        "node -r ./a.js",
        "node --max-old-space-size=64",
        "php -q",
        "php -d memory_limit=1G",
        "php -dmemory_limit=1G",
        "php -n",
        "lua -E",
        "lua -l mod",
        "pwsh -NoProfile -NonInteractive",
        "pwsh -ExecutionPolicy Bypass",
        "env -S bash -e",
        "env -S 'bash -e'",
        "env '-Sbash -e'",
        "env --split-string='bash -e'",
        "env -vS 'A=1 bash' -x",
        "env -u HOME bash",
        "env -uHOME --unset=A -C /tmp bash -e",
        "env -- bash",
        "env - bash",
        "env env bash -e",
    ] {
        check_hand_over(&format!("#!{line}"), HandOver::File);
    }
}

#[test]
fn a_program_that_starts_an_interpreter_is_looked_through() {
    for line in [
        "env -S nice bash",
        "nice -n 19 bash -e",
        "nice -10 /bin/sh",
        "ionice -c3 bash",
        "ionice -c 2 -n 7 nice bash",
        "timeout 10 bash",
        "timeout -k 5 --signal=INT 10m bash -eu",
        "setpriv --no-new-privs bash",
        "setpriv --bounding-set=-all --nnp sh",
        "stdbuf -oL python3 -u",
        "chrt --idle 0 bash",
        "taskset -c 0-1 bash",
        "flock -n /run/lock/x bash",
        "nohup bash",
        "setsid -w bash",
        "systemd-inhibit --what=sleep bash",
        "nice awk -f",
    ] {
        check_hand_over(&format!("#!{line}"), HandOver::File);
    }
    for line in [
        "nice",
        "nice -n",
        "timeout bash",
        "timeout --unknown 10 bash",
        "timeout 10 bash -s",
        "timeout 10 ssh host bash",
        "setpriv --reuid=1000 bash",
        "flock /run/lock/x -c true",
        "chrt -p 0 bash",
    ] {
        check_hand_over(&format!("#!{line}"), HandOver::Stdin);
    }
}

#[test]
fn a_program_that_needs_an_option_before_the_path_gets_a_file_behind_it() {
    for line in [
        "awk -f",
        "/usr/bin/gawk -F: -v x=1 -f",
        "mawk -f",
        "sed -f",
        "sed -nEf",
        "sed -n -f",
        "sed --quiet --file",
        "jq -f",
        "jq -nrf",
        "env jq --null-input --from-file",
        "make -f",
        "make -sf",
        "make -j4 -C /tmp -f",
        "nft -f",
    ] {
        check_hand_over(&format!("#!{line}"), HandOver::File);
    }
    for line in [
        "awk",
        "awk -f x",
        "awk x",
        "sed -n",
        "jq .",
        "make",
        "make all -f",
    ] {
        check_hand_over(&format!("#!{line}"), HandOver::Stdin);
    }
}

#[test]
fn a_script_that_may_be_lost_on_stdin_is_doubted() {
    let check = |line: &str, expect| {
        let script = parse(&format!("#!{line}\ntrue\n")).unwrap();
        assert_eq!(script.stdin_doubt(), expect, "{line}");
    };
    let eaten = |interpreter: &str| {
        let interpreter = interpreter.to_owned();
        Some(StdinDoubt::Eaten { interpreter })
    };
    let other_user = |program: &str| {
        let (interpreter, program) = ("bash".to_owned(), program.to_owned());
        Some(StdinDoubt::OtherUser {
            interpreter,
            program,
        })
    };
    let needs_option = |program: &str| {
        let (program, option) = (program.to_owned(), "-f".to_owned());
        Some(StdinDoubt::NeedsOption { program, option })
    };
    check("proxychains -q bash", eaten("bash"));
    check("busybox sh", eaten("sh"));
    check("timeout --unknown 10 bash", eaten("bash"));
    check("nice proxychains python3", eaten("python3"));
    check("sudo -u backup bash", other_user("sudo"));
    check(
        "setpriv --reuid=1000 --clear-groups bash",
        other_user("setpriv"),
    );
    check("awk", needs_option("awk"));
    check("env sed -n", needs_option("sed"));
    for line in [
        "ssh host bash",
        "docker exec -i db sh",
        "timeout 10 ssh host bash",
        "cat",
        "sqlite3 /db",
        "bash -s",
        "bash -c cat",
    ] {
        check(line, None);
    }
}

#[test]
fn all_else_gets_it_on_stdin() {
    for line in [
        "ssh host bash",
        "docker exec -i db sh",
        "cat",
        "psql -f -",
        "busybox sh",
        "sudo bash",
        "sqlite3 /db",
        "bash -s",
        "bash -es",
        "bash -s arg",
        "bash -c 'echo a'",
        "bash -ec 'echo a'",
        "bash -i",
        "bash -",
        "bash /x.sh",
        "bash -o",
        "bash -- /x.sh",
        "bash --unknown",
        "sh -s",
        "dash -",
        "zsh -c a",
        "ksh -s",
        "fish -c a",
        "fish x.fish",
        "python3 -",
        "python3 -m http.server",
        "python3 -c 'a'",
        "python3 -uc a",
        "python3 -i",
        "python3 x.py",
        "python3-config",
        "perl -e a",
        "perl -we a",
        "perl -ne a",
        "perl -le a",
        "perl -0777ne a",
        "ruby -W0e a",
        "perl -le a",
        "perl -0777ne a",
        "ruby -W0e a",
        "perl -",
        "perl x.pl",
        "ruby -e a",
        "ruby -n",
        "ruby -",
        "node -e a",
        "node -p a",
        "node -",
        "node --eval=a",
        "node -i",
        "node --input-type=module",
        "php -r a",
        "php -f x",
        "php -a",
        "php -",
        "lua -e a",
        "lua -i",
        "lua -",
        "pwsh -Command -",
        "pwsh -c a",
        "pwsh -",
        "pwsh -File x.ps1",
        "pwsh x.ps1",
        "pwsh -EncodedCommand a",
        "powershell -NoProfile",
        "env",
        "env -S",
        "env A=1",
        "env -0 bash",
        "env --unknown bash",
        "env ssh host",
        "env -S 'bash -s'",
        "env -S bash -s",
        "env bash -c a",
        "env \"-S'\" bash",
    ] {
        check_hand_over(&format!("#!{line}"), HandOver::Stdin);
    }
}

#[test]
fn the_config_wins_over_what_is_known() {
    let check = |line: &str, via, expect| {
        let script = Script::parse(format!("#!{line}\n").as_bytes(), via).unwrap();
        assert_eq!(script.hand_over, expect, "{line}");
    };
    check("bash", Some(HandOver::Stdin), HandOver::Stdin);
    check("ssh host", Some(HandOver::File), HandOver::File);
}

proptest! {
    #[test]
    fn nothing_crashes(text in "[ \\n#!a-c'\"\\\\\\-=\\x00]{0,40}") {
        for via in [None, Some(HandOver::File), Some(HandOver::Stdin)] {
            if let Ok(script) = Script::parse(text.as_bytes(), via) {
                prop_assert!(!script.interpreter.is_empty());
                prop_assert!(!script.interpreter[0].is_empty());
            }
        }
    }

    #[test]
    fn a_file_has_as_many_lines(blank in "[ \\n]{0,9}", rest in "[a-z\\n]{0,20}") {
        let text = format!("{blank}#!/bin/sh\n{rest}");
        let script = parse(&text).unwrap();
        let lines = |b: &[u8]| b.iter().filter(|b| **b == b'\n').count();
        prop_assert_eq!(lines(&script.body), lines(text.as_bytes()));
        prop_assert!(script.body.starts_with(b"#!/bin/sh\n"));
        prop_assert!(script.body.ends_with(rest.as_bytes()));
    }
}
