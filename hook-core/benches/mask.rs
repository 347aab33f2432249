//! Benchmark of masking: a thousand secrets in all their forms, in output that has some.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use hook_core::run::mask::Mask;
use hook_core::run::mask::stream::MaskedOutput;
use process_supervisor::{Chunk, OutputFilter as _, Stream};

const CHUNK: usize = 32 << 10;
const CHUNKS: usize = 256;

/// Returns random secrets of 16 to 40 characters that need escapes.
fn secrets(count: usize) -> Vec<String> {
    let alphabet: Vec<char> = ('!'..='~').collect();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % below as u64) as usize
    };
    let mut secret = || {
        let length = 16 + next(25);
        (0..length)
            .map(|_| alphabet[next(alphabet.len())])
            .collect()
    };
    (0..count).map(|_| secret()).collect()
}

/// Returns what a backup says of its files; every `hits`-th line has a secret.
fn output(secrets: &[String], hits: usize) -> Vec<Bytes> {
    let mut text = String::new();
    for line in 0.. {
        if text.len() >= CHUNK * CHUNKS {
            break;
        }
        text += &format!(
            "2026-11-28T03:14:{:02}.{:03} unchanged /home/anna/pictures/2024/holiday/IMG_{line:05}.jpg, saved in 0.{:03}s (3.1 MiB added)\n",
            line % 60,
            line * 7 % 1000,
            line * 13 % 1000,
        );
        if line % hits == 0 {
            text += &format!(
                "+ export RESTIC_PASSWORD={}\n",
                secrets[line % secrets.len()]
            );
        }
    }
    let text = Bytes::from(text);
    (0..CHUNKS)
        .map(|i| text.slice(i * CHUNK..(i + 1) * CHUNK))
        .collect()
}

/// Returns secrets without their ends, which all look like a secret until they are over.
fn beginnings(secrets: &[String]) -> Vec<Bytes> {
    let lines = secrets
        .iter()
        .cycle()
        .map(|secret| &secret[..secret.len() - 1]);
    let mut text = String::new();
    for line in lines {
        if text.len() >= CHUNK * CHUNKS {
            break;
        }
        text += line;
    }
    let text = Bytes::from(text);
    (0..CHUNKS)
        .map(|i| text.slice(i * CHUNK..(i + 1) * CHUNK))
        .collect()
}

fn pass(mask: &Mask, chunks: &[Bytes]) {
    let mut output = MaskedOutput::new(mask.clone());
    for (chunk, offset) in chunks.iter().zip((0..).step_by(CHUNK)) {
        black_box(output.push(Chunk {
            stream: Stream::Stdout,
            offset,
            data: chunk.clone(),
        }));
    }
    black_box(output.finish(Stream::Stdout));
}

fn masking(c: &mut Criterion) {
    let secrets = secrets(1000);
    let mut group = c.benchmark_group("mask");
    group.throughput(Throughput::Bytes((CHUNK * CHUNKS) as u64));
    for count in [1, 1000] {
        let mask = Mask::new(secrets[..count].iter().map(String::as_str));
        // One line in 300 is about one a chunk; one in 2 is a script that prints little else.
        for hits in [usize::MAX, 300, 2] {
            let chunks = output(&secrets[..count], hits);
            let name = match hits {
                usize::MAX => format!("{count} secrets/no hit"),
                hits => format!("{count} secrets/hit every {hits} lines"),
            };
            group.bench_function(name, |b| b.iter(|| pass(&mask, black_box(&chunks))));
        }
    }
    let mask = Mask::new(secrets.iter().map(String::as_str));
    let chunks = beginnings(&secrets);
    group.bench_function("1000 secrets/beginnings alone", |b| {
        b.iter(|| pass(&mask, black_box(&chunks)));
    });
    group.finish();
    let mut group = c.benchmark_group("mask");
    group.sample_size(10);
    group.bench_function("build 1000 secrets", |b| {
        b.iter_batched(
            || secrets.clone(),
            |secrets| Mask::new(secrets.iter().map(String::as_str)),
            BatchSize::PerIteration,
        );
    });
    group.finish();
    assert!(mask.memory() < 16 << 20, "{} bytes", mask.memory());
}

criterion_group!(benches, masking);
criterion_main!(benches);
