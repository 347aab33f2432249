//! Journals against a plain list.

use bytes::Bytes;
use hook_core::condition::Condition;
use hook_core::on_error::DecisionKind;
use hook_core::run::journal::Decision;
use process_supervisor::Stream;
use proptest::prelude::*;

use super::*;

/// What happens to a journal.
#[derive(Clone, Debug)]
enum Step {
    /// So many pieces of output of so many bytes.
    Output(usize, usize),
    /// A batch is stored.
    Store,
    /// The store fails.
    Fail,
    /// Readers may see what is not stored.
    Open,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1usize..40, 1usize..20_000).prop_map(|(n, bytes)| Step::Output(n, bytes)),
        4 => Just(Step::Store),
        1 => Just(Step::Fail),
        1 => Just(Step::Open),
    ]
}

fn event() -> Event {
    let wire = v1::Event {
        condition: v1::Condition::SnapshotEnd.into(),
        ..v1::Event::default()
    };
    convert::event_from_wire(Some(wire)).expect("valid").event
}

fn begun() -> (Journal, Record) {
    let event = event();
    let first = Fact::RunStarted {
        run_id: Uuid::nil().to_string(),
        event: Box::new(event.clone()),
        conditions: vec![Condition::SnapshotEnd],
        hooks: Vec::new(),
    };
    let now = Timestamp::now();
    let (journal, record, _) = Journal::begin(Uuid::nil(), &event, now, first, Arc::default());
    (journal, record)
}

fn output(bytes: usize) -> Fact {
    Fact::HookOutput {
        index: 0,
        stream: Stream::Stdout,
        offset: 0,
        data: Bytes::from(vec![b'x'; bytes]),
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

/// Stores a batch into a plain list; whether that was the end.
fn store(journal: &Journal, stored: &mut Vec<Record>) -> bool {
    let batch = journal.batch();
    let count = batch.records.len();
    stored.extend(batch.records);
    let complete = journal.stored(count);
    assert_eq!(
        complete,
        batch.end.is_some(),
        "an end comes with the last record"
    );
    complete
}

/// All that a reader can see from a position on, with the help of what is stored.
fn read(journal: &Journal, stored: &[Record], mut after: u64) -> (Vec<Record>, Look) {
    let mut seen = Vec::new();
    loop {
        let records = match journal.look(after) {
            Look::Records(records) => records,
            Look::InStore { visible } => {
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
                Step::Output(count, bytes) => for _ in 0..count {
                    written.push(journal.push(output(bytes), Timestamp::now()));
                },
                Step::Store => {
                    prop_assert!(!store(&journal, &mut stored));
                    open &= stored.len() < written.len();
                }
                Step::Fail => journal.fails(),
                Step::Open => {
                    journal.open();
                    open = true;
                }
            }
            let (seen, end) = read(&journal, &stored, after);
            let visible = if open { written.len() } else { stored.len() };
            // What was seen once stays, even if the journal is not open any more.
            let from = usize::try_from(after).expect("small").min(visible);
            prop_assert_eq!(&seen[..], &written[from..visible]);
            prop_assert_eq!(end, Look::Wait);
        }
        let last = journal.push(finished(), Timestamp::now());
        written.push(last);
        while !store(&journal, &mut stored) {}
        let (seen, end) = read(&journal, &stored, 0);
        prop_assert_eq!(seen.len(), written.len());
        prop_assert_eq!(end, Look::Over { last: written.len() as u64 });
        prop_assert_eq!(journal.glance().last_sequence, written.len() as u64);
        prop_assert_eq!(seen, stored);
    }
}

#[test]
fn a_decision_that_is_shown_before_it_is_stored_says_so_once() {
    let (journal, _) = begun();
    journal.push(finished(), Timestamp::now());
    assert_eq!(journal.look(0), Look::Wait, "nothing is stored");
    journal.open();
    journal.open();
    let decision = journal.glance().decision.expect("it is shown");
    assert_eq!(decision.warnings.len(), 1, "{decision:?}");
    let Look::Records(shown) = journal.look(0) else {
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
    assert!(journal.lock().pending_bytes() < MAX_PENDING_BYTES + (64 << 10));
    let mut waiting = Box::pin(journal.append(output(1)));
    assert!(waiting.as_mut().now_or_never().is_none());
    assert!(
        journal.append(finished()).now_or_never().is_some(),
        "only output waits"
    );
    journal.fails();
    assert!(waiting.as_mut().now_or_never().is_some());
}
