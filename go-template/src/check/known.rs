//! Static knowledge of a value, before the template is executed.

use std::rc::Rc;

use crate::model::Type;
use crate::syntax::ast::Number;

/// The cases in which a value is nil or missing.
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

/// The path of a value: the fields from the root of the data, joined by dots.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Path(Rc<str>);

impl Path {
    pub(super) fn new(names: &str) -> Path {
        Path(names.into())
    }

    pub(super) fn then(&self, name: &str) -> Path {
        match &*self.0 {
            "" => Path::new(name),
            names => Path(format!("{names}.{name}").into()),
        }
    }
}

/// The static knowledge of a value.
#[derive(Clone, Debug)]
pub(super) struct Known<'d> {
    /// The type. `None` if it is unknown.
    pub(super) ty: Option<Type>,
    pub(super) nil: Nilness,
    /// The path of the value, by which tested pointers are recognised.
    pub(super) path: Option<Path>,
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
    pub(super) const fn unknown() -> Self {
        Known {
            ty: None,
            nil: Nilness::Maybe,
            path: None,
            constant: None,
        }
    }

    /// A value of a known type that is not missing.
    pub(super) fn typed(ty: Type) -> Self {
        Known {
            ty: Some(ty).filter(|ty| *ty != Type::Any),
            nil: Nilness::Never,
            ..Known::unknown()
        }
    }

    pub(super) fn absent() -> Self {
        Known {
            nil: Nilness::Always,
            ..Known::unknown()
        }
    }

    pub(super) fn root(ty: Type) -> Self {
        Known {
            path: Some(Path::new("")),
            ..Known::typed(ty)
        }
    }

    pub(super) fn constant(ty: Type, constant: Constant<'d>) -> Self {
        Known {
            constant: Some(constant),
            ..Known::typed(ty)
        }
    }

    pub(super) fn path_to(&self, field: &str) -> Option<Path> {
        Some(self.path.as_ref()?.then(field))
    }

    pub(super) fn is_nil_constant(&self) -> bool {
        matches!(self.constant, Some(Constant::Nil))
    }

    /// The same value in a branch where it is known to be true.
    pub(super) fn present(self) -> Self {
        Known {
            nil: Nilness::Never,
            ..self
        }
    }

    pub(super) fn without_constant<'x>(&self) -> Known<'x> {
        Known {
            ty: self.ty,
            nil: self.nil,
            path: self.path.clone(),
            constant: None,
        }
    }

    /// Truth of the value. `None` if that depends on the data.
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
            (None, Some(Type::Pointer(_) | Type::Struct(_) | Type::Time), Nilness::Never) => {
                Some(true)
            }
            _ => None,
        }
    }
}
