//! Benchmark of reading, checking and rendering the templates of hooks.

use std::hint::black_box;

use criterion::{Criterion, criterion_group};
use hook_core::condition::Condition;
use hook_core::template::{Engine, Facts, Template};
use hook_core::vars::Vars;

/// A typical hook: ten lines, one branch, three fields, one escape.
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
        let mut group = c.benchmark_group(format!("hook/{}", engine.name().to_lowercase()));
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

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30).without_plots();
    targets = hooks, checks
}

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
}
