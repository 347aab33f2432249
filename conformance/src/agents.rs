//! The agents, with their build and start commands from `conformance/agents.json`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::stubs::{self, Language};
use crate::{repo, tools};

/// An agent under test.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Agent {
    pub(crate) name: String,
    /// The scenarios that the agent is not tested in, each with the reason.
    pub(crate) except: BTreeMap<String, String>,
    folder: PathBuf,
    /// The programs that it needs, each with an argument with which the program succeeds.
    needs: Vec<(String, String)>,
    /// The language and the folder of stubs that are generated before it is built.
    stubs: Option<(Language, PathBuf)>,
    /// The commands that build it.
    build: Vec<Vec<String>>,
    /// The command that runs it, without the flags.
    run: Vec<String>,
}

/// Reads all agents, in the order of the file.
pub(crate) fn all() -> Result<Vec<Agent>> {
    let file = repo::root().join("conformance/agents.json");
    let text = fs::read_to_string(&file).context("cannot read agents.json")?;
    serde_json::from_str(&text).context("agents.json is faulty")
}

impl Agent {
    /// Builds the agent, unless its sources, the API and the toolchains are unchanged.
    /// Fails with a skip if a toolchain is missing.
    pub(crate) fn build(&self) -> Result<()> {
        let name = format!("agent-{}", self.name);
        let mut versions = Vec::new();
        for (program, argument) in &self.needs {
            versions.push(tools::probe(&name, program, argument)?);
        }
        let folders = [
            &self.folder,
            Path::new("proto/hookd"),
            Path::new("conformance/stubs"),
        ];
        // The path in the command is the program that the build produces.
        let program = self.run.iter().find(|word| word.contains('/'));
        let program = program.map_or(self.folder.clone(), |path| self.folder.join(path));
        tools::cached(
            &name,
            &folders,
            &versions,
            &repo::root().join(program),
            |sh| {
                if let Some((language, out)) = &self.stubs {
                    stubs::generate(*language, &repo::root().join(&self.folder).join(out))?;
                }
                for words in &self.build {
                    let (program, arguments) = words.split_first().context("no command")?;
                    sh.change_dir(repo::root().join(&self.folder));
                    sh.cmd(program).args(arguments).quiet().run()?;
                }
                Ok(())
            },
        )
        .with_context(|| format!("cannot build the agent {}", self.name))
    }

    /// Returns the command that runs the agent, in its folder.
    pub(crate) fn command(&self) -> Result<Command> {
        let (program, arguments) = self.run.split_first().context("no command")?;
        let folder = repo::root().join(&self.folder);
        let mut command = match program.contains('/') {
            true => Command::new(folder.join(program)),
            false => Command::new(program),
        };
        command.args(arguments).current_dir(folder);
        Ok(command)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::scenarios;

    #[test]
    fn the_agents_have_names_of_their_own_and_except_only_what_there_is() {
        let agents = all().unwrap();
        let names: BTreeSet<_> = agents.iter().map(|agent| &agent.name).collect();
        assert_eq!(names.len(), agents.len());
        for agent in &agents {
            assert!(!agent.run.is_empty(), "{}", agent.name);
            for (except, why) in &agent.except {
                let is = |scenario: &scenarios::Scenario| scenario.name == except;
                assert!(scenarios::ALL.iter().any(is), "{except}");
                assert!(!why.is_empty());
            }
        }
    }
}
