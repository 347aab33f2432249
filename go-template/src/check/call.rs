//! The check of calls of functions.

use super::Checker;
use super::known::{Constant, Known, Nilness};
use super::operand::{KnownArgs, Outcome};
use crate::builtin::Builtin;
use crate::fault::Span;
use crate::model::{INT, Type, UINT8};
use crate::types::ComparisonClass;

type KnownArg<'d> = (Known<'d>, Span);

impl<'d> Checker<'d> {
    pub(super) fn function(
        &mut self,
        function: Builtin,
        span: Span,
        args: KnownArgs<'_, 'd>,
    ) -> Outcome<'d> {
        if let Some(message) = function.count_error(args.count()) {
            self.error(span, "argument-count", message);
            self.operands(args);
            return Outcome::of(Known::unknown());
        }
        match (function, args.words) {
            (Builtin::And, _) => return self.logic(true, args),
            (Builtin::Or, _) => return self.logic(false, args),
            (Builtin::Not, [word]) => {
                let outcome = self.operand(word);
                return Outcome {
                    known: Known::typed(Type::Bool),
                    if_true: outcome.if_false,
                    if_false: outcome.if_true,
                };
            }
            _ => {}
        }
        let mut values: Vec<KnownArg<'d>> = Vec::new();
        for word in args.words {
            values.push((self.operand(word).known, word.span));
        }
        values.extend(args.piped.map(|piped| (piped.without_constant(), span)));
        self.apply(function, span, &values)
    }

    /// Checks `and` or `or`. An argument is evaluated only if the earlier ones do not decide.
    fn logic(&mut self, and: bool, args: KnownArgs<'_, 'd>) -> Outcome<'d> {
        let start = self.checkpoint();
        let (mut if_true, mut if_false) = (Vec::new(), Vec::new());
        let mut ty = None;
        let mut truth = Some(and);
        let mut nil = Nilness::Never;
        for (i, word) in args.words.iter().enumerate() {
            let outcome = self.operand(word);
            let known = &outcome.known;
            if known.nil != Nilness::Never {
                nil = Nilness::Maybe;
            }
            ty = known.ty.filter(|_| i == 0 || ty == known.ty);
            truth = match (truth, known.truth()) {
                (Some(decided), _) if decided != and => truth,
                (_, Some(decided)) if decided != and => Some(decided),
                (Some(_), Some(_)) => truth,
                _ => None,
            };
            self.reached &= known.truth() == Some(and);
            let next_facts = if and {
                &outcome.if_true
            } else {
                &outcome.if_false
            };
            self.facts.extend_from_slice(next_facts);
            if_true.extend(outcome.if_true);
            if_false.extend(outcome.if_false);
        }
        self.forget_facts(start);
        if let Some(piped) = args.piped {
            ty = ty.filter(|ty| Some(*ty) == piped.ty);
            truth = None;
            if piped.nil != Nilness::Never {
                nil = Nilness::Maybe;
            }
        }
        // If an `and` is false, or an `or` true, the deciding argument is unknown.
        match and {
            true => if_false.clear(),
            false => if_true.clear(),
        }
        let constant = truth.map(Constant::Bool).filter(|_| ty == Some(Type::Bool));
        let known = ty.map_or(Known::unknown(), Known::typed);
        let nil = match nil {
            Nilness::Never => known.nil,
            nil => nil,
        };
        Outcome {
            known: Known {
                nil,
                constant,
                ..known
            },
            if_true,
            if_false,
        }
    }

    fn apply(&mut self, function: Builtin, span: Span, args: &[KnownArg<'d>]) -> Outcome<'d> {
        self.check_not_nil(function, args, span);
        let known = match (function, args) {
            (Builtin::Eq | Builtin::Ne, [first, rest @ ..]) => {
                if rest.is_empty() {
                    let message = "`eq` has nothing to compare with".to_owned();
                    self.error(span, "argument-count", message);
                }
                for (i, (other, _)) in rest.iter().enumerate() {
                    // Later arguments are compared only if the earlier ones differ.
                    let reached = self.reached;
                    self.reached &= i == 0;
                    self.compare(&first.0, other, span, false);
                    self.reached = reached;
                }
                return self.nil_test(function == Builtin::Eq, args);
            }
            (Builtin::Lt | Builtin::Le | Builtin::Gt | Builtin::Ge, [(a, _), (b, _)]) => {
                self.compare(a, b, span, true);
                Known::typed(Type::Bool)
            }
            (Builtin::Len, [(item, _)]) => {
                use ComparisonClass::{List, Map, Str};
                if let Some(ty) = item.ty
                    && !matches!(ty.comparison_class(), Str | List | Map)
                {
                    let message = format!("{} has no length", ty.title());
                    self.error(span, "argument-type", message);
                }
                Known::typed(Type::Int(&INT))
            }
            (Builtin::Index, [(item, _), indices @ ..]) => {
                let ty = self.element_type(item.ty, indices);
                ty.map_or(Known::unknown(), Known::typed)
            }
            (Builtin::Slice, [(item, _), indices @ ..]) => {
                if let Some(ty) = item.ty
                    && !matches!(ty, Type::Str | Type::Strings | Type::List)
                {
                    let message = format!("{} cannot be sliced", ty.title());
                    self.error(span, "argument-type", message);
                }
                if indices.len() > 3 || (indices.len() == 3 && item.ty == Some(Type::Str)) {
                    self.error(span, "argument-count", "too many indices".to_owned());
                }
                self.check_indices(indices);
                item.ty.map_or(Known::unknown(), Known::typed)
            }
            (Builtin::Printf, [(format, position), rest @ ..]) => {
                self.fit(format, Type::Str, *position);
                if let Some(Constant::Str(format)) = format.constant {
                    self.check_verbs(format, rest, *position);
                }
                Known::typed(Type::Str)
            }
            (Builtin::Call, _) => {
                let message = "there are no functions to call here".to_owned();
                let remedy = "leave `call` out: `.Method .Argument` calls a method".to_owned();
                self.report(span, "not-a-function", message, Some(remedy), true);
                Known::unknown()
            }
            (Builtin::Not, _) => Known::typed(Type::Bool),
            _ => Known::typed(Type::Str),
        };
        Outcome::of(known)
    }

    /// Reports `nil` as an argument of a function that does not take it.
    fn check_not_nil(&mut self, function: Builtin, args: &[KnownArg<'d>], span: Span) {
        let checked = match function {
            Builtin::Len | Builtin::Slice | Builtin::Index => 1,
            Builtin::Lt | Builtin::Le | Builtin::Gt | Builtin::Ge => 2,
            _ => 0,
        };
        if args
            .iter()
            .take(checked)
            .any(|(arg, _)| arg.is_nil_constant())
        {
            let message = format!("`{}` of nil", function.name());
            self.error(span, "argument-type", message);
        }
    }

    /// The type of an element. `None` if it is unknown.
    fn element_type(&mut self, item: Option<Type>, indices: &[KnownArg<'d>]) -> Option<Type> {
        let Some((first, rest)) = indices.split_first() else {
            return item;
        };
        let (index, span) = first;
        let element = match item? {
            ty @ (Type::StringMap | Type::Map) => {
                if let Some(found) = index.ty.filter(|t| *t != Type::Str) {
                    let message = format!("a key must be a string, not {}", found.title());
                    self.error(*span, "argument-type", message);
                }
                (ty == Type::StringMap).then_some(Type::Str)
            }
            ty @ (Type::Str | Type::Strings | Type::List) => {
                self.check_indices(std::slice::from_ref(first));
                match ty {
                    Type::Str => Some(Type::Int(&UINT8)),
                    Type::Strings => Some(Type::Str),
                    _ => None,
                }
            }
            ty => {
                let message = format!("{} has no elements", ty.title());
                self.error(*span, "argument-type", message);
                return None;
            }
        };
        self.element_type(element, rest)
    }

    fn check_indices(&mut self, indices: &[KnownArg<'d>]) {
        for (index, span) in indices {
            if let Some(Constant::Number(n)) = index.constant
                && n.int.is_some_and(|i| i < 0)
            {
                self.error(*span, "argument-type", "an index below 0".to_owned());
            }
            if let Some(found) = index.ty.filter(|t| !matches!(t, Type::Int(_))) {
                let message = format!("an index must be an integer, not {}", found.title());
                self.error(*span, "argument-type", message);
            }
        }
    }

    /// The outcome of `eq` or `ne`, which tests a pointer if it compares it with `nil`.
    fn nil_test(&mut self, equal: bool, args: &[KnownArg<'d>]) -> Outcome<'d> {
        let pointer = match args {
            [(a, _), (b, _)] if b.is_nil_constant() => Some(a),
            [(a, _), (b, _)] if a.is_nil_constant() => Some(b),
            _ => None,
        };
        let path = pointer
            .filter(|known| matches!(known.ty, Some(Type::Pointer(_))))
            .and_then(|known| known.path.clone());
        let fact = |nil| path.clone().map(|path| (path, nil)).into_iter().collect();
        let (nil, set) = (fact(Nilness::Always), fact(Nilness::Never));
        let (if_true, if_false) = if equal { (nil, set) } else { (set, nil) };
        Outcome {
            known: Known::typed(Type::Bool),
            if_true,
            if_false,
        }
    }

    fn compare(&mut self, a: &Known<'d>, b: &Known<'d>, span: Span, ordered: bool) {
        let (Some(left), Some(right)) = (a.ty, b.ty) else {
            return;
        };
        if a.nil != Nilness::Never || b.nil != Nilness::Never {
            return; // Every value can be compared with nil.
        }
        use ComparisonClass::{Float, Int, Str};
        let classes = (left.comparison_class(), right.comparison_class());
        if classes.0 != classes.1 {
            let message = format!("{} and {} cannot be compared", left.title(), right.title());
            let remedy = match (classes, a.constant, b.constant) {
                ((Float, Int), _, Some(_)) | ((Int, Float), Some(_), _) => {
                    Some("write the number with a decimal point: `10.0`")
                }
                ((Int, Str), ..) if left.has_text() => {
                    Some("compare the text: `eq (print .Field) \"…\"`")
                }
                _ => None,
            };
            let remedy = remedy.map(str::to_owned);
            self.report(span, "incompatible-types", message, remedy, true);
        } else if ordered && !classes.0.has_order() {
            let message = format!("{} has no order", left.title());
            self.error(span, "incompatible-types", message);
        }
    }
}
