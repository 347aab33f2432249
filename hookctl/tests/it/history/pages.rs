//! Pages of runs, for hookctl and for clients with the limits that gRPC has by default.

use hookd_client::{Client, Update};
use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;

use super::STORES;
use crate::hookd::{Setup, config, hook};

async fn page(client: &Client, size: u32, token: &str) -> v1::ListRunsResponse {
    let request = v1::ListRunsRequest {
        page_size: size,
        page_token: token.to_owned(),
        ..v1::ListRunsRequest::default()
    };
    let page = client.hooks().list_runs(request).await;
    page.expect("a page is not too large").into_inner()
}

/// Fires an event, waits for its decision, and returns the id of its run.
async fn fire(client: &Client, error: String) -> String {
    let event = v1::Event {
        condition: v1::Condition::PruneStart.into(),
        plan_id: "home".to_owned(),
        error,
        ..v1::Event::default()
    };
    let mut updates = client.run(event).start();
    let mut run_id = String::new();
    while let Some(update) = updates.recv().await {
        if let Update::Entry(entry) = update.expect("an update")
            && let Some(Entry::RunStarted(started)) = entry.entry
        {
            run_id = started.run_id;
        }
    }
    run_id
}

#[test]
fn hookctl_walks_as_many_pages_as_it_takes() {
    for store in STORES {
        let daemon = Setup::new(&config(&hook("a", "SNAPSHOT_START", "", "true")))
            .store(store)
            .start();
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
        let daemon = Setup::new(&config(&hook("a", "SNAPSHOT_START", "", "true")))
            .store(store)
            .start();
        let client = daemon.client().await;
        let mut fired = Vec::new();
        for _ in 0..7 {
            fired.insert(0, fire(&client, "x".repeat(900_000)).await);
        }
        let (mut found, mut token, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = page(&client, 1000, &token).await;
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
        let daemon = Setup::new(&config("")).store(store).start();
        let client = daemon.client().await;
        let mut fired = Vec::new();
        for _ in 0..5 {
            fired.insert(0, fire(&client, String::new()).await);
        }
        for size in 1..=6 {
            let (mut found, mut token) = (Vec::new(), String::new());
            loop {
                let page = page(&client, size, &token).await;
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
