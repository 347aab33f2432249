//! Secrets in whatever a hook prints and an agent reports, masked in the journal.

use std::fmt::Write as _;
use std::time::Instant;

use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;

use super::text;
use hookd_test_support::*;

use v1::Condition::{SnapshotEnd, SnapshotError, SnapshotStart};

#[tokio::test]
async fn secrets_of_one_hook_are_masked_in_all_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("secret");
    std::fs::write(&file, "file-s3cret\n").expect("written");
    let env = format!(
        "env: {{ A: {{ fromFile: {} }}, B: {{ fromEnv: OUTSIDE }}, API_KEY: plain-s3cret }}",
        file.display()
    );
    let prints = format!(
        "cat {}; echo \"${{OUTSIDE-withheld}}\"; echo outside-s3cret plain-s3cret",
        file.display()
    );
    let hooks = [
        hook("spy", "SNAPSHOT_END", "", &prints),
        hook("owner", "SNAPSHOT_ERROR", &env, "echo \"$OUTSIDE\" | wc -c"),
        hook("clean", "SNAPSHOT_ERROR", "", "echo \"${PATH:+path}\""),
        hook(
            "rotates",
            "SNAPSHOT_END",
            "",
            &format!("echo r0tated > {}", file.display()),
        ),
        hook("later", "SNAPSHOT_END", "", &prints),
    ];
    let daemon = Setup::new(&config(&hooks.concat()))
        .env("OUTSIDE", "outside-s3cret")
        .start();
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotError))).await;
    let others = "withheld\n************** ************\n";
    assert_eq!(text(&entries, 0), format!("***********\n{others}"));
    assert_eq!(text(&entries, 1), "15\n");
    assert_eq!(text(&entries, 2), "path\n");
    assert_eq!(
        text(&entries, 4),
        format!("*******\n{others}"),
        "masked by its new value"
    );
}

#[tokio::test]
async fn texts_of_the_agent_and_of_faults_are_masked() {
    let config = config(
        &[
            hook(
                "bad",
                "SNAPSHOT_START",
                "",
                "#!/nonexistent/{{ .Repo.Password }}\nx",
            ),
            hook("sees", "SNAPSHOT_START", "", "echo \"$HOOK_TASK\" | wc -c"),
        ]
        .concat(),
    );
    let daemon = TestDaemon::with(&config.replace(
        "sftp:nas:/backup",
        "rest:https://anna:uri%2Fs3cret@nas:8000/",
    ));
    let mut told = event(SnapshotStart);
    told.task = "backup with correct-horse".to_owned();
    told.error = "401 for https://anna:uri%2Fs3cret@nas, uri/s3cret".to_owned();
    let label = ("url".to_owned(), "Y29ycmVjdC1ob3JzZQ==".to_owned());
    told.labels.extend([label]);
    let entries = run(&mut daemon.hooks().await, request(told)).await;
    let Some(Entry::RunStarted(started)) = &entries[0].entry else {
        panic!("{entries:?}");
    };
    let told = started.event.clone().expect("an event");
    assert_eq!(told.task, "backup with *************");
    assert_eq!(
        told.error,
        "401 for https://anna:************@nas, **********"
    );
    assert_eq!(told.labels["url"], "*****************Q==");
    assert_eq!(text(&entries, 1), "26\n", "the hook has the text as it is");
    let shown = format!("{entries:?}{}", daemon.log());
    for secret in ["correct-horse", "s3cret"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[tokio::test]
async fn secrets_within_plain_values_are_masked() {
    let values = [
        ("DSN", "postgres://u:dsnSecret99@h/db"),
        ("HEALTHCHECK_URL", "https://hc:hcPass1234@h/ping"),
        ("LIBPQ", "host=db password=pqPass1234"),
    ];
    let env = values.map(|(name, value)| format!("{name}: '{value}'"));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("dsn");
    std::fs::write(&file, "mysql://u:filePass1234@h/db").expect("written");
    let more = format!(
        "env: {{ {}, FILE: {{ fromFile: {} }} }}",
        env.join(", "),
        file.display()
    );
    let script = "echo $DSN $HEALTHCHECK_URL $LIBPQ; echo filePass1234 rclonePass99 sigSecret99";
    let hooks = config(&hook("prints", "SNAPSHOT_END", &more, script)).replace(
        "sftp:nas:/backup",
        "\"rclone::webdav,url='https://h?sig=sigSecret99',user=u,pass=rclonePass99:path\"",
    );
    let daemon = TestDaemon::with(&hooks);
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await;
    let expect = "postgres://u:***********@h/db https://hc:**********@h/ping \
                  host=db password=**********\n************ ************ ***********\n";
    assert_eq!(text(&entries, 0), expect);
}

/// The output is cut in the middle of a secret, at its head and at its tail.
#[tokio::test]
async fn a_secret_that_the_limit_cuts_is_masked() {
    let token = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-+/.,:;!?=";
    let script = "printf '%03062d%s%0100000d%s%0987d' 0 \"$API_TOKEN\" 0 \"$API_TOKEN\" 0";
    let more = format!("maxOutput: 4KiB\nenv: {{ API_TOKEN: '{token}' }}");
    let hooks = config(&hook("cut", "SNAPSHOT_END", &more, script));
    let daemon = TestDaemon::with(&hooks);
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await;
    let shown = entries.iter().filter_map(|entry| match &entry.entry {
        Some(Entry::HookOutput(output)) => Some(&output.data[..]),
        _ => None,
    });
    let shown = String::from_utf8(shown.collect::<Vec<_>>().concat()).expect("text");
    let expect = [(3062, "0"), (10, "*"), (37, "*"), (987, "0")];
    let expect = expect.map(|(count, byte)| byte.repeat(count)).concat();
    assert_eq!(shown, expect);
}

/// 3,400 lines in a file slowed other hooks down to seconds.
#[tokio::test]
async fn a_long_list_of_secrets_slows_nobody() {
    let list = tempfile::NamedTempFile::new().expect("a file");
    let lines = (0..3400).fold(String::new(), |mut lines, i| {
        let _ = writeln!(lines, "line {i:04} of a list of secrets that is long");
        lines
    });
    std::fs::write(list.path(), lines).expect("written");
    let more = format!("env: {{ LIST: {{ fromFile: {} }} }}", list.path().display());
    let flood = "yes 'a line of output, and nothing else' | head -c 16000000";
    let hooks = [
        hook("floods", "SNAPSHOT_END", &more, flood),
        hook(
            "prints",
            "SNAPSHOT_END",
            "",
            "echo \"<line 2718 of a list of secrets that is long>\"",
        ),
        hook("check", "SNAPSHOT_START", "", "echo ok"),
    ];
    let daemon = TestDaemon::with(&config(&hooks.concat()));
    let mut client = daemon.hooks().await;
    // Builds the mask.
    run(&mut client, request(event(SnapshotStart))).await;
    let flooding = tokio::spawn(async move {
        let entries = run(&mut client, request(event(SnapshotEnd))).await;
        text(&entries, 1)
    });
    let mut longest = std::time::Duration::ZERO;
    let mut client = daemon.hooks().await;
    while !flooding.is_finished() {
        let begun = Instant::now();
        let entries = run(&mut client, request(event(SnapshotStart))).await;
        assert_eq!(text(&entries, 0), "ok\n");
        longest = longest.max(begun.elapsed());
    }
    assert!(longest.as_secs_f32() < 2.0, "{longest:?}");
    let printed = flooding.await.expect("it ends");
    assert_eq!(printed, format!("<{}>\n", "*".repeat(43)));
}
