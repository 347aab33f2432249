//! Model test: journals compared with a plain list.

use bytes::Bytes;
use hook_core::condition::Condition;
use hook_core::run::decision::{Decision, DecisionKind};
use process_supervisor::{Chunk, Stream};
use proptest::prelude::*;

use super::*;

/// A change of a journal.
#[derive(Clone, Debug)]
enum JournalStep {
    /// This number of pieces of output with this number of bytes each is appended.
    Output(usize, usize),
    /// A batch is stored.
    Store,
    /// The store fails.
    Fail,
    /// Pending records are shown.
    Open,
}

fn step() -> impl Strategy<Value = JournalStep> {
    prop_oneof![
        4 => (1usize..40, 1usize..20_000).prop_map(|(n, bytes)| JournalStep::Output(n, bytes)),
        4 => Just(JournalStep::Store),
        1 => Just(JournalStep::Fail),
        1 => Just(JournalStep::Open),
    ]
}

fn begun() -> (Journal, Record) {
    let first = Fact::RunStarted {
        run_id: uuid::Uuid::nil().to_string(),
        event: Box::new(crate::runs::tests::event()),
        conditions: vec![Condition::SnapshotEnd],
        hooks: Vec::new(),
    };
    Journal::begin(first, Timestamp::now(), Arc::default())
}

fn output(bytes: usize) -> Fact {
    Fact::HookOutput {
        index: 0,
        chunk: Chunk {
            stream: Stream::Stdout,
            offset: 0,
            data: Bytes::from(vec![b'x'; bytes]),
        },
    }
}

fn finished() -> Fact {
    Fact::RunFinished {
        decision: Decision {
            kind: DecisionKind::Proceed,
            hook: String::new(),
            reason: String::new(),
            retry_after: None,
            attempt: 1,
            warnings: Vec::new(),
        },
    }
}

/// Moves a batch to the list of stored records. Returns whether it was the last.
fn store(journal: &Journal, stored: &mut Vec<Record>) -> bool {
    let batch = journal.lock().batch();
    let count = batch.records.len();
    stored.extend(batch.records);
    let complete = journal.change(|state| state.stored(count));
    assert_eq!(
        complete,
        batch.end.is_some(),
        "an end comes with the last record"
    );
    complete
}

/// Reads all records after a sequence number, from the journal and from the list.
fn read(journal: &Journal, stored: &[Record], mut after: u64) -> (Vec<Record>, JournalRead) {
    let mut seen = Vec::new();
    loop {
        let records = match journal.lock().read(after) {
            JournalRead::Records(records) => records,
            JournalRead::InStore(visible) => {
                let wanted = |r: &&Record| r.sequence > after && r.sequence <= visible;
                stored.iter().filter(wanted).take(3).cloned().collect()
            }
            end => return (seen, end),
        };
        after = records.last().expect("there is something").sequence;
        seen.extend(records);
    }
}

proptest! {
    #[test]
    fn readers_see_what_is_stored_wherever_they_begin(
        steps in prop::collection::vec(step(), 0..40),
        after in 0u64..200,
    ) {
        let (journal, first) = begun();
        let mut written = vec![first];
        let mut stored = Vec::new();
        let mut open = false;
        for step in steps {
            match step {
                JournalStep::Output(count, bytes) => for _ in 0..count {
                    written.push(journal.change(|state| state.push(output(bytes), Timestamp::now())));
                },
                JournalStep::Store => {
                    prop_assert!(!store(&journal, &mut stored));
                    open &= stored.len() < written.len();
                }
                JournalStep::Fail => journal.change(|state| state.failing = true),
                JournalStep::Open => {
                    journal.change(JournalState::open);
                    open = true;
                }
            }
            let (seen, end) = read(&journal, &stored, after);
            let visible = if open { written.len() } else { stored.len() };
            // Records that were seen once stay visible.
            let from = usize::try_from(after).expect("small").min(visible);
            prop_assert_eq!(&seen[..], &written[from..visible]);
            prop_assert_eq!(end, JournalRead::Wait);
        }
        let last = journal.change(|state| state.push(finished(), Timestamp::now()));
        written.push(last);
        while !store(&journal, &mut stored) {}
        let (seen, end) = read(&journal, &stored, 0);
        prop_assert_eq!(seen.len(), written.len());
        prop_assert_eq!(end, JournalRead::Over(written.len() as u64));
        prop_assert_eq!(journal.lock().summary.clone().last_sequence(), written.len() as u64);
        prop_assert_eq!(seen, stored);
    }
}

#[test]
fn a_decision_that_is_shown_before_it_is_stored_says_so_once() {
    let (journal, _) = begun();
    journal.change(|state| state.push(finished(), Timestamp::now()));
    assert_eq!(
        journal.lock().read(0),
        JournalRead::Wait,
        "nothing is stored"
    );
    journal.change(JournalState::open);
    journal.change(JournalState::open);
    let decision = journal
        .lock()
        .summary
        .clone()
        .into_wire()
        .decision
        .expect("it is shown");
    assert_eq!(decision.warnings.len(), 1, "{decision:?}");
    let JournalRead::Records(shown) = journal.lock().read(0) else {
        panic!("it is shown")
    };
    let mut stored = Vec::new();
    assert!(store(&journal, &mut stored));
    assert_eq!(shown, stored, "the same is stored afterwards");
}

#[tokio::test]
async fn output_waits_for_the_store_unless_that_fails() {
    use futures_util::FutureExt as _;

    let (journal, _) = begun();
    while journal.append(output(32 << 10)).now_or_never().is_some() {}
    assert!(journal.lock().pending_bytes < MAX_PENDING_BYTES + (64 << 10));
    let mut waiting = Box::pin(journal.append(output(1)));
    assert!(waiting.as_mut().now_or_never().is_none());
    assert!(
        journal.append(finished()).now_or_never().is_some(),
        "only output waits"
    );
    journal.change(|state| state.failing = true);
    assert!(waiting.as_mut().now_or_never().is_some());
}
