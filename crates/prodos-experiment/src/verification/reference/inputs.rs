//! Inputs: what firms need of each other, what a failure of one costs the others.

use super::numerics::draws;
use prodos_model::keyed::Keys;
use prodos_model::{maths, rest};

/// Outputs that meet final demand and what they use of each other.
///
/// x = A x + f     x output · A_ij input of good i a unit of good j · f final demand
/// By elimination without exchange of rows: it works exactly where every pivot is positive (Hawkins & Simon 1949),
/// that is, where the goods do not need more of themselves than they make.
/// Source: Leontief 1936.
pub fn leontief(coefficients: &[Vec<f64>], finals: &[f64]) -> Result<Vec<f64>, String> {
    let n = finals.len();
    let mut rows: Vec<Vec<f64>> = (0..n)
        .map(|i| {
            let own = (0..n).map(|j| f64::from(u8::from(i == j)) - coefficients[i][j]);
            own.chain([finals[i]]).collect()
        })
        .collect();
    for k in 0..n {
        let (above, below) = rows.split_at_mut(k + 1);
        let row = &above[k];
        if row[k] <= 1e-9 {
            return Err(
                "they need as much of each other as there is, or more; try smaller numbers"
                    .to_owned(),
            );
        }
        for other in below {
            let times = other[k] / row[k];
            for (number, own) in other.iter_mut().zip(row).skip(k) {
                *number -= times * own;
            }
        }
    }
    let mut outputs = vec![0.0; n];
    for k in (0..n).rev() {
        let known: f64 = (k + 1..n).map(|j| rows[k][j] * outputs[j]).sum();
        outputs[k] = (rows[k][n] - known) / rows[k][k];
    }
    if outputs.iter().any(|output| !output.is_finite()) {
        return Err("what is needed is beyond all numbers; try smaller numbers".to_owned());
    }
    Ok(outputs)
}

/// What is left of each output for final demand: [`rest::left_for_final`], the engine's own.
///
/// f = x - A x
pub fn left_for_final(coefficients: &[Vec<f64>], outputs: &[f64]) -> Vec<f64> {
    let rows = coefficients.iter().zip(outputs);
    rows.map(|(row, output)| {
        let uses = row.iter().zip(outputs).map(|(share, user)| (*share, *user));
        rest::left_for_final(*output, uses)
    })
    .collect()
}

/// Inoperability of each after so many steps.
///
/// q' = q + K (A* q + c* - q)     q share that is out · A* dependence · c* shock · K resilience, share of the way a step
/// Source: Lian & Haimes 2006 (dynamic inoperability); at rest q = (I - A*)^-1 c*, Santos & Haimes 2004.
pub fn inoperability(
    dependence: &[Vec<f64>],
    shock: &[f64],
    resilience: &[f64],
    start: &[f64],
    steps: u32,
) -> Vec<f64> {
    let mut out = start.to_vec();
    for _ in 0..steps {
        let step = |i: usize| {
            let passed: f64 = dependence[i]
                .iter()
                .zip(&out)
                .map(|(share, q)| share * q)
                .sum();
            out[i] + resilience[i] * (passed + shock[i] - out[i])
        };
        out = (0..start.len()).map(step).collect();
    }
    out
}

/// A series that remembers: x' = r x + s e, from its law at rest.
///
/// r memory · s standard deviation of the shocks e, normal
pub(crate) fn autoregression(memory: f64, spread: f64, length: usize, keys: Keys) -> Vec<f64> {
    let draw = draws(keys, 0);
    let shock =
        |k: usize| spread * maths::normal(draw.word(2 * k as u64), draw.word(2 * k as u64 + 1));
    let mut now = shock(0) / libm::sqrt(1.0 - memory * memory);
    let mut series = vec![now];
    for k in 1..length {
        now = memory * now + shock(k);
        series.push(now);
    }
    series
}
