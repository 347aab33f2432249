//! What is known of a value before the template runs.

use crate::model::Type;
use crate::syntax::ast::Number;

/// Whether a value is nil or missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Nilness {
    /// With all data.
    Always,
    /// With some data.
    #[default]
    Maybe,
    /// With no data.
    Never,
}

/// The fields that lead from the root of the data to a value, as hashes of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Path {
    hashes: [u32; 4],
    length: u8,
}

impl Path {
    pub(super) const ROOT: Path = Path {
        hashes: [0; 4],
        length: 0,
    };

    pub(super) fn of(hash: u32) -> Path {
        Path {
            hashes: [hash, 0, 0, 0],
            length: 1,
        }
    }

    /// The path to a field; nothing if it is too long to keep.
    pub(super) fn then(mut self, hash: u32) -> Option<Path> {
        *self.hashes.get_mut(self.length as usize)? = hash;
        self.length += 1;
        Some(self)
    }
}

/// What is known of a value.
#[derive(Clone, Debug)]
pub(super) struct Known<'d> {
    /// Its type; nothing if it may be of any type.
    pub(super) ty: Option<Type>,
    pub(super) nil: Nilness,
    /// How it is reached from the root, for what an `if` may say of it.
    pub(super) path: Option<Path>,
    /// The constant that it is.
    pub(super) constant: Option<Constant<'d>>,
}

/// A constant, which converts to the types of parameters.
#[derive(Clone, Copy, Debug)]
pub(super) enum Constant<'d> {
    Nil,
    Bool(bool),
    Str(&'d [u8]),
    Number(&'d Number),
}

impl<'d> Known<'d> {
    /// A value of which nothing is known.
    pub(super) const fn nothing() -> Self {
        Known {
            ty: None,
            nil: Nilness::Maybe,
            path: None,
            constant: None,
        }
    }

    /// A value that is there, of a known type.
    pub(super) const fn typed(ty: Type) -> Self {
        let ty = if matches!(ty, Type::Any) {
            None
        } else {
            Some(ty)
        };
        Known {
            ty,
            nil: Nilness::Never,
            path: None,
            constant: None,
        }
    }

    /// No value.
    pub(super) const fn absent() -> Self {
        Known {
            ty: None,
            nil: Nilness::Always,
            path: None,
            constant: None,
        }
    }

    pub(super) const fn root(ty: Type) -> Self {
        Known {
            path: Some(Path::ROOT),
            ..Known::typed(ty)
        }
    }

    pub(super) const fn constant(ty: Type, constant: Constant<'d>) -> Self {
        Known {
            constant: Some(constant),
            ..Known::typed(ty)
        }
    }

    /// The value once it has passed an `if` or `with`.
    pub(super) fn present(self) -> Self {
        Known {
            nil: Nilness::Never,
            ..self
        }
    }

    /// What is known of it apart from where it is written.
    pub(super) fn detached<'x>(&self) -> Known<'x> {
        Known {
            ty: self.ty,
            nil: self.nil,
            path: self.path,
            constant: None,
        }
    }

    /// What `if` makes of it, if that is the same with all data.
    pub(super) fn truth(&self) -> Option<bool> {
        match (self.constant, self.ty, self.nil) {
            (Some(Constant::Nil), ..) => Some(false),
            (Some(Constant::Bool(truth)), ..) => Some(truth),
            (Some(Constant::Str(bytes)), ..) => Some(!bytes.is_empty()),
            (Some(Constant::Number(n)), ..) => match (n.int, n.float) {
                (Some(i), _) => Some(i != 0),
                (None, Some(f)) => Some(f != 0.0),
                _ => None,
            },
            (None, _, Nilness::Always) => Some(false),
            (None, Some(Type::Pointer(_)), Nilness::Never) => Some(true),
            (None, Some(Type::Struct(_) | Type::Time), Nilness::Never) => Some(true),
            _ => None,
        }
    }
}
