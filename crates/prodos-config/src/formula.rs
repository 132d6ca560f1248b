//! Arithmetic as a case file writes it: numbers, names, `+ - * / ^`, comparisons, brackets, calls.
//!
//! A comparison is 1 where it holds and 0 where it does not, so that `3 * (day < 133)` is a step. Of a number that
//! does not exist nothing is known: a comparison with it does not exist either.

use std::fmt;

/// A formula as it was written.
#[derive(Clone, Debug, PartialEq)]
pub enum Formula {
    /// A number.
    Number(f64),
    /// A name, with dots in it where it names a probe of something.
    Name(String),
    /// A formula with its sign turned.
    Minus(Box<Formula>),
    /// Two formulas and what stands between them.
    Pair(Operator, Box<Formula>, Box<Formula>),
    /// A function and what it is given.
    Call(String, Vec<Formula>),
}

impl Formula {
    /// Whether there is a name in it, so that its value is not known before.
    pub fn asks(&self) -> bool {
        match self {
            Formula::Number(_) => false,
            Formula::Name(_) => true,
            Formula::Minus(inside) => inside.asks(),
            Formula::Pair(_, left, right) => left.asks() || right.asks(),
            Formula::Call(_, given) => given.iter().any(Formula::asks),
        }
    }
}

/// What stands between two formulas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Plus,
    /// `-`
    Less,
    /// `*`
    Times,
    /// `/`
    Over,
    /// `^`
    Power,
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
}

impl Operator {
    /// What it makes of two numbers.
    pub fn apply(self, left: f64, right: f64) -> f64 {
        let holds = |holds: bool| {
            if left.is_nan() || right.is_nan() {
                return f64::NAN;
            }
            f64::from(u8::from(holds))
        };
        match self {
            Operator::Plus => left + right,
            Operator::Less => left - right,
            Operator::Times => left * right,
            Operator::Over => left / right,
            Operator::Power => prodos_model::maths::pow(left, right),
            Operator::Below => holds(left < right),
            Operator::AtMost => holds(left <= right),
            Operator::Above => holds(left > right),
            Operator::AtLeast => holds(left >= right),
            Operator::Equal => holds(left == right),
        }
    }
}

/// Where a text is no formula, and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoFormula {
    /// Letters before the place.
    pub at: usize,
    expected: &'static str,
}

impl fmt::Display for NoFormula {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "expected {}", self.expected)
    }
}

/// Most brackets within brackets.
const DEEPEST: usize = 50;
/// Most numbers, names and calls: a chain of operators is as deep as it is long for whoever walks it.
const MOST_PARTS: usize = 1000;

/// Reads a formula.
pub fn parse(text: &str) -> Result<Formula, NoFormula> {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
        parts: 0,
    };
    let formula = reader.comparison()?;
    reader.blanks();
    if reader.at < text.len() {
        return Err(reader.expected("an operator or the end"));
    }
    Ok(formula)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    parts: usize,
}

impl Reader<'_> {
    fn expected(&self, expected: &'static str) -> NoFormula {
        let at = self.text[..self.at].chars().count();
        NoFormula { at, expected }
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Steps over the first of these signs that comes next.
    fn sign(&mut self, signs: &[(&str, Operator)]) -> Option<Operator> {
        self.blanks();
        let (sign, operator) = signs
            .iter()
            .find(|(sign, _)| self.rest().starts_with(sign))?;
        self.at += sign.len();
        Some(*operator)
    }

    /// Formulas of the next level with these signs between them, from left to right.
    fn chain(
        &mut self,
        signs: &[(&str, Operator)],
        next: fn(&mut Self) -> Result<Formula, NoFormula>,
    ) -> Result<Formula, NoFormula> {
        let mut left = next(self)?;
        while let Some(operator) = self.sign(signs) {
            let right = next(self)?;
            left = Formula::Pair(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Formula, NoFormula> {
        let signs = [
            ("<=", Operator::AtMost),
            (">=", Operator::AtLeast),
            ("==", Operator::Equal),
            ("<", Operator::Below),
            (">", Operator::Above),
        ];
        let left = self.sum()?;
        let Some(operator) = self.sign(&signs) else {
            return Ok(left);
        };
        let right = self.sum()?;
        let between = self.at;
        if self.sign(&signs).is_some() {
            self.at = between;
            self.blanks();
            return Err(self.expected("one comparison; `(0 < x) * (x < 1)` is both"));
        }
        Ok(Formula::Pair(operator, Box::new(left), Box::new(right)))
    }

    fn sum(&mut self) -> Result<Formula, NoFormula> {
        self.chain(
            &[("+", Operator::Plus), ("-", Operator::Less)],
            Reader::product,
        )
    }

    fn product(&mut self) -> Result<Formula, NoFormula> {
        self.chain(
            &[("*", Operator::Times), ("/", Operator::Over)],
            Reader::signed,
        )
    }

    fn signed(&mut self) -> Result<Formula, NoFormula> {
        if self.depth == DEEPEST {
            return Err(self.expected("fewer brackets and signs"));
        }
        self.depth += 1;
        let signed = self.signed_within();
        self.depth -= 1;
        signed
    }

    fn signed_within(&mut self) -> Result<Formula, NoFormula> {
        self.blanks();
        if self.rest().starts_with('-') {
            self.at += 1;
            return Ok(Formula::Minus(Box::new(self.signed()?)));
        }
        let base = self.single()?;
        if self.sign(&[("^", Operator::Power)]).is_some() {
            let power = self.signed()?;
            return Ok(Formula::Pair(
                Operator::Power,
                Box::new(base),
                Box::new(power),
            ));
        }
        Ok(base)
    }

    /// A number, a name, a call or something in brackets.
    fn single(&mut self) -> Result<Formula, NoFormula> {
        self.blanks();
        if self.parts == MOST_PARTS {
            return Err(self.expected("a shorter formula"));
        }
        self.parts += 1;
        match self.rest().chars().next() {
            Some('(') => {
                self.at += 1;
                let inside = self.comparison()?;
                self.close()?;
                Ok(inside)
            }
            Some(first) if first.is_ascii_digit() => self.number(),
            Some(first) if first.is_alphabetic() => self.name(),
            _ => Err(self.expected("a number, a name or `(`")),
        }
    }

    fn close(&mut self) -> Result<(), NoFormula> {
        self.blanks();
        if !self.rest().starts_with(')') {
            return Err(self.expected("`)`"));
        }
        self.at += 1;
        Ok(())
    }

    fn number(&mut self) -> Result<Formula, NoFormula> {
        let bytes = self.rest().as_bytes();
        let exponent = |at: usize| {
            matches!(bytes[at], b'+' | b'-') && at > 0 && matches!(bytes[at - 1], b'e' | b'E')
        };
        let part = |at: usize| {
            bytes[at].is_ascii_digit()
                || matches!(bytes[at], b'.' | b'e' | b'E' | b'_')
                || exponent(at)
        };
        let length = (0..bytes.len()).take_while(|&at| part(at)).count();
        let digits = self.rest()[..length].replace('_', "");
        let number = digits
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite());
        let number = number.ok_or_else(|| self.expected("a number"))?;
        self.at += length;
        Ok(Formula::Number(number))
    }

    fn name(&mut self) -> Result<Formula, NoFormula> {
        let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        let name: String = self.rest().chars().take_while(|&c| part(c)).collect();
        self.at += name.len();
        if !self.rest().starts_with('(') {
            return Ok(Formula::Name(name));
        }
        self.at += 1;
        let mut given = Vec::new();
        loop {
            given.push(self.comparison()?);
            self.blanks();
            if !self.rest().starts_with(',') {
                break;
            }
            self.at += 1;
        }
        self.close()?;
        Ok(Formula::Call(name, given))
    }
}

#[cfg(test)]
mod tests {
    use super::{Formula, parse};

    fn value(formula: &Formula) -> f64 {
        match formula {
            Formula::Number(number) => *number,
            Formula::Name(name) => name.len() as f64,
            Formula::Minus(inside) => -value(inside),
            Formula::Pair(operator, left, right) => operator.apply(value(left), value(right)),
            Formula::Call(_, given) => given.iter().map(value).sum(),
        }
    }

    #[test]
    fn formulas_have_the_value_that_arithmetic_gives_them() {
        for (text, expected) in [
            ("1 + 2 * 3", 7.0),
            ("(1 + 2) * 3", 9.0),
            ("10 - 4 - 3", 3.0),
            ("-2 ^ 2", -4.0),
            ("2 ^ -1", 0.5),
            ("8 / 4 / 2", 1.0),
            ("1.5e-3 * 1_000", 1.5),
            ("3 * (2 < 3) + (3 <= 2) + (1 == 1)", 4.0),
            ("sum(one, 2, 3) - abc.d", 3.0),
            ("1 - -1", 2.0),
        ] {
            let found = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(value(&found), expected, "{text}");
        }
    }

    #[test]
    fn nothing_is_known_of_a_number_that_does_not_exist() {
        for text in ["(0 / 0) > 2", "2 <= 0 / 0", "0 / 0 == 0 / 0"] {
            let found = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert!(value(&found).is_nan(), "{text}");
        }
    }

    #[test]
    fn what_is_no_formula_is_told_its_place() {
        for (text, at) in [
            ("", 0),
            ("1 +", 3),
            ("(1", 2),
            ("1 2", 2),
            ("mean(", 5),
            ("é + $", 4),
            ("1.2.3", 0),
            ("1e400", 0),
            ("1 < 2 < 3", 6),
        ] {
            assert_eq!(parse(text).map_err(|error| error.at), Err(at), "{text}");
        }
        assert!(parse(&"(".repeat(100_000)).is_err());
        assert!(parse(&"-".repeat(1000)).is_err());
    }

    #[test]
    fn a_formula_too_long_to_walk_is_refused() {
        assert!(parse(&format!("1{}", " + 1".repeat(999))).is_ok());
        let long = parse(&format!("1{}", " + 1".repeat(200_000)));
        assert_eq!(
            long.map_err(|error| error.to_string()),
            Err("expected a shorter formula".to_owned())
        );
    }
}
