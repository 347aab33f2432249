//! Backup of the store, as a stream of pieces.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use process_supervisor::own_entries;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{self, error::SendTimeoutError};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::io::ReaderStream;
use tracing::{info, warn};

use crate::limits::BACKUP_PIECE;
use crate::store::{Store, StoreError};

/// Prefix of the folders in which copies are made. Folders with this prefix are removed.
const PREFIX: &str = ".hookd-copy-";

/// Error of a copy that was not made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder for the copy cannot be made, or the copy cannot be read.
    #[error("the copy cannot be made beside the store: {0}")]
    File(#[from] io::Error),
    /// Nobody read the copy.
    #[error("nobody read the copy for {0:?}")]
    Unread(Duration),
    /// The task was ended.
    #[error("the copy was not made")]
    Ended,
}

/// A copy and the permit for it.
pub(crate) struct Copy {
    file: File,
    permit: OwnedSemaphorePermit,
}

/// Makes a copy, opens it and unlinks its file, so that the disk space is freed when the last
/// reader is closed.
pub(crate) async fn copy(
    store: Arc<Store>,
    permit: OwnedSemaphorePermit,
) -> Result<Copy, BackupError> {
    let info = store.info().await?;
    let Some(folder) = info.path.as_deref().and_then(Path::parent) else {
        let message = format!(
            "the {} store has no file: start hookd with `--store sqlite` to keep runs in one",
            info.kind
        );
        return Err(StoreError::Unsupported(message).into());
    };
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let private = builder.prefix(PREFIX).tempdir_in(folder)?;
    // In a task of its own: the folder and the permit have to outlive the copying, even if the
    // call is cancelled. Else repeated calls could fill the disk.
    let made = tokio::spawn(async move {
        let path = private.path().join("copy.db");
        store.backup(&path).await?;
        let file = File::open(&path)?;
        Ok(Copy { file, permit })
    });
    made.await.unwrap_or(Err(BackupError::Ended))
}

/// Removes copies beside the store that a killed daemon did not finish.
pub(crate) fn remove_left_over(folder: &Path) {
    for path in own_entries(folder, PREFIX) {
        match fs::remove_dir_all(&path) {
            Ok(()) => info!(path = %path.display(), "removed an unfinished copy of the store"),
            Err(error) => warn!(path = %path.display(), %error, "an unfinished copy stays"),
        }
    }
}

/// Streams the bytes of a copy. A task of its own reads the file, and lets go of it if nobody
/// reads a piece within `stall`.
pub(crate) fn pieces(
    copy: Copy,
    stall: Duration,
) -> impl Stream<Item = Result<Bytes, BackupError>> + Send {
    let (pieces, read) = mpsc::channel(1);
    let sending = tokio::spawn(async move {
        let Copy { file, permit } = copy;
        let _permit = permit;
        let file = tokio::fs::File::from_std(file);
        let mut file = ReaderStream::with_capacity(file, BACKUP_PIECE);
        while let Some(piece) = file.next().await {
            match pieces.send_timeout(piece, stall).await {
                Ok(()) => {}
                Err(SendTimeoutError::Closed(_)) => break,
                Err(SendTimeoutError::Timeout(_)) => {
                    warn!("a copy of the store is given up: nobody read it for {stall:?}");
                    return Err(BackupError::Unread(stall));
                }
            }
        }
        Ok(())
    });
    let end = stream::once(async { sending.await.unwrap_or(Err(BackupError::Ended)) });
    let pieces = ReceiverStream::new(read).map(|piece| Ok(piece?));
    pieces.chain(end.filter_map(async |end| end.err().map(Err)))
}

#[cfg(test)]
mod tests {
    use futures_util::poll;
    use tokio::sync::Semaphore;
    use tokio::task::yield_now;
    use tokio::time::timeout;

    use super::*;
    use crate::store::Durability;

    const SOON: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn a_copy_that_nobody_waits_for_is_one_all_the_same_until_it_is_made() {
        let folder = tempfile::tempdir().expect("made");
        let file = folder.path().join("runs.sqlite3");
        let (store, _) = Store::open(&file, Durability::Process).expect("opened");
        let leave = Arc::new(Semaphore::new(1));
        let permit = Arc::clone(&leave).try_acquire_owned().expect("free");
        let mut asked = Box::pin(copy(Arc::new(store), permit));
        let is_copy = |entry: io::Result<fs::DirEntry>| {
            let name = entry.expect("read").file_name();
            name.as_encoded_bytes().starts_with(PREFIX.as_bytes())
        };
        let begins = async {
            loop {
                assert!(poll!(asked.as_mut()).is_pending());
                if fs::read_dir(folder.path()).expect("read").any(is_copy) {
                    return;
                }
                yield_now().await;
            }
        };
        timeout(SOON, begins).await.expect("it begins");
        drop(asked);
        assert_eq!(leave.available_permits(), 0);
        let given_back = timeout(SOON, leave.acquire()).await;
        assert!(given_back.expect("it is made").is_ok());
    }

    #[tokio::test]
    async fn a_copy_that_nobody_reads_is_let_go() {
        let leave = Arc::new(Semaphore::new(1));
        let permit = Arc::clone(&leave).try_acquire_owned().expect("free");
        let file = tempfile::tempfile().expect("made");
        file.set_len(10 * BACKUP_PIECE as u64).expect("grown");
        let pieces = pieces(Copy { file, permit }, Duration::from_millis(1));
        let given_back = timeout(SOON, leave.acquire()).await;
        assert!(given_back.expect("in time").is_ok());
        let read: Vec<_> = pieces.collect().await;
        assert!(matches!(read.last(), Some(Err(BackupError::Unread(_)))));
    }
}
