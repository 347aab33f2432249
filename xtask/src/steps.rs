//! Steps that are shown with their time and summed up at the end.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::skips::{self, Skip};

/// A sequence of steps: each is shown, timed and judged.
pub(crate) struct Steps {
    keep_going: bool,
    started: Instant,
    done: Vec<Step>,
    skips: Vec<Skip>,
}

struct Step {
    name: &'static str,
    took: Duration,
    failure: Option<String>,
}

impl Steps {
    /// Begins; `keep_going` says whether steps follow one that failed.
    pub(crate) fn new(keep_going: bool) -> Self {
        Self {
            keep_going,
            started: Instant::now(),
            done: Vec::new(),
            skips: Vec::new(),
        }
    }

    /// Takes a step, unless one before it failed and stopped the rest.
    pub(crate) fn take(&mut self, name: &'static str, step: impl FnOnce() -> Result<Vec<Skip>>) {
        if !self.keep_going && self.failed() {
            return;
        }
        println!("==> {name}");
        let start = Instant::now();
        let result = step();
        let took = start.elapsed();
        let failure = match result {
            Ok(skips) => {
                self.skips.extend(skips);
                println!("<== {name}: ok, {}\n", seconds(took));
                None
            }
            Err(error) => {
                println!("<== {name}: FAILED, {}: {error:#}\n", seconds(took));
                Some(format!("{error:#}"))
            }
        };
        self.done.push(Step {
            name,
            took,
            failure,
        });
    }

    /// How many skips there were so far.
    pub(crate) fn skipped(&self) -> usize {
        self.skips.len()
    }

    /// Shows what came of it, with the skips last so that they are seen.
    pub(crate) fn sum_up(&self) -> Result<()> {
        println!("==> summary, after {}", seconds(self.started.elapsed()));
        for step in &self.done {
            let (name, took) = (step.name, seconds(step.took));
            match &step.failure {
                None => println!("  ok      {name:<10} {took:>8}"),
                Some(failure) => println!("  FAILED  {name:<10} {took:>8}  {failure}"),
            }
        }
        let skipped = skips::report(&self.skips);
        if self.failed() {
            let failed = self.done.iter().filter(|step| step.failure.is_some());
            let names: Vec<_> = failed.map(|step| step.name).collect();
            bail!("{} failed", names.join(", "));
        }
        skipped
    }

    fn failed(&self) -> bool {
        self.done.iter().any(|step| step.failure.is_some())
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    fn taken(keep_going: bool) -> (Vec<&'static str>, bool) {
        let mut steps = Steps::new(keep_going);
        steps.take("one", || Ok(Vec::new()));
        steps.take("two", || Err(anyhow!("no")));
        steps.take("three", || Ok(Vec::new()));
        let names = steps.done.iter().map(|step| step.name).collect();
        (names, steps.sum_up().is_ok())
    }

    #[test]
    fn the_first_failure_stops_unless_told_to_go_on() {
        assert_eq!(taken(false), (vec!["one", "two"], false));
        assert_eq!(taken(true), (vec!["one", "two", "three"], false));
    }
}
