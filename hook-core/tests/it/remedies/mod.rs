//! Each remedy that a message gives is followed, and the fault is gone.

mod config;
mod templates;

use hook_core::diagnostic::Diagnostic;
use hook_core::load::parse;

/// A config with a fault, the remedy in its message, and the config after the remedy.
#[derive(Clone)]
struct Remedy {
    faulty: String,
    remedy: &'static str,
    mended: String,
}

fn remedy(faulty: impl Into<String>, remedy: &'static str, mended: impl Into<String>) -> Remedy {
    Remedy {
        faulty: faulty.into(),
        remedy,
        mended: mended.into(),
    }
}

fn diagnostics(config: &str) -> Vec<Diagnostic> {
    match parse("f.yaml", config.as_bytes()) {
        Ok(loaded) => loaded.warnings,
        Err(faults) => faults,
    }
}

/// Asserts that each config has a fault with that remedy, and the mended one has none.
/// Returns all remedies that were told.
fn all_work(rows: &[Remedy]) -> Vec<String> {
    let (mut told, mut wrong) = (Vec::new(), Vec::new());
    for row in rows {
        let found = diagnostics(&row.faulty);
        let remedies: Vec<String> = found.iter().filter_map(|f| f.remedy.clone()).collect();
        if !remedies.iter().any(|found| found.contains(row.remedy)) {
            wrong.push(format!(
                "{}\nis not told {:?}: {found:#?}",
                row.faulty, row.remedy
            ));
        }
        let left = diagnostics(&row.mended);
        if !left.is_empty() {
            wrong.push(format!(
                "{}\n{} does not help: {left:#?}",
                row.mended, row.remedy
            ));
        }
        told.extend(remedies);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    told
}
