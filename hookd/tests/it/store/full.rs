//! A store on a full disk.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use hookd::store::StoreError;
use hookd_test_support::skip;
use tempfile::TempDir;

use crate::store::support::{PROCEED, about, end, file, id, open, record, run};

/// A small disk, unmounted when dropped.
struct Disk(TempDir);

impl Disk {
    /// Returns `None` if the user may not mount one.
    fn mount() -> Option<Disk> {
        let folder = TempDir::new().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs"]);
        let mounted = mount.arg(folder.path()).stderr(Stdio::null()).status();
        mounted
            .is_ok_and(|status| status.success())
            .then(|| Disk(folder))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let mut unmount = Command::new("umount");
        let _ = unmount.arg("-l").arg(self.0.path()).status();
    }
}

fn fill(filler: &Path, bytes: usize) {
    fs::write(filler, vec![0; bytes]).unwrap();
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_room_helps() {
    let Some(disk) = Disk::mount() else {
        skip("full-disk-of-a-store: no tmpfs can be mounted");
        return;
    };
    let filler = disk.0.path().join("filler");
    fill(&filler, 1 << 20);
    let store = open(&disk.0);
    let output = "z".repeat(10_000);
    let mut kept = 0;
    let full = loop {
        let records = [record(2, &output)];
        let put = async {
            store.admit(run(kept, about("plan"))).await?;
            let ending = end(kept, PROCEED, Vec::new());
            store.finish(id(kept), &records, ending).await
        };
        match put.await {
            Ok(()) => kept += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(full, StoreError::Full(_)), "{full:?}");
    assert!(kept > 10);
    let last = store.get(id(kept)).await.unwrap();
    assert!(last.is_none_or(|run| run.ended.is_none()));

    fs::remove_file(&filler).unwrap();
    // The disk may have been full before or after the admission.
    let _ = store.admit(run(kept, about("plan"))).await;
    let ending = end(kept, PROCEED, Vec::new());
    store
        .finish(id(kept), &[record(2, "room")], ending)
        .await
        .unwrap();
    store.close().await.unwrap();
    let store = open(&disk.0);
    assert_eq!(store.info().await.unwrap().runs, kept + 1);
    for n in 0..kept {
        let records = store.read(id(n), 0, 1 << 20).await.unwrap();
        assert_eq!(records, [record(1, "begins"), record(2, &output)]);
    }
    assert!(file(&disk.0).exists());
    store.close().await.unwrap();
}
