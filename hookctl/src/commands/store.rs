//! `hookctl store`: what keeps the runs.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use hookd_proto::v1::{BackupStoreRequest, GetServerInfoRequest, StoreInfo};

use crate::cli::Global;
use crate::connect::{Client, answer};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::new_file::{self, NewFile};
use crate::output::{Out, safe, words};
use crate::status;

const EXAMPLES: &str = "\
Examples:
  hookctl store backup /backup/hookd.db
  hookctl store backup --force /backup/hookd.db";

const BACKUP_EXAMPLES: &str = "\
Examples:
  hookctl store backup hookd.db
  hookctl store backup --force /backup/hookd.db && sqlite3 /backup/hookd.db .schema

hookd goes on meanwhile. The file appears when it is complete; only you can read it.
To restore: end hookd, put the file in the place of the store that `hookctl info` names,
remove the files beside that with `-wal` and `-shm` at their ends, and start hookd.";

/// How a database of SQLite begins.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// How long its header is.
const HEADER: usize = 100;

/// What to do with the store.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct StoreArgs {
    /// What to do.
    #[command(subcommand)]
    pub verb: StoreVerb,
}

/// What to do with the store.
#[derive(Debug, Subcommand)]
pub(crate) enum StoreVerb {
    /// Write a consistent copy of the store to a file, while hookd goes on
    Backup(BackupArgs),
}

/// Where to write the copy.
#[derive(Debug, Args)]
#[command(after_help = BACKUP_EXAMPLES)]
pub(crate) struct BackupArgs {
    /// The file
    pub file: PathBuf,
    /// Replace the file if it is there already
    #[arg(long)]
    pub force: bool,
}

/// Does what is asked for.
///
/// # Errors
/// If it fails.
pub(crate) async fn perform(
    args: &StoreArgs,
    global: &Global,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let StoreVerb::Backup(args) = &args.verb;
    if !args.force && args.file.symlink_metadata().is_ok() {
        return Err(new_file::taken(&args.file));
    }
    let client = Client::connect(global).await?;
    let saved = backup(&client, args, out).await;
    let (bytes, store) = client.close(saved).await?;
    out.rest();
    if out.is_json() {
        let file = args.file.display().to_string();
        out.json(&serde_json::json!({ "file": file, "bytes": bytes.to_string() }))?;
    } else {
        out.text(&said(&args.file, bytes, &store))?;
    }
    Ok(Exit::Proceed)
}

async fn backup(
    client: &Client,
    args: &BackupArgs,
    out: &mut Out,
) -> Result<(u64, StoreInfo), Failure> {
    let store = spared(client, &args.file).await?;
    let mut file = NewFile::beside(&args.file)?;
    out.spin("hookd makes the copy");
    // However long that takes: a lost connection shows all the same.
    let mut pieces = client
        .admin()
        .backup_store(BackupStoreRequest {})
        .await
        .map_err(|refusal| status::failure(&refusal))?
        .into_inner();
    let mut bytes = 0;
    loop {
        match pieces.message().await {
            Ok(Some(piece)) => {
                file.write(&piece.data)?;
                bytes += piece.data.len() as u64;
                out.spin(&format!("{} written", words::bytes(bytes)));
            }
            Ok(None) => break,
            Err(refusal) => return Err(status::failure(&refusal)),
        }
    }
    let mut header = Vec::new();
    let read = file.reopen()?.take(HEADER as u64).read_to_end(&mut header);
    read.map_err(|error| Failure::other(format!("cannot read the copy back: {error}")))?;
    if !is_complete(&header, bytes) {
        return Err(Failure::other("what hookd sent is no complete database")
            .help("nothing was written; try again, and look at hookd's log"));
    }
    file.finish(args.force)?;
    Ok((bytes, store))
}

/// The store of the daemon, which a file that is to be written must not take the place of.
///
/// # Errors
/// If it would, or the daemon does not say where its store is.
pub(crate) async fn spared(client: &Client, file: &Path) -> Result<StoreInfo, Failure> {
    let asked = answer(client.admin().get_server_info(GetServerInfoRequest {})).await?;
    let store = asked.store_info.unwrap_or_default();
    if is_store(file, &store.path) {
        let file = file.display();
        return Err(
            Failure::usage(format!("{file} is the store itself, which hookd is using"))
                .help("name another file: this one is never replaced"),
        );
    }
    Ok(store)
}

/// Whether a file is a part of the store in use. In its place, a copy would cut hookd off
/// from what it goes on to write, and that would be lost when it ends.
fn is_store(file: &Path, store: &str) -> bool {
    let Ok(file) = file.canonicalize() else {
        return false;
    };
    ["", "-wal", "-shm"].iter().any(|end| {
        let part = PathBuf::from(format!("{store}{end}"));
        part.canonicalize().is_ok_and(|part| part == file)
    })
}

/// Whether a database that begins so has all its pages.
fn is_complete(header: &[u8], bytes: u64) -> bool {
    let number = |at: usize, length: usize| {
        let bytes = header.get(at..at + length)?;
        Some(
            bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
        )
    };
    // The size of a page, where 1 stands for 64 KiB, and the number of pages.
    let (Some(size), Some(pages)) = (number(16, 2), number(28, 4)) else {
        return false;
    };
    let size = if size == 1 { 65_536 } else { size };
    header.starts_with(MAGIC) && pages > 0 && size * pages == bytes
}

fn said(file: &Path, bytes: u64, store: &StoreInfo) -> String {
    let place = match &*store.path {
        "" => "the store that `hookctl info` names".to_owned(),
        path => safe::text(path),
    };
    format!(
        "{}: a copy of {}\nto restore: end hookd, put it in the place of {place}, remove what \
         is beside that with -wal and -shm at its end, and start hookd\n",
        safe::text(&file.display().to_string()),
        words::bytes(bytes),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_told_from_anything_else() {
        let header = |page: [u8; 2], pages: [u8; 4]| {
            let mut header = vec![0; HEADER];
            header[..16].copy_from_slice(MAGIC);
            header[16..18].copy_from_slice(&page);
            header[28..32].copy_from_slice(&pages);
            header
        };
        let small = header([0x10, 0], [0, 0, 0, 2]);
        assert!(is_complete(&small, 8192));
        assert!(!is_complete(&small, 4096));
        assert!(!is_complete(&small[..20], 8192));
        assert!(!is_complete(&[0; HEADER], 0));
        assert!(!is_complete(&[], 0));
        assert!(is_complete(&header([0, 1], [0, 0, 1, 0]), 65_536 * 256));
        assert!(!is_complete(&header([0xff; 2], [0xff; 4]), 1));
    }
}
