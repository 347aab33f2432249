//! How fast templates are read, checked and rendered, on one processor.
//!
//! In the end, beside Go: the benchmark in `testdata/oracle` and ours take turns, so that
//! whatever else the machine does slows both.

#![expect(clippy::print_stdout, reason = "what is measured is to be seen")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use hook_core::condition::Condition;
use hook_core::template::{Engine, Facts, Template};
use hook_core::vars::Vars;

/// A hook as people write them: ten lines, one branch, three fields, one escape.
const HOOK: &str = include_str!("../testdata/hook.tmpl");

const TERA_HOOK: &str = r#"#!/bin/bash
set -eu
{% if error -%}
echo "backup of {{ plan.id }} failed"
curl -fsS --retry 3 https://hc-ping.com/your-uuid/fail
{% else -%}
echo "backup of {{ plan.id }} to {{ repo.id }} took {{ duration }}"
logger -t backup -- {{ task }}
curl -fsS --retry 3 https://hc-ping.com/your-uuid
{% endif -%}
"#;

fn vars() -> Vars {
    let text = r#"{"task": "backup for plan \"nas-daily\"", "event": "CONDITION_SNAPSHOT_SUCCESS",
        "repo": {"id": "b2-main"}, "plan": {"id": "nas-daily"}, "duration": "42.751s"}"#;
    Vars::from_json(text).unwrap_or_else(|e| panic!("{e}"))
}

fn parse(engine: Engine, source: &str) -> Template {
    Template::parse(engine, source).unwrap_or_else(|e| panic!("{e}"))
}

fn hooks(c: &mut Criterion) {
    let vars = vars();
    for (engine, source) in [(Engine::Go, HOOK), (Engine::Tera, TERA_HOOK)] {
        let mut group = c.benchmark_group(format!("hook/{engine}"));
        let template = parse(engine, source);
        group.bench_function("render", |b| b.iter(|| black_box(&template).render(&vars)));
        group.bench_function("parse", |b| b.iter(|| parse(engine, black_box(source))));
        group.bench_function("parse+render", |b| {
            b.iter(|| parse(engine, black_box(source)).render(&vars));
        });
        if engine == Engine::Go {
            let facts = Facts::of_hook(&[]);
            group.bench_function("check", |b| b.iter(|| black_box(&template).check(&facts)));
        }
        group.finish();
    }
}

/// A thousand hooks, no two alike.
fn thousand() -> Vec<String> {
    (0..1000)
        .map(|i| HOOK.replace("took", &format!("{i} took")))
        .collect()
}

fn checks(c: &mut Criterion) {
    let facts = Facts::of_hook(&[Condition::SnapshotEnd]);
    let sources = thousand();
    let parsed: Vec<_> = sources.iter().map(|s| parse(Engine::Go, s)).collect();
    c.bench_function("1000 hooks/check", |b| {
        b.iter(|| parsed.iter().map(|t| t.check(&facts).len()).sum::<usize>());
    });
    c.bench_function("1000 hooks/parse+check", |b| {
        b.iter(|| {
            let found = sources.iter().map(|s| parse(Engine::Go, s).check(&facts));
            found.map(|f| f.len()).sum::<usize>()
        });
    });
}

fn long_templates(c: &mut Criterion) {
    let mut group = c.benchmark_group("parse");
    for (name, size) in [("64K", 64 << 10), ("256K", 256 << 10), ("1M", 1 << 20)] {
        let source = HOOK.repeat(size / HOOK.len());
        group.throughput(Throughput::Bytes(source.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(name), &source, |b, source| {
            b.iter(|| parse(Engine::Go, black_box(source)));
        });
    }
    group.finish();
}

/// Keeps this process, and all that it starts, on one processor.
fn pin() {
    #[cfg(target_os = "linux")]
    {
        use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
        let allowed = sched_getaffinity(None).unwrap_or_else(|e| panic!("{e}"));
        let last = (0..CpuSet::MAX_CPU).rev().find(|cpu| allowed.is_set(*cpu));
        let mut one = CpuSet::new();
        one.set(last.unwrap_or_default());
        sched_setaffinity(None, &one).unwrap_or_else(|e| panic!("{e}"));
    }
}

/// How many nanoseconds it takes, once.
fn time<T>(mut work: impl FnMut() -> T) -> f64 {
    let begin = Instant::now();
    let mut count = 0_u32;
    while begin.elapsed() < Duration::from_millis(100) {
        for _ in 0..16 {
            black_box(work());
        }
        count += 16;
    }
    begin.elapsed().as_nanos() as f64 / f64::from(count)
}

/// Go's benchmark, built; `None` without Go.
fn go() -> Option<std::path::PathBuf> {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oracle-bench");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/oracle");
    let built = Command::new("go")
        .args(["test", "-c", "-o"])
        .arg(&program)
        .current_dir(source)
        .envs([
            ("GOTOOLCHAIN", "local"),
            ("GOPROXY", "off"),
            ("GOWORK", "off"),
        ])
        .env("GOFLAGS", "-mod=mod -buildvcs=false")
        .status();
    match built {
        Ok(status) if status.success() => Some(program),
        Ok(status) => panic!("Go's benchmark does not build: {status}"),
        Err(_) => None,
    }
}

/// Go's times in nanoseconds, by the name of the benchmark.
fn times_of_go(program: &Path) -> BTreeMap<String, f64> {
    let output = Command::new(program)
        .args([
            "-test.run=^$",
            "-test.bench=.",
            "-test.benchtime=100ms",
            "-test.cpu=1",
        ])
        .output()
        .unwrap_or_else(|e| panic!("Go's benchmark: {e}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text.lines().filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let at = words.iter().position(|w| *w == "ns/op")?;
        let name = words.first()?.strip_prefix("Benchmark")?;
        Some((name.to_owned(), words.get(at - 1)?.parse().ok()?))
    });
    lines.collect()
}

/// The hook here and in Go, by turns; the best of each.
fn beside_go() {
    let Some(go) = go() else {
        println!("beside Go: skipped, as Go is not installed");
        return;
    };
    let vars = vars();
    let template = parse(Engine::Go, HOOK);
    let mut best: BTreeMap<String, [f64; 2]> = BTreeMap::new();
    for _ in 0..10 {
        let mut note = |name: &str, side: usize, time: f64| {
            let times = best.entry(name.to_owned()).or_insert([f64::MAX; 2]);
            times[side] = times[side].min(time);
        };
        note("Render", 0, time(|| black_box(&template).render(&vars)));
        note("Parse", 0, time(|| parse(Engine::Go, black_box(HOOK))));
        let both = || parse(Engine::Go, black_box(HOOK)).render(&vars);
        note("ParseAndRender", 0, time(both));
        for (name, time) in times_of_go(&go) {
            note(&name, 1, time);
        }
    }
    for (name, [ours, theirs]) in best {
        let ratio = theirs / ours;
        println!("beside Go: {name}: {ours:.0} ns, Go {theirs:.0} ns: 1/{ratio:.1} of its time");
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30).without_plots();
    targets = hooks, checks, long_templates
}

fn main() {
    pin();
    benches();
    Criterion::default().configure_from_args().final_summary();
    beside_go();
}
