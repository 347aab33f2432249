//! `hookctl store`: the database of runs.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use hookd_client::{Client, answer};
use hookd_proto::v1::{BackupStoreRequest, GetServerInfoRequest, StoreInfo};
use serde_json::json;

use crate::connect::Service;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::new_file::{self, NewFile};
use crate::output::{Out, safe, words};

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

/// First bytes of a SQLite database.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// Length of its header.
const HEADER: usize = 100;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct StoreArgs {
    #[command(subcommand)]
    pub verb: StoreVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StoreVerb {
    /// Write a consistent copy of the store to a file, while hookd goes on
    Backup(BackupArgs),
}

#[derive(Debug, Args)]
#[command(after_help = BACKUP_EXAMPLES)]
pub(crate) struct BackupArgs {
    /// The file
    pub file: PathBuf,
    /// Replace the file if it is there already
    #[arg(long)]
    pub force: bool,
}

pub(crate) async fn perform(args: &StoreArgs, hookd: &mut Service, out: &mut Out) -> Result {
    let StoreVerb::Backup(args) = &args.verb;
    if !args.force && args.file.symlink_metadata().is_ok() {
        return Err(new_file::taken(&args.file));
    }
    let client = hookd.connect().await?;
    let store = refuse_store(&client, &args.file).await?;
    let mut file = NewFile::beside(&args.file)?;
    let bytes = copy(&client, &mut file, out).await?;
    file.finish(args.force)?;
    out.rest();
    let name = args.file.display().to_string();
    let answer = json!({ "file": name, "bytes": bytes.to_string() });
    out.result(&answer, |_| show(&name, bytes, &store))?;
    Ok(Exit::Proceed)
}

/// Writes the database that hookd sends; returns its size in bytes.
async fn copy(client: &Client, file: &mut NewFile, out: &mut Out) -> Result<u64> {
    out.spin("hookd makes the copy");
    // The copy has no time limit. If the connection is lost, the call fails.
    let pieces = client.admin().backup_store(BackupStoreRequest {}).await?;
    let mut pieces = pieces.into_inner();
    let mut header = Vec::new();
    let mut bytes = 0;
    while let Some(piece) = pieces.message().await? {
        file.write(&piece.data)?;
        header.extend(piece.data.iter().take(HEADER - header.len()));
        bytes += piece.data.len() as u64;
        out.spin(&format!("{} written", words::bytes(bytes)));
    }
    if !is_complete(&header, bytes) {
        return Err(Failure::other("what hookd sent is no complete database")
            .help("nothing was written; try again, and look at hookd's log"));
    }
    Ok(bytes)
}

/// Returns the daemon's store; fails if the file to be written is part of it.
pub(crate) async fn refuse_store(client: &Client, file: &Path) -> Result<StoreInfo> {
    let info = answer(client.admin().get_server_info(GetServerInfoRequest {})).await?;
    let store = info.store_info.unwrap_or_default();
    if is_store(file, &store.path) {
        let message = format!(
            "{} is the store itself, which hookd is using",
            file.display()
        );
        return Err(Failure::usage(message).help("name another file: this one is never replaced"));
    }
    Ok(store)
}

/// Returns whether a file belongs to the store in use. If it were replaced by a copy, hookd would
/// go on writing to the unlinked file, and its content would be lost.
fn is_store(file: &Path, store: &str) -> bool {
    let Ok(file) = file.canonicalize() else {
        return false;
    };
    ["", "-wal", "-shm"].iter().any(|suffix| {
        let part = PathBuf::from(format!("{store}{suffix}"));
        part.canonicalize().is_ok_and(|part| part == file)
    })
}

/// Returns whether a database with this header has all its pages.
fn is_complete(header: &[u8], bytes: u64) -> bool {
    let (Some(&[a, b]), Some(&pages)) = (
        header.get(16..).and_then(<[u8]>::first_chunk),
        header.get(28..).and_then(<[u8]>::first_chunk),
    ) else {
        return false;
    };
    // The value 1 stands for pages of 64 KiB.
    let page_size = match u16::from_be_bytes([a, b]) {
        1 => 65_536,
        size => u64::from(size),
    };
    let pages = u64::from(u32::from_be_bytes(pages));
    header.starts_with(MAGIC) && pages > 0 && page_size * pages == bytes
}

fn show(file: &str, bytes: u64, store: &StoreInfo) -> String {
    let location = match &*store.path {
        "" => "the store that `hookctl info` names".to_owned(),
        path => safe::text(path),
    };
    format!(
        "{}: a copy of {}\nto restore: end hookd, put it in the place of {location}, remove what \
         is beside that with -wal and -shm at its end, and start hookd\n",
        safe::text(file),
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
