//! What is known of fields and methods, and of the arguments they are given.

use super::Checker;
use super::known::{Constant, Known, Nilness};
use super::operand::{Passed, number_of};
use crate::exec::constant;
use crate::fault::Span;
use crate::model::{Member, Method, Type};
use crate::names::nearest;
use crate::syntax::ast::{ExprKind, Name};

impl<'d> Checker<'d> {
    pub(super) fn member(
        &mut self,
        base: Known<'d>,
        name: &'d Name,
        passed: Passed<'_, 'd>,
    ) -> Known<'d> {
        let text = self.text(name.span).to_owned();
        let path = base.path.and_then(|p| p.then(name.hash));
        let ty = match base.ty {
            Some(Type::StringMap) => {
                self.arguments_of_field(name, &passed);
                return Known {
                    ty: Some(Type::Str),
                    nil: self.nilness(path),
                    path,
                    constant: None,
                };
            }
            Some(Type::Map) => {
                self.arguments_of_field(name, &passed);
                return Known::nothing();
            }
            Some(ty) => ty,
            None if base.nil == Nilness::Always && base.constant.is_none() => {
                let message = format!("there is no dot here, so `.{text}` is missing");
                let remedy = "pass it on: `{{template \"name\" .}}`".to_owned();
                self.may_fail(name.span, "no-dot", message, Some(remedy));
                return Known::nothing();
            }
            None => {
                self.operands(&passed);
                return Known::nothing();
            }
        };
        match ty.member(&text, name.hash) {
            Some(Member::Field(field)) => {
                self.arguments_of_field(name, &passed);
                self.dereference(&base, name, ty);
                let nil = match field.ty {
                    Type::Pointer(_) => self.nilness(path),
                    Type::Any => Nilness::Maybe,
                    _ => Nilness::Never,
                };
                Known {
                    nil,
                    path,
                    ..Known::typed(field.ty)
                }
            }
            Some(Member::Getter(field)) => {
                self.count(name.span, &text, 0, &passed);
                let nil = match field.ty {
                    Type::Pointer(_) if base.nil == Nilness::Never => {
                        let path = base.path.and_then(|p| p.then(field.hash));
                        self.nilness(path)
                    }
                    Type::Pointer(_) => Nilness::Maybe,
                    _ => Nilness::Never,
                };
                Known {
                    nil,
                    ..Known::typed(field.ty)
                }
            }
            Some(Member::String(_)) => {
                self.count(name.span, &text, 0, &passed);
                Known::typed(Type::Str)
            }
            Some(Member::Method(method)) => self.method(name.span, method, passed),
            None => {
                self.operands(&passed);
                let meant = nearest(&text, ty.names());
                let on_root = self.state.variable(0).and_then(|root| root.ty);
                let remedy = match meant {
                    Some(meant) => Some(format!("did you mean `{meant}`?")),
                    None if on_root.and_then(|r| r.member(&text, name.hash)).is_some() => {
                        Some(format!("did you mean `$.{text}`?"))
                    }
                    None => None,
                };
                let message = format!("`{text}` is no field or method of {}", ty.described());
                // Of what is missing, every field is missing, too.
                let fails = base.nil == Nilness::Never || matches!(ty, Type::Pointer(_));
                self.note(name.span, "unknown-field", message, remedy, fails);
                Known::nothing()
            }
        }
    }

    /// A field of what a pointer points to.
    fn dereference(&mut self, base: &Known<'d>, name: &Name, ty: Type) {
        let Type::Pointer(_) = ty else { return };
        let text = self.text(name.span).to_owned();
        let before = self.before(name.span);
        let remedy =
            before.map(|b| format!("guard it with `{{{{with {b}}}}}` or `{{{{if {b}}}}}`"));
        match base.nil {
            Nilness::Never => {}
            Nilness::Always => {
                let title = ty.described();
                let message = format!("there is no `{text}` without {title} (nil here)");
                self.fails(name.span, "nil-pointer", message, remedy);
            }
            Nilness::Maybe => {
                let title = ty.described();
                let message = format!("there is no `{text}` without {title}, which may be nil");
                self.may_fail(name.span, "may-be-nil", message, remedy);
            }
        }
    }

    /// What a field is taken from, as it is written.
    fn before(&self, name: Span) -> Option<String> {
        let upto = self.source.get(..name.start.saturating_sub(1) as usize)?;
        let start = upto
            .rfind([' ', '(', '{', '|', '\t', '\n'])
            .map_or(0, |i| i + 1);
        let text = &upto[start..];
        (!text.is_empty() && !text.ends_with(')')).then(|| text.to_owned())
    }

    fn arguments_of_field(&mut self, name: &Name, passed: &Passed<'_, 'd>) {
        if passed.count() > 0 {
            let message = format!(
                "`{}` is no method and takes no arguments",
                self.text(name.span)
            );
            self.fails(name.span, "argument-count", message, None);
        }
        self.operands(passed);
    }

    /// Looks at arguments that nothing is known about.
    pub(super) fn operands(&mut self, passed: &Passed<'_, 'd>) {
        for word in passed.words {
            self.operand(word);
        }
    }

    fn count(&mut self, span: Span, name: &str, wanted: usize, passed: &Passed<'_, 'd>) {
        let given = passed.count();
        if given != wanted {
            let arguments = if wanted == 1 { "argument" } else { "arguments" };
            let message = format!("`{name}` takes {wanted} {arguments}, got {given}");
            self.fails(span, "argument-count", message, None);
        }
    }

    fn method(&mut self, span: Span, method: &Method, passed: Passed<'_, 'd>) -> Known<'d> {
        self.count(span, method.name, method.params.len(), &passed);
        for (word, ty) in passed.words.iter().zip(method.params) {
            let known = match &word.kind {
                ExprKind::Number(number) if *ty != Type::Any => number_of(number),
                _ => self.operand(word).known,
            };
            self.fit(&known, *ty, word.span);
        }
        if let (Some(piped), Some(ty)) = (passed.piped, method.params.last()) {
            // What is piped is a value, which does not convert.
            self.fit(&piped.detached(), *ty, span);
        }
        Known::typed(method.result)
    }

    /// Whether a value can be an argument of type `ty`.
    pub(super) fn fit(&mut self, known: &Known<'_>, ty: Type, span: Span) {
        if ty == Type::Any {
            return;
        }
        let fits = match (known.constant, known.ty) {
            (Some(Constant::Number(n)), _) => constant(n, ty).is_some(),
            (Some(Constant::Nil), _) => matches!(ty, Type::Pointer(_) | Type::Strings),
            (_, Some(found)) => found == ty,
            (_, None) => known.nil != Nilness::Always,
        };
        let text = self.text(span).to_owned();
        if !fits {
            let found = match known.ty {
                Some(found) if known.constant.is_none() => found.described().to_owned(),
                _ => format!("`{text}`"),
            };
            let message = format!("expected {}, found {found}", ty.described());
            self.fails(span, "argument-type", message, None);
        } else if known.ty == Some(Type::Str) && known.nil != Nilness::Never {
            let message = format!("expected {}, but `{text}` may be missing", ty.described());
            let remedy = format!("guard it with `{{{{with {text}}}}}`");
            self.may_fail(span, "may-be-missing", message, Some(remedy));
        }
    }
}
