//! Steps that are shown with their time and summed up at the end.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use conformance::skips::{self, Skip};

/// A sequence of steps, each shown and timed.
pub(crate) struct Steps {
    keep_going: bool,
    started: Instant,
    done: Vec<StepResult>,
    skips: BTreeSet<Skip>,
}

struct StepResult {
    name: &'static str,
    took: Duration,
    result: Result<Vec<Skip>>,
}

impl StepResult {
    /// Takes the step.
    fn of(name: &'static str, step: impl FnOnce() -> Result<Vec<Skip>>) -> Self {
        println!("==> {name}");
        let start = Instant::now();
        let result = step();
        let took = start.elapsed();
        match &result {
            Ok(_) => println!("<== {name}: ok, {}\n", seconds(took)),
            Err(error) => println!("<== {name}: FAILED, {}: {error:#}\n", seconds(took)),
        }
        Self { name, took, result }
    }
}

impl Steps {
    /// Starts the clock. With `keep_going` steps follow even a failed one.
    pub(crate) fn new(keep_going: bool) -> Self {
        Self {
            keep_going,
            started: Instant::now(),
            done: Vec::new(),
            skips: BTreeSet::new(),
        }
    }

    /// Takes a step, unless an earlier one failed and stopped the rest.
    pub(crate) fn take(&mut self, name: &'static str, step: impl FnOnce() -> Result<Vec<Skip>>) {
        if !self.is_stopped() {
            let result = StepResult::of(name, step);
            self.add(result);
        }
    }

    /// Takes a step on a thread of its own, beside the steps that `others` takes.
    pub(crate) fn take_beside(
        &mut self,
        name: &'static str,
        step: impl FnOnce() -> Result<Vec<Skip>> + Send,
        others: impl FnOnce(&mut Self),
    ) {
        if self.is_stopped() {
            return;
        }
        thread::scope(|scope| {
            let beside = scope.spawn(|| StepResult::of(name, step));
            others(self);
            // A panic goes on when the scope ends.
            if let Ok(result) = beside.join() {
                self.add(result);
            }
        });
    }

    /// Returns the number of skips so far.
    pub(crate) fn skipped(&self) -> usize {
        self.skips.len()
    }

    /// Prints all results, with the skips last so that they are seen. Fails if a step failed,
    /// or nothing may be skipped and something was.
    pub(crate) fn sum_up(&self) -> Result<()> {
        println!("==> summary, after {}", seconds(self.started.elapsed()));
        for StepResult { name, took, result } in &self.done {
            let took = seconds(*took);
            match result {
                Ok(_) => println!("  ok      {name:<10} {took:>8}"),
                Err(error) => println!("  FAILED  {name:<10} {took:>8}  {error:#}"),
            }
        }
        let skips: Vec<_> = self.skips.iter().cloned().collect();
        let skipped = skips::report(&skips);
        let failed = self.done.iter().filter(|step| step.result.is_err());
        let failed: Vec<_> = failed.map(|step| step.name).collect();
        if !failed.is_empty() {
            bail!("{} failed", failed.join(", "));
        }
        skipped
    }

    fn add(&mut self, step: StepResult) {
        self.skips.extend(step.result.iter().flatten().cloned());
        self.done.push(step);
    }

    fn is_stopped(&self) -> bool {
        !self.keep_going && self.done.iter().any(|step| step.result.is_err())
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
        let beside = || Ok(vec![Skip::new("x", "y")]);
        steps.take_beside("beside", beside, |steps| {
            steps.take("two", || Err(anyhow!("no")));
            steps.take("three", || Ok(Vec::new()));
        });
        steps.take("four", || Ok(Vec::new()));
        assert_eq!(steps.skipped(), 1);
        let names = steps.done.iter().map(|step| step.name).collect();
        (names, steps.sum_up().is_ok())
    }

    #[test]
    fn the_first_failure_stops_unless_told_to_go_on() {
        assert_eq!(taken(false), (vec!["one", "two", "beside"], false));
        assert_eq!(
            taken(true),
            (vec!["one", "two", "three", "beside", "four"], false)
        );
    }
}
