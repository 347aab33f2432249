//! Filters as they are read, and the runs that pass them.

use hookd_proto::well_known::Timestamp;
use tonic_types::StatusExt as _;

use super::*;

#[test]
fn a_condition_stands_for_all_reports_that_fire_it() {
    let table: [(&[Condition], &[Condition]); 4] = [
        (&[], &[]),
        (&[Condition::PruneStart], &[Condition::PruneStart]),
        (
            &[Condition::AnyError],
            &[
                Condition::AnyError,
                Condition::SnapshotError,
                Condition::PruneError,
                Condition::CheckError,
                Condition::ForgetError,
            ],
        ),
        (
            &[Condition::SnapshotSuccess, Condition::PruneStart],
            &[
                Condition::SnapshotSuccess,
                Condition::SnapshotSkipped,
                Condition::PruneStart,
            ],
        ),
    ];
    for (fired, reported) in table {
        let numbers: Vec<i32> = fired.iter().map(|c| c.number()).collect();
        assert_eq!(conditions(&numbers).as_deref(), Some(reported), "{fired:?}");
    }
    assert_eq!(conditions(&[1, 999]), None);
}

#[test]
fn beginnings_of_ids_are_written_as_ids_are() {
    let id = "01a20a7c-28d3-74aa-a6b7-2f7fdbeb0e83";
    for length in 0..=id.len() {
        let written = id_prefix(&id[..length]);
        assert_eq!(written.as_deref(), Some(id[..length].trim_end_matches('-')));
    }
    assert_eq!(id_prefix("01A20A7C28D3").as_deref(), Some("01a20a7c-28d3"));
    assert_eq!(id_prefix(&id.replace('-', "")).as_deref(), Some(id));
    for text in ["last", "0x1", "é", &format!("{id}0")] {
        assert_eq!(id_prefix(text), None, "{text}");
    }
}

#[test]
fn every_field_that_is_wrong_is_named() {
    let never = Timestamp {
        seconds: i64::MAX,
        nanos: 0,
    };
    let status = run_filter(v1::ListRunsRequest {
        conditions: vec![-1],
        states: vec![99],
        since: Some(never),
        until: Some(never),
        page_size: 1001,
        page_token: "x".to_owned(),
        output_contains: "x".repeat(MAX_SEARCH_BYTES + 1),
        run_id_prefix: "x".to_owned(),
        ..v1::ListRunsRequest::default()
    })
    .unwrap_err();
    let details = status.get_details_bad_request().unwrap();
    let violations = details.field_violations;
    let fields: Vec<&str> = violations.iter().map(|v| &*v.field).collect();
    assert_eq!(
        fields,
        [
            "since",
            "until",
            "page_size",
            "page_token",
            "run_id_prefix",
            "output_contains",
            "conditions",
            "states"
        ]
    );
}

#[test]
fn a_run_under_way_is_found_by_what_it_is_now() {
    use v1::ListRunsRequest as Request;
    let at = |seconds| Some(Timestamp { seconds, nanos: 0 });
    let run = v1::Run {
        run_id: "01a20a7c-28d3-74aa-a6b7-2f7fdbeb0e83".to_owned(),
        state: v1::RunState::Running.into(),
        event: Some(v1::Event {
            condition: v1::Condition::SnapshotSuccess.into(),
            plan_id: "home".to_owned(),
            repo_id: "nas".to_owned(),
            operation_id: "op".to_owned(),
            ..v1::Event::default()
        }),
        hooks: vec![v1::HookRun {
            hook: "battery".to_owned(),
            ..v1::HookRun::default()
        }],
        started_at: at(100),
        ..v1::Run::default()
    };
    let text = |text: &str| text.to_owned();
    let none = Request::default;
    let table = [
        (true, none()),
        (
            true,
            Request {
                plan_id: text("home"),
                ..none()
            },
        ),
        (
            false,
            Request {
                plan_id: text("work"),
                ..none()
            },
        ),
        (
            false,
            Request {
                repo_id: text("usb"),
                ..none()
            },
        ),
        (
            true,
            Request {
                operation_id: text("op"),
                ..none()
            },
        ),
        (
            false,
            Request {
                operation_id: text("po"),
                ..none()
            },
        ),
        (
            true,
            Request {
                conditions: vec![3],
                ..none()
            },
        ),
        (
            false,
            Request {
                conditions: vec![4],
                ..none()
            },
        ),
        (
            true,
            Request {
                states: vec![2],
                ..none()
            },
        ),
        (
            false,
            Request {
                states: vec![1, 3, 4],
                ..none()
            },
        ),
        (
            false,
            Request {
                decisions: vec![1],
                ..none()
            },
        ),
        (
            true,
            Request {
                since: at(100),
                until: at(101),
                ..none()
            },
        ),
        (
            false,
            Request {
                since: at(101),
                ..none()
            },
        ),
        (
            false,
            Request {
                until: at(100),
                ..none()
            },
        ),
        (
            true,
            Request {
                hook: text("battery"),
                ..none()
            },
        ),
        (
            false,
            Request {
                hook: text("disk"),
                ..none()
            },
        ),
        (
            true,
            Request {
                run_id_prefix: text("01A20A7C28"),
                ..none()
            },
        ),
        (
            false,
            Request {
                run_id_prefix: text("02"),
                ..none()
            },
        ),
        (
            false,
            Request {
                output_contains: text("x"),
                ..none()
            },
        ),
    ];
    for (found, request) in table {
        let filter = run_filter(request.clone()).unwrap();
        assert_eq!(filter.finds(&run), found, "{request:?}");
    }
}

#[test]
fn waiting_and_running_are_told_apart_where_the_store_cannot() {
    let only = |states: &[v1::RunState]| {
        let states = states.iter().map(|state| i32::from(*state)).collect();
        run_filter(v1::ListRunsRequest {
            states,
            ..v1::ListRunsRequest::default()
        })
        .unwrap()
    };
    let run = |state: v1::RunState| v1::Run {
        state: state.into(),
        ..v1::Run::default()
    };
    let queued = only(&[v1::RunState::Queued]);
    assert_eq!(queued.runs.states, [StoredState::Unfinished]);
    assert!(queued.admits(&run(v1::RunState::Queued)));
    assert!(!queued.admits(&run(v1::RunState::Running)));
    assert!(only(&[]).admits(&run(v1::RunState::Running)));
    let both = only(&[v1::RunState::Queued, v1::RunState::Running]);
    assert_eq!(both.runs.states, [StoredState::Unfinished]);
}
