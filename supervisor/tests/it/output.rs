//! Output: no byte is lost or reordered, and no end is waited for in vain.

use std::future::pending;
use std::time::Instant;

use crate::support::{self, TestScript, joined};
use process_supervisor::bounds::{DRAIN, MAX_CHUNK};
use process_supervisor::{Chunk, EndReason, OutputFilter, Stream};
use proptest::prelude::*;
use tokio::sync::mpsc;

#[tokio::test]
async fn bytes_are_bytes() {
    // Half a character, bytes that are not UTF-8, NUL, an escape sequence.
    let report = TestScript::new("#!MISBEHAVE bytes e282ff0000c31b5b324a\n")
        .run()
        .await;
    assert_eq!(
        joined(&report.chunks, Stream::Stdout),
        b"\xe2\x82\xff\0\0\xc3\x1b[2J"
    );
}

#[tokio::test]
async fn a_flood_keeps_its_beginning_and_its_end() {
    let test = TestScript::new("exec MISBEHAVE flood 67108864")
        .limits(|limits| limits.max_output = 1 << 20);
    let report = test.run().await;
    assert_eq!(
        report.ended.reason,
        EndReason::Exited(0),
        "it was neither blocked nor killed"
    );
    assert!(report.stdout().starts_with("first\n"));
    assert!(report.stdout().ends_with("\nlast\n"));
    assert_eq!(report.stderr(), "the error at the end\n");
    assert_eq!(report.ended.output_bytes, 67108864 + 12 + 21);
    assert_eq!(
        report.ended.output_bytes - report.ended.dropped_bytes,
        1 << 20
    );
}

#[tokio::test]
async fn nothing_is_kept_if_nothing_should() {
    let test = TestScript::new("echo a; echo b >&2").limits(|limits| limits.max_output = 0);
    let report = test.run().await;
    assert_eq!(report.chunks, []);
    assert_eq!(
        (report.ended.output_bytes, report.ended.dropped_bytes),
        (4, 4)
    );
}

#[tokio::test]
async fn output_comes_while_the_script_runs() {
    let mut live = TestScript::new("exec MISBEHAVE deaf").start().await;
    live.until("ready\n").await;
    live.task.abort();
    support::gone(live.pid).await;
}

#[tokio::test]
async fn a_receiver_that_is_gone_stops_nothing() {
    let test = TestScript::new("exec MISBEHAVE flood 4194304");
    let (running, _folder) = test.try_start().await.unwrap();
    let (sender, _) = mpsc::channel(1);
    let ended = support::patiently(running.supervise(pending::<()>(), sender)).await;
    assert_eq!(ended.reason, EndReason::Exited(0));
    assert_eq!(ended.output_bytes, 4194304 + 12 + 21);
    assert_eq!(ended.dropped_bytes, ended.output_bytes);
}

#[tokio::test]
async fn a_receiver_that_takes_nothing_does_not_stop_a_time_limit() {
    let test = TestScript::new("exec MISBEHAVE flood 4194304").limits(|limits| {
        limits.timeout = DRAIN / 5;
    });
    let (running, _folder) = test.try_start().await.unwrap();
    let (sender, mut chunks) = mpsc::channel(1);
    let task = tokio::spawn(running.supervise(pending::<()>(), sender));
    // The receiver reads only after the process has ended.
    let since = Instant::now();
    let mut taken = 0;
    tokio::time::sleep_until((since + DRAIN * 2).into()).await;
    while let Some(chunk) = support::patiently(chunks.recv()).await {
        taken += chunk.data.len() as u64;
    }
    let ended = support::patiently(task).await.unwrap();
    assert_eq!(ended.reason, EndReason::TimedOut);
    assert!(ended.elapsed < DRAIN);
    assert!(!ended.leaked);
    assert_eq!(taken + ended.dropped_bytes, ended.output_bytes);
    assert_eq!(
        ended.dropped_bytes, 0,
        "what was in the pipe is delivered late"
    );
}

/// Replaces every byte, and holds back the last ones.
#[derive(Debug, Default)]
struct Filter {
    held: [usize; 2],
    released: [u64; 2],
}

impl Filter {
    fn release(&mut self, stream: Stream, bytes: usize) -> Option<Chunk> {
        let of = usize::from(stream == Stream::Stderr);
        self.held[of] -= bytes;
        let offset = self.released[of];
        self.released[of] += bytes as u64;
        let data = vec![b'*'; bytes].into();
        let chunk = Chunk {
            stream,
            offset,
            data,
        };
        (bytes > 0).then_some(chunk)
    }
}

impl OutputFilter for Filter {
    fn push(&mut self, chunk: Chunk) -> Option<Chunk> {
        let held = &mut self.held[usize::from(chunk.stream == Stream::Stderr)];
        *held += chunk.data.len();
        let bytes = held.saturating_sub(100);
        self.release(chunk.stream, bytes)
    }

    fn finish(&mut self, stream: Stream) -> Option<Chunk> {
        let bytes = self.held[usize::from(stream == Stream::Stderr)];
        self.release(stream, bytes)
    }
}

/// Returns the chunks of a script whose output passes a [`Filter`], and the number of bytes
/// that it wrote.
async fn filtered(test: TestScript) -> (Vec<Chunk>, u64) {
    let (running, _folder) = test.try_start().await.unwrap();
    let (sender, mut chunks) = mpsc::channel(1);
    let running = running.filter_output(Box::new(Filter::default()));
    let task = tokio::spawn(running.supervise(pending::<()>(), sender));
    let mut all: Vec<Chunk> = Vec::new();
    while let Some(chunk) = support::patiently(chunks.recv()).await {
        assert!(chunk.data.iter().all(|byte| *byte == b'*'));
        assert!(!chunk.data.is_empty() && chunk.data.len() <= MAX_CHUNK);
        all.push(chunk);
    }
    let ended = support::patiently(task).await.unwrap();
    let kept: usize = all.iter().map(|chunk| chunk.data.len()).sum();
    assert_eq!(kept as u64 + ended.dropped_bytes, ended.output_bytes);
    (all, ended.output_bytes)
}

#[tokio::test]
async fn all_output_passes_the_filter_before_it_is_cut() {
    let test = TestScript::new("exec MISBEHAVE flood 4194304");
    let (chunks, written) = filtered(test.limits(|limits| limits.max_output = 100_000)).await;
    assert_eq!(written, 4194304 + 12 + 21);
    let kept: usize = chunks.iter().map(|chunk| chunk.data.len()).sum();
    assert_eq!(kept, 100_000);
    assert_eq!(joined(&chunks, Stream::Stderr).len(), 21);
    let end = chunks
        .iter()
        .map(|chunk| chunk.offset + chunk.data.len() as u64);
    assert_eq!(end.max(), Some(4194304 + 12));
}

#[tokio::test]
async fn what_the_filter_holds_back_comes_though_the_pipes_are_held() {
    let (chunks, _) = filtered(TestScript::new("echo started; sleep 3 &")).await;
    assert_eq!(joined(&chunks, Stream::Stdout).len(), "started\n".len());
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_byte_is_lost_or_reordered(seed: u64, pieces in 1u64..60) {
        let report = run(TestScript::new(&format!("exec MISBEHAVE drip {seed} {pieces}")).run());
        let [stdout, stderr] = support::dripped(seed, pieces);
        prop_assert_eq!(report.ended.output_bytes as usize, stdout.len() + stderr.len());
        prop_assert_eq!(report.ended.dropped_bytes, 0);
        prop_assert!(joined(&report.chunks, Stream::Stdout) == stdout);
        prop_assert!(joined(&report.chunks, Stream::Stderr) == stderr);
    }

    #[test]
    fn what_is_kept_of_too_much_is_what_was_written(seed: u64, pieces in 1u64..60, max_output in 0u64..200_000) {
        let test = TestScript::new(&format!("exec MISBEHAVE drip {seed} {pieces}"));
        let report = run(test.limits(|limits| limits.max_output = max_output).run());
        let written = support::dripped(seed, pieces);
        let total = (written[0].len() + written[1].len()) as u64;
        prop_assert_eq!(report.ended.output_bytes, total);
        prop_assert_eq!(report.ended.dropped_bytes, total.saturating_sub(max_output));
        for chunk in &report.chunks {
            let stream = &written[usize::from(chunk.stream == Stream::Stderr)];
            let start = chunk.offset as usize;
            prop_assert!(stream[start..start + chunk.data.len()] == chunk.data);
        }
    }
}
