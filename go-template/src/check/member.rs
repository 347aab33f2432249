//! The check of fields and methods, and of their arguments.

use super::Checker;
use super::known::{Constant, Known, Nilness};
use super::operand::{KnownArgs, known_number};
use crate::builtin::count_error;
use crate::exec::constant;
use crate::fault::Span;
use crate::model::{Field, Member, Method, Type};
use crate::nearest::nearest;
use crate::syntax::ast::ExprKind;

impl<'d> Checker<'d> {
    pub(super) fn member(
        &mut self,
        base: Known<'d>,
        name: Span,
        args: KnownArgs<'_, 'd>,
    ) -> Known<'d> {
        let text = self.text(name).to_owned();
        let Some(ty) = base.ty else {
            if base.nil == Nilness::Always && base.constant.is_none() {
                let message = format!("there is no dot here, so `.{text}` is missing");
                let remedy = "pass it on: `{{template \"name\" .}}`".to_owned();
                self.warn(name, "no-dot", message, Some(remedy));
            } else {
                self.operands(args);
            }
            return Known::unknown();
        };
        if matches!(ty, Type::StringMap | Type::Map) {
            self.args_of_field(name, args);
            let path = base.path_to(&text);
            return match ty {
                Type::Map => Known::unknown(),
                _ => Known {
                    ty: Some(Type::Str),
                    nil: self.nilness(path.as_ref()),
                    path,
                    constant: None,
                },
            };
        }
        match ty.member(&text) {
            Some(Member::Field(field)) => {
                self.args_of_field(name, args);
                if matches!(ty, Type::Pointer(_)) {
                    self.dereference(base.nil, name, ty);
                }
                Known {
                    path: base.path_to(&text),
                    ..self.field(field, &base)
                }
            }
            Some(Member::Getter(field)) => {
                self.check_count(name, 0, args);
                match base.nil {
                    Nilness::Never => self.field(field, &base),
                    _ => self.field(field, &Known::unknown()),
                }
            }
            Some(Member::Method(method)) => self.method(name, method, args),
            None => {
                self.operands(args);
                let on_root = self.variables.get(0).and_then(|root| root.ty);
                let meant = nearest(&text, ty.names()).or_else(|| {
                    on_root?.member(&text)?;
                    Some(format!("$.{text}"))
                });
                let remedy = meant.map(|meant| format!("did you mean `{meant}`?"));
                let message = format!("`{text}` is no field or method of {}", ty.title());
                // A field of a missing value is missing, too, which is no failure.
                let fails = base.nil == Nilness::Never || matches!(ty, Type::Pointer(_));
                self.report(name, "unknown-field", message, remedy, fails);
                Known::unknown()
            }
        }
    }

    /// The value of a field, without its path.
    fn field(&self, field: &Field, base: &Known<'d>) -> Known<'d> {
        let nil = match field.ty {
            Type::Pointer(_) => self.nilness(base.path_to(field.name).as_ref()),
            Type::Any => Nilness::Maybe,
            _ => Nilness::Never,
        };
        Known {
            nil,
            ..Known::typed(field.ty)
        }
    }

    /// Reports a field of a nil pointer.
    fn dereference(&mut self, nil: Nilness, name: Span, ty: Type) {
        let message = format!("there is no `{}` without {}", self.text(name), ty.title());
        let base = self.base_of(name);
        let remedy = base.map(|b| format!("guard it with `{{{{with {b}}}}}` or `{{{{if {b}}}}}`"));
        match nil {
            Nilness::Never => {}
            Nilness::Always => {
                let message = message + " (nil here)";
                self.report(name, "nil-pointer", message, remedy, true);
            }
            Nilness::Maybe => self.warn(name, "may-be-nil", message + ", which may be nil", remedy),
        }
    }

    /// The source before a field, without its dot. `None` if it is not a chain of names.
    fn base_of(&self, name: Span) -> Option<String> {
        let end = name.start.saturating_sub(1) as usize;
        let before = self.template.source.get(..end)?;
        let text = before.rsplit([' ', '(', '{', '|', '\t', '\n']).next()?;
        (!text.is_empty() && !text.ends_with(')')).then(|| text.to_owned())
    }

    fn args_of_field(&mut self, name: Span, args: KnownArgs<'_, 'd>) {
        if args.count() > 0 {
            let text = self.text(name);
            let message = format!("`{text}` is no method and takes no arguments");
            self.error(name, "argument-count", message);
        }
        self.operands(args);
    }

    /// Checks arguments for parameters of unknown types.
    pub(super) fn operands(&mut self, args: KnownArgs<'_, 'd>) {
        for word in args.words {
            self.operand(word);
        }
    }

    fn check_count(&mut self, name: Span, wanted: usize, args: KnownArgs<'_, 'd>) {
        if args.count() != wanted {
            let message = count_error(self.text(name), wanted, args.count());
            self.error(name, "argument-count", message);
        }
    }

    fn method(&mut self, name: Span, method: &Method, args: KnownArgs<'_, 'd>) -> Known<'d> {
        self.check_count(name, method.params.len(), args);
        for (word, ty) in args.words.iter().zip(method.params) {
            let known = match &word.kind {
                ExprKind::Number(number) if *ty != Type::Any => known_number(number),
                _ => self.operand(word).known,
            };
            self.fit(&known, *ty, word.span);
        }
        if let (Some(piped), Some(ty)) = (args.piped, method.params.last()) {
            self.fit(&piped.without_constant(), *ty, name);
        }
        Known::typed(method.result)
    }

    /// Checks that a value can be an argument of type `ty`.
    pub(super) fn fit(&mut self, known: &Known<'_>, ty: Type, span: Span) {
        if ty == Type::Any {
            return;
        }
        let fits = match (known.constant, known.ty) {
            (Some(Constant::Number(n)), _) => constant(n, ty).is_some(),
            (Some(Constant::Nil), _) => ty.has_nil(),
            (_, Some(found)) => found == ty,
            (_, None) => known.nil != Nilness::Always,
        };
        let text = self.text(span).to_owned();
        if !fits {
            let found = match known.ty {
                Some(found) if known.constant.is_none() => found.title().to_owned(),
                _ => format!("`{text}`"),
            };
            let message = format!("expected {}, found {found}", ty.title());
            self.error(span, "argument-type", message);
        } else if known.ty == Some(Type::Str) && known.nil != Nilness::Never {
            let message = format!("expected {}, but `{text}` may be missing", ty.title());
            let remedy = format!("guard it with `{{{{with {text}}}}}`");
            self.warn(span, "may-be-missing", message, Some(remedy));
        }
    }
}
