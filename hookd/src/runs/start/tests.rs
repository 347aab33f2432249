//! Runs that the store and the runner register one after the other, and runs that panic.

use hook_core::catalog::RunRetention;
use hook_core::hook::Hook;
use hook_core::load;
use hook_core::run::decision::{Decision, DecisionKind};
use hook_core::run::journal::{Fact, JournalEntry};
use hook_core::run::locks::NamedLocks;
use hook_core::run::stop::{CancelCause, StopReason};
use hookd_proto::v1;
use tempfile::TempDir;

use super::*;
use crate::config::Config;
use crate::limits::Limits;
use crate::paths::DaemonPaths;
use crate::run_setting::run_setting;
use crate::runs::record;
use crate::runs::tests::event;
use crate::runs::{OpenStore, RunSummary, StoreHealth};
use crate::settings::OnStoreFailure;
use crate::store::{EndedBy, Store};

fn runner() -> (Runner, TempDir) {
    let folder = tempfile::tempdir().expect("made");
    let file = folder.path().join("hookd.yaml");
    std::fs::write(&file, "hooks: []\n").expect("written");
    let (config, _) = Config::load(&file).expect("valid");
    let open_store = OpenStore {
        store: Arc::new(Store::in_memory().expect("a store")),
        health: Arc::new(StoreHealth::default()),
        on_store_failure: OnStoreFailure::default(),
        retention: RunRetention::default(),
    };
    let runner = Runner::new(
        Arc::new(config),
        &Limits::default(),
        DaemonPaths::default(),
        &open_store,
    );
    (runner, folder)
}

fn prepared(runner: &Runner) -> PreparedRun {
    let request = RunRequest {
        key: None,
        event: event(),
        timeout: None,
        cancel_on_disconnect: false,
    };
    runner.prepare(request).expect("there is room")
}

#[tokio::test]
async fn a_run_that_is_in_the_store_while_it_is_admitted_is_not_cut_off() {
    let (runner, _folder) = runner();
    let prepared = prepared(&runner);
    let id = prepared.new.id;
    let earlier = runner.registry.reserve(&prepared.run);
    assert!(matches!(earlier, Ok(None)));
    runner.store.admit(prepared.new).await.expect("it works");

    let found = runner.get(id).await.expect("it works");
    assert!(matches!(found, Some(KnownRun::Live(_))), "{found:?}");
    let stored = runner.store.get(id).await.expect("it works");
    let summary = runner.summary(&stored.expect("admitted")).await;
    let state = summary.expect("it works").into_wire().state();
    assert_eq!(state, v1::RunState::Queued);
}

#[tokio::test]
async fn a_run_that_ended_since_it_was_read_is_not_cut_off() {
    let (runner, _folder) = runner();
    let prepared = prepared(&runner);
    let id = prepared.new.id;
    let first = prepared.new.first.clone();
    runner.store.admit(prepared.new).await.expect("it works");
    let before = runner.store.get(id).await.expect("it works");
    let before = before.expect("admitted");

    let decision = Decision {
        kind: DecisionKind::Proceed,
        hook: String::new(),
        reason: String::new(),
        retry_after: None,
        attempt: 1,
        warnings: Vec::new(),
    };
    let last = record::encode(JournalEntry {
        sequence: 2,
        time: Timestamp::now(),
        fact: Fact::RunFinished { decision },
    });
    let mut ended = RunSummary::default();
    ended.add(&first);
    ended.add(&last);
    let finished = runner.store.finish(id, &[last], ended.end()).await;
    finished.expect("it works");
    let summary = runner.summary(&before).await.expect("it works");
    assert_eq!(summary.into_wire().state(), v1::RunState::Finished);
}

#[tokio::test]
async fn a_repeated_request_that_cannot_start_a_run_still_stops_the_earlier_one() {
    let (runner, _folder) = runner();
    let runner = Arc::new(runner);
    let request = RunRequest {
        key: Some(RequestKey {
            id: Uuid::now_v7(),
            event: [0; 32],
        }),
        event: event(),
        timeout: None,
        cancel_on_disconnect: true,
    };
    let prepared = runner.prepare(request.clone()).expect("there is room");
    let run = Arc::clone(&prepared.run);
    let reserved = runner.registry.reserve(&run);
    assert!(matches!(reserved, Ok(None)));
    let admitted = run.admission.set(Ok(AdmissionOutcome::OnRecord));
    admitted.expect("the first");
    runner.draining.cancel();

    let (known, guard) = runner.start(request).await.expect("it is known");
    assert_eq!(known.id(), run.id);
    assert_eq!(*run.stops().borrow(), None);
    drop(guard);
    let disconnected = StopReason::Cancelled(CancelCause::Disconnected);
    assert_eq!(*run.stops().borrow(), Some(disconnected));
}

#[tokio::test]
async fn a_panic_ends_its_run_as_failed_and_no_other() {
    let (runner, folder) = runner();
    let runner = Arc::new(runner);
    let text = "hooks:\n- conditions: [CONDITION_SNAPSHOT_END]\n  \
                actionCommand: { command: 'true' }\n";
    let catalog = load::parse("f", text.as_bytes()).expect("valid").catalog;
    let paths = DaemonPaths {
        scripts: folder.path().to_owned(),
        ..DaemonPaths::default()
    };
    let with = |timeout: Duration, prepared: PreparedRun| {
        let id = prepared.run.id.to_string();
        let setting = run_setting(&catalog, event(), id, &paths, &NamedLocks::default());
        let mut setting = setting.expect("it is known");
        let mut hook = Hook::clone(&setting.hooks[0]);
        hook.limits.timeout = timeout;
        setting.hooks = vec![Arc::new(hook)];
        let execution = Execution::new(setting);
        PreparedRun {
            execution,
            ..prepared
        }
    };
    // A timeout beyond the representable time panics; no config can have one.
    for (timeout, kind) in [
        (Duration::MAX, v1::DecisionKind::Fail),
        (Duration::from_secs(60), v1::DecisionKind::Proceed),
    ] {
        let prepared = with(timeout, prepared(&runner));
        let run = Arc::clone(&prepared.run);
        Arc::clone(&runner).carry_through(prepared).await;
        assert_eq!(runner.registry.counts().running, 0, "it is over");
        let stored = runner.store.get(run.id).await.expect("it works");
        let ended = stored.as_ref().and_then(|stored| stored.ended);
        assert_eq!(ended, Some(EndedBy::Decision(kind.into())));
        let summary = runner.summary(&stored.expect("admitted")).await;
        let wire = summary.expect("it works").into_wire();
        let reason = wire.decision.expect("one").reason;
        let ours = "a fault in hookd ended the run; hookd's log says more";
        assert_eq!(reason, if timeout == Duration::MAX { ours } else { "" });
    }
}
