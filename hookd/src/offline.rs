//! Functions that need no daemon: checking a config, listing its hooks, rendering a template.

use std::path::Path;

use hook_core::diagnostic::Diagnostic;
use hook_core::template::Template;
use hook_core::vars::Vars;
use hook_core::{lint, load};
use hookd_proto::v1;

use crate::service::to_proto;
use crate::settings::read_section;
use crate::shell_syntax;

/// Validates and lints a config; `file` is its name in diagnostics. Unlike the load of a config,
/// this also has shells parse the scripts.
///
/// # Panics
/// Panics outside of a tokio runtime.
pub async fn check(file: String, text: Vec<u8>) -> v1::CheckConfigResponse {
    let read = tokio::task::spawn_blocking(move || {
        let mut loaded = load::parse_with(&file, &text, read_section)?;
        loaded.warnings.extend(lint::absent(&loaded.catalog));
        let scripts = lint::shell_scripts(&loaded.catalog);
        Ok::<_, Vec<Diagnostic>>((loaded, scripts))
    });
    let checked = match read.await {
        Ok(checked) => checked,
        // The thread is never aborted.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    };
    match checked {
        Ok((mut loaded, scripts)) => {
            let mask = loaded.catalog.mask().mask();
            let mut said = shell_syntax::check(&scripts).await;
            for warning in &mut said {
                warning.message = mask.apply_text(&warning.message);
            }
            loaded.warnings.extend(said);
            loaded
                .warnings
                .sort_by_key(|found| (found.line, found.column));
            v1::CheckConfigResponse {
                diagnostics: to_proto::diagnostics(&loaded.warnings),
                hooks: u32::try_from(loaded.catalog.all_hooks().count()).unwrap_or(u32::MAX),
            }
        }
        Err(diagnostics) => v1::CheckConfigResponse {
            diagnostics: to_proto::diagnostics(&diagnostics),
            hooks: 0,
        },
    }
}

/// Returns a warning if other users can read the config file, and its content holds secrets.
#[must_use]
pub fn exposed(file: &Path, text: &[u8]) -> Option<v1::Diagnostic> {
    let warning = hook_core::exposed::check(file, text);
    to_proto::diagnostics(warning.as_slice()).pop()
}

/// Returns the text of a config as it may be shown beside diagnostics: its secrets are masked,
/// and each character is at its place.
#[must_use]
pub fn masked_text(text: &[u8]) -> String {
    load::masked_text(text)
}

/// Returns the hooks of a config; none if it is refused.
#[must_use]
pub fn hooks(file: &str, text: &[u8]) -> Vec<v1::ConfiguredHook> {
    let Ok(loaded) = load::parse_with(file, text, read_section) else {
        return Vec::new();
    };
    let mask = loaded.catalog.mask().mask();
    let hooks = loaded.catalog.all_hooks();
    hooks
        .map(|hook| to_proto::configured_hook(hook, &mask))
        .collect()
}

/// A template that could not be rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct RenderError {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The message, with a suggestion if there is one.
    pub message: String,
    /// True if the variables are at fault, not the template.
    pub in_vars: bool,
}

/// Renders a template with variables given as JSON. Without JSON, all variables have their
/// zero values.
/// Fails if the template or the variables are faulty, or if the template fails with them.
pub fn render_template(
    engine: v1::TemplateEngine,
    template: &[u8],
    vars_json: Option<&[u8]>,
) -> Result<Vec<u8>, RenderError> {
    let vars = match vars_json {
        None => Vars::default(),
        Some(json) => vars(json)?,
    };
    let template = std::str::from_utf8(template).map_err(|e| {
        let valid = String::from_utf8_lossy(&template[..e.valid_up_to()]).into_owned();
        let (line, column) = end_of(&valid);
        RenderError {
            line,
            column,
            message: "the template is not valid UTF-8 here".to_owned(),
            in_vars: false,
        }
    })?;
    let template = Template::parse(to_proto::engine(engine), template).map_err(faulty)?;
    template.render(&vars).map_err(faulty)
}

fn faulty(error: hook_core::template::TemplateError) -> RenderError {
    let message = match error.suggestion {
        Some(suggestion) => format!("{}; did you mean `{suggestion}`?", error.message),
        None => error.message,
    };
    RenderError {
        line: error.line,
        column: error.column,
        message,
        in_vars: false,
    }
}

fn vars(json: &[u8]) -> Result<Vars, RenderError> {
    let at = |line, column, message| RenderError {
        line,
        column,
        message,
        in_vars: true,
    };
    let text = std::str::from_utf8(json)
        .map_err(|_| at(1, 1, "the variables are not valid UTF-8".to_owned()))?;
    let value: serde_json::Value = serde_json::from_str(text).map_err(|e| {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).max(1);
        let message = format!("not valid JSON: {e}");
        at(count(e.line()), count(e.column()), message)
    })?;
    Vars::from_value(&value).map_err(|e| at(1, 1, e.to_string()))
}

fn end_of(text: &str) -> (u32, u32) {
    let line = text.matches('\n').count() + 1;
    let column = text.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
    (
        u32::try_from(line).unwrap_or(u32::MAX),
        u32::try_from(column).unwrap_or(u32::MAX),
    )
}
