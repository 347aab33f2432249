//! How fast templates are read, checked and rendered.
//!
//! Go's own times for the same hook: `go test -bench .` in `hook-core/testdata/oracle`.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hook_core::template::{Engine, Facts, Template};
use hook_core::vars::Vars;

/// A hook as people write them: ten lines, one branch, three fields, one escape.
const HOOK: &str = r#"#!/bin/bash
set -eu
{{ if .Error -}}
echo "backup of {{ .Plan.Id }} failed"
curl -fsS --retry 3 https://hc-ping.com/your-uuid/fail
{{ else -}}
echo "backup of {{ .Plan.Id }} to {{ .Repo.Id }} took {{ .Duration }}"
logger -t backup -- {{ .ShellEscape .Task }}
curl -fsS --retry 3 https://hc-ping.com/your-uuid
{{ end -}}
"#;

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

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30).without_plots();
    targets = hooks, long_templates
}
criterion_main!(benches);
