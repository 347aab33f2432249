//! Well-behaved scripts: hand-over, environment, exits.

use std::time::{Duration, Instant};

use crate::support::{self, TestScript};
use process_supervisor::EndReason;
use process_supervisor::HandOver;
use process_supervisor::bounds::DRAIN;

#[tokio::test]
async fn a_script_runs_and_its_streams_are_apart() {
    let report = TestScript::new("echo out; echo err >&2; exit 7")
        .run()
        .await;
    assert_eq!(report.ended.reason, EndReason::Exited(7));
    assert_eq!(report.stdout(), "out\n");
    assert_eq!(report.stderr(), "err\n");
    assert_eq!(report.ended.termination, None);
    assert!(!report.ended.leaked);
    assert!(
        report.ended.elapsed < DRAIN,
        "it waited though nothing leaked"
    );
    assert_eq!(report.interpreter[0], "sh");
    assert!(!support::lives(report.pid));
}

#[tokio::test]
async fn programs_that_read_stdin_do_not_eat_the_script() {
    for eater in [
        "cat",
        "read line",
        "head -c 1",
        "sh",
        "python3 -c 'import sys; sys.stdin.read()'",
    ] {
        let report = TestScript::new(&format!("echo a\n{eater}\necho b\n"))
            .run()
            .await;
        assert_eq!(report.stdout(), "a\nb\n", "{eater}");
    }
}

#[tokio::test]
async fn both_hand_overs_run_the_whole_script() {
    for via in [Some(HandOver::File), Some(HandOver::Stdin)] {
        for (line, say) in [
            ("sh", "echo"),
            ("bash -eu", "echo"),
            ("/usr/bin/env bash", "echo"),
            ("/usr/bin/env -S bash -e", "echo"),
        ] {
            let report = TestScript::via(&format!("\n#!{line}\n{say} a\n{say} b"), via)
                .run()
                .await;
            assert_eq!(
                report.ended.reason,
                EndReason::Exited(0),
                "{line} {via:?} {}",
                report.stderr()
            );
            assert_eq!(report.stdout(), "a\nb\n", "{line} {via:?}");
        }
    }
}

#[tokio::test]
async fn other_languages_run_too() {
    for (line, script) in [
        ("python3", "print('hi')"),
        ("perl -w", "print \"hi\\n\";"),
        ("node", "console.log('hi')"),
    ] {
        let report = TestScript::new(&format!("\n#!{line}\n{script}\n"))
            .run()
            .await;
        assert_eq!(report.stdout(), "hi\n", "{line}: {}", report.stderr());
    }
}

#[tokio::test]
async fn stdin_gets_exactly_what_follows_the_line() {
    let script = "#!MISBEHAVE cat\n\nx\u{0}y\n";
    assert_eq!(TestScript::new(script).run().await.stdout(), "\nx\u{0}y\n");
    assert_eq!(TestScript::new("#!cat\n").run().await.stdout(), "");
}

#[tokio::test]
async fn a_script_on_stdin_may_be_large_or_unread() {
    let text = format!("#!cat\n{}", "0123456789abcde\n".repeat(10 << 16));
    let report = TestScript::new(&text).run().await;
    assert_eq!(report.ended.output_bytes, 10 << 20);
    assert_eq!(report.ended.dropped_bytes, 0);
    for unread in ["#!true\n", "#!MISBEHAVE exit 0\n"] {
        let report = TestScript::new(&text.replacen("#!cat\n", unread, 1))
            .run()
            .await;
        assert_eq!(report.ended.reason, EndReason::Exited(0));
    }
}

#[tokio::test]
async fn messages_name_the_line_of_the_rendered_script() {
    for text in [
        "#!/bin/bash\ntrue\nno-such-program\n",
        "\n#!/bin/bash\nno-such-program\n",
        "\n\nno-such-program\n",
    ] {
        let report = TestScript::new(text).run().await;
        assert_eq!(report.ended.reason, EndReason::Exited(127));
        let stderr = report.stderr();
        assert!(
            stderr.contains("line 3:") || stderr.contains(" 3: "),
            "{stderr}"
        );
    }
}

#[tokio::test]
async fn the_script_file_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let mut live = TestScript::new("echo $0; exec MISBEHAVE deaf")
        .start()
        .await;
    live.until("ready").await;
    let path = live.interpreter.last().unwrap().clone();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    live.task.abort();
    support::gone(live.pid).await;
    support::eventually("the file is gone", || {
        (!std::path::Path::new(&path).exists()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_environment_is_exact() {
    let value = "a 'b' \"c\" $d `e` \\ \n\u{fc}";
    let report = TestScript::new("printf %s \"$HOOK_ERROR\"")
        .env("HOOK_ERROR", value)
        .run()
        .await;
    assert_eq!(report.stdout(), value);

    let mut test = TestScript::new("env").env("HOOK_TASK", "backup");
    test.spec.environment.clean = true;
    let report = test.run().await;
    let names: Vec<&str> = report
        .stdout()
        .leak()
        .lines()
        .filter_map(|line| Some(line.split_once('=')?.0))
        .collect();
    assert!(
        names.contains(&"HOOK_TASK") && names.contains(&"PATH"),
        "{names:?}"
    );
    assert!(
        !names.iter().any(|name| name.starts_with("CARGO")),
        "{names:?}"
    );
}

#[tokio::test]
async fn texts_of_any_length_reach_the_script_and_what_it_runs() {
    // Four times what the system allows in all, and each more than it allows for one.
    let script = "printf '%s %s %s\\n' \"${#TEXT_1}\" \"$SHORT\" \"$CUT\"
        sh -c 'test -n \"$1\"' sh \"error: $TEXT_1\" && echo passed on";
    let mut test = TestScript::new(script);
    let texts = (1..=40).map(|i| (format!("TEXT_{i}"), "ü".repeat(100_000)));
    let environment = &mut test.spec.environment;
    environment.texts = texts.collect();
    let short = "ünï".to_owned();
    environment.texts.insert("SHORT".to_owned(), short);
    environment.cut_names = Some("CUT".to_owned());
    environment.set.insert("LC_ALL".to_owned(), "C".to_owned());
    let out = test.run().await.stdout();
    let (first, rest) = out.split_once('\n').unwrap();
    let mut words = first.split(' ');
    let length: usize = words.next().unwrap().parse().unwrap();
    assert!(length > 1000 && length.is_multiple_of(2), "{length}");
    assert_eq!(words.next(), Some("ünï"));
    assert_eq!(words.count(), 40, "{first}");
    assert_eq!(rest, "passed on\n");
}

#[tokio::test]
async fn it_runs_where_it_should() {
    let mut test = TestScript::new("pwd");
    test.spec.working_directory = "/usr".into();
    assert_eq!(test.run().await.stdout(), "/usr\n");
    assert_eq!(TestScript::new("pwd").run().await.stdout(), "/\n");
}

#[tokio::test]
async fn an_interpreter_may_be_relative_to_the_working_directory() {
    let mut test = TestScript::new("#!bin/cat\nhi\n");
    test.spec.working_directory = "/usr".into();
    assert_eq!(test.run().await.stdout(), "hi\n");
}

#[tokio::test]
async fn it_gets_three_descriptors_and_its_own_group() {
    // Other scripts run at the same time, and their pipes must not be open in this one.
    process_supervisor::seal_descriptors().unwrap();
    let other = TestScript::new("MISBEHAVE wait").start().await;
    let report = TestScript::new("#!MISBEHAVE descriptors\n").run().await;
    assert_eq!(report.stdout(), "0 1 2");
    let report = TestScript::new("ps -o pgid= -p $$").run().await;
    assert_eq!(report.stdout().trim(), report.pid.to_string());
    other.task.abort();
}

#[tokio::test]
async fn each_signal_has_its_name() {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = u64::from_str_radix(ignored.expect("a mask").trim(), 16).expect("hex");
    for (number, name) in [
        (1, "SIGHUP"),
        (2, "SIGINT"),
        (3, "SIGQUIT"),
        (4, "SIGILL"),
        (5, "SIGTRAP"),
        (6, "SIGABRT"),
        (7, "SIGBUS"),
        (8, "SIGFPE"),
        (9, "SIGKILL"),
        (10, "SIGUSR1"),
        (11, "SIGSEGV"),
        (12, "SIGUSR2"),
        (13, "SIGPIPE"),
        (14, "SIGALRM"),
        (15, "SIGTERM"),
        (24, "SIGXCPU"),
        (25, "SIGXFSZ"),
        (26, "SIGVTALRM"),
        (27, "SIGPROF"),
        (29, "SIGIO"),
        (30, "SIGPWR"),
        (31, "SIGSYS"),
    ] {
        // A script ignores the signals that this process was started to ignore.
        if number != 13 && ignored & (1 << (number - 1)) != 0 {
            continue;
        }
        // Rust programs ignore SIGPIPE.
        let script = match number {
            13 => "kill -13 $$".to_owned(),
            _ => format!("exec MISBEHAVE signal {number}"),
        };
        let report = TestScript::new(&script).run().await;
        assert_eq!(report.ended.reason, EndReason::Signaled(name.to_owned()));
    }
}

#[tokio::test]
async fn exit_codes_are_told() {
    for code in [0, 1, 2, 75, 126, 127, 128, 255] {
        let report = TestScript::new(&format!("exit {code}")).run().await;
        assert_eq!(report.ended.reason, EndReason::Exited(code));
    }
}

#[tokio::test]
async fn scripts_run_side_by_side() {
    let since = Instant::now();
    let all: Vec<_> = (0..32)
        .map(|i| tokio::spawn(TestScript::new(&format!("sleep 0.2; echo {i}")).run()))
        .collect();
    for (i, report) in all.into_iter().enumerate() {
        assert_eq!(report.await.unwrap().stdout(), format!("{i}\n"));
    }
    assert!(
        since.elapsed() < Duration::from_secs(5),
        "one after another"
    );
}

#[test]
fn hand_over_is_known_before_the_start() {
    assert_eq!(
        TestScript::new("true").spec.script.hand_over,
        HandOver::File
    );
    assert_eq!(
        TestScript::new("#!cat\n").spec.script.hand_over,
        HandOver::Stdin
    );
}
