//! Pages of runs, for hookctl and for clients with gRPC's default limits.

use hookd_proto::v1;
use hookd_test_support::{TestDaemon, config, event, hook, request, run, run_id};

use super::STORES;
use crate::hookd::{Ask as _, start};

async fn page(daemon: &TestDaemon, size: u32, token: &str) -> v1::ListRunsResponse {
    let request = v1::ListRunsRequest {
        page_size: size,
        page_token: token.to_owned(),
        ..v1::ListRunsRequest::default()
    };
    let page = daemon.hooks().await.list_runs(request).await;
    page.expect("a page is not too large").into_inner()
}

#[test]
fn hookctl_walks_as_many_pages_as_it_takes() {
    for store in STORES {
        let daemon = start(&config(&hook("a", "SNAPSHOT_START", "", "true")), store);
        let mut fired: Vec<String> = (0..7)
            .map(|_| daemon.fire(&["snapshot-start", "--plan", "home"]))
            .collect();
        fired.reverse();
        assert_eq!(daemon.listed(&[]), fired);
        let three = daemon.json(&["runs", "-n", "3"]);
        assert_eq!(three.as_array().map(Vec::len), Some(3));
        let text = daemon.ask(&["runs", "-n", "2"]);
        assert_eq!(text.out.lines().count(), 3, "{text:?}");
        assert!(
            !text.out.contains('\x1b') && text.err.is_empty(),
            "{text:?}"
        );
    }
}

#[tokio::test]
async fn a_page_that_would_be_too_large_is_cut_short() {
    for store in STORES {
        let daemon = start(&config(&hook("a", "SNAPSHOT_START", "", "true")), store);
        let mut client = daemon.hooks().await;
        let mut fired = Vec::new();
        for _ in 0..7 {
            let large = v1::Event {
                error: "x".repeat(900_000),
                ..event(v1::Condition::PruneStart)
            };
            fired.insert(0, run_id(&run(&mut client, request(large)).await));
        }
        let (mut found, mut token, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = page(&daemon, 1000, &token).await;
            found.extend(page.runs.into_iter().map(|run| run.run_id));
            pages += 1;
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(found, fired, "{store}");
        assert!(pages > 1, "{pages}");
        let told = tokio::task::spawn_blocking(move || daemon.listed(&[])).await;
        assert_eq!(told.expect("hookctl ends"), fired);
    }
}

#[tokio::test]
async fn pages_follow_one_another_without_gap_or_double() {
    for store in STORES {
        let daemon = start(&config(""), store);
        let mut client = daemon.hooks().await;
        let mut fired = Vec::new();
        for _ in 0..5 {
            let quiet = event(v1::Condition::PruneStart);
            fired.insert(0, run_id(&run(&mut client, request(quiet)).await));
        }
        for size in 1..=6 {
            let (mut found, mut token) = (Vec::new(), String::new());
            loop {
                let page = page(&daemon, size, &token).await;
                assert!(page.runs.len() <= size as usize);
                found.extend(page.runs.into_iter().map(|run| run.run_id));
                token = page.next_page_token;
                if token.is_empty() {
                    break;
                }
            }
            assert_eq!(found, fired, "{store}, pages of {size}");
        }
    }
}
