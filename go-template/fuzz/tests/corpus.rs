//! Replay of the seeds of the fuzz targets, and of every input that once broke one.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use go_template_fuzz::{CHECKS, Check};

/// The time limit of one input: a limit of hangs, not of speed.
const SOON: Duration = Duration::from_secs(30);

/// Runs a check on every file of its folder, each on a thread with the usual stack and the
/// file's name, which the report of a panic or an overflow names.
fn replay(target: &str, check: Check) {
    let folder = corpus().join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "no seeds in {}", folder.display());
    let mut broken = Vec::new();
    for path in paths {
        let name = path.strip_prefix(corpus()).unwrap().display().to_string();
        let bytes = fs::read(&path).unwrap();
        let start = Instant::now();
        let thread = thread::Builder::new().name(name.clone());
        let ended = thread.spawn(move || check(&bytes)).unwrap().join();
        if ended.is_err() || start.elapsed() > SOON {
            broken.push(format!("{name} after {:?}", start.elapsed()));
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Returns the folder of the seeds.
fn corpus() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus"))
}

#[test]
fn go_check() {
    replay("go_check", go_template_fuzz::go_check);
}

#[test]
fn go_execute() {
    replay("go_execute", go_template_fuzz::go_execute);
}

#[test]
fn go_syntax() {
    replay("go_syntax", go_template_fuzz::go_syntax);
}

#[test]
fn every_target_has_a_check_and_seeds() {
    let stems = |folder: &Path| -> BTreeSet<String> {
        let files = fs::read_dir(folder).unwrap();
        let stem = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
        files.map(|file| stem(&file.unwrap().path())).collect()
    };
    let checks: BTreeSet<_> = CHECKS.map(|(name, _)| name.to_owned()).into();
    assert_eq!(stems(corpus()), checks);
    assert_eq!(stems(&corpus().join("../fuzz_targets")), checks);
}
