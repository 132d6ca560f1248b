//! Renewal: lives that wear out, when to replace, what repair and inspection do.

use super::numerics::{least, root};
use prodos_model::drift::wear::{self, Wear};
use prodos_model::maths;
use prodos_quantity::{PerDay, Ratio};

/// Lives with a Weibull distribution.
///
/// R(t) = e^(-H(t)),  H(t) = (t/eta)^beta     beta shape · eta scale (days)
#[derive(Clone, Copy, Debug)]
pub struct Lives {
    rules: Wear,
}

/// Cumulative hazard beyond which nothing is alive: e^-45.
const OVER: f64 = 45.0;

impl Lives {
    /// Lives of this shape and scale, as machines of the model wear out.
    pub fn new(shape: f64, scale: f64) -> Lives {
        let rules = Wear {
            shape: Ratio(shape),
            scale: prodos_quantity::Days(scale),
            base_hazard: PerDay(0.0),
            ageing: Ratio(1.0),
            ..Wear::default()
        };
        Lives { rules }
    }

    fn shape(&self) -> f64 {
        self.rules.shape.0
    }

    fn spent(&self, age: f64) -> f64 {
        maths::pow(age / self.rules.scale.0, self.shape())
    }

    fn age_at(&self, spent: f64) -> f64 {
        wear::until_defect(&self.rules, 0.0, spent, f64::INFINITY)
    }

    fn alive(&self, age: f64) -> f64 {
        maths::exp(-self.spent(age))
    }

    /// Mean days until failure.
    ///
    /// eta Gamma(1 + 1/beta)
    /// Source: Weibull 1951.
    pub fn mean(&self) -> f64 {
        self.rules.scale.0 * libm::tgamma(1.0 + 1.0 / self.shape())
    }

    /// Mean days until failure or this age, whichever is first.
    ///
    /// int_0^T R = T e^-x sum_k x^k / ((1 + s) (1 + s + 1) ... ) with s = 1/beta, x = H(T): the series of the
    /// incomplete gamma function, of positive terms only
    /// Source: Abramowitz & Stegun 6.5.29.
    pub fn mean_until(&self, age: f64) -> f64 {
        let x = self.spent(age);
        if x > OVER {
            return self.mean();
        }
        let s = 1.0 / self.shape();
        let mut term = 1.0 / s;
        let mut sum = term;
        for k in 1..2000 {
            term *= x / (s + f64::from(k));
            sum += term;
            if term < 1e-18 * sum {
                break;
            }
        }
        s * age * maths::exp(-x) * sum
    }

    /// Mean days until failure where it is noted at the end of its tick.
    ///
    /// dt sum_(k >= 0) R(k dt)     dt length of a tick (days)
    pub fn mean_by_tick(&self, tick: f64) -> f64 {
        let ticks = (self.age_at(OVER) / tick) as u32;
        tick * (0..=ticks)
            .map(|k| self.alive(f64::from(k) * tick))
            .sum::<f64>()
    }

    /// Ticks until nothing is alive.
    pub fn ticks(&self, tick: f64) -> f64 {
        self.age_at(OVER) / tick
    }
}

/// When to replace, and what it costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Replacement {
    /// Age of replacement (days); infinite for never.
    pub age: f64,
    /// Cost a day.
    pub cost: f64,
}

/// Costs of a replacement before failure and at failure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// Before failure.
    pub preventive: f64,
    /// At failure.
    pub failure: f64,
}

impl Costs {
    fn of_cycle(self, alive: f64) -> f64 {
        self.preventive * alive + self.failure * (1.0 - alive)
    }

    /// Cost a day of replacement at an age or at failure, whichever is first.
    ///
    /// C(T) = (cp R(T) + cf (1 - R(T))) / int_0^T R     cp, cf cost before and at failure · T age (days)
    /// Source: Barlow & Proschan 1965 (age replacement).
    pub fn rate(self, lives: &Lives, age: f64) -> f64 {
        self.of_cycle(lives.alive(age)) / lives.mean_until(age)
    }

    /// The age at which replacement costs least; never, unless lives wear out and failure costs more.
    ///
    /// h(T) int_0^T R + R(T) = cf / (cf - cp)     h hazard
    /// Source: Barlow & Proschan 1965.
    pub fn best(self, lives: &Lives) -> Replacement {
        let never = Replacement {
            age: f64::INFINITY,
            cost: self.failure / lives.mean(),
        };
        if lives.shape() <= 1.0 || self.failure <= self.preventive {
            return never;
        }
        let goal = self.failure / (self.failure - self.preventive);
        // Over the logarithm of the cumulative hazard, so that the range covers all ages.
        let gap = |log: f64| {
            let age = lives.age_at(maths::exp(log));
            let hazard = wear::hazard(&lives.rules, age);
            hazard * lives.mean_until(age) + lives.alive(age) - goal
        };
        let (low, high) = (-60.0, 60.0);
        if gap(high) < 0.0 {
            return never;
        }
        let age = lives.age_at(maths::exp(root(gap, low, high)));
        Replacement {
            age,
            cost: self.rate(lives, age),
        }
    }

    /// Cost a day where failure and replacement are noted at the end of their tick.
    ///
    /// C(n) = (cp R(n dt) + cf (1 - R(n dt))) / (dt sum_(k < n) R(k dt))     n ticks to replacement
    pub fn rate_by_tick(self, lives: &Lives, age: f64, tick: f64) -> f64 {
        let ticks =
            libm::ceil(age / tick - 1e-9).clamp(1.0, lives.ticks(tick).max(0.0) + 1.0) as u32;
        let days: f64 = (0..ticks).map(|k| lives.alive(f64::from(k) * tick)).sum();
        self.of_cycle(lives.alive(f64::from(ticks) * tick)) / (days * tick)
    }

    /// The age, in whole ticks, at which replacement costs least.
    pub fn best_by_tick(self, lives: &Lives, tick: f64) -> Replacement {
        let mut best = Replacement {
            age: f64::INFINITY,
            cost: self.failure / lives.mean_by_tick(tick),
        };
        if lives.shape() <= 1.0 || self.failure <= self.preventive {
            return best;
        }
        let mut days = 0.0;
        for k in 0..lives.ticks(tick) as u32 {
            days += tick * lives.alive(f64::from(k) * tick);
            let age = f64::from(k + 1) * tick;
            let cost = self.of_cycle(lives.alive(age)) / days;
            if cost < best.cost {
                best = Replacement { age, cost };
            }
        }
        best
    }
}

/// The interval of overhauls that costs least where failures between them are only mended, and its cost a day.
///
/// C(T) = (cp + cm (T/eta)^beta) / T,  T* = eta (cp / (cm (beta - 1)))^(1/beta)     cp, cm cost of an overhaul and of a
/// failure. Found as the least of C; never, unless machines wear out.
/// Source: Barlow & Hunter 1960 (minimal repair).
pub fn minimal_repair(
    shape: f64,
    scale: f64,
    failure_cost: f64,
    overhaul_cost: f64,
) -> Replacement {
    if shape <= 1.0 {
        let cost = if shape < 1.0 {
            0.0
        } else {
            failure_cost / scale
        };
        return Replacement {
            age: f64::INFINITY,
            cost,
        };
    }
    let cost = |log: f64| {
        let age = maths::exp(log);
        (overhaul_cost + failure_cost * maths::pow(age, shape)) / (age * scale)
    };
    let log = least(cost, -60.0, 60.0);
    Replacement {
        age: scale * maths::exp(log),
        cost: cost(log),
    }
}

/// Days between two perfect repairs, and failures a day, where a repair is perfect with some probability.
///
/// cycle = mean of a life of scale eta p^(-1/beta);  1/p failures a cycle     p probability that a repair renews;
/// else the machine is as old as before
/// Source: Brown & Proschan 1983.
pub fn imperfect_repair(shape: f64, scale: f64, perfect: f64) -> (f64, f64) {
    let cycle = Lives::new(shape, scale * maths::pow(perfect, -1.0 / shape)).mean();
    (cycle, 1.0 / (perfect * cycle))
}

/// Defects that inspections find, or not, before they break.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inspections {
    /// Defects a day.
    pub defects: f64,
    /// Mean days from a defect to the breakdown.
    pub delay: f64,
    /// Probability that an inspection finds a defect.
    pub detection: f64,
    /// Days down at a breakdown.
    pub failure_downtime: f64,
    /// Days down at an inspection.
    pub inspection_downtime: f64,
}

impl Inspections {
    /// Share of defects that are caught, and breakdowns a day, where each interval ends with an inspection.
    ///
    /// k b,  b = 1 - caught     k defects a day · caught [`wear::caught_by_inspection`], the engine's own
    /// Source: Christer & Waller 1984 (delay-time model).
    pub fn found(&self, interval: f64) -> (f64, f64) {
        let caught = wear::caught_by_inspection(self.delay, interval, self.detection);
        (caught, self.defects * (1.0 - caught))
    }

    /// Days down a day.
    ///
    /// D(T) = (k T b df + di) / (T + di)     T interval, 0 for no inspections: then k df · df, di days down at a
    /// breakdown and at an inspection
    /// Source: Christer & Waller 1984.
    pub fn downtime(&self, interval: f64) -> f64 {
        let (_, breakdowns) = self.found(interval);
        let by_failures = breakdowns * self.failure_downtime;
        if interval <= 0.0 {
            return by_failures;
        }
        (interval * by_failures + self.inspection_downtime) / (interval + self.inspection_downtime)
    }

    /// The interval with least downtime, and that downtime; infinite where none is better than no inspections.
    pub fn best(&self) -> (f64, f64) {
        let scale = if self.delay > 0.0 { self.delay } else { 1.0 };
        let at = |log: f64| scale * maths::exp(log);
        let interval = at(least(|log| self.downtime(at(log)), -30.0, 30.0));
        let (downtime, never) = (self.downtime(interval), self.downtime(0.0));
        if downtime < never * (1.0 - 1e-9) {
            (interval, downtime)
        } else {
            (f64::INFINITY, never)
        }
    }
}
