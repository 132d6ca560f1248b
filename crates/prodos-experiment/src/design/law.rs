//! From a place of the unit interval to a value: the inverse of the law of a variable.

use prodos_config::design::{Law, Range, Setting, Variable};
use prodos_model::maths;

/// The value at a place from 0 to 1: so much of the law lies below it.
pub(super) fn value(variable: &Variable, place: f64) -> Setting {
    match variable {
        Variable::Values { values } => {
            let last = values.len().saturating_sub(1);
            let index = (place * values.len() as f64) as usize;
            values[index.min(last)].clone()
        }
        Variable::Range(range) => on_a_step(range, number(range, place)),
    }
}

/// The nearest multiple of the step; a whole number where steps and low end are.
fn on_a_step(range: &Range, number: f64) -> Setting {
    let Range { from, to, step, .. } = *range;
    if step == 0.0 {
        return Setting::Number(number);
    }
    let most = ((to - from) / step + 1e-9).floor();
    let value = from + ((number - from) / step).round().min(most) * step;
    if step.fract() == 0.0 && from.fract() == 0.0 {
        Setting::Whole(value as i64)
    } else {
        Setting::Number(value)
    }
}

fn number(range: &Range, place: f64) -> f64 {
    let Range { from, to, law, .. } = *range;
    let middle = range.middle.unwrap_or(f64::midpoint(from, to));
    let value = match law {
        Law::Uniform => from + (to - from) * place,
        Law::LogUniform => from * maths::exp(maths::ln(to / from) * place),
        Law::Triangular => triangular(from, middle, to, place),
        Law::Normal => normal(from, to, middle, range.deviation.unwrap_or(1.0), place),
    };
    value.clamp(from, to)
}

/// x = a + √(u (b - a)(c - a))  for u < (c - a)/(b - a), else b - √((1 - u)(b - a)(b - c))
///
/// a, b ends · c likeliest · u place. Source: inverse of the triangular law, Evans, Hastings & Peacock 2000.
fn triangular(a: f64, c: f64, b: f64, u: f64) -> f64 {
    if u < (c - a) / (b - a) {
        a + libm::sqrt(u * (b - a) * (c - a))
    } else {
        b - libm::sqrt((1.0 - u) * (b - a) * (b - c))
    }
}

/// Φ((x - μ)/σ) = Φ((a - μ)/σ) + u (Φ((b - μ)/σ) - Φ((a - μ)/σ)), solved by halving.
///
/// a, b ends · μ, σ mean and standard deviation before the ends are cut off · u place
fn normal(a: f64, b: f64, mean: f64, deviation: f64, u: f64) -> f64 {
    let below = |x: f64| libm::erfc((mean - x) / (deviation * std::f64::consts::SQRT_2)) / 2.0;
    let wanted = below(a) + u * (below(b) - below(a));
    let (mut low, mut high) = (a, b);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if below(middle) < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::value;
    use prodos_config::design::{Law, Range, Setting, Variable};

    fn range(law: Law, middle: Option<f64>, deviation: Option<f64>) -> Variable {
        Variable::Range(Range {
            from: 2.0,
            to: 10.0,
            law,
            middle,
            deviation,
            step: 0.0,
        })
    }

    fn number(variable: &Variable, place: f64) -> f64 {
        value(variable, place).number().expect("a number")
    }

    /// At 0.1, 0.5 and 0.9, by hand; the normal law with `statistics.NormalDist(4, 2)` of Python.
    #[test]
    fn laws_are_those_of_textbooks() {
        let cases = [
            (range(Law::Uniform, None, None), [2.8, 6.0, 9.2]),
            (
                range(Law::LogUniform, None, None),
                [2.349_23, 4.472_14, 8.513_40],
            ),
            (
                range(Law::Triangular, Some(4.0), None),
                [3.264_91, 5.101_02, 7.809_11],
            ),
            (
                range(Law::Normal, Some(4.0), Some(2.0)),
                [2.604_42, 4.396_90, 6.739_92],
            ),
        ];
        for (law, expected) in cases {
            for (place, expected) in [0.1, 0.5, 0.9].into_iter().zip(expected) {
                let found = number(&law, place);
                assert!(
                    (found - expected).abs() < 1e-5,
                    "{law:?} at {place}: {found}"
                );
            }
            assert!((number(&law, 0.0) - 2.0).abs() < 1e-9);
            assert!((number(&law, 1.0) - 10.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_step_gives_multiples_within_the_range_and_whole_numbers_where_it_is_whole() {
        let stepped = |from, to, step| {
            Variable::Range(Range {
                from,
                to,
                law: Law::Uniform,
                middle: None,
                deviation: None,
                step,
            })
        };
        let whole = stepped(1.0, 8.5, 3.0);
        let found: Vec<Setting> = [0.0, 0.3, 0.99, 1.0]
            .map(|place| value(&whole, place))
            .into();
        assert_eq!(found, [1, 4, 7, 7].map(Setting::Whole));
        let halves = stepped(0.0, 1.0, 0.5);
        assert_eq!(value(&halves, 0.6), Setting::Number(0.5));
        let words = Variable::Values {
            values: vec![Setting::Word("a".into()), Setting::Word("b".into())],
        };
        assert_eq!(value(&words, 0.49), Setting::Word("a".into()));
        assert_eq!(value(&words, 1.0), Setting::Word("b".into()));
    }
}
