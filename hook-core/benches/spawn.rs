//! What a hook costs over a bare spawn of the same script.
#![allow(
    clippy::unwrap_used,
    clippy::allow_attributes,
    missing_docs,
    reason = "a benchmark, whose macro writes functions without docs"
)]

use std::path::Path;
use std::process::{Command, Stdio};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hook_core::hook::ScriptVia;
use hook_core::process::bounds::CHUNK_QUEUE;
use hook_core::process::{Mark, Spec, start};
use hook_core::script::Script;
use tokio::sync::{mpsc, watch};

/// Runs a script as a hook to its end; returns how many bytes it wrote.
async fn hook(text: &str, via: ScriptVia, folder: &Path, cgroups: bool) -> u64 {
    let script = Script::parse(text.as_bytes(), via).unwrap();
    let mark = Mark {
        instance: "bench".to_owned(),
        execution: "1".to_owned(),
    };
    let mut spec = Spec::new(script, folder.to_owned(), mark);
    spec.limits.max_output = u64::MAX;
    spec.cgroups = cgroups;
    let (_stop, stopped) = watch::channel(None);
    let (sender, mut chunks) = mpsc::channel(CHUNK_QUEUE);
    let running = start(spec).await.unwrap();
    let take = async { while chunks.recv().await.is_some() {} };
    let (ended, ()) = tokio::join!(running.supervise(stopped, sender), take);
    ended.output_bytes
}

fn spawn(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("script");
    let text = "true\n";
    std::fs::write(&file, text).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();

    let mut group = c.benchmark_group("spawn");
    group.bench_function("bare", |b| {
        b.iter(|| {
            let output = Command::new("sh").arg(&file).stdin(Stdio::null()).output();
            assert!(output.unwrap().status.success());
        });
    });
    for (name, via, cgroups) in [
        ("file", ScriptVia::File, true),
        ("stdin", ScriptVia::Stdin, true),
        ("file without cgroup", ScriptVia::File, false),
        ("stdin without cgroup", ScriptVia::Stdin, false),
    ] {
        group.bench_function(name, |b| {
            b.to_async(&runtime)
                .iter(|| hook(text, via, folder.path(), cgroups));
        });
    }
    group.finish();
}

fn output(c: &mut Criterion) {
    const BYTES: u64 = 64 << 20;
    let folder = tempfile::tempdir().unwrap();
    let text = format!("head -c {BYTES} /dev/zero\n");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();

    let mut group = c.benchmark_group("output");
    group.throughput(Throughput::Bytes(BYTES)).sample_size(10);
    group.bench_function("through cat", |b| {
        b.iter(|| {
            let script = format!("head -c {BYTES} /dev/zero | cat");
            let status = Command::new("sh")
                .args(["-c", &script])
                .stdout(Stdio::null())
                .status();
            assert!(status.unwrap().success());
        });
    });
    group.bench_function("through a hook", |b| {
        b.to_async(&runtime).iter(async || {
            assert_eq!(
                hook(&text, ScriptVia::File, folder.path(), true).await,
                BYTES
            );
        });
    });
    group.finish();
}

criterion_group!(benches, spawn, output);
criterion_main!(benches);
