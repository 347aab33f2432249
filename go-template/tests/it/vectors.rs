//! Recorded results of Go's own `text/template`, for the orders of `go_template_fuzz`.
//!
//! A template that fails must fail in the phase and on the line where Go fails.

use serde::Deserialize;

use go_template_fuzz::order::{Order, OrderName, Phase, render};

/// A template and its result in Go.
#[derive(Deserialize)]
pub(crate) struct Vector {
    id: String,
    pub(crate) template: String,
    pub(crate) data: OrderName,
    /// The output. Without it, Go fails.
    output: Option<String>,
    phase: Option<String>,
    line: Option<u32>,
}

/// All vectors.
pub(crate) fn all() -> Vec<Vector> {
    let text = include_str!("../../testdata/vectors.json");
    serde_json::from_str(text).unwrap_or_else(|e| panic!("the vectors are not valid: {e}"))
}

/// Fails with the difference between the results in Go and here.
fn compare(vector: &Vector) -> Result<(), String> {
    match render(&vector.template, &Order::of(vector.data)) {
        Ok(output) => {
            let output = String::from_utf8_lossy(&output).into_owned();
            match &vector.output {
                Some(wanted) if *wanted == output => Ok(()),
                wanted => Err(format!("got {output:?}, want {wanted:?}")),
            }
        }
        Err(failure) => {
            let phase = match failure.phase {
                Phase::Parse => "parse",
                Phase::Execute => "execute",
            };
            if vector.phase.as_deref() == Some(phase) && vector.line == Some(failure.line) {
                return Ok(());
            }
            let wanted = (&vector.phase, vector.line);
            Err(format!("{phase} error {failure:?}, want {wanted:?}"))
        }
    }
}

#[test]
fn every_vector_gives_what_go_gives() {
    let faults: Vec<String> = all()
        .iter()
        .filter_map(|vector| {
            let fault = compare(vector).err()?;
            Some(format!("{} {:?}: {fault}", vector.id, vector.template))
        })
        .collect();
    assert!(
        faults.is_empty(),
        "{} failed:\n{}",
        faults.len(),
        faults.join("\n")
    );
}
