//! Arguments: constants are converted to the type of the parameter, other values must have it.

use super::Execution;
use crate::fault::Faulty;
use crate::model::{IntType, Type};
use crate::syntax::ast::{Expr, ExprKind, Number};
use crate::value::{Text, Value};

impl<'a> Execution<'a> {
    /// Evaluates an operand as an argument of type `ty`.
    pub(super) fn argument(&mut self, word: &'a Expr, ty: Type) -> Faulty<Value<'a>> {
        if ty == Type::Any {
            return self.operand(word);
        }
        self.at = word.span;
        let value = match (&word.kind, ty) {
            (ExprKind::Nil, _) => ty.has_nil().then(|| ty.zero()),
            (ExprKind::Bool(truth), Type::Bool) => Some(Value::Bool(*truth)),
            (ExprKind::Str(bytes), Type::Str) => Some(Value::Str(Text::Borrowed(bytes))),
            (ExprKind::Number(number), _) => constant(number, ty),
            (ExprKind::Bool(_) | ExprKind::Str(_), _) => None,
            _ => {
                let value = self.operand(word)?;
                return self.fit(value, ty);
            }
        };
        value.ok_or_else(|| {
            let text = self.text(word.span);
            self.fault(format!("expected {}, found {text}", ty.title()))
        })
    }

    /// Checks that a value can be an argument of type `ty`. A missing value becomes nil.
    pub(super) fn fit(&mut self, value: Value<'a>, ty: Type) -> Faulty<Value<'a>> {
        let found = match &value {
            _ if ty == Type::Any || value.ty() == ty => return Ok(value),
            Value::Absent | Value::Nil if ty.has_nil() => return Ok(ty.zero()),
            Value::Absent | Value::Nil => "no value",
            _ => value.title(),
        };
        Err(self.fault(format!("expected {}, found {found}", ty.title())))
    }
}

/// A number as a value of type `ty`. `None` if it does not convert.
pub(crate) fn constant<'a>(number: &Number, ty: Type) -> Option<Value<'a>> {
    match ty {
        Type::Int(int) if int.signed => number.int.map(|i| Value::Int(wrap(i, int), int)),
        Type::Int(int) => number.uint.map(|u| Value::Int(wrap(u as i64, int), int)),
        Type::Float => number.float.map(Value::Float),
        Type::Complex => number.complex.map(|(re, im)| Value::Complex(re, im)),
        _ => None,
    }
}

/// The lowest bits of a number, as many as the type has.
fn wrap(number: i64, ty: &IntType) -> i64 {
    let unused = 64 - ty.bits.min(64);
    match ty.signed {
        true => number << unused >> unused,
        false => ((number as u64) << unused >> unused) as i64,
    }
}
