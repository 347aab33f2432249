//! Each remedy that a message gives is followed, and the fault is gone.

mod scripts;

use hook_core::diagnostic::Diagnostic;
use hook_core::load::parse;

/// A config with a fault, the remedy in its message, and the config after the remedy.
pub(super) struct Remedy {
    code: &'static str,
    faulty: String,
    remedy: &'static str,
    mended: String,
}

pub(super) fn remedy(
    code: &'static str,
    faulty: impl Into<String>,
    remedy: &'static str,
    mended: impl Into<String>,
) -> Remedy {
    Remedy {
        code,
        faulty: faulty.into(),
        remedy,
        mended: mended.into(),
    }
}

pub(super) fn diagnostics(config: &str) -> Vec<Diagnostic> {
    match parse("f.yaml", config.as_bytes()) {
        Ok(loaded) => loaded.warnings,
        Err(faults) => faults,
    }
}

/// Asserts that each config has the fault with that remedy, and the mended one has no fault.
#[track_caller]
pub(super) fn all_work(remedies: &[Remedy]) {
    for row in remedies {
        let found = diagnostics(&row.faulty);
        let of_code = found.iter().filter(|found| found.code == row.code);
        let remedies: Vec<&str> = of_code.filter_map(|f| f.remedy.as_deref()).collect();
        assert!(
            remedies.iter().any(|found| found.contains(row.remedy)),
            "{}: {}\nhas not the remedy {:?}\n{found:#?}",
            row.code,
            row.faulty,
            row.remedy
        );
        let left = diagnostics(&row.mended);
        assert!(left.is_empty(), "{}\n{left:#?}", row.mended);
    }
}
