//! Bound of an event's size: a longer event is cut, because hookd would refuse it and so lose it.

use hookd::limits::MAX_EVENT_BYTES;
use hookd_proto::v1::Event;
use prost::Message as _;

use crate::event_text::LongText;

/// Most bytes of an event without what is added to it later, such as its ids and warnings.
const ROOM: usize = MAX_EVENT_BYTES - (64 << 10);

/// Most bytes of an error.
const MAX_ERROR: usize = 512 << 10;

/// Bytes of an error for which other parts of the event make room.
const MIN_ERROR: usize = 16 << 10;

/// Puts an error into an event. An event that is too long loses the middle of the error, then the
/// statistics, then the middles of its task and labels, each with a warning.
pub(crate) fn add_error(event: &mut Event, error: LongText) {
    let least = error.len().min(MIN_ERROR);
    if event.encoded_len() + least > ROOM && event.snapshot_stats.take().is_some() {
        let warning = "the statistics are left out: the event is too long with them";
        event.warnings.push(warning.to_owned());
    }
    shorten_texts(event, ROOM - least);
    let room = ROOM.saturating_sub(event.encoded_len()).max(least);
    let (error, warning) = error.within(room.min(MAX_ERROR));
    event.error = error;
    event.warnings.extend(warning);
}

/// Cuts the task and the values of labels to one length with which the event has `room`.
fn shorten_texts(event: &mut Event, room: usize) {
    let whole = event.encoded_len();
    let Event {
        task,
        labels,
        warnings,
        ..
    } = event;
    let mut texts = vec![("the task".to_owned(), task)];
    texts.extend(labels.iter_mut().map(|(n, v)| (format!("label `{n}`"), v)));
    let size = |most| texts.iter().map(|(_, t)| t.len().min(most)).sum::<usize>();
    let rest = whole - size(usize::MAX);
    let lengths = (10..20).rev().map(|bits| 1_usize << bits);
    let most = lengths.clone().find(|most| rest + size(*most) <= room);
    for (what, text) in texts {
        let long = LongText::new(what, std::mem::take(text));
        let (cut, warning) = long.within(most.unwrap_or(1 << 10));
        *text = cut;
        warnings.extend(warning);
    }
}

#[cfg(test)]
mod tests {
    use hookd_proto::v1::SnapshotStats;

    use super::*;

    fn sizes(task: usize, labels: usize, error: usize) -> (usize, usize, usize, Vec<String>) {
        let label = |n: usize| (n.to_string(), "l".repeat(120_000));
        let mut event = Event {
            task: "t".repeat(task),
            labels: (0..labels).map(label).collect(),
            snapshot_stats: Some(SnapshotStats::default()),
            ..Event::default()
        };
        add_error(&mut event, LongText::new("it", "e".repeat(error)));
        assert!(event.encoded_len() <= MAX_EVENT_BYTES);
        let labels = event.labels.values().map(String::len).sum();
        (event.task.len(), labels, event.error.len(), event.warnings)
    }

    #[test]
    fn the_error_is_cut_first_and_the_longest_texts_last() {
        let (task, labels, error, warnings) = sizes(9, 1, 400_000);
        assert_eq!(
            (task, labels, error, warnings.len()),
            (9, 120_000, 400_000, 0)
        );
        let (task, labels, error, warnings) = sizes(125_000, 5, 500_000);
        assert_eq!((task, labels), (125_000, 600_000));
        assert!((200_000..500_000).contains(&error), "{error}");
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        let (task, labels, error, warnings) = sizes(9, 12, 9);
        assert_eq!((task, error, warnings.len()), (9, 9, 13));
        assert!((700_000..900_000).contains(&labels), "{labels}");
        assert!(warnings[0].starts_with("the statistics are left out"));
        assert!(warnings[1].starts_with("label `0` has 120000 bytes"));
    }
}
