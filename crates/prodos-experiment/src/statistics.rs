//! Laws that intervals are made of.

use std::f64::consts::{FRAC_2_PI, SQRT_2};

/// Φ(z): share of the standard normal law below a number.
pub(crate) fn normal_share(z: f64) -> f64 {
    libm::erfc(-z / SQRT_2) / 2.0
}

/// Φ⁻¹(p), solved by halving.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-40.0, 40.0);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if normal_share(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// A(t|ν): share of Student's law with ν degrees of freedom between -t and t.
///
/// θ = atan(t/√ν); ν odd: 2/π (θ + sin θ (cos θ + 2/3 cos³θ + ... + (2·4···(ν-3))/(3·5···(ν-2)) cos^(ν-2) θ)), without
/// the second term for ν = 1; ν even: sin θ (1 + 1/2 cos²θ + ... + (1·3···(ν-3))/(2·4···(ν-2)) cos^(ν-2) θ).
/// Source: Abramowitz and Stegun 26.7.3 and 26.7.4.
fn student_within(t: f64, freedom: u32) -> f64 {
    let angle = libm::atan(t / libm::sqrt(f64::from(freedom)));
    let (sine, cosine) = (libm::sin(angle), libm::cos(angle));
    let is_odd = freedom % 2 == 1;
    let (mut term, mut power) = if is_odd { (cosine, 1) } else { (1.0, 0) };
    let mut sum = if freedom == 1 { 0.0 } else { term };
    while power + 2 <= freedom.saturating_sub(2) {
        term *= cosine * cosine * f64::from(power + 1) / f64::from(power + 2);
        power += 2;
        sum += term;
    }
    if is_odd {
        FRAC_2_PI * (angle + sine * sum)
    } else {
        sine * sum
    }
}

/// How many standard errors a confidence interval of a mean reaches to either side: of so many numbers with this
/// coverage, by Student's law.
pub(crate) fn student_reach(numbers: usize, coverage: f64) -> f64 {
    let freedom = u32::try_from(numbers.saturating_sub(1)).unwrap_or(u32::MAX);
    if freedom == 0 {
        return f64::INFINITY;
    }
    if freedom > 10_000 {
        return normal_quantile(f64::midpoint(1.0, coverage));
    }
    let (mut low, mut high) = (0.0, 1e4);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if student_within(middle, freedom) < coverage {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Half-width of the 95 % confidence interval of the mean of some numbers; not a number of less than two.
///
/// t s/√n with t of Student's law, s the standard deviation.
pub(crate) fn half_width(numbers: &[f64]) -> f64 {
    let count = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    let squares = numbers.iter().map(|own| (own - mean) * (own - mean));
    let variance = squares.sum::<f64>() / (count - 1.0);
    student_reach(numbers.len(), 0.95) * libm::sqrt(variance / count)
}

#[cfg(test)]
mod tests {
    use super::student_reach;

    /// `scipy.stats.t.ppf(0.975, n - 1)` of scipy 1.17.1.
    #[test]
    fn reaches_are_those_of_scipy() {
        for (numbers, reach) in [
            (2, 12.706_204_736_174_694),
            (3, 4.302_652_729_749_462),
            (4, 3.182_446_305_283_708),
            (10, 2.262_157_162_798_205),
            (31, 2.042_272_456_301_238),
            (1000, 1.962_341_461_133_449),
        ] {
            let own = student_reach(numbers, 0.95);
            assert!((own - reach).abs() < 1e-9, "{numbers}: {own}");
        }
    }
}
