//! `cargo xtask proto`: the contract's style, and whether it breaks the last release's.

use std::path::Path;

use anyhow::{Context as _, Result};
use conformance::skips::{self, Skip};
use conformance::{repo, tools};
use xshell::{Shell, cmd};

pub(crate) fn run() -> Result<()> {
    skips::report(&check()?)
}

/// Checks the contract; returns the skipped checks.
pub(crate) fn check() -> Result<Vec<Skip>> {
    let buf = match tools::buf() {
        Ok(buf) => buf,
        Err(skip) => return Ok(vec![skip]),
    };
    let sh = repo::shell()?;
    let lint = cmd!(sh, "{buf} lint").quiet().run();
    lint.context("the contract breaks its style rules, see above")?;
    println!("buf lint: the contract keeps its style rules");
    match baseline(&sh) {
        Err(skip) => return Ok(vec![skip]),
        Ok(None) => println!("buf breaking: no earlier contract can be broken"),
        Ok(Some(Baseline { name, commit })) => {
            compare(&sh, &buf, &commit)
                .with_context(|| format!("the contract breaks clients of {name}, see above"))?;
            println!("buf breaking: nothing breaks clients of {name}");
        }
    }
    Ok(Vec::new())
}

/// The commit whose contract must not be broken.
#[derive(Debug, PartialEq, Eq)]
struct Baseline {
    name: String,
    commit: String,
}

/// Returns the last release or, before the first, the commit where this branch left the main
/// branch; on that branch, the commit before, so that its own breaks are found.
fn baseline(sh: &Shell) -> Result<Option<Baseline>, Skip> {
    let unknown = |why: &str| Skip::new("buf breaking", why);
    let git = |args: &[&str]| {
        let answer = cmd!(sh, "git {args...}").quiet().ignore_stderr().read();
        answer.ok().filter(|answer| !answer.is_empty())
    };
    let Some(head) = git(&["rev-parse", "HEAD"]) else {
        return Err(unknown("this is no git repository"));
    };
    if let Some(tag) = git(&["describe", "--tags", "--abbrev=0", "--match", "v*"]) {
        let (name, commit) = (tag.clone(), tag);
        return Ok(Some(Baseline { name, commit }));
    }
    if git(&["rev-parse", "--is-shallow-repository"]).as_deref() == Some("true") {
        let why = "a shallow clone lacks the release tags: git fetch --unshallow";
        return Err(unknown(why));
    }
    // A local main may be far behind.
    let mains = ["refs/remotes/origin/main", "refs/heads/main"].iter();
    let left = mains
        .filter_map(|main| git(&["merge-base", "HEAD", main]))
        .find(|commit| *commit != head)
        .map(|commit| ("main", commit));
    let parent = || git(&["rev-parse", "--verify", "--quiet", "HEAD^"]);
    let left = left.or_else(|| parent().map(|commit| ("the commit before", commit)));
    Ok(left.map(|(name, commit)| {
        let name = name.to_owned();
        Baseline { name, commit }
    }))
}

/// Fails if the contract in the working tree breaks that of a commit.
fn compare(sh: &Shell, buf: &Path, commit: &str) -> Result<()> {
    // buf's own way into git follows neither work trees nor shallow clones.
    let folder = sh.create_temp_dir()?;
    let old = sh.create_dir(folder.path().join("old"))?;
    cmd!(
        sh,
        "git --work-tree {old} checkout --quiet {commit} -- buf.yaml proto"
    )
    .env("GIT_INDEX_FILE", folder.path().join("index"))
    .quiet()
    .run()
    .context("cannot get the old contract from git")?;
    cmd!(sh, "{buf} breaking --against {old}").quiet().run()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::fs;
    use std::path::PathBuf;

    use hookd_test_support::skip;

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
        let sh = at(root);
        let author = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        cmd!(sh, "git {author...} {args...}").quiet().run().unwrap();
    }

    fn commit(root: &Path) {
        git(root, &["commit", "--quiet", "--allow-empty", "--message=x"]);
    }

    fn head(root: &Path) -> String {
        let sh = at(root);
        cmd!(sh, "git rev-parse HEAD").quiet().read().unwrap()
    }

    fn at(folder: &Path) -> Shell {
        let sh = Shell::new().unwrap();
        sh.change_dir(folder);
        sh
    }

    fn base(root: &Path) -> Option<Baseline> {
        baseline(&at(root)).unwrap()
    }

    #[test]
    fn the_base_is_the_last_release_or_else_the_main_branch() {
        let folder = repository();
        let root = folder.path();
        let left_at = |name: &str, commit: &str| {
            let (name, commit) = (name.to_owned(), commit.to_owned());
            Some(Baseline { name, commit })
        };
        assert_eq!(base(root), None);
        git(root, &["branch", "main"]);
        assert_eq!(base(root), None);
        let left = head(root);
        commit(root);
        assert_eq!(base(root), left_at("main", &left));
        // A commit on main is not compared with itself.
        git(root, &["branch", "--force", "main"]);
        assert_eq!(base(root), left_at("the commit before", &left));
        let pushed = head(root);
        git(root, &["update-ref", "refs/remotes/origin/main", &pushed]);
        assert_eq!(base(root), left_at("the commit before", &left));
        commit(root);
        git(root, &["branch", "--force", "main", &left]);
        assert_eq!(base(root), left_at("main", &pushed));
        git(root, &["tag", "v0.1.0"]);
        commit(root);
        git(root, &["tag", "other"]);
        let release = left_at("v0.1.0", "v0.1.0");
        assert_eq!(base(root), release);

        let clone = tempfile::tempdir().unwrap();
        let from = format!("file://{}", root.display());
        let shallow = ["clone", "--quiet", "--depth=1", &from, "."];
        git(clone.path(), &shallow);
        assert!(baseline(&at(clone.path())).is_err());
        git(clone.path(), &["fetch", "--quiet", "--unshallow", "--tags"]);
        assert_eq!(base(clone.path()), release);
        let nowhere = tempfile::tempdir().unwrap();
        assert!(baseline(&at(nowhere.path())).is_err());
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
            compare(&at(root), &buf, &old).is_ok()
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
}
