//! What is known of the results of functions.

use super::Checker;
use super::known::{Constant, Known, Nilness};
use super::operand::{Lessons, Outcome, Passed};
use crate::builtin::Builtin;
use crate::fault::Span;
use crate::model::{INT, Type, UINT8};

impl<'d> Checker<'d> {
    pub(super) fn function(
        &mut self,
        function: Builtin,
        span: Span,
        passed: Passed<'_, 'd>,
    ) -> Outcome<'d> {
        let (least, most) = function.arity();
        let given = passed.count();
        if given < least || most.is_some_and(|most| given > most) {
            let at_least = if most.is_none() { "at least " } else { "" };
            let arguments = if least == 1 { "argument" } else { "arguments" };
            let name = function.name();
            let message = format!("`{name}` takes {at_least}{least} {arguments}, got {given}");
            self.fails(span, "argument-count", message, None);
            self.operands(&passed);
            return Outcome::of(Known::nothing());
        }
        if matches!(function, Builtin::And | Builtin::Or) {
            return self.logic(function == Builtin::And, passed);
        }
        if function == Builtin::Not
            && let [word] = passed.words
        {
            let Outcome {
                if_true, if_false, ..
            } = self.operand(word);
            let known = Known::typed(Type::Bool);
            return Outcome {
                known,
                if_true: if_false,
                if_false: if_true,
            };
        }
        let mut args: Vec<Known<'d>> = Vec::new();
        for word in passed.words {
            args.push(self.operand(word).known);
        }
        args.extend(passed.piped.map(Known::detached));
        let spans: Vec<Span> = passed.words.iter().map(|w| w.span).chain([span]).collect();
        self.apply(function, span, &args, &spans)
    }

    /// `and` and `or`: the later arguments are only looked at if the earlier ones did
    /// not decide.
    fn logic(&mut self, and: bool, passed: Passed<'_, 'd>) -> Outcome<'d> {
        let mark = self.state.mark();
        let (mut if_true, mut if_false) = (Lessons::new(), Lessons::new());
        let mut ty = None;
        let mut truth = Some(and);
        let mut always_there = true;
        for (i, word) in passed.words.iter().enumerate() {
            let outcome = self.operand(word);
            let ends = outcome.known.truth();
            always_there &= outcome.known.nil == Nilness::Never;
            ty = if i == 0 || ty == outcome.known.ty {
                outcome.known.ty
            } else {
                None
            };
            truth = match (truth, ends) {
                (Some(t), _) if t != and => truth,
                (_, Some(t)) if t != and => Some(t),
                (Some(_), Some(_)) => truth,
                _ => None,
            };
            self.state.reached &= ends == Some(and);
            let goes_on = if and {
                &outcome.if_true
            } else {
                &outcome.if_false
            };
            self.state.learn(goes_on);
            if_true.extend(outcome.if_true);
            if_false.extend(outcome.if_false);
        }
        self.state.forget(mark);
        if let Some(piped) = passed.piped {
            ty = ty.filter(|ty| Some(*ty) == piped.ty);
            always_there &= piped.nil == Nilness::Never;
            truth = None;
        }
        // Of an `and` that holds all arguments hold; of one that does not, who knows.
        if and {
            if_false.clear()
        } else {
            if_true.clear()
        }
        let constant = truth.map(Constant::Bool).filter(|_| ty == Some(Type::Bool));
        let known = Known {
            constant,
            ..ty.map_or(Known::nothing(), Known::typed)
        };
        // Which argument it is decides whether it is there.
        let nil = if always_there {
            known.nil
        } else {
            Nilness::Maybe
        };
        Outcome {
            known: Known { nil, ..known },
            if_true,
            if_false,
        }
    }

    fn apply(
        &mut self,
        function: Builtin,
        span: Span,
        args: &[Known<'d>],
        spans: &[Span],
    ) -> Outcome<'d> {
        let bool = || Outcome::of(Known::typed(Type::Bool));
        self.not_nil(function, args, span);
        match (function, args) {
            (Builtin::Eq | Builtin::Ne, [first, rest @ ..]) => {
                if rest.is_empty() {
                    let message = "`eq` has nothing to compare with".to_owned();
                    self.fails(span, "argument-count", message, None);
                }
                for (i, other) in rest.iter().enumerate() {
                    // The later ones are only compared if the earlier ones differ.
                    let reached = self.state.reached;
                    self.state.reached &= i == 0;
                    self.compare(first, other, span, false);
                    self.state.reached = reached;
                }
                self.nil_test(function == Builtin::Eq, args)
            }
            (Builtin::Lt | Builtin::Le | Builtin::Gt | Builtin::Ge, [a, b]) => {
                self.compare(a, b, span, true);
                bool()
            }
            (Builtin::Len, [item]) => {
                let has = matches!(
                    item.ty,
                    None | Some(
                        Type::Str | Type::Strings | Type::List | Type::StringMap | Type::Map
                    )
                );
                if let Some(ty) = item.ty.filter(|_| !has) {
                    self.fails(
                        span,
                        "argument-type",
                        format!("{} has no length", ty.described()),
                        None,
                    );
                }
                Outcome::of(Known::typed(Type::Int(&INT)))
            }
            (Builtin::Index, [item, indices @ ..]) => {
                let ty = self.indexed(item.ty, indices, spans);
                Outcome::of(ty.map_or(Known::nothing(), Known::typed))
            }
            (Builtin::Slice, [item, indices @ ..]) => {
                if let Some(ty) = item.ty
                    && !matches!(ty, Type::Str | Type::Strings | Type::List)
                {
                    self.fails(
                        span,
                        "argument-type",
                        format!("{} cannot be sliced", ty.described()),
                        None,
                    );
                }
                if indices.len() > 3 || (indices.len() == 3 && item.ty == Some(Type::Str)) {
                    self.fails(span, "argument-count", "too many indices".to_owned(), None);
                }
                self.are_integers(indices, spans);
                Outcome::of(item.ty.map_or(Known::nothing(), Known::typed))
            }
            (Builtin::Printf, [format, rest @ ..]) => {
                let place = spans.first().copied().unwrap_or(span);
                self.fit(format, Type::Str, place);
                if let Some(Constant::Str(format)) = format.constant {
                    self.verbs(format, rest, place);
                }
                Outcome::of(Known::typed(Type::Str))
            }
            (Builtin::Call, _) => {
                let message = "there are no functions to call here".to_owned();
                let remedy = "leave `call` out: `.ShellEscape .Task` calls a method".to_owned();
                self.fails(span, "not-a-function", message, Some(remedy));
                Outcome::of(Known::nothing())
            }
            (Builtin::Not, _) => bool(),
            _ => Outcome::of(Known::typed(Type::Str)),
        }
    }

    /// There are functions that can do nothing with `nil`.
    fn not_nil(&mut self, function: Builtin, args: &[Known<'d>], span: Span) {
        let of = match function {
            Builtin::Len | Builtin::Slice | Builtin::Index => args.get(..1),
            Builtin::Lt | Builtin::Le | Builtin::Gt | Builtin::Ge => Some(args),
            _ => None,
        };
        let is_nil = |k: &Known<'d>| matches!(k.constant, Some(Constant::Nil));
        if of.is_some_and(|args| args.iter().any(is_nil)) {
            let message = format!("`{}` of nil", function.name());
            self.fails(span, "argument-type", message, None);
        }
    }

    fn indexed(
        &mut self,
        item: Option<Type>,
        indices: &[Known<'d>],
        spans: &[Span],
    ) -> Option<Type> {
        let Some((index, rest)) = indices.split_first() else {
            return item;
        };
        let spans = spans.get(1..).unwrap_or_default();
        let place = spans.first().copied().unwrap_or_default();
        let element = match item? {
            Type::Str => Some(Type::Int(&UINT8)),
            Type::Strings => Some(Type::Str),
            Type::List => None,
            ty @ (Type::StringMap | Type::Map) => {
                if let Some(found) = index.ty.filter(|t| *t != Type::Str) {
                    let message = format!("a key must be a string, not {}", found.described());
                    self.fails(place, "argument-type", message, None);
                }
                (ty == Type::StringMap).then_some(Type::Str)
            }
            ty => {
                self.fails(
                    place,
                    "argument-type",
                    format!("{} has no elements", ty.described()),
                    None,
                );
                return None;
            }
        };
        if matches!(item, Some(Type::Str | Type::Strings | Type::List)) {
            self.are_integers(std::slice::from_ref(index), &[Span::default(), place]);
        }
        self.indexed(element, rest, spans)
    }

    fn are_integers(&mut self, indices: &[Known<'d>], spans: &[Span]) {
        for (i, index) in indices.iter().enumerate() {
            let place = spans.get(i + 1).copied().unwrap_or_default();
            if let Some(Constant::Number(n)) = index.constant
                && n.int.is_some_and(|i| i < 0)
            {
                self.fails(place, "argument-type", "an index below 0".to_owned(), None);
            }
            if let Some(found) = index.ty.filter(|t| !matches!(t, Type::Int(_))) {
                let message = format!("an index must be an integer, not {}", found.described());
                self.fails(place, "argument-type", message, None);
            }
        }
    }

    /// A comparison with nil says something of a pointer.
    fn nil_test(&mut self, equal: bool, args: &[Known<'d>]) -> Outcome<'d> {
        let known = Known::typed(Type::Bool);
        let is_nil = |k: &Known<'d>| matches!(k.constant, Some(Constant::Nil));
        let path = match args {
            [a, b] if is_nil(b) => a.path.filter(|_| matches!(a.ty, Some(Type::Pointer(_)))),
            [a, b] if is_nil(a) => b.path.filter(|_| matches!(b.ty, Some(Type::Pointer(_)))),
            _ => None,
        };
        let lesson = |nil| path.map(|p| (p, nil)).into_iter().collect();
        let (nil, set) = (lesson(Nilness::Always), lesson(Nilness::Never));
        let (if_true, if_false) = if equal { (nil, set) } else { (set, nil) };
        Outcome {
            known,
            if_true,
            if_false,
        }
    }

    /// Whether two values can be compared.
    fn compare(&mut self, a: &Known<'d>, b: &Known<'d>, span: Span, ordered: bool) {
        let (Some(left), Some(right)) = (a.ty, b.ty) else {
            return;
        };
        if a.nil != Nilness::Never || b.nil != Nilness::Never {
            return; // Nil can be compared with everything.
        }
        let (l, r) = (kind(left), kind(right));
        let has_order = matches!(l, Kind::Number | Kind::Float | Kind::Str);
        if l != r {
            let message = format!(
                "{} and {} cannot be compared",
                left.described(),
                right.described()
            );
            let remedy = match (l, r, a.constant, b.constant) {
                (Kind::Float, Kind::Number, _, Some(_))
                | (Kind::Number, Kind::Float, Some(_), _) => {
                    Some("write the number with a decimal point: `10.0`".to_owned())
                }
                (Kind::Number, Kind::Str, ..) if left.has_text() => {
                    Some("compare the text: `eq (print .Event) \"…\"`".to_owned())
                }
                _ => None,
            };
            self.fails(span, "incompatible-types", message, remedy);
        } else if ordered && !has_order {
            self.fails(
                span,
                "incompatible-types",
                format!("{} has no order", left.described()),
                None,
            );
        }
    }
}

/// What can be compared with each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Number,
    Float,
    Complex,
    Str,
    List,
    Map,
    Pointer,
    Struct,
}

fn kind(ty: Type) -> Kind {
    match ty {
        Type::Bool => Kind::Bool,
        Type::Int(_) => Kind::Number,
        Type::Float => Kind::Float,
        Type::Complex => Kind::Complex,
        Type::Str => Kind::Str,
        Type::Strings | Type::List => Kind::List,
        Type::StringMap | Type::Map => Kind::Map,
        Type::Pointer(_) => Kind::Pointer,
        Type::Struct(_) | Type::Time | Type::Any => Kind::Struct,
    }
}
