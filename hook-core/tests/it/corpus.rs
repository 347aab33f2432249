//! Replays the seeds of the fuzz targets, and every input that once broke one.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

#[path = "../../../fuzz/checks.rs"]
mod checks;

/// How long one input may take: a limit of hangs, not of speed.
const SOON: Duration = Duration::from_secs(30);

/// Runs a check on every file of its folder, each on a thread of the usual stack and of
/// the file's name: that is what a panic or an overflow is reported with.
fn replay(target: &str, check: checks::Check) {
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

/// The folder of the seeds.
fn corpus() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus"))
}

#[test]
fn config() {
    replay("config", checks::config);
}

#[test]
fn go_check() {
    replay("go_check", checks::go_check);
}

#[test]
fn go_render() {
    replay("go_render", checks::go_render);
}

#[test]
fn go_syntax() {
    replay("go_syntax", checks::go_syntax);
}

#[test]
fn tera() {
    replay("tera", checks::tera);
}

#[test]
fn every_target_has_a_check_and_seeds() {
    let stems = |folder: &Path| -> BTreeSet<String> {
        let files = fs::read_dir(folder).unwrap();
        let stem = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
        files.map(|file| stem(&file.unwrap().path())).collect()
    };
    let checks: BTreeSet<_> = checks::CHECKS.map(|(name, _)| name.to_owned()).into();
    assert_eq!(stems(corpus()), checks);
    assert_eq!(stems(&corpus().join("../fuzz_targets")), checks);
}
