//! Requests that tests send, and accessors for parts of the answers.

use hookd_proto::v1;
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::journal_entry::Entry;
use tonic::transport::Channel;

use crate::{PATIENCE, TestDaemon};

/// Returns an event of the plan `home`.
pub fn event(condition: v1::Condition) -> v1::Event {
    v1::Event {
        condition: condition.into(),
        plan_id: "home".to_owned(),
        task: "nightly".to_owned(),
        ..v1::Event::default()
    }
}

/// Returns a request to run the hooks of an event.
pub fn request(event: v1::Event) -> v1::RunHooksRequest {
    v1::RunHooksRequest {
        event: Some(event),
        ..v1::RunHooksRequest::default()
    }
}

/// Reads a run's stream to its end; returns its entries and the error that ended it.
pub async fn collect<T>(
    mut stream: tonic::Streaming<T>,
    entry: impl Fn(T) -> Option<v1::JournalEntry>,
) -> (Vec<v1::JournalEntry>, Option<tonic::Status>) {
    let mut entries = Vec::new();
    let all = async {
        loop {
            match stream.message().await {
                Ok(Some(message)) => entries.extend(entry(message)),
                Ok(None) => return None,
                Err(status) => return Some(status),
            }
        }
    };
    let end = tokio::time::timeout(PATIENCE, all)
        .await
        .expect("the stream ends");
    (entries, end)
}

/// Runs an event to its end and checks the rules that every journal keeps.
pub async fn run(
    client: &mut HookServiceClient<Channel>,
    request: v1::RunHooksRequest,
) -> Vec<v1::JournalEntry> {
    let stream = client
        .run_hooks(request)
        .await
        .expect("the run starts")
        .into_inner();
    let (entries, end) = collect(stream, |r: v1::RunHooksResponse| r.entry).await;
    assert!(end.is_none(), "the stream ended with {end:?}");
    let sequences: Vec<u64> = entries.iter().map(|e| e.sequence).collect();
    assert_eq!(
        sequences,
        (1..=entries.len() as u64).collect::<Vec<_>>(),
        "no holes"
    );
    assert!(matches!(
        entries.first().and_then(|e| e.entry.as_ref()),
        Some(Entry::RunStarted(_))
    ));
    assert!(matches!(
        entries.last().and_then(|e| e.entry.as_ref()),
        Some(Entry::RunFinished(_))
    ));
    entries
}

/// Returns the decision with which a journal ends.
pub fn decision(entries: &[v1::JournalEntry]) -> v1::Decision {
    match entries.last().and_then(|e| e.entry.clone()) {
        Some(Entry::RunFinished(finished)) => finished.decision.expect("it has a decision"),
        other => panic!("the last entry is {other:?}"),
    }
}

/// Returns the id of a journal's run.
pub fn run_id(entries: &[v1::JournalEntry]) -> String {
    match entries.first().and_then(|e| e.entry.clone()) {
        Some(Entry::RunStarted(started)) => started.run_id,
        other => panic!("the first entry is {other:?}"),
    }
}

/// Returns the bytes that a hook run wrote to a stream; their offsets must add up.
pub fn output(entries: &[v1::JournalEntry], index: u32, stream: v1::OutputStream) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in entries {
        if let Some(Entry::HookOutput(output)) = &entry.entry
            && output.index == index
            && output.stream() == stream
        {
            assert_eq!(
                output.offset,
                all.len() as u64,
                "no byte is missing in between"
            );
            assert!(!output.data.is_empty() && output.data.len() <= 32 << 10);
            all.extend_from_slice(&output.data);
        }
    }
    all
}

/// Returns the name and the outcome of each hook run.
pub fn outcomes(entries: &[v1::JournalEntry]) -> Vec<(String, v1::outcome::Outcome)> {
    let ends = entries.iter().filter_map(|entry| match &entry.entry {
        Some(Entry::HookFinished(finished)) => {
            let outcome = finished.outcome.clone()?.outcome?;
            Some((finished.hook.clone(), outcome))
        }
        _ => None,
    });
    ends.collect()
}

/// Reads the journal of a run from a position on; returns its entries and the error that
/// ended the stream.
pub async fn watch(
    client: &mut HookServiceClient<Channel>,
    run_id: &str,
    after_sequence: u64,
) -> (Vec<v1::JournalEntry>, Option<tonic::Status>) {
    let request = v1::WatchRunRequest {
        run_id: run_id.to_owned(),
        after_sequence,
    };
    let stream = client.watch_run(request).await.expect("it is known");
    collect(stream.into_inner(), |r: v1::WatchRunResponse| r.entry).await
}

/// Returns the summary of a run.
pub async fn run_summary(client: &mut HookServiceClient<Channel>, run_id: &str) -> v1::Run {
    let request = v1::GetRunRequest {
        run_id: run_id.to_owned(),
    };
    let answer = client.get_run(request).await.expect("it is known");
    answer.into_inner().run.expect("a run")
}

/// Returns the facts about the daemon's store.
pub async fn store_info(daemon: &TestDaemon) -> v1::StoreInfo {
    let request = v1::GetServerInfoRequest {};
    let answer = daemon.admin().await.get_server_info(request).await;
    answer
        .expect("it answers")
        .into_inner()
        .store_info
        .expect("a store")
}

/// Reads a run's stream up to the wanted entry.
pub async fn read_until(
    stream: &mut tonic::Streaming<v1::RunHooksResponse>,
    wanted: impl Fn(&Entry) -> bool,
) -> Vec<v1::JournalEntry> {
    let mut entries = Vec::new();
    loop {
        let message = tokio::time::timeout(PATIENCE, stream.message()).await;
        let message = message.expect("in time").expect("no error");
        let entry = message.expect("not over").entry.expect("an entry");
        let found = entry.entry.as_ref().is_some_and(&wanted);
        entries.push(entry);
        if found {
            return entries;
        }
    }
}

/// Returns the `reason` of the `ErrorInfo` that every status carries.
pub fn reason(status: &tonic::Status) -> String {
    use tonic_types::StatusExt as _;
    let info = status
        .get_details_error_info()
        .expect("every status carries an ErrorInfo");
    assert_eq!(info.domain, "hookd");
    info.reason
}
