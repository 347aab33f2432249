//! Arguments: constants become what the parameter wants, values must already be it.

use super::Run;
use crate::fault::Faulty;
use crate::model::{IntType, Type};
use crate::syntax::ast::{Expr, ExprKind, Number};
use crate::value::{Text, Value};

impl<'a> Run<'a> {
    /// The value of an operand, as an argument of type `ty`.
    pub(super) fn argument(
        &mut self,
        word: &'a Expr,
        ty: Type,
        dot: &Value<'a>,
    ) -> Faulty<Value<'a>> {
        if ty == Type::Any {
            return self.operand(word, dot);
        }
        self.at = word.span;
        let value = match (&word.kind, ty) {
            (ExprKind::Nil, _) => match ty {
                Type::Strings | Type::List | Type::StringMap | Type::Map | Type::Pointer(_) => {
                    Some(ty.zero())
                }
                _ => None,
            },
            (ExprKind::Bool(truth), Type::Bool) => Some(Value::Bool(*truth)),
            (ExprKind::Plain(span), Type::Str) => Some(Value::from(span.of(self.source))),
            (ExprKind::Escaped(bytes), Type::Str) => Some(Value::Str(Text::Borrowed(bytes))),
            (ExprKind::Number(number), _) => constant(number, ty),
            (ExprKind::Bool(_) | ExprKind::Plain(_) | ExprKind::Escaped(_), _) => None,
            _ => {
                let value = self.operand(word, dot)?;
                return self.fit(value, ty);
            }
        };
        value.ok_or_else(|| {
            let text = word.span.of(self.source);
            self.fault(format!("expected {}, found {text}", ty.described()))
        })
    }

    /// A value as an argument of type `ty`, which it must already have.
    pub(super) fn fit(&mut self, value: Value<'a>, ty: Type) -> Faulty<Value<'a>> {
        match (&value, ty) {
            (_, Type::Any) => Ok(value),
            (Value::Absent | Value::Nil, Type::Pointer(_) | Type::Strings | Type::List) => {
                Ok(ty.zero())
            }
            (Value::Absent | Value::Nil, Type::StringMap | Type::Map) => Ok(ty.zero()),
            (Value::Absent | Value::Nil, _) => {
                Err(self.fault(format!("expected {}, found no value", ty.described())))
            }
            _ if value.ty() == ty => Ok(value),
            _ => Err(self.fault(format!(
                "expected {}, found {}",
                ty.described(),
                value.described()
            ))),
        }
    }
}

/// A number as a value of type `ty`, if it can be one.
pub(crate) fn constant<'a>(number: &Number, ty: Type) -> Option<Value<'a>> {
    match ty {
        Type::Int(int) if int.signed => number.int.map(|i| Value::Int(wrap(i, int), int)),
        Type::Int(int) => number.uint.map(|u| Value::Int(wrap(u as i64, int), int)),
        Type::Float => number.float.map(Value::Float),
        Type::Complex => number.complex.map(|(re, im)| Value::Complex(re, im)),
        _ => None,
    }
}

/// What is left of a number in so many bits.
fn wrap(number: i64, ty: &IntType) -> i64 {
    let unused = 64 - ty.bits.min(64);
    if ty.signed {
        number << unused >> unused
    } else {
        ((number as u64) << unused >> unused) as i64
    }
}
