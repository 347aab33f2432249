//! Runs whose beginning or end the store knows before the runner does, or after it, and
//! runs that a fault of ours ends.

use hook_core::catalog::RunRetention;
use hook_core::hook::Hook;
use hook_core::load;
use hookd_proto::v1;
use tempfile::TempDir;

use super::*;
use crate::config::Config;
use crate::convert::Glance;
use crate::limits::Limits;
use crate::runs::{Health, Keeping};
use crate::setting::Place;
use crate::store::{EndedBy, RunEnd, Store};

fn runner() -> (Runner, TempDir) {
    let folder = tempfile::tempdir().expect("made");
    let file = folder.path().join("hookd.yaml");
    std::fs::write(&file, "hooks: []\n").expect("written");
    let (config, _) = Config::load(&file).expect("valid");
    let keeping = Keeping {
        store: Arc::new(Store::in_memory().expect("a store")),
        health: Arc::new(Health::default()),
        on_store_failure: OnStoreFailure::default(),
        retention: RunRetention::default(),
    };
    let place = Place::default();
    let runner = Runner::new(Arc::new(config), &Limits::default(), place, &keeping);
    (runner, folder)
}

fn ready(runner: &Runner) -> Ready {
    let wire = v1::Event {
        condition: v1::Condition::SnapshotEnd.into(),
        ..v1::Event::default()
    };
    let event = convert::event_from_wire(Some(wire)).expect("valid").event;
    let request = Request {
        id: None,
        event,
        timed: false,
        timeout: None,
        cancel_on_disconnect: false,
    };
    runner.ready_for(request, None).expect("there is room")
}

#[tokio::test]
async fn a_run_that_the_store_has_before_we_hear_of_it_is_not_cut_off() {
    let (runner, _folder) = runner();
    let ready = ready(&runner);
    let id = ready.new.id;
    runner.registry.reserve(&ready.run);
    runner.store.admit(ready.new).await.expect("it works");

    let found = runner.get(id).await.expect("it works");
    assert!(matches!(found, Some(Known::Live(_))), "{found:?}");
    let kept = runner.store.get(id).await.expect("it works");
    let glance = runner.glance(&kept.expect("admitted")).await;
    let state = glance.expect("it works").state();
    assert_eq!(state, v1::RunState::Queued);
}

#[tokio::test]
async fn a_run_that_ended_since_it_was_read_is_not_cut_off() {
    let (runner, _folder) = runner();
    let ready = ready(&runner);
    let (id, event) = (ready.new.id, ready.run.event.clone());
    runner.store.admit(ready.new).await.expect("it works");
    let before = runner.store.get(id).await.expect("it works");
    let before = before.expect("admitted");

    let mut ended = Glance::begun(id, &event, Timestamp::now());
    ended.add(&v1::JournalEntry {
        sequence: 2,
        time: None,
        entry: Some(v1::journal_entry::Entry::RunFinished(
            v1::RunFinished::default(),
        )),
    });
    let end = RunEnd {
        by: EndedBy::Decision(v1::DecisionKind::Proceed.into()),
        ..ended.end()
    };
    runner.store.finish(id, &[], end).await.expect("it works");
    let glance = runner.glance(&before).await.expect("it works");
    assert_eq!(glance.state(), v1::RunState::Finished);
}

#[tokio::test]
async fn a_fault_of_our_own_ends_its_run_as_failed_and_no_other() {
    let (runner, folder) = runner();
    let runner = Arc::new(runner);
    let text = "hooks:\n- conditions: [CONDITION_SNAPSHOT_END]\n  \
                actionCommand: { command: 'true' }\n";
    let catalog = load::parse("f", text.as_bytes()).expect("valid").catalog;
    let place = Place {
        scripts: folder.path().to_owned(),
        ..Place::default()
    };
    let with = |timeout: Duration, ready: Ready| {
        let event = ready.run.event.clone();
        let id = ready.run.id.to_string();
        let setting = setting::of_event(&catalog, event, id, &place);
        let mut setting = setting.expect("it is known");
        let mut hook = Hook::clone(&setting.hooks[0]);
        hook.limits.timeout = timeout;
        setting.hooks = vec![Arc::new(hook)];
        let execution = Execution::new(setting);
        Ready { execution, ..ready }
    };
    // No config has such a time limit: it is past the end of time, and adding it panics.
    for (timeout, kind) in [
        (Duration::MAX, v1::DecisionKind::Fail),
        (Duration::from_secs(60), v1::DecisionKind::Proceed),
    ] {
        let ready = with(timeout, ready(&runner));
        let run = Arc::clone(&ready.run);
        Arc::clone(&runner).carry_through(ready).await;
        assert_eq!(runner.counts().running, 0, "it is over");
        let kept = runner.store.get(run.id).await.expect("it works");
        let ended = kept.as_ref().and_then(|kept| kept.ended);
        assert_eq!(ended, Some(EndedBy::Decision(kind.into())));
        let glance = runner.glance(&kept.expect("admitted")).await;
        let reason = glance.expect("it works").decision.expect("one").reason;
        let ours = "a fault in hookd ended the run; hookd's log says more";
        assert_eq!(reason, if timeout == Duration::MAX { ours } else { "" });
    }
}
