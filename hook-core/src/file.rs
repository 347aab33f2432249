//! Reading files that may be anything: FIFOs, devices, files on a mount that does not answer.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::{apart, links};

/// Longest time for a file.
pub const READ_LIMIT: Duration = Duration::from_secs(10);

/// Stack of a thread that reads, in bytes.
const STACK: usize = 256 << 10;

/// Returns the content of a file. A FIFO is read to the end of its writer.
/// Blocks for [`READ_LIMIT`] at most, and fails if the file cannot be read in that time or has
/// more than `max_bytes`.
pub fn read(path: &Path, max_bytes: u64) -> io::Result<Vec<u8>> {
    read_opened(path, max_bytes, open)
}

/// Like [`read`], but fails if a link of another user leads to the file.
pub fn read_trusted(path: &Path, max_bytes: u64) -> io::Result<Vec<u8>> {
    read_opened(path, max_bytes, open_trusted)
}

fn read_opened(
    path: &Path,
    max_bytes: u64,
    open: fn(&Path) -> io::Result<File>,
) -> io::Result<Vec<u8>> {
    let path = path.to_owned();
    let end = Instant::now() + READ_LIMIT;
    apart::run_blocking(STACK, READ_LIMIT, move || {
        read_until(open(&path)?, max_bytes, end)
    })?
}

fn read_until(mut file: File, max_bytes: u64, end: Instant) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    loop {
        wait_for(&file, end)?;
        let room = (max_bytes + 1).saturating_sub(content.len() as u64);
        match Read::by_ref(&mut file).take(room).read_to_end(&mut content) {
            // A FIFO whose writer has more to write.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
            Ok(_) if content.len() as u64 > max_bytes => {
                let message = format!("it is larger than {max_bytes} bytes");
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
            }
            Ok(_) => return Ok(content),
        }
    }
}

/// Opens a file. Does not wait for the writer of a FIFO.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, open};

    Ok(open(path, flags(), Mode::empty())?.into())
}

#[cfg(unix)]
fn flags() -> rustix::fs::OFlags {
    use rustix::fs::OFlags;

    OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC
}

/// Opens a file to which no link of another user leads.
fn open_trusted(path: &Path) -> io::Result<File> {
    let path = links::follow(path)?;
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, Mode, ResolveFlags, openat2};
        use rustix::io::Errno;

        // A link that was put into the path since is not followed.
        match openat2(
            CWD,
            &path,
            flags(),
            Mode::empty(),
            ResolveFlags::NO_SYMLINKS,
        ) {
            // The kernel is older than 5.6, or a sandbox does not know the call.
            Err(Errno::NOSYS | Errno::PERM) => {}
            opened => return Ok(opened?.into()),
        }
    }
    open(&path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Waits until something can be read, or the writer of a FIFO is gone.
#[cfg(unix)]
fn wait_for(file: &File, end: Instant) -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, poll};

    let left = end.saturating_duration_since(Instant::now());
    let left = left.try_into().ok();
    match poll(&mut [PollFd::new(file, PollFlags::IN)], left.as_ref())? {
        0 => {
            let message = format!("nothing was written to it within {READ_LIMIT:?}");
            Err(io::Error::new(io::ErrorKind::TimedOut, message))
        }
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn wait_for(_file: &File, _end: Instant) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;
    use std::thread;

    use super::*;

    const SOON: Duration = Duration::from_secs(30);

    fn fifo(folder: &tempfile::TempDir) -> std::path::PathBuf {
        let path = folder.path().join("fifo");
        let made = Command::new("mkfifo").arg(&path).status();
        assert!(made.is_ok_and(|status| status.success()));
        path
    }

    #[test]
    fn a_fifo_is_read_to_the_end_of_its_writer() {
        let folder = tempfile::tempdir().expect("made");
        let path = fifo(&folder);
        let content = "x".repeat(200_000);
        let (to, written) = (path.clone(), content.clone());
        let writer = thread::spawn(move || std::fs::write(to, written));
        let file = open(&path).expect("opened");
        let read = read_until(file, 1 << 20, Instant::now() + SOON).expect("read");
        assert!(read == content.as_bytes());
        writer.join().expect("no panic").expect("written");
    }

    #[test]
    fn a_fifo_without_a_writer_fails_in_time() {
        let folder = tempfile::tempdir().expect("made");
        let file = open(&fifo(&folder)).expect("opened");
        let error = read_until(file, 10, Instant::now() + Duration::from_millis(10));
        assert_eq!(error.expect_err("late").kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn an_endless_file_is_too_large() {
        let error = read(Path::new("/dev/zero"), 10).expect_err("too large");
        assert_eq!(error.to_string(), "it is larger than 10 bytes");
    }
}
