//! What templates can call, and with what: filters, functions and tests.

use go_template::model::{StructType, Type};

/// What a value is, as far as it is known before there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Anything.
    Any,
    /// A text.
    Text,
    /// A number, whole or not.
    Number,
    /// A whole number.
    Integer,
    /// A truth value.
    Bool,
    /// A list.
    List,
    /// A map with any keys.
    Map,
    /// The variables of one thing.
    Struct(&'static StructType),
}

impl Kind {
    /// What the Go dialect's type is here.
    pub(super) fn of(ty: Type) -> Kind {
        match ty {
            Type::Bool => Kind::Bool,
            Type::Int(int) if int.name == "time.Duration" => Kind::Number,
            Type::Int(int) if int.text.is_some() => Kind::Text,
            Type::Int(_) => Kind::Integer,
            Type::Float => Kind::Number,
            Type::Str | Type::Time => Kind::Text,
            Type::Strings | Type::List => Kind::List,
            Type::StringMap | Type::Map => Kind::Map,
            Type::Struct(ty) | Type::Pointer(ty) => Kind::Struct(ty),
            Type::Any | Type::Complex => Kind::Any,
        }
    }

    /// What a message calls it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Kind::Any => "any value",
            Kind::Text => "a text",
            Kind::Number => "a number",
            Kind::Integer => "a whole number",
            Kind::Bool => "a truth value",
            Kind::List => "a list",
            Kind::Map => "a map",
            Kind::Struct(ty) => ty.title,
        }
    }

    /// Whether a value of this kind can be taken where another is wanted.
    pub(super) fn fits(self, wanted: Kind) -> bool {
        match (self, wanted) {
            (Kind::Any, _) | (_, Kind::Any) => true,
            (Kind::Integer | Kind::Number, Kind::Integer | Kind::Number) => true,
            (Kind::Struct(_), Kind::Map) => true,
            (own, wanted) => own == wanted,
        }
    }
}

/// Something that can be called.
#[derive(Clone, Copy)]
pub(super) struct Callable {
    /// Its name.
    pub(super) name: &'static str,
    /// What it takes; any of these.
    pub(super) takes: &'static [Kind],
    /// What it gives.
    pub(super) gives: Kind,
    /// Its arguments.
    pub(super) args: &'static [Arg],
}

/// An argument: its name, its kind, and whether it must be there.
pub(super) type Arg = (&'static str, Kind, bool);

use Kind::{Any, Bool, Integer, List, Map, Number, Text};

const fn of(
    name: &'static str,
    takes: &'static [Kind],
    gives: Kind,
    args: &'static [Arg],
) -> Callable {
    Callable {
        name,
        takes,
        gives,
        args,
    }
}

const PAT: &[Arg] = &[("pat", Text, false)];
const NEEDED_PAT: &[Arg] = &[("pat", Text, true)];
const LAYOUT: &[Arg] = &[("layout", Text, false)];

/// The filters; the last are hookd's own, and functions, too.
pub(super) const FILTERS: [Callable; 48] = [
    of("safe", &[], Text, &[]),
    of(
        "default",
        &[],
        Any,
        &[("value", Any, true), ("boolean", Bool, false)],
    ),
    of("upper", &[Text], Text, &[]),
    of("lower", &[Text], Text, &[]),
    of("wordcount", &[Text], Integer, &[]),
    of("escape", &[Text], Text, &[]),
    of("escape_html", &[Text], Text, &[]),
    of("escape_xml", &[Text], Text, &[]),
    of("newlines_to_br", &[Text], Text, &[]),
    of(
        "pluralize",
        &[Integer],
        Text,
        &[("singular", Text, false), ("plural", Text, false)],
    ),
    of("trim", &[Text], Text, PAT),
    of("trim_start", &[Text], Text, PAT),
    of("trim_end", &[Text], Text, PAT),
    of(
        "replace",
        &[Text],
        Text,
        &[("from", Text, true), ("to", Text, true)],
    ),
    of("capitalize", &[Text], Text, &[]),
    of("title", &[Text], Text, &[]),
    of(
        "truncate",
        &[Text],
        Text,
        &[("length", Integer, true), ("end", Text, false)],
    ),
    of(
        "indent",
        &[Text],
        Text,
        &[
            ("width", Integer, false),
            ("indentation", Text, false),
            ("first", Bool, false),
            ("blank", Bool, false),
        ],
    ),
    of("str", &[], Text, &[]),
    of("int", &[Text, Number], Integer, &[("base", Integer, false)]),
    of("float", &[Text, Number], Number, &[]),
    of("length", &[Text, List, Map], Integer, &[]),
    of("reverse", &[Text, List], Any, &[]),
    of("split", &[Text], List, NEEDED_PAT),
    of("abs", &[Number], Number, &[]),
    of(
        "round",
        &[Number],
        Number,
        &[("method", Text, false), ("precision", Integer, false)],
    ),
    of("first", &[List], Any, &[]),
    of("last", &[List], Any, &[]),
    of("nth", &[List], Any, &[("n", Integer, true)]),
    of("join", &[List], Text, &[("sep", Text, false)]),
    of("sort", &[List], List, &[("attribute", Text, false)]),
    of("unique", &[List], List, &[]),
    of(
        "get",
        &[Map],
        Any,
        &[("key", Text, true), ("default", Any, false)],
    ),
    of("values", &[Map], List, &[]),
    of("keys", &[Map], List, &[]),
    of("pairs", &[Map], List, &[]),
    of("group_by", &[List], Map, &[("attribute", Text, true)]),
    of("raw", &[], Text, &[]),
    of("shell_escape", &[], Text, &[]),
    of("powershell_escape", &[], Text, &[]),
    of("applescript_escape", &[], Text, &[]),
    of("url_escape", &[], Text, &[]),
    of("json_marshal", &[], Text, &[]),
    of("format_size_bytes", &[Integer], Text, &[]),
    of("format_duration", &[Number], Text, &[]),
    of("format_time", &[Text], Text, LAYOUT),
    of("event_name", &[], Text, &[]),
    of("is_error", &[], Bool, &[]),
];

/// The functions that are no filters.
pub(super) const FUNCTIONS: [Callable; 3] = [
    of(
        "range",
        &[],
        List,
        &[
            ("start", Integer, false),
            ("end", Integer, true),
            ("step_by", Integer, false),
        ],
    ),
    of("summary", &[], Text, &[]),
    of("throw", &[], Bool, &[("message", Text, true)]),
];

/// The tests.
pub(super) const TESTS: [Callable; 17] = [
    of("string", &[], Bool, &[]),
    of("number", &[], Bool, &[]),
    of("map", &[], Bool, &[]),
    of("bool", &[], Bool, &[]),
    of("array", &[], Bool, &[]),
    of("integer", &[], Bool, &[]),
    of("float", &[], Bool, &[]),
    of("none", &[], Bool, &[]),
    of("iterable", &[], Bool, &[]),
    of("defined", &[], Bool, &[]),
    of("undefined", &[], Bool, &[]),
    of("odd", &[Number], Bool, &[]),
    of("even", &[Number], Bool, &[]),
    of(
        "divisible_by",
        &[Number],
        Bool,
        &[("divisor", Integer, true)],
    ),
    of("starting_with", &[Text], Bool, NEEDED_PAT),
    of("ending_with", &[Text], Bool, NEEDED_PAT),
    of(
        "containing",
        &[Text, List, Map],
        Bool,
        &[("pat", Any, true)],
    ),
];

/// The filters that are functions, too.
pub(super) fn helpers() -> impl Iterator<Item = &'static Callable> {
    FILTERS.iter().skip_while(|f| f.name != "raw")
}
