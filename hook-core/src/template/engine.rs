//! The template languages to choose from.

use crate::named_enum::named_enum;

named_enum! {
    /// The language of a template.
    #[derive(Default)]
    Engine {
        /// Go's `text/template`, the language of Backrest's hooks.
        #[default]
        Go = 0, "GO";
        /// Tera, where every interpolation is quoted for the shell unless it says `| raw`.
        Tera = 1, "TERA";
        /// No template: the text is used as it is.
        None = 2, "NONE";
    }
}
