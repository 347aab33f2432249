//! The template languages to choose from.

/// The language of a template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Engine {
    /// Go's `text/template`, the language of Backrest's hooks.
    #[default]
    Go,
    /// Tera, where every interpolation is quoted for the shell unless it says `| raw`.
    Tera,
    /// No template: the text is used as it is.
    None,
}

impl Engine {
    /// Every language.
    pub const ALL: [Engine; 3] = [Engine::Go, Engine::Tera, Engine::None];

    /// The name in a config file: `GO`, `TERA` or `NONE`.
    #[must_use]
    pub const fn config_name(self) -> &'static str {
        match self {
            Engine::Go => "GO",
            Engine::Tera => "TERA",
            Engine::None => "NONE",
        }
    }
}
