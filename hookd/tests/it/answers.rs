//! Answers stay within gRPC's default limit of 4 MiB, whatever their content.

use hookd_proto::v1;
use hookd_test_support::*;
use prost::Message as _;
use tonic::Code;

use v1::Condition::{SnapshotEnd, SnapshotStart};

/// Returns a script of about this many bytes when rendered.
fn script(bytes: usize) -> String {
    format!("# {{{{ printf \"%0{bytes}d\" 1 }}}}")
}

async fn rendered(daemon: &TestDaemon, hook: &str) -> v1::RenderHooksResponse {
    let request = v1::RenderHooksRequest {
        event: Some(event(SnapshotEnd)),
        hook: hook.to_owned(),
    };
    let answer = daemon.hooks().await.render_hooks(request).await;
    answer.expect("an answer").into_inner()
}

#[tokio::test]
async fn long_scripts_are_rendered_in_part_and_a_single_one_whole() {
    let long = |n: usize| hook(&format!("h{n}"), "SNAPSHOT_END", "", &script(900_000));
    let huge = script(900_000).repeat(4);
    let hooks: String = (0..20).map(long).collect();
    let hooks = hooks
        + &hook("huge", "SNAPSHOT_END", "", &huge)
        + &hook("last", "SNAPSHOT_END", "", "true");
    let daemon = TestDaemon::with(&config(&hooks));

    let all = rendered(&daemon, "").await;
    assert_eq!(all.hooks.len(), 22);
    let first = &all.hooks[0];
    assert_eq!(first.script.len(), 256 << 10);
    assert_eq!(
        first.notes,
        [
            "the first 262144 bytes of the script are shown, and not the other 637859; asked for \
          alone, more of it is"
        ]
    );
    assert!(all.hooks[20].script.len() < 256 << 10, "no room is left");
    assert_eq!(all.hooks[20].notes.len(), 1);
    assert_eq!(
        all.hooks[21].interpreter.len(),
        1,
        "what it would run is said"
    );

    let alone = rendered(&daemon, "h0").await;
    assert_eq!(
        (alone.hooks[0].script.len(), alone.hooks[0].notes.len()),
        (900_003, 0)
    );
    let huge = rendered(&daemon, "huge").await;
    assert_eq!(
        (huge.hooks[0].script.len(), huge.hooks[0].notes.len()),
        (3 << 20, 1)
    );
}

#[tokio::test]
async fn long_scripts_are_listed_in_part() {
    let text = "x".repeat(300_000);
    let long = |n: usize| hook(&format!("h{n}"), "SNAPSHOT_END", "", &format!("# {text}"));
    let hooks: String = (0..13).map(long).collect();
    let daemon = TestDaemon::with(&config(&hooks));
    let listed = daemon
        .hooks()
        .await
        .list_hooks(v1::ListHooksRequest::default())
        .await;
    let hooks = listed.expect("an answer").into_inner().hooks;
    let command = |hook: &v1::ConfiguredHook| match hook.hook.clone().and_then(|h| h.action) {
        Some(v1::hook::Action::ActionCommand(command)) => command.command.len(),
        other => panic!("{other:?}"),
    };
    let shown: Vec<_> = hooks
        .iter()
        .map(|hook| (command(hook), hook.notes.len()))
        .collect();
    assert_eq!(shown[..12], [(256 << 10, 1); 12]);
    assert_eq!(shown[12..], [(0, 1)]);
    assert!(
        hooks[0].notes[0].ends_with("the config file has all of it"),
        "{:?}",
        hooks[0].notes
    );
}

#[tokio::test]
async fn too_many_hooks_for_one_answer_are_refused_with_what_to_ask_for() {
    use tonic_types::StatusExt as _;
    // Short in a config, but long on the wire, where each contains the id of its plan twice.
    let hook = "{conditions: [CONDITION_SNAPSHOT_END], actionCommand: {command: x}}, ";
    let plan = |n: usize| {
        let id = format!("{n}{}", "ü".repeat(190));
        format!(
            "  - id: {id}\n    repo: nas\n    hooks: [{}]\n",
            hook.repeat(450)
        )
    };
    let plans: String = (0..12).map(plan).collect();
    let daemon = TestDaemon::with(&(config("[]") + &plans));
    let mut client = daemon.hooks().await;
    let status = client
        .list_hooks(v1::ListHooksRequest::default())
        .await
        .expect_err("too large");
    assert_eq!(
        (status.code(), &*reason(&status)),
        (Code::ResourceExhausted, "ANSWER_TOO_LARGE")
    );
    let info = status.get_details_error_info().expect("a reason");
    assert_eq!(
        info.metadata["remedy"],
        "ask for the hooks of one plan or repository"
    );
    let of_plan = v1::ListHooksRequest {
        plan_id: format!("3{}", "ü".repeat(190)),
        ..v1::ListHooksRequest::default()
    };
    let listed = client.list_hooks(of_plan).await.expect("an answer");
    assert_eq!(listed.into_inner().hooks.len(), 450);
}

#[tokio::test]
async fn a_run_that_is_too_large_is_shown_in_part_and_its_journal_whole() {
    // The message names the missing interpreter in full.
    let script = format!("#!/{}\ntrue", "x".repeat(4000));
    let failing = |n: usize| hook(&format!("h{n}"), "SNAPSHOT_START", "", &script);
    let global: String = (0..500).map(failing).collect();
    let of_plan: String = (500..1000).map(failing).collect();
    let daemon = TestDaemon::with(&format!("hooks:\n{global}{}", config(&of_plan)));
    let mut client = daemon.hooks().await;
    let mut big = event(SnapshotStart);
    big.error = "e".repeat(200_000);
    let entries = run(&mut client, request(big)).await;
    let said: usize = entries.iter().map(|entry| entry.encoded_len()).sum();
    assert!(said > 4 << 20, "the journal is whole: {said}");

    let run = run_summary(&mut client, &run_id(&entries)).await;
    assert_eq!(run.hooks.len(), 1000);
    assert_eq!(
        run.notes,
        [
            "the run is too large to be shown whole: what its hooks said is cut short, and 1000 of \
          1000 hooks and 1000 of 1000 warnings are shown; its journal has everything"
        ]
    );
    let page = client.list_runs(v1::ListRunsRequest::default()).await;
    assert_eq!(page.expect("a page").into_inner().runs, [run]);
}
