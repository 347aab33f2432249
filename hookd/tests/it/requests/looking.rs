//! Requests that only read, and requests of admins.

use hookd_proto::v1;

use hookd_test_support::*;

use v1::Condition::{SnapshotEnd, SnapshotStart};

#[tokio::test]
async fn runs_are_listed_newest_first_in_pages_and_by_filter() {
    let daemon = TestDaemon::with(&config(&hook(
        "h",
        "SNAPSHOT_START",
        "onError: ON_ERROR_CANCEL",
        "false",
    )));
    let mut client = daemon.hooks().await;
    let mut ids = Vec::new();
    for condition in [
        SnapshotStart,
        SnapshotEnd,
        SnapshotStart,
        SnapshotEnd,
        SnapshotEnd,
    ] {
        ids.push(run_id(&run(&mut client, request(event(condition))).await));
    }
    ids.reverse();
    let mut seen = Vec::new();
    let mut page_token = String::new();
    loop {
        let asked = v1::ListRunsRequest {
            page_size: 2,
            page_token,
            ..Default::default()
        };
        let page = client.list_runs(asked).await.expect("a page").into_inner();
        assert!(page.runs.len() <= 2);
        seen.extend(page.runs.into_iter().map(|run| run.run_id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ids);
    let cancelled = v1::ListRunsRequest {
        decisions: vec![v1::DecisionKind::Cancel.into()],
        plan_id: "home".to_owned(),
        ..Default::default()
    };
    let found = client
        .list_runs(cancelled)
        .await
        .expect("a page")
        .into_inner()
        .runs;
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|run| {
        run.event
            .as_ref()
            .is_some_and(|e| e.condition() == SnapshotStart)
    }));
    let asked = v1::ListRunsRequest {
        page_size: 5000,
        ..Default::default()
    };
    assert_eq!(
        reason(&client.list_runs(asked).await.expect_err("too many")),
        "INVALID_FILTER"
    );
}

#[tokio::test]
async fn hooks_and_scripts_are_shown_without_running_them() {
    let hooks = [
        hook(
            "a",
            "SNAPSHOT_END",
            "",
            "#!/bin/bash\ntouch /nonexistent/{{ .Task }} {{ .Repo.Password }}",
        ),
        hook("b", "SNAPSHOT_ERROR", "enabled: false", "true"),
        hook(
            "c",
            "SNAPSHOT_END",
            "",
            "#!ssh -p {{ .Repo.Password }} host bash\ntrue",
        ),
    ];
    let daemon = TestDaemon::with(&config(&hooks.concat()));
    let mut client = daemon.hooks().await;
    let listed = client
        .list_hooks(v1::ListHooksRequest::default())
        .await
        .expect("hooks")
        .into_inner();
    let names: Vec<_> = listed
        .hooks
        .iter()
        .map(|h| h.hook.as_ref().map_or("", |h| h.name.as_str()))
        .collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(listed.hooks[0].plan_id, "home");
    assert!(
        listed.hooks[0]
            .triggered_by()
            .any(|c| c == v1::Condition::SnapshotSkipped)
    );

    let asked = v1::RenderHooksRequest {
        event: Some(event(v1::Condition::SnapshotError)),
        hook: String::new(),
    };
    let shown = client
        .render_hooks(asked)
        .await
        .expect("scripts")
        .into_inner();
    assert_eq!(shown.hooks.len(), 3);
    let script = String::from_utf8_lossy(&shown.hooks[0].script).into_owned();
    assert_eq!(
        script,
        "#!/bin/bash\ntouch /nonexistent/nightly *************\n"
    );
    assert_eq!(shown.hooks[0].interpreter, ["/bin/bash"]);
    assert_eq!(shown.hooks[0].script_via(), v1::ScriptVia::File);
    assert!(shown.hooks[1].disabled);
    assert_eq!(shown.hooks[2].script_via(), v1::ScriptVia::Stdin);
    let masked = ["ssh", "-p", "*************", "host", "bash"];
    assert_eq!(shown.hooks[2].interpreter, masked);

    let asked = v1::RenderHooksRequest {
        event: Some(event(SnapshotStart)),
        hook: "d".to_owned(),
    };
    assert_eq!(
        reason(&client.render_hooks(asked).await.expect_err("none")),
        "HOOK_NOT_FOUND"
    );
}

#[tokio::test]
async fn admins_check_reload_and_look() {
    let daemon = TestDaemon::with(&config(&hook("h", "SNAPSHOT_END", "", "true")));
    let mut admin = daemon.admin().await;
    let info = admin
        .get_server_info(v1::GetServerInfoRequest {})
        .await
        .expect("info")
        .into_inner();
    assert_eq!(info.version, env!("CARGO_PKG_VERSION"));
    assert_eq!(
        (info.pid, info.listen),
        (daemon.pid(), vec![daemon.address()])
    );
    let before = info.config.expect("a config");
    assert_eq!((before.hooks, before.repos, before.plans), (1, 1, 1));

    std::fs::write(&daemon.config, "hooks: [{}]\nrepoz: []\n").expect("written");
    let answer = admin
        .reload_config(v1::ReloadConfigRequest {})
        .await
        .expect("an answer")
        .into_inner();
    assert!(!answer.applied);
    assert!(
        answer.diagnostics.len() >= 2,
        "all faults at once: {:?}",
        answer.diagnostics
    );
    assert_eq!(answer.config.expect("the old one").etag, before.etag);

    std::fs::write(
        &daemon.config,
        config(&hook("new", "SNAPSHOT_END", "", "true")),
    )
    .expect("written");
    let answer = admin
        .reload_config(v1::ReloadConfigRequest {})
        .await
        .expect("an answer")
        .into_inner();
    assert!(answer.applied, "{:?}", answer.diagnostics);
    assert_ne!(answer.config.expect("the new one").etag, before.etag);

    let asked = v1::CheckConfigRequest {
        config: "plans: [{id: x, repo: y}]".into(),
        file: "given.yaml".to_owned(),
    };
    let answer = admin
        .check_config(asked)
        .await
        .expect("an answer")
        .into_inner();
    assert!(
        answer
            .diagnostics
            .iter()
            .any(|d| d.severity() == v1::Severity::Error && d.file == "given.yaml")
    );
}

#[tokio::test]
async fn health_and_reflection_answer() {
    use tonic_health::pb::HealthCheckRequest;
    use tonic_health::pb::health_client::HealthClient;
    use tonic_reflection::pb::v1::ServerReflectionRequest;
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

    let daemon = TestDaemon::with(&config(&hook("h", "SNAPSHOT_END", "", "true")));
    let mut health = HealthClient::new(daemon.channel().await);
    for service in ["", "hookd.v1.HookService", "hookd.v1.AdminService"] {
        let asked = HealthCheckRequest {
            service: service.to_owned(),
        };
        let answer = health.check(asked).await.expect("health").into_inner();
        assert_eq!(answer.status, 1, "{service} serves");
    }
    let mut reflection = ServerReflectionClient::new(daemon.channel().await);
    let asked = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let stream = tokio_stream::once(asked);
    let mut answers = reflection
        .server_reflection_info(stream)
        .await
        .expect("reflection")
        .into_inner();
    let answer = answers
        .message()
        .await
        .expect("no error")
        .expect("an answer");
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("{answer:?}");
    };
    let names: Vec<String> = list.service.into_iter().map(|s| s.name).collect();
    assert!(
        names.contains(&"hookd.v1.HookService".to_owned()),
        "{names:?}"
    );
}

#[tokio::test]
async fn previews_of_slow_templates_hold_up_no_other_call() {
    let range = "range(end=100000)";
    let slow = format!(
        "{{% if labels.slow %}}{{% for a in {range} %}}{{% for b in {range} %}}\
         {{% set x = b %}}{{% endfor %}}{{% endfor %}}{{% endif %}}"
    );
    let hooks = hook("slow", "SNAPSHOT_START", "", &slow)
        .replace("    command:", "    templateEngine: TERA\n    command:");
    let daemon = TestDaemon::with(&config(&hooks));
    let mut event = event(SnapshotStart);
    event.labels.insert("slow".to_owned(), "1".to_owned());
    let workers = std::thread::available_parallelism().expect("known").get();
    let mut previews = tokio::task::JoinSet::new();
    for _ in 0..=workers {
        let mut client = daemon.hooks().await;
        let asked = v1::RenderHooksRequest {
            event: Some(event.clone()),
            hook: String::new(),
        };
        previews.spawn(async move { client.render_hooks(asked).await.map(drop) });
    }
    let a_moment = std::time::Duration::from_secs(1);
    let early = tokio::time::timeout(a_moment, previews.join_next()).await;
    assert!(early.is_err(), "{early:?}");
    let mut client = daemon.hooks().await;
    let listed = client.list_runs(v1::ListRunsRequest::default());
    let listed = tokio::time::timeout(5 * a_moment, listed).await;
    listed
        .expect("it does not wait for previews")
        .expect("a page");
}
