//! People: how they learn, err and leave.

use super::traps::runge_kutta;
use prodos_model::{error, maths};

/// Time of the first, the last and all of a number of units as people learn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Learning {
    /// Exponent b.
    pub exponent: f64,
    /// Time of the last unit.
    pub last: f64,
    /// Time of all units.
    pub total: f64,
}

/// Learning by doing.
///
/// T_n = T_1 n^b,  b = log2(r)     T_n time of unit n · r share of time that a doubling of n leaves
/// Source: Wright 1936 (unit model).
pub fn learning_curve(first: f64, rate: f64, number: u32) -> Learning {
    let exponent = maths::ln(rate) / std::f64::consts::LN_2;
    let time = |n: u32| first * maths::pow(f64::from(n), exponent);
    Learning {
        exponent,
        last: time(number),
        total: (1..=number).map(time).sum(),
    }
}

/// Probability of an error under conditions that multiply it: [`error::heart`], the engine's own.
///
/// HEP = nominal * prod_i ((E_i - 1) A_i + 1), capped     conditions: pairs of E_i (multiplier) and A_i (share)
/// Source: Williams 1986 (HEART).
pub fn error_probability(nominal: f64, conditions: &[(f64, f64)], cap: f64) -> f64 {
    let effects: Vec<(f64, f64)> = conditions
        .iter()
        .map(|(times, share)| (times - 1.0, *share))
        .collect();
    error::heart(nominal, &effects, cap)
}

/// People who leave the sooner, the fewer are left for the work.
///
/// ds/dt = v (1 - s) - h0 (D/s)^2 s     s share of posts filled · v hires a vacancy and day · h0 leavers a person and
/// day at load 1 · D load, work over full staff
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turnover {
    /// Leavers a person and day at load 1.
    pub quit_rate: f64,
    /// Hires a vacancy and day.
    pub hiring_rate: f64,
    /// Work over full staff.
    pub load: f64,
}

impl Turnover {
    fn strain(&self) -> f64 {
        self.quit_rate * self.load * self.load
    }

    /// Share filled that holds itself, and that below which all leave; NaN where none holds.
    ///
    /// s (1 - s) = h0 D^2 / v,  s = (1 +- sqrt(1 - 4 h0 D^2 / v)) / 2
    /// Source: balance of hiring and leaving, with a hazard that grows with the square of the load.
    pub fn rests(&self) -> (f64, f64) {
        let ratio = self.strain() / self.hiring_rate;
        let stable = f64::midpoint(1.0, libm::sqrt(1.0 - 4.0 * ratio));
        (stable, ratio / stable)
    }

    /// The load beyond which nothing holds: D = sqrt(v / (4 h0)).
    pub fn critical_load(&self) -> f64 {
        libm::sqrt(self.hiring_rate / (4.0 * self.quit_rate))
    }

    /// Share filled after so many days; nobody is left once it has come to nothing.
    ///
    /// u = s^2,  du/dt = 2 (v (sqrt(u) - u) - h0 D^2), which stays smooth as s goes to nothing; by Runge and Kutta
    pub fn after(&self, start: f64, days: f64) -> Result<f64, String> {
        const MOST_STEPS: u32 = 5_000_000;
        if self.strain() <= 0.0 {
            return Ok(1.0 - (1.0 - start) * maths::exp(-self.hiring_rate * days));
        }
        let steps = libm::ceil(days * (self.hiring_rate + self.strain()) / 0.02).max(1.0);
        let slope = |square: f64| {
            let filled = libm::sqrt(square.max(0.0));
            2.0 * (self.hiring_rate * (filled - square) - self.strain())
        };
        let mut square = start * start;
        for _ in 0..steps.min(f64::from(MOST_STEPS)) as u32 {
            let next = runge_kutta(slope, square, days / steps);
            if next <= 0.0 {
                return Ok(0.0);
            }
            if (next - square).abs() <= 1e-15 {
                return Ok(libm::sqrt(next));
            }
            square = next;
        }
        if steps > f64::from(MOST_STEPS) {
            return Err("a crew so near to the tipping point takes more `days` than can be followed; try fewer".to_owned());
        }
        Ok(libm::sqrt(square))
    }
}
