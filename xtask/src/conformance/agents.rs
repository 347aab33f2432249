//! The agents: how each is built and started, as `conformance/agents.json` says.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum as _;
use serde_json::Value;

use crate::skips::Skip;
use crate::stubs::{self, Language};
use crate::{command, repo, tools};

/// How long building one may take: the first time it fetches all that it needs.
const LIMIT: Duration = Duration::from_secs(900);

/// An agent under test.
pub(super) struct Agent {
    /// What it is called.
    pub(super) name: String,
    /// The scenarios that it is not put through, each with the reason.
    pub(super) except: BTreeMap<String, String>,
    folder: PathBuf,
    needs: Vec<Vec<String>>,
    stubs: Option<(Language, String)>,
    build: Vec<Vec<String>>,
    run: Vec<String>,
}

/// All of them, in the order of the file.
pub(super) fn all() -> Result<Vec<Agent>> {
    let file = repo::root().join("conformance/agents.json");
    let text = fs::read_to_string(&file).context("cannot read agents.json")?;
    let agents: Vec<Value> = serde_json::from_str(&text).context("agents.json is no JSON")?;
    let read = |agent: &Value| Agent::read(agent).context("agents.json has a faulty agent");
    agents.iter().map(read).collect()
}

impl Agent {
    fn read(agent: &Value) -> Result<Self> {
        let text = |key: &str| agent[key].as_str().with_context(|| format!("no `{key}`"));
        let stubs = match words(&agent["stubs"]).as_slice() {
            [language, out] => {
                let language = Language::from_str(language, false);
                Some((language.map_err(anyhow::Error::msg)?, out.clone()))
            }
            _ => None,
        };
        let except = agent["except"].as_object().into_iter().flatten();
        let run = words(&agent["run"]);
        ensure!(!run.is_empty(), "no `run`");
        Ok(Self {
            name: text("name")?.to_owned(),
            folder: repo::root().join(text("folder")?),
            needs: lists(&agent["needs"]),
            stubs,
            build: lists(&agent["build"]),
            run,
            except: except
                .map(|(name, why)| (name.clone(), why.as_str().unwrap_or_default().to_owned()))
                .collect(),
        })
    }

    /// Builds it; says why if this machine cannot.
    pub(super) fn build(&self) -> Result<Option<Skip>> {
        let what = format!("conformance-{}", self.name);
        for needed in &self.needs {
            if let [program, probe] = needed.as_slice()
                && let Some(skip) = tools::missing(&what, program, probe)
            {
                return Ok(Some(skip));
            }
        }
        if let Some((language, out)) = &self.stubs
            && let Some(skip) = stubs::generate(*language, &self.folder.join(out))?
        {
            return Ok(Some(skip));
        }
        for words in &self.build {
            let mut build = self.command(words)?;
            command::run(&mut build, LIMIT)
                .with_context(|| format!("cannot build the agent {}", self.name))?;
        }
        Ok(None)
    }

    /// The agent, about to run.
    pub(super) fn start(&self) -> Result<Command> {
        self.command(&self.run)
    }

    /// Words as a command in the agent's folder; one that is a path is one in there.
    fn command(&self, words: &[String]) -> Result<Command> {
        let (program, arguments) = words.split_first().context("a command has no words")?;
        let mut command = match program.contains('/') {
            true => Command::new(self.folder.join(program)),
            false => Command::new(program),
        };
        command.args(arguments).current_dir(&self.folder);
        Ok(command)
    }
}

fn words(list: &Value) -> Vec<String> {
    let words = list.as_array().into_iter().flatten();
    words.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn lists(list: &Value) -> Vec<Vec<String>> {
    list.as_array().into_iter().flatten().map(words).collect()
}
