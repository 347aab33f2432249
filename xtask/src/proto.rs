//! `cargo xtask proto`: the contract's style, and whether it breaks the last release's.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::command;
use crate::repo;
use crate::skips::{self, Skip};
use crate::tools::{self, Tool};

const LIMIT: Duration = Duration::from_secs(120);

/// Carries out the verb.
pub(crate) fn run() -> Result<()> {
    skips::report(&check()?)
}

/// Checks the contract; hands back what could not be checked.
pub(crate) fn check() -> Result<Vec<Skip>> {
    let buf = match tools::buf()? {
        Tool::At(buf) => buf,
        Tool::Missing(skip) => return Ok(vec![skip]),
    };
    command::run(
        Command::new(&buf).arg("lint").current_dir(repo::root()),
        LIMIT,
    )
    .context("the contract breaks its style rules, see above")?;
    println!("buf lint: the contract keeps its style rules");

    let root = repo::root();
    match base(&root) {
        Base::Unknown(why) => Ok(vec![Skip::new("buf breaking", why)]),
        Base::None => {
            println!("buf breaking: nothing was released yet that could be broken");
            Ok(Vec::new())
        }
        Base::At { name, commit } => {
            breaking(&buf, &root, &commit)
                .with_context(|| format!("the contract breaks clients of {name}, see above"))?;
            println!("buf breaking: nothing breaks clients of {name}");
            Ok(Vec::new())
        }
    }
}

/// What the contract must not break.
#[derive(Debug, PartialEq, Eq)]
enum Base {
    /// The contract as of a commit.
    At { name: String, commit: String },
    /// There is nothing yet that anybody could rely on.
    None,
    /// That cannot be told here.
    Unknown(&'static str),
}

/// The last release or, before the first, where this left the main branch; on that branch,
/// the commit before, so that what it broke itself is seen.
fn base(root: &Path) -> Base {
    let Some(head) = repo::git(root, ["rev-parse", "HEAD"]) else {
        return Base::Unknown("this is no git repository");
    };
    let tag = ["describe", "--tags", "--abbrev=0", "--match", "v*"];
    if let Some(tag) = repo::git(root, tag) {
        let commit = tag.clone();
        return Base::At { name: tag, commit };
    }
    if repo::git(root, ["rev-parse", "--is-shallow-repository"]).as_deref() == Some("true") {
        return Base::Unknown("a shallow clone lacks the release tags: git fetch --unshallow");
    }
    // A local main may be far behind.
    let mains = ["refs/remotes/origin/main", "refs/heads/main"].iter();
    let left = mains
        .filter_map(|main| repo::git(root, ["merge-base", "HEAD", main]))
        .find(|commit| *commit != head)
        .map(|commit| ("main", commit));
    let parent = || repo::git(root, ["rev-parse", "--verify", "--quiet", "HEAD^"]);
    let base = left.or_else(|| parent().map(|commit| ("the commit before", commit)));
    base.map_or(Base::None, |(name, commit)| Base::At {
        name: name.to_owned(),
        commit,
    })
}

/// Fails if the contract as it lies there breaks that of a commit.
fn breaking(buf: &Path, root: &Path, commit: &str) -> Result<()> {
    // buf's own way into git follows neither work trees nor shallow clones.
    let folder = tempfile::tempdir().context("cannot make a folder for the old contract")?;
    let old = folder.path().join("old");
    fs::create_dir(&old).context("cannot make a folder for the old contract")?;
    let mut checkout = Command::new("git");
    checkout
        .env("GIT_INDEX_FILE", folder.path().join("index"))
        .arg("--work-tree")
        .arg(&old)
        .args(["checkout", "--quiet", commit, "--", "buf.yaml", "proto"])
        .current_dir(root);
    command::run(&mut checkout, LIMIT).context("cannot get the old contract from git")?;
    let mut compare = Command::new(buf);
    compare.args(["breaking", "--against"]).arg(&old);
    command::run(compare.current_dir(root), LIMIT)
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::io::Write as _;
    use std::path::PathBuf;

    use super::*;

    /// A repository with the contract in it, committed.
    fn repository() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let proto = PathBuf::from("proto/hookd/v1");
        fs::create_dir_all(folder.path().join(&proto)).unwrap();
        let files = fs::read_dir(repo::root().join(&proto)).unwrap();
        let files = files.map(|file| proto.join(file.unwrap().file_name()));
        for file in files.chain([PathBuf::from("buf.yaml")]) {
            fs::copy(repo::root().join(&file), folder.path().join(&file)).unwrap();
        }
        git(folder.path(), &["init", "--quiet", "--initial-branch=next"]);
        git(folder.path(), &["add", "."]);
        commit(folder.path());
        folder
    }

    fn git(root: &Path, args: &[&str]) {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=t", "-c", "user.email=t@example.org"]);
        let status = git.args(args).current_dir(root).status().unwrap();
        assert!(status.success(), "{args:?}");
    }

    fn commit(root: &Path) {
        git(root, &["commit", "--quiet", "--allow-empty", "--message=x"]);
    }

    fn head(root: &Path) -> String {
        repo::git(root, ["rev-parse", "HEAD"]).unwrap()
    }

    #[test]
    fn the_base_is_the_last_release_or_else_the_main_branch() {
        let folder = repository();
        let root = folder.path();
        let at = |name: &str, commit: &str| Base::At {
            name: name.to_owned(),
            commit: commit.to_owned(),
        };
        assert_eq!(base(root), Base::None);
        git(root, &["branch", "main"]);
        assert_eq!(base(root), Base::None);
        let left = head(root);
        commit(root);
        assert_eq!(base(root), at("main", &left));
        // What is on main already is not compared with itself.
        git(root, &["branch", "--force", "main"]);
        assert_eq!(base(root), at("the commit before", &left));
        let pushed = head(root);
        git(root, &["update-ref", "refs/remotes/origin/main", &pushed]);
        assert_eq!(base(root), at("the commit before", &left));
        commit(root);
        git(root, &["branch", "--force", "main", &left]);
        assert_eq!(base(root), at("main", &pushed));
        git(root, &["tag", "v0.1.0"]);
        commit(root);
        git(root, &["tag", "other"]);
        let release = at("v0.1.0", "v0.1.0");
        assert_eq!(base(root), release);

        let clone = tempfile::tempdir().unwrap();
        let from = format!("file://{}", root.display());
        let shallow = ["clone", "--quiet", "--depth=1", &from, "."];
        git(clone.path(), &shallow);
        assert!(matches!(base(clone.path()), Base::Unknown(_)));
        git(clone.path(), &["fetch", "--quiet", "--unshallow", "--tags"]);
        assert_eq!(base(clone.path()), release);
        let nowhere = tempfile::tempdir().unwrap();
        assert!(matches!(base(nowhere.path()), Base::Unknown(_)));
    }

    #[test]
    fn a_change_that_breaks_clients_is_found_and_an_addition_is_none() {
        let Some(buf) = env::var_os("HOOKD_BUF").map(PathBuf::from) else {
            skip("buf breaking, itself: HOOKD_BUF names no buf");
            return;
        };
        let folder = repository();
        let (root, old) = (folder.path(), head(folder.path()));
        let file = root.join("proto/hookd/v1/run.proto");
        let contract = fs::read_to_string(&file).unwrap();
        let with = |from: &str, to: &str| {
            assert!(contract.contains(from), "{from}");
            fs::write(&file, contract.replacen(from, to, 1)).unwrap();
            breaking(&buf, root, &old).is_ok()
        };
        assert!(with("DecisionKind kind = 1;", "DecisionKind kind = 1;"));
        let attempt = "uint32 attempt = 5;";
        assert!(with(
            attempt,
            "uint32 attempt = 5;\n  // New.\n  string mood = 900;"
        ));
        // Gone, renumbered, renamed, of another type.
        assert!(!with(attempt, ""));
        assert!(!with(attempt, "uint32 attempt = 50;"));
        assert!(!with(attempt, "uint32 try = 5;"));
        assert!(!with(attempt, "string attempt = 5;"));
        assert!(!with("DECISION_KIND_RETRY = 4;", ""));
    }

    fn skip(what: &str) {
        match env::var_os(skips::FILE_VARIABLE) {
            Some(file) => {
                let mut file = fs::File::options().append(true).open(file).unwrap();
                file.write_all(format!("{what}\n").as_bytes()).unwrap();
            }
            None => eprintln!("SKIPPED: {what}"),
        }
    }
}
