//! Remedies of a start that fails: each is followed, and hookd starts.

use std::fs;
use std::path::Path;

use hookd_proto::v1::Condition::SnapshotStart;
use hookd_proto::v1::outcome::Outcome;
use hookd_test_support::{Setup, TestDaemon, config, event, hook, outcomes, request, run};

fn valid() -> String {
    config(&hook("h", "SNAPSHOT_START", "", "true"))
}

/// Asserts that hookd does not start with these arguments and says this, and starts with each of
/// the others in the same folder.
fn check(prepare: impl Fn(&Path), failing: &[&str], remedy: &str, mended: &[&[&str]]) {
    let with = |arguments: &[&str]| {
        let setup = Setup::new(&valid());
        prepare(setup.dir.path());
        let folder = setup.dir.path().display().to_string();
        let filled = arguments
            .iter()
            .map(|argument| argument.replace("DIR", &folder));
        filled
            .collect::<Vec<_>>()
            .into_iter()
            .fold(setup, Setup::arg)
    };
    let (code, said) = with(failing).fails();
    assert_ne!(code, 0);
    assert!(said.contains(remedy), "{remedy}: {said}");
    for arguments in mended {
        if let Err(said) = with(arguments).try_start() {
            panic!("{arguments:?}: {said}");
        }
    }
}

#[test]
fn addresses() {
    let nothing = |_: &Path| {};
    let loopback = ["--listen", "tcp://127.0.0.1:0", "--insecure-loopback"];
    check(
        nothing,
        &["--listen", "tcp://0.0.0.0:0"],
        "listen on a Unix socket, or on tcp://127.0.0.1 with --insecure-loopback",
        &[&["--listen", "unix://DIR/other.sock"], &loopback],
    );
    check(
        nothing,
        &["--listen", "tcp://127.0.0.1:0"],
        "add --insecure-loopback if that is meant",
        &[&loopback],
    );
    let long = format!("unix://DIR/{}.sock", "x".repeat(120));
    check(
        nothing,
        &["--listen", &long],
        "give a shorter one with --listen",
        &[&["--listen", "unix://DIR/x.sock"]],
    );
    let file = |folder: &Path| fs::write(folder.join("taken"), "").expect("written");
    check(
        file,
        &["--listen", "unix://DIR/taken"],
        "move it away, or give another path with --listen",
        &[&["--listen", "unix://DIR/free"]],
    );
}

#[test]
fn a_socket_in_use() {
    let first = Setup::new(&valid()).start();
    let address = first.address();
    let second = || Setup::new(&valid()).arg("--listen").arg(&address);
    let (_, said) = second().fails();
    assert!(
        said.contains("stop it, or give another path with --listen"),
        "{said}"
    );
    assert!(Setup::new(&valid()).try_start().is_ok());
    let kept = std::sync::Arc::clone(&first.dir);
    assert_eq!(first.terminate(), 0);
    assert!(second().try_start().is_ok());
    drop(kept);
}

#[test]
fn a_state_folder_in_use() {
    let first = Setup::new(&valid()).start();
    let state = first.dir.path().join("state");
    let second = || Setup::new(&valid()).arg("--state").arg(&state);
    let (_, said) = second().fails();
    let remedy = format!(
        "cannot use the state folder {}: it is in use by another hookd: stop that one, or give \
         another folder with --state",
        state.display()
    );
    assert!(said.contains(&remedy), "{said}");
    let other = first.dir.path().join("other");
    let elsewhere = Setup::new(&valid()).arg("--state").arg(&other);
    assert!(elsewhere.try_start().is_ok());
    let kept = std::sync::Arc::clone(&first.dir);
    assert_eq!(first.terminate(), 0);
    assert!(second().try_start().is_ok());
    drop(kept);
}

#[test]
fn state_folders_and_stores() {
    let foreign = |folder: &Path| {
        let state = folder.join("other");
        fs::create_dir(&state).expect("made");
        let store = rusqlite::Connection::open(state.join("runs.sqlite3")).expect("opened");
        store
            .execute_batch("CREATE TABLE t (x); PRAGMA user_version = 7;")
            .expect("written");
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&state, fs::Permissions::from_mode(0o700)).expect("set");
    };
    check(
        foreign,
        &["--state", "DIR/other", "--store", "sqlite"],
        "name another state directory",
        &[&["--state", "DIR/free", "--store", "sqlite"]],
    );
    check(
        foreign,
        &["--state", "DIR/other", "--store", "sqlite"],
        "`--store memory` goes on without what it holds",
        &[&["--state", "DIR/other", "--store", "memory"]],
    );
    let open = |folder: &Path| {
        use std::os::unix::fs::PermissionsExt as _;
        let state = folder.join("open");
        fs::create_dir(&state).expect("made");
        fs::set_permissions(&state, fs::Permissions::from_mode(0o777)).expect("set");
    };
    check(
        open,
        &["--state", "DIR/open"],
        "/open, or give another folder with --state",
        &[&["--state", "DIR/free"]],
    );
    let file = |folder: &Path| fs::write(folder.join("taken"), "").expect("written");
    check(
        file,
        &["--state", "DIR/taken"],
        "): give another folder with --state",
        &[&["--state", "DIR/free"]],
    );
}

/// Runs the one hook with these keys and this script, and returns its outcome.
async fn outcome(keys: &str, script: &str) -> Outcome {
    let daemon = TestDaemon::with(&config(&hook("h", "SNAPSHOT_START", keys, script)));
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotStart))).await;
    outcomes(&entries).remove(0).1
}

#[tokio::test]
async fn hooks_that_cannot_start() {
    let long = format!("#!/bin/sh {}\ntrue", "x".repeat(5000));
    for (keys, script, remedy, keys_mended, mended) in [
        (
            "",
            "#!no-such-program\n",
            "install it, or give its full path",
            "",
            "#!/bin/true\n",
        ),
        (
            "",
            "#!{{ .Error }}\ntrue",
            "or remove the line to have `sh` run it",
            "",
            "true",
        ),
        (
            "",
            "#!{{ .Error }}\ntrue",
            "name one",
            "",
            "#!/bin/sh\ntrue",
        ),
        (
            "",
            &*long,
            "move its arguments into the script",
            "",
            "#!/bin/sh\nset x\ntrue",
        ),
        (
            "workingDirectory: /no/such",
            "true",
            "create it, or name another",
            "workingDirectory: /",
            "true",
        ),
    ] {
        match outcome(keys, script).await {
            Outcome::FailedToStart(failed) => {
                assert!(failed.message.contains(remedy), "{}", failed.message);
            }
            other => panic!("{script}: {other:?}"),
        }
        let after = outcome(keys_mended, mended).await;
        assert_eq!(after, Outcome::ExitCode(0), "{remedy}");
    }
}

#[test]
fn settings_in_the_config() {
    let with = |server: &str| Setup::new(&format!("server: {server}\n{}", valid()));
    for (faulty, remedy, mended) in [
        (
            "{ listen: 'http://x' }",
            "give unix:///path, tcp://127.0.0.1:7432 or fd://",
            "{ listen: 'unix:///run/x.sock' }",
        ),
        (
            "{ web: { origins: ['*'] } }",
            "name each origin, such as `https://backup.example.org`",
            "{ web: { origins: ['https://backup.example.org'] } }",
        ),
        (
            "{ web: { origins: ['https://x.example/'] } }",
            "write `https://x.example`",
            "{ web: { origins: ['https://x.example'] } }",
        ),
        (
            "{ store: disk }",
            "it is one of `memory`, `sqlite`",
            "{ store: memory }",
        ),
    ] {
        let (_, said) = with(faulty).fails();
        assert!(said.contains(remedy), "{remedy}: {said}");
        if let Err(said) = with(mended).try_start() {
            panic!("{mended}: {said}");
        }
    }
}
