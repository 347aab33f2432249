//! The time to parse, check and execute a template, on one processor.
//!
//! At the end it is compared with Go: the benchmark in `testdata/oracle` and this one take turns,
//! so that other load of the machine slows both.

#![expect(clippy::print_stdout, reason = "measurements are printed")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use go_template::Template;
use go_template::model::Type;
use go_template_fuzz::order::{Basket, Customer, ORDER, Order};

/// Ten lines, one branch, three fields, one call.
const LETTER: &str = include_str!("../testdata/letter.tmpl");

fn order() -> Order {
    Order {
        title: "order of \"ana-daily\"".to_owned(),
        status: 6,
        customer: Some(Customer {
            id: "ana".to_owned(),
            ..Customer::default()
        }),
        basket: Some(Basket {
            id: "ana-daily".to_owned(),
            ..Basket::default()
        }),
        wait: 42_751_000_000,
        ..Order::default()
    }
}

fn parse(source: &str) -> Template {
    Template::parse("template", source).unwrap_or_else(|e| panic!("{e}"))
}

fn execute(template: &Template, order: &Order) -> Vec<u8> {
    template.execute(order).unwrap_or_else(|e| panic!("{e}"))
}

fn letters(c: &mut Criterion) {
    let order = order();
    let template = parse(LETTER);
    let mut group = c.benchmark_group("letter");
    group.bench_function("execute", |b| {
        b.iter(|| execute(black_box(&template), &order))
    });
    group.bench_function("parse", |b| b.iter(|| parse(black_box(LETTER))));
    group.bench_function("check", |b| {
        b.iter(|| black_box(&template).check(Type::Struct(&ORDER), &[]));
    });
    group.finish();
}

fn long_templates(c: &mut Criterion) {
    let mut group = c.benchmark_group("parse");
    for (name, size) in [("64K", 64 << 10), ("256K", 256 << 10), ("1M", 1 << 20)] {
        let source = LETTER.repeat(size / LETTER.len());
        group.throughput(Throughput::Bytes(source.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(name), &source, |b, source| {
            b.iter(|| parse(black_box(source)));
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

/// The nanoseconds that one call takes.
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

/// Builds Go's benchmark. `None` without Go.
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

/// Measures both by turns and prints the best of each.
fn beside_go() {
    let Some(go) = go() else {
        println!("beside Go: skipped, as Go is not installed");
        return;
    };
    let order = order();
    let template = parse(LETTER);
    let mut best: BTreeMap<String, [f64; 2]> = BTreeMap::new();
    for _ in 0..10 {
        let mut note = |name: &str, side: usize, time: f64| {
            let times = best.entry(name.to_owned()).or_insert([f64::MAX; 2]);
            times[side] = times[side].min(time);
        };
        note("Render", 0, time(|| execute(black_box(&template), &order)));
        note("Parse", 0, time(|| parse(black_box(LETTER))));
        let both = || execute(&parse(black_box(LETTER)), &order);
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
    targets = letters, long_templates
}

fn main() {
    pin();
    benches();
    Criterion::default().configure_from_args().final_summary();
    beside_go();
}
