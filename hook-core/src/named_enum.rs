//! Enums whose values have a name and a number, as in Backrest's config and protobuf.

/// Enum whose values have a name and a number.
pub(crate) trait NamedEnum: Copy + 'static {
    /// Name, number and value of each.
    const VALUES: &'static [(&'static str, i32, Self)];
}

/// Defines an enum whose values have a number and a name.
macro_rules! named_enum {
    ($(#[$meta:meta])* $enum:ident {
        $($(#[$value_meta:meta])* $value:ident = $number:literal, $name:literal;)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[derive(serde::Deserialize, serde::Serialize)]
        #[repr(i32)]
        pub enum $enum { $($(#[$value_meta])* #[serde(rename = $name)] $value = $number,)* }

        impl $enum {
            /// All values, by number.
            pub const ALL: [$enum; [$($number),*].len()] = [$($enum::$value),*];

            /// Returns the name, as in Backrest's config and in templates.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($enum::$value => $name,)* }
            }

            /// Returns the number, as in Backrest's protobuf enum.
            #[must_use]
            pub const fn number(self) -> i32 {
                self as i32
            }

            /// Returns the value of that number, if there is one.
            #[must_use]
            pub fn from_number(number: i32) -> Option<$enum> {
                $enum::ALL.into_iter().find(|value| value.number() == number)
            }

            /// Returns the value of that name, if there is one.
            #[must_use]
            pub fn from_name(name: &str) -> Option<$enum> {
                $enum::ALL.into_iter().find(|value| value.name() == name)
            }
        }

        impl $crate::named_enum::NamedEnum for $enum {
            const VALUES: &'static [(&'static str, i32, $enum)] =
                &[$(($name, $number, $enum::$value)),*];
        }

        impl std::fmt::Display for $enum {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

pub(crate) use named_enum;
