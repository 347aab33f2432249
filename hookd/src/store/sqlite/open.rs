//! Opening a store: a new one, one that is there, or one in the place of a damaged one.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use jiff::{Timestamp, Unit};
use rusqlite::{Connection, OpenFlags};

use super::fault::explain;
use super::files::{self, beside, size_of};
use super::schema;
use crate::private;
use crate::store::StoreError;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder or the file cannot be made or written.
    #[error("cannot write the store {}: {cause}; see who owns it and how it is mounted", path.display())]
    Unwritable {
        /// The folder or the file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// A newer hookd wrote it.
    #[error(
        "the store {} has version {found} of the schema, and this hookd knows versions up to \
         {known}: start the newer hookd again, or name another state directory", path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version that is known.
        known: u32,
    },
    /// It is a database, but not hookd's.
    #[error("{} is the database of another program: name another state directory", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// It could not be brought into use, though it is not damaged.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A damaged store that was put out of the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Where it was.
    pub path: PathBuf,
    /// Where it is now.
    pub to: PathBuf,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for SetAside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, to) = (self.path.display(), self.to.display());
        write!(
            f,
            "the store {path} was damaged ({}) and is now {to}; a new one was begun. See what \
             can be read of it with: sqlite3 '{to}' .recover | sqlite3 recovered.sqlite3",
            self.why
        )
    }
}

/// Why what is there cannot be used.
enum Unfit {
    Damaged(String),
    Other(OpenError),
}

impl From<StoreError> for Unfit {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Damaged { message } => Unfit::Damaged(message),
            other => Unfit::Other(other.into()),
        }
    }
}

/// Opens the connection that writes, on a store of the current version. One that is damaged
/// is set aside.
pub(super) fn open(path: &Path) -> Result<(Connection, Option<SetAside>), OpenError> {
    let unwritable = |path: &Path, cause| OpenError::Unwritable {
        path: path.to_owned(),
        cause,
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    private::folder(folder).map_err(|cause| unwritable(folder, cause))?;
    let mut aside = None;
    loop {
        match try_open(path) {
            Ok(db) => {
                sync(folder).map_err(|cause| unwritable(folder, cause))?;
                return Ok((db, aside));
            }
            // A new one that is damaged is the fault of what is below.
            Err(Unfit::Damaged(message)) if aside.is_some() => {
                return Err(StoreError::Damaged { message }.into());
            }
            Err(Unfit::Damaged(why)) => {
                let to = set_aside(path).map_err(|cause| unwritable(path, cause))?;
                let path = path.to_owned();
                aside = Some(SetAside { path, to, why });
            }
            Err(Unfit::Other(error)) => return Err(error),
        }
    }
}

fn try_open(path: &Path) -> Result<Connection, Unfit> {
    let unwritable = |cause| {
        Unfit::Other(OpenError::Unwritable {
            path: path.to_owned(),
            cause,
        })
    };
    let size = make_file(path).map_err(unwritable)?;
    if size == 0 && size_of(&beside(path, "-wal")) > 0 {
        return Err(Unfit::Damaged("it is empty, and its log is not".into()));
    }
    if size > 0 {
        look(path).map_err(unwritable)??.fit(path)?;
    }
    let sqlite = |error: rusqlite::Error| Unfit::from(explain(&error, path));
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(sqlite)?;
    schema::prepare_writer(&db).map_err(sqlite)?;
    if !schema::begin_log(&db).map_err(sqlite)? {
        let message = "its file system does not let processes share memory: is it a network's?";
        return Err(StoreError::failed(format!("{}: {message}", path.display())).into());
    }
    let (application, version) = schema::marks(&db).map_err(sqlite)?;
    Header {
        application,
        version,
    }
    .fit(path)?;
    schema::migrate(&db).map_err(sqlite)?;
    schema::probe(&db).map_err(sqlite)?;
    let mark = files::damage_mark(path);
    if mark.exists() {
        if let Some(fault) = schema::check(&db).map_err(sqlite)? {
            return Err(Unfit::Damaged(fault));
        }
        fs::remove_file(&mark).map_err(unwritable)?;
    }
    Ok(db)
}

/// What the header of a database says of it.
struct Header {
    application: u32,
    version: u32,
}

impl Header {
    fn fit(&self, path: &Path) -> Result<(), Unfit> {
        let path = path.to_owned();
        if (self.application, self.version) == (0, 0) {
            // Begun, and not got any further.
            return Ok(());
        }
        if self.application != schema::APPLICATION {
            return Err(Unfit::Other(OpenError::Foreign { path }));
        }
        if self.version > schema::VERSION {
            let (found, known) = (self.version, schema::VERSION);
            return Err(Unfit::Other(OpenError::Newer { path, found, known }));
        }
        Ok(())
    }
}

/// Reads the header without opening the database, which would change its files.
fn look(path: &Path) -> io::Result<Result<Header, Unfit>> {
    let mut header = Vec::new();
    File::open(path)?.take(100).read_to_end(&mut header)?;
    if header.len() < 100 || !header.starts_with(b"SQLite format 3\0") {
        return Ok(Err(Unfit::Damaged("it is not a database".into())));
    }
    let number = |at: usize| {
        let bytes = header[at..at + 4].iter();
        bytes.fold(0, |number, byte| number << 8 | u32::from(*byte))
    };
    Ok(Ok(Header {
        version: number(60),
        application: number(68),
    }))
}

/// Gives a store and what is beside it a name that is not taken.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    const BESIDE: [&str; 3] = ["", "-wal", "-shm"];
    let now = Timestamp::now().round(Unit::Second).unwrap_or_default();
    let now = now.to_string().replace(['-', ':'], "");
    let mut to = beside(path, &format!(".damaged-{now}"));
    let mut more = 1;
    while BESIDE.iter().any(|suffix| beside(&to, suffix).exists()) {
        more += 1;
        to = beside(path, &format!(".damaged-{now}-{more}"));
    }
    // The database first: a log without one is never taken for that of the next.
    for suffix in BESIDE {
        match fs::rename(beside(path, suffix), beside(&to, suffix)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => other?,
        }
    }
    let _ = fs::remove_file(files::damage_mark(path));
    Ok(to)
}

/// Makes the file if it is not there, for its owner alone, as those beside it will be.
/// Returns how large it is.
fn make_file(path: &Path) -> io::Result<u64> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options.open(path)?.metadata()?.len())
}

/// Makes sure that the names of new files survive the machine.
#[cfg(unix)]
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync(_folder: &Path) -> io::Result<()> {
    Ok(())
}
