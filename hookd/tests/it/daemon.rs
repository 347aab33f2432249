//! The daemon's life: coming up, refusing to, reloading, draining.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use hookd_proto::v1;
use hookd_test_support::*;

use v1::Condition::SnapshotStart;

fn plain() -> String {
    config(&hook("h", "SNAPSHOT_START", "", "true"))
}

#[tokio::test(flavor = "multi_thread")]
async fn it_listens_on_a_private_socket_and_says_so() {
    let mut daemon = TestDaemon::with(&plain());
    assert!(daemon.ready.contains(&daemon.address()), "{}", daemon.ready);
    let mode = |path: &std::path::Path| {
        fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode(&daemon.socket), 0o600);
    assert_eq!(mode(daemon.socket.parent().expect("a folder")), 0o700);
    assert_eq!(mode(&daemon.dir.path().join("state/scripts")), 0o700);
    daemon.signal("TERM");
    assert_eq!(daemon.ended(), 0);
    assert!(!daemon.socket.exists(), "the socket is gone");
}

#[test]
fn faulty_and_missing_configs_are_refused_with_78() {
    for (text, says) in [
        ("", "empty"),
        ("hooks: [\n", "hookd.yaml"),
        ("nonsense: 1\n", "nonsense"),
        ("hooks: 7\n", "hooks"),
    ] {
        let (code, log) = Setup::new(text).fails();
        assert_eq!(code, 78, "{text:?}: {log}");
        assert!(log.contains(says), "{text:?}: {log}");
    }
    let setup = Setup::new(&plain());
    fs::remove_file(setup.dir.path().join("hookd.yaml")).expect("removed");
    let (code, log) = setup.fails();
    assert_eq!(code, 78);
    assert!(
        log.contains("cannot read the config") && log.contains("--config"),
        "{log}"
    );
}

#[test]
fn addresses_that_are_not_safe_or_not_possible_are_refused_with_69() {
    let long = format!("unix:///tmp/{}/hookd.sock", "x".repeat(120));
    for (address, says) in [
        ("tcp://0.0.0.0:0", "TLS"),
        ("tcp://192.0.2.1:7432", "TLS"),
        ("tcp://127.0.0.1:0", "--insecure-loopback"),
        (long.as_str(), "107 is the limit"),
        ("fd://", "systemd"),
        ("unix:///proc/hookd.sock", "cannot listen"),
    ] {
        let (code, log) = Setup::new(&plain()).arg("--listen").arg(address).fails();
        assert_eq!(code, 69, "{address}: {log}");
        assert!(log.contains(says), "{address}: {log}");
    }
    let (code, log) = Setup::new(&plain()).arg("--listen").arg("ftp://x").fails();
    assert_eq!(code, 2, "{log}");
}

#[tokio::test]
async fn loopback_tcp_serves_when_asked_for() {
    let daemon = Setup::new(&plain())
        .arg("--listen")
        .arg("tcp://127.0.0.1:0")
        .arg("--insecure-loopback")
        .start();
    let address = format!("http://{}", daemon.tcp_address());
    let mut client = v1::hook_service_client::HookServiceClient::connect(address)
        .await
        .expect("it answers");
    let entries = run(&mut client, request(event(SnapshotStart))).await;
    assert_eq!(decision(&entries).kind(), v1::DecisionKind::Proceed);
}

#[tokio::test]
async fn a_socket_in_use_is_left_alone_and_a_stale_one_is_taken_over() {
    let first = TestDaemon::with(&plain());
    let (code, log) = Setup::new(&plain())
        .arg("--listen")
        .arg(first.address())
        .fails();
    assert_eq!(code, 69, "{log}");
    assert!(log.contains("in use"), "{log}");
    assert_eq!(
        decision(&run(&mut first.hooks().await, request(event(SnapshotStart))).await).kind(),
        v1::DecisionKind::Proceed
    );

    let setup = Setup::new(&plain());
    let socket = setup.socket();
    fs::create_dir_all(socket.parent().expect("a folder")).expect("made");
    drop(std::os::unix::net::UnixListener::bind(&socket).expect("bound"));
    assert!(socket.exists(), "the stale socket is there");
    let second = setup.start();
    assert_eq!(
        decision(&run(&mut second.hooks().await, request(event(SnapshotStart))).await).kind(),
        v1::DecisionKind::Proceed
    );

    let setup = Setup::new(&plain());
    fs::create_dir_all(setup.socket().parent().expect("a folder")).expect("made");
    fs::write(setup.socket(), "precious").expect("written");
    let file = setup.socket();
    let (code, log) = setup.fails();
    assert_eq!(code, 69, "{log}");
    assert!(log.contains("is no socket"), "{log}");
    drop(file);
}

#[tokio::test]
async fn sighup_loads_the_config_anew_and_keeps_it_if_it_is_faulty() {
    let daemon = TestDaemon::with(&plain());
    let mut client = daemon.hooks().await;
    let names = |client: &mut v1::hook_service_client::HookServiceClient<_>| {
        let mut client = client.clone();
        async move {
            let hooks = client
                .list_hooks(v1::ListHooksRequest::default())
                .await
                .expect("hooks");
            let hooks = hooks.into_inner().hooks;
            hooks
                .into_iter()
                .filter_map(|h| h.hook.map(|h| h.name))
                .collect::<Vec<_>>()
        }
    };
    fs::write(&daemon.config, "broken: [").expect("written");
    daemon.signal("HUP");
    until("the faulty config is logged", || async {
        daemon.log().contains("stays in force")
    })
    .await;
    assert_eq!(names(&mut client).await, ["h"]);
    fs::write(
        &daemon.config,
        config(&hook("new", "SNAPSHOT_START", "", "true")),
    )
    .expect("written");
    daemon.signal("HUP");
    until("the new hook is there", || {
        let names = names(&mut client);
        async move { names.await == ["new"] }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_lets_runs_finish_refuses_new_ones_and_exits_0() {
    let script = "echo up; read _ < \"$HOOK_LABEL_FIFO\"; echo done";
    let mut daemon = TestDaemon::with(&config(&hook("h", "SNAPSHOT_START", "", script)));
    let fifo = daemon.dir.path().join("fifo");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .expect("mkfifo")
            .success()
    );
    let mut slow = event(SnapshotStart);
    slow.labels
        .insert("fifo".to_owned(), fifo.display().to_string());
    let mut client = daemon.hooks().await;
    let stream = client
        .run_hooks(request(slow.clone()))
        .await
        .expect("it starts")
        .into_inner();
    daemon.signal("TERM");
    until("new runs are refused", || {
        let mut client = client.clone();
        async move {
            let other = v1::Event {
                plan_id: String::new(),
                repo_id: "nas".to_owned(),
                ..event(SnapshotStart)
            };
            match client.run_hooks(request(other)).await {
                Ok(_) => false,
                Err(status) => {
                    assert_eq!(status.code(), tonic::Code::Unavailable);
                    assert_eq!(reason(&status), "DRAINING");
                    true
                }
            }
        }
    })
    .await;
    fs::write(&fifo, "go\n").expect("the hook reads");
    let (entries, end) = collect(stream, |r: v1::RunHooksResponse| r.entry).await;
    assert!(end.is_none(), "{end:?}");
    assert_eq!(output(&entries, 0, v1::OutputStream::Stdout), b"up\ndone\n");
    assert_eq!(decision(&entries).kind(), v1::DecisionKind::Proceed);
    assert_eq!(daemon.ended(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_outlasts_the_drain_limit_is_ended_and_its_agent_told() {
    let hooks = hook("hung", "SNAPSHOT_START", "grace: 0s", "sleep 600");
    let mut daemon = Setup::new(&config(&hooks))
        .arg("--drain-timeout=100ms")
        .start();
    let mut client = daemon.hooks().await;
    let stream = client
        .run_hooks(request(event(SnapshotStart)))
        .await
        .expect("it starts")
        .into_inner();
    daemon.signal("TERM");
    let (entries, end) = collect(stream, |r: v1::RunHooksResponse| r.entry).await;
    assert!(end.is_none(), "{end:?}");
    assert!(matches!(&outcomes(&entries)[0].1,
        v1::outcome::Outcome::Cancelled(c) if c.cause() == v1::CancelCause::Shutdown));
    assert_eq!(decision(&entries).kind(), v1::DecisionKind::Cancel);
    assert_eq!(daemon.ended(), 0);
}

#[tokio::test]
async fn systemd_is_told_when_it_is_ready() {
    let setup = Setup::new(&plain());
    let path = setup.dir.path().join("notify");
    let socket = std::os::unix::net::UnixDatagram::bind(&path).expect("bound");
    socket.set_read_timeout(Some(PATIENCE)).expect("set");
    let _daemon = setup.env("NOTIFY_SOCKET", path.as_os_str()).start();
    let mut buffer = [0; 256];
    let length = socket.recv(&mut buffer).expect("a word from hookd");
    assert!(String::from_utf8_lossy(&buffer[..length]).contains("READY=1"));
}

#[tokio::test]
async fn a_client_that_never_reads_holds_nobody_up() {
    let flood = "head -c 8000000 /dev/zero; echo done > \"$HOOK_LABEL_FILE\"";
    let daemon = TestDaemon::with(&config(&hook("flood", "SNAPSHOT_START", "", flood)));
    let file = daemon.dir.path().join("done");
    let mut event = event(SnapshotStart);
    event
        .labels
        .insert("file".to_owned(), file.display().to_string());
    let mut client = daemon.hooks().await;
    let unread = client
        .run_hooks(request(event))
        .await
        .expect("it starts")
        .into_inner();
    until("the hook ends though nobody reads", || async {
        file.exists()
    })
    .await;
    drop(unread);
    let info = daemon
        .admin()
        .await
        .get_server_info(v1::GetServerInfoRequest {})
        .await;
    assert!(info.is_ok(), "the daemon goes on");
}
