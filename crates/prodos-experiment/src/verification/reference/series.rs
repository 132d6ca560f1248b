//! Series: trend, memory, and how both tell of a fold.

use super::inputs::autoregression;
use super::numerics::{of_series, root};
use super::traps::runge_kutta;
use prodos_model::keyed::Keys;
use prodos_model::maths;

/// Rank correlation of two lists of the same length; NaN where one of them is all ties.
///
/// tau_b = (C - D) / sqrt((P - Tx)(P - Ty))     C, D pairs in the same and the opposite order · P all pairs · Tx, Ty
/// pairs that tie
/// Source: Kendall 1938, 1945 (ties).
pub fn kendall(values: &[f64], against: &[f64]) -> f64 {
    let (mut order, mut untied, mut untied_against) = (0.0, 0.0, 0.0);
    for i in 1..values.len() {
        for j in 0..i {
            let (one, other) = (sign(values[i] - values[j]), sign(against[i] - against[j]));
            order += one * other;
            untied += one * one;
            untied_against += other * other;
        }
    }
    order / libm::sqrt(untied * untied_against)
}

/// Share of the orders of so many different numbers whose rank correlation with their places is above a value.
///
/// N_n(s) = sum_{j<n} N_{n-1}(s - j)     N_n(s) orders of n numbers with s pairs the wrong way round · tau = 1 - 4 s/(n (n - 1))
/// Source: Kendall 1938 (distribution of tau by recursion).
pub fn kendall_above(numbers: usize, above: f64) -> f64 {
    let mut shares = vec![1.0];
    for n in 2..=numbers {
        let mut longer = vec![0.0; shares.len() + n - 1];
        for (wrong, share) in shares.iter().enumerate() {
            for more in 0..n {
                longer[wrong + more] += share / n as f64;
            }
        }
        shares = longer;
    }
    let pairs = (shares.len() - 1) as f64;
    let is_above = |wrong: usize| 1.0 - 2.0 * wrong as f64 / pairs > above + 1e-12;
    let all = shares.iter().enumerate();
    all.filter(|(wrong, _)| is_above(*wrong))
        .map(|(_, share)| share)
        .sum()
}

fn sign(number: f64) -> f64 {
    if number == 0.0 { 0.0 } else { number.signum() }
}

/// Variance and lag-1 correlation of a series that remembers, by trial.
///
/// x' = r x + s e     r memory · s standard deviation of the shocks e
/// Known: variance s^2 / (1 - r^2), correlation r
/// Source: Yule 1927.
pub fn remembering(memory: f64, spread: f64, length: usize, keys: Keys) -> (f64, f64) {
    let (_, variance, correlation) = of_series(&autoregression(memory, spread, length, keys));
    (variance, correlation)
}

/// How a state near a fold comes back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fold {
    /// Rate of return a day.
    pub rate: f64,
    /// Correlation with the next reading.
    pub memory: f64,
    /// Variance under noise.
    pub variance: f64,
}

/// Return to the stable state near a fold, measured on the way back from both sides.
///
/// dx = (r - x^2) dt + s dW: memory, what is left of a displacement after h;  k = -ln(left) / t;  variance
/// s^2 / (2 k)     r distance to the fold · h days between readings · s noise · t time of a return
/// Known: k = 2 sqrt(r), memory e^(-k h)
/// Source: Scheffer et al. 2009 (critical slowing down); linear near the state at rest.
pub fn fold(distance: f64, step: f64, noise: f64) -> Fold {
    if distance <= 0.0 {
        // On the fold itself nothing comes back.
        return Fold {
            rate: 0.0,
            memory: 1.0,
            variance: f64::INFINITY,
        };
    }
    let rest = root(|x| distance - x * x, 0.0, 1.0 + distance);
    let time = 1.0 / rest;
    let rate = -maths::ln(left_after(distance, rest, time)) / time;
    Fold {
        rate,
        memory: left_after(distance, rest, step),
        variance: noise * noise / (2.0 * rate),
    }
}

/// Share of a small displacement from the state at rest that is left after so many days.
fn left_after(distance: f64, rest: f64, days: f64) -> f64 {
    /// Ways back, in units of 1/sqrt(r), after which nothing is left but rounding.
    const OVER: f64 = 16.0;
    const STEPS: f64 = 400.0;
    let days = days.min(OVER / rest);
    let steps = libm::ceil(days * rest * STEPS).max(1.0);
    let away = 1e-5 * rest;
    let after = |start: f64| {
        let slope = |x: f64| distance - x * x;
        (0..steps as u32).fold(start, |x, _| runge_kutta(slope, x, days / steps))
    };
    (after(rest + away) - after(rest - away)) / (2.0 * away)
}
