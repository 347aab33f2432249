//! Cost of a supervised script compared with a bare spawn of it, and of its output compared with a
//! bare pipe.
//!
//! The two sides take turns, so that other load affects both alike: their ratios can be compared
//! between machines, the times cannot.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::allow_attributes,
    reason = "a benchmark, which prints what it measured"
)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use process_supervisor::bounds::CHUNK_QUEUE;
use process_supervisor::{HandOver, Mark, Owner, Script, ScriptSpec, start};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

/// Bytes of output of the script that floods.
const BYTES: u64 = 64 << 20;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    spawn(&runtime, folder.path(), if quick { 50 } else { 1000 });
    output(&runtime, folder.path(), if quick { 3 } else { 15 });
}

/// One side of a comparison: its name, and the function that runs it once.
type Side<'a> = (&'a str, Box<dyn FnMut() + 'a>);

/// Runs the sides in turns; returns the median time of each.
fn turns(sides: &mut [Side<'_>], turns: usize) -> Vec<Duration> {
    let mut times = vec![Vec::with_capacity(turns); sides.len()];
    // The first turn is a warm-up.
    for turn in 0..=turns {
        for ((_, run), times) in sides.iter_mut().zip(&mut times) {
            let start = Instant::now();
            run();
            if turn > 0 {
                times.push(start.elapsed());
            }
        }
    }
    let median = |mut times: Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2]
    };
    times.into_iter().map(median).collect()
}

fn spawn(runtime: &Runtime, folder: &Path, count: usize) {
    let text = "true\n";
    let file = folder.join("script");
    std::fs::write(&file, text).unwrap();
    let bare = || {
        let output = Command::new("sh").arg(&file).stdin(Stdio::null()).output();
        assert!(output.unwrap().status.success());
    };
    let side = |via, cgroups| -> Box<dyn FnMut()> {
        Box::new(move || {
            runtime.block_on(test_script(text, via, folder, cgroups));
        })
    };
    let mut sides: Vec<Side<'_>> = vec![
        ("bare", Box::new(bare)),
        ("file", side(Some(HandOver::File), true)),
        ("stdin", side(Some(HandOver::Stdin), true)),
        ("file, no cgroup", side(Some(HandOver::File), false)),
        ("stdin, no cgroup", side(Some(HandOver::Stdin), false)),
    ];
    let medians = turns(&mut sides, count);
    println!("a script of `true`, median of {count} turns");
    println!("{:<18} {:>9} {:>9} {:>7}", "", "ms", "added", "ratio");
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    for ((name, _), median) in sides.iter().zip(&medians) {
        let (own, bare) = (ms(*median), ms(medians[0]));
        let (added, ratio) = (own - bare, own / bare);
        println!("{name:<18} {own:>9.3} {added:>9.3} {ratio:>7.2}");
    }
}

fn output(runtime: &Runtime, folder: &Path, count: usize) {
    let piped = format!("head -c {BYTES} /dev/zero | cat");
    let text = format!("head -c {BYTES} /dev/zero\n");
    let cat = || {
        let mut command = Command::new("sh");
        let status = command.args(["-c", &piped]).stdout(Stdio::null()).status();
        assert!(status.unwrap().success());
    };
    let supervised = || {
        let written = runtime.block_on(test_script(&text, Some(HandOver::File), folder, true));
        assert_eq!(written, BYTES);
    };
    let mut sides: Vec<Side<'_>> = vec![
        ("| cat", Box::new(cat)),
        ("supervised", Box::new(supervised)),
    ];
    let medians = turns(&mut sides, count);
    let mib = |time: Duration| BYTES as f64 / f64::from(1 << 20) / time.as_secs_f64();
    println!("\noutput of {} MiB, median of {count} turns", BYTES >> 20);
    println!("{:<18} {:>9} {:>7}", "", "MiB/s", "ratio");
    for ((name, _), median) in sides.iter().zip(&medians) {
        let (own, cat) = (mib(*median), mib(medians[0]));
        println!("{name:<18} {own:>9.0} {:>7.2}", own / cat);
    }
}

/// Supervises a script to its end; returns the number of bytes that it wrote.
async fn test_script(text: &str, via: Option<HandOver>, folder: &Path, cgroups: bool) -> u64 {
    let script = Script::parse(text.as_bytes(), via).unwrap();
    let mark = Mark {
        owner: Owner {
            application: "app",
            variable: "APP_MARK",
            instance: "bench".to_owned(),
        },
        execution: "1".to_owned(),
    };
    let mut spec = ScriptSpec::new(script, folder.to_owned(), mark);
    spec.limits.max_output = u64::MAX;
    spec.cgroups = cgroups;
    let (sender, mut chunks) = mpsc::channel(CHUNK_QUEUE);
    let running = start(spec).await.unwrap();
    let take = async { while chunks.recv().await.is_some() {} };
    let (ended, ()) = tokio::join!(
        running.supervise(std::future::pending::<()>(), sender),
        take
    );
    ended.output_bytes
}
