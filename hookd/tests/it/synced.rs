//! The promise of `durability: power`: an admission is on the disk before the first script
//! starts, and a decision before the client sees it.
//!
//! A preloaded library writes a line into a file whenever hookd flushes the WAL to the disk;
//! the script and the test write into the same file.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use hookd_proto::v1::Condition::SnapshotStart;
use hookd_test_support::*;

const BETWEEN: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int told(const char *function, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, function);
    int done = real(fd);
    char link[64], name[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, name, sizeof name - 1);
    if (done == 0 && length > 4 && memcmp(name + length - 4, "-wal", 4) == 0) {
        int order = open(getenv("ORDER"), O_WRONLY | O_APPEND);
        if (order < 0 || write(order, "synced\n", 7) != 7) abort();
        close(order);
    }
    return done;
}

int fdatasync(int fd) { return told("fdatasync", fd); }
int fsync(int fd) { return told("fsync", fd); }
"#;

fn library(folder: &Path) -> std::path::PathBuf {
    let (source, library) = (folder.join("between.c"), folder.join("between.so"));
    fs::write(&source, BETWEEN).expect("written");
    let mut cc = Command::new(std::env::var_os("CC").unwrap_or("cc".into()));
    cc.args(["-shared", "-fPIC", "-o"]).arg(&library);
    let made = cc.arg(&source).arg("-ldl").status().expect("a C compiler");
    assert!(made.success());
    library
}

/// Returns the order of flushes, script and decision in a run.
async fn order(durability: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let order = folder.path().join("order");
    File::create(&order).expect("made");
    let script = format!("echo script >> {}", order.display());
    let daemon = Setup::new(&config(&hook("h", "SNAPSHOT_START", "", &script)))
        .arg("--durability")
        .arg(durability)
        .env("LD_PRELOAD", library(folder.path()))
        .env("ORDER", &order)
        .start();
    let mut client = daemon.hooks().await;
    // The header of the WAL is flushed once in any case.
    run(&mut client, request(event(SnapshotStart))).await;
    File::create(&order).expect("emptied");
    run(&mut client, request(event(SnapshotStart))).await;
    let mut file = File::options().append(true).open(&order).expect("there");
    file.write_all(b"decision\n").expect("written");
    let order = fs::read_to_string(&order).expect("text");
    order.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_script_starts_and_a_decision_is_told_after_the_disk_has_it() {
    let mut order = order("power").await;
    order.dedup();
    assert_eq!(order, ["synced", "script", "synced", "decision"]);
}

#[tokio::test]
async fn nothing_waits_for_the_disk_if_only_hookd_may_die() {
    assert_eq!(order("process").await, ["script", "decision"]);
}
