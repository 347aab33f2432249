//! Output: no byte is lost or reordered, and no end is waited for in vain.

use std::future::pending;
use std::time::Instant;

use crate::support::{self, TestScript, joined};
use process_supervisor::EndReason;
use process_supervisor::Stream;
use process_supervisor::bounds::DRAIN;
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
