//! Programs beside cargo: toolchains that the machine has or lacks, and pinned tools, which
//! are installed below `target/tools`. A missing one is a [`Skip`], not a failure.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::Result;
use xshell::{Shell, cmd};

use crate::repo;
use crate::skips::Skip;

const BUF: &str = "1.75.0";
const GRPCURL: &str = "1.9.3";

/// Installs buf, which lints and compares protobuf contracts, through npm; returns its path.
pub fn buf() -> Result<PathBuf, Skip> {
    // Generators of several languages run concurrently and install it once.
    static INSTALLING: Mutex<()> = Mutex::new(());
    let _one = INSTALLING.lock();
    installed("buf", BUF, "node_modules/.bin/buf", |sh, folder| {
        // Its install script only checks the platform and need not be run.
        let flags = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts"];
        let package = format!("@bufbuild/buf@{BUF}");
        cmd!(
            sh,
            "npm install {flags...} --loglevel=error --prefix {folder} {package}"
        )
        .run()?;
        Ok(())
    })
}

/// Installs grpcurl, which calls a gRPC service by reflection alone, through Go; returns its
/// path.
pub fn grpcurl() -> Result<PathBuf, Skip> {
    installed("grpcurl", GRPCURL, "bin/grpcurl", |sh, folder| {
        let package = format!("github.com/fullstorydev/grpcurl/cmd/grpcurl@v{GRPCURL}");
        cmd!(sh, "go install {package}")
            .env("GOBIN", folder.join("bin"))
            .run()?;
        Ok(())
    })
}

/// Runs a program with an argument that it ends well with; returns its output, by which
/// versions can be told apart.
pub fn probe(name: &str, program: &str, argument: &str) -> Result<String, Skip> {
    let skip = |why: String| Skip::new(name, why);
    let sh = Shell::new().map_err(|error| skip(error.to_string()))?;
    let output = cmd!(sh, "{program} {argument}").quiet().ignore_stderr();
    output.read().map_err(|error| skip(error.to_string()))
}

/// Returns the path of a program of an installed tool; installs the tool first, if this
/// version of it is missing below `target/tools`.
pub fn installed(
    name: &str,
    version: &str,
    program: &str,
    install: impl FnOnce(&Shell, &Path) -> Result<()>,
) -> Result<PathBuf, Skip> {
    let path = || {
        let folder = repo::target()?
            .join("tools")
            .join(format!("{name}-{version}"));
        let program = folder.join(program);
        if !program.exists() {
            println!("installing {name} {version} into {}", folder.display());
            let sh = repo::shell()?;
            // An interrupted installation may have left files.
            sh.remove_path(&folder)?;
            sh.create_dir(&folder)?;
            install(&sh, &folder)?;
        }
        anyhow::Ok(program)
    };
    path().map_err(|error| Skip::new(name, format!("{error:#}")))
}

/// Has `make` produce `output`, unless it exists and was made from the same inputs: from the
/// files in these folders of the repository that git does not ignore, and from `facts`.
pub fn cached(
    name: &str,
    folders: &[&Path],
    facts: &[String],
    output: &Path,
    make: impl FnOnce(&Shell) -> Result<()>,
) -> Result<()> {
    let sh = repo::shell()?;
    let list = cmd!(
        sh,
        "git ls-files --cached --others --exclude-standard -- {folders...}"
    );
    // Outside of a git repository everything is made again.
    let inputs = list.quiet().ignore_stderr().read().ok().map(|list| {
        let files = list
            .lines()
            .map(|file| (file.to_owned(), fs::read(repo::root().join(file)).ok()));
        hash(&(files.collect::<Vec<_>>(), facts))
    });
    let stamp = repo::target()?.join("made").join(name);
    if output.exists() && inputs.is_some() && sh.read_file(&stamp).ok() == inputs {
        return Ok(());
    }
    make(&sh)?;
    Ok(sh.write_file(stamp, inputs.unwrap_or_default())?)
}

pub(crate) fn hash(value: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_made_again_only_from_other_inputs() {
        let name = format!("test-{}", std::process::id());
        let made = |fact: &str| {
            let mut made = false;
            let facts = [fact.to_owned()];
            let folders = [Path::new("conformance/scenarios")];
            cached(&name, &folders, &facts, &repo::root(), |_| {
                made = true;
                Ok(())
            })
            .unwrap();
            made
        };
        assert_eq!(
            ["a", "a", "b", "b", "a"].map(made),
            [true, false, true, false, true]
        );
        fs::remove_file(repo::target().unwrap().join("made").join(&name)).unwrap();
    }
}
