//! hookctl, asking a real hookd.

use std::process::Command;

use hookd_test_support::{Setup, TestDaemon};
use serde_json::Value;

use crate::hookctl::{Answer, hookctl};

/// Starts hookd with this config and this kind of store.
pub(crate) fn start(config: &str, store: &str) -> TestDaemon {
    Setup::new(config).arg("--store").arg(store).start()
}

/// Calls of hookctl to this daemon.
pub(crate) trait Ask {
    /// Returns a command that runs hookctl with this daemon.
    fn hookctl(&self, args: &[&str]) -> Command;

    fn ask(&self, args: &[&str]) -> Answer {
        Answer::from(self.hookctl(args).output().unwrap())
    }

    /// Returns the answer in JSON, which must be the whole output of hookctl.
    fn json(&self, args: &[&str]) -> Value {
        let answer = self.ask(&[args, &["-o", "json"]].concat());
        assert_eq!((answer.code, &*answer.err), (Some(0), ""), "{answer:?}");
        answer.json()
    }

    /// Fires an event and returns the id of its run.
    fn fire(&self, args: &[&str]) -> String {
        let answer = self.ask(&[&["run"], args, &["-o", "json"]].concat());
        let id = answer.objects()[0]["runStarted"]["runId"].clone();
        id.as_str().unwrap().to_owned()
    }

    /// The ids of the runs that a list holds, newest first.
    fn listed(&self, args: &[&str]) -> Vec<String> {
        let runs = self.json(&[&["runs", "--all"], args].concat());
        let id = |run: &Value| run["runId"].as_str().unwrap().to_owned();
        runs.as_array().unwrap().iter().map(id).collect()
    }
}

impl Ask for TestDaemon {
    fn hookctl(&self, args: &[&str]) -> Command {
        let mut command = hookctl(args);
        command.env("HOOKD_ADDR", self.address());
        command
    }
}
