//! Traps: capability that production eats up, and work that interruptions eat up.

use super::numerics::{integral, root};
use prodos_model::maths;

/// Capability that grows with the share of effort left for it.
///
/// dK/dt = a f - K/tau     K capability · a gain a day at full effort · f share of effort · tau days it lasts
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capability {
    /// Gain a day at full effort.
    pub gain: f64,
    /// Days that capability lasts.
    pub life: f64,
}

/// What stays of capability where production comes first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trap {
    /// Capability that holds itself.
    pub high: f64,
    /// Capability below which it is lost.
    pub low: f64,
    /// Demand beyond which nothing holds.
    pub critical_demand: f64,
}

impl Capability {
    /// Most steps that an Euler path may take.
    const MOST_STEPS: f64 = 2e6;

    /// The states at rest where production comes first; NaN where none is.
    ///
    /// f = max(0, 1 - D/K),  K = (a tau / 2) (1 +- sqrt(1 - 4 D / (a tau)))     D demand, met first
    /// Source: Repenning & Sterman 2002 (capability trap), reduced to one equation.
    pub fn trap(self, demand: f64) -> Trap {
        let most = self.gain * self.life;
        let root = libm::sqrt(1.0 - 4.0 * demand / most);
        // The small root as product of roots over the large one, which keeps its digits.
        let high = most / 2.0 * (1.0 + root);
        Trap {
            high,
            low: demand * most / high,
            critical_demand: most / 4.0,
        }
    }

    /// Capability after one step of Euler under a demand that is met first.
    fn step(self, capability: f64, demand: f64, days: f64) -> f64 {
        let left = if demand <= 0.0 {
            1.0
        } else if capability <= demand {
            0.0
        } else {
            1.0 - demand / capability
        };
        capability + days * (self.gain * left - capability / self.life)
    }

    /// Capability after so many days under a demand that is met first, in steps of Euler; the last is shorter
    /// where they do not add up.
    ///
    /// K' = K + h (a max(0, 1 - D/K) - K/tau)     h step (days)
    pub fn after(self, start: f64, demand: f64, days: f64, step: f64) -> Result<f64, String> {
        if step > self.life {
            return Err(format!(
                "`step` is {step} days, but capability lasts for {}; take shorter steps",
                self.life
            ));
        }
        let steps = libm::floor(days / step + 1e-9);
        if steps > Self::MOST_STEPS {
            return Err(format!(
                "`days` in steps of `step` are {steps}, but at most {} are taken",
                Self::MOST_STEPS
            ));
        }
        let whole = (0..steps as u32).fold(start, |now, _| self.step(now, demand, step));
        Ok(self.step(whole, demand, (days - steps * step).max(0.0)))
    }

    /// The most days of a pulse of demand after which capability comes back under the usual demand.
    ///
    /// Infinite where no pulse is too long; NaN where capability would be lost without any.
    pub fn longest_pulse(
        self,
        start: f64,
        demand: f64,
        pulse: f64,
        step: f64,
    ) -> Result<f64, String> {
        let low = self.trap(demand).low;
        if low.is_nan() || start <= low {
            return Ok(f64::NAN);
        }
        let during = self.trap(pulse);
        if demand <= 0.0 || start >= during.low {
            return Ok(f64::INFINITY);
        }
        let (mut now, mut days) = (start, 0.0);
        loop {
            now = self.after(now, pulse, 1.0, step.min(1.0))?;
            if now <= low {
                return Ok(days);
            }
            days += 1.0;
            if days > Self::MOST_STEPS * step.min(1.0) {
                return Err("the pulse can last for more days than are tried; take `pulse_demand` further from the critical demand".to_owned());
            }
        }
    }

    /// Output after a change of the share of effort, against that before.
    ///
    /// Y = K (1 - f), K from a tau f0 by dK/dt = a f1 - K/tau, integrated by Runge and Kutta
    /// Source: Repenning & Sterman 2001 (worse before better).
    pub fn change(self, before: f64, after: f64) -> Change {
        let start = self.gain * self.life * before;
        let output = start * (1.0 - before);
        let fall = start * (1.0 - after) / output - 1.0;
        let slope = |k: f64| self.gain * after - k / self.life;
        let step = self.life / 200.0;
        let mut now = start;
        let mut crossing = None;
        for k in 0..200 * 40 {
            let next = runge_kutta(slope, now, step);
            let there = |k: f64| k * (1.0 - after) - output;
            if crossing.is_none() && there(now) * there(next) <= 0.0 {
                let within = root(
                    |part| (there(runge_kutta(slope, now, part))) * there(next).signum(),
                    0.0,
                    step,
                );
                crossing = Some(f64::from(k) * step + within);
            }
            now = next;
        }
        let rise = now * (1.0 - after) / output - 1.0;
        // An old level that is also the new one is never reached, only approached.
        let ends_there = (before + after - 1.0).abs() < 1e-12;
        let break_even = match crossing {
            _ if before == after => 0.0,
            Some(days) if !ends_there => days,
            _ => f64::INFINITY,
        };
        Change {
            fall,
            break_even,
            rise,
        }
    }
}

/// What a change of effort does to output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Change of output at once, as a share.
    pub fall: f64,
    /// Days until output is again what it was; infinite for never.
    pub break_even: f64,
    /// Change of output in the end, as a share.
    pub rise: f64,
}

/// One step of the method of Runge and Kutta, of fourth order.
pub(crate) fn runge_kutta(slope: impl Fn(f64) -> f64, now: f64, step: f64) -> f64 {
    let first = slope(now);
    let second = slope(now + step / 2.0 * first);
    let third = slope(now + step / 2.0 * second);
    let last = slope(now + step * third);
    now + step / 6.0 * (first + 2.0 * second + 2.0 * third + last)
}

/// Open work that is done the slower, the more of it there is.
///
/// dS/dt = lambda - (S/tau) e^(-S/S0)     S open work · lambda inflow a day · tau days a piece of work takes ·
/// S0 open work at which most is done
/// Source: Rudolph & Repenning 2002 (interruptions), reduced to one equation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interruptions {
    /// Open work at which most is done.
    pub scale: f64,
    /// Days a piece of work takes when there is little.
    pub time: f64,
    /// Inflow a day.
    pub inflow: f64,
}

impl Interruptions {
    fn slope(&self, open: f64) -> f64 {
        self.inflow - open / self.time * maths::exp(-open / self.scale)
    }

    /// The inflow beyond which open work grows for ever: S0 / (e tau).
    pub fn critical_inflow(&self) -> f64 {
        self.scale / (std::f64::consts::E * self.time)
    }

    /// Open work at rest, and the open work beyond which it grows for ever; NaN where nothing rests.
    ///
    /// S/tau e^(-S/S0) = lambda, below and above S0
    pub fn rests(&self) -> (f64, f64) {
        let share = self.inflow * self.time / self.scale;
        if self.inflow > self.critical_inflow() {
            return (f64::NAN, f64::NAN);
        }
        let gap = |u: f64| u * maths::exp(-u) - share;
        let tipping = if gap(800.0) >= 0.0 {
            f64::INFINITY
        } else {
            root(gap, 1.0, 800.0)
        };
        (self.scale * root(gap, 0.0, 1.0), self.scale * tipping)
    }

    /// Whether open work comes back to rest, by integration from a start.
    pub fn settles(&self, start: f64) -> bool {
        let (stable, tipping) = self.rests();
        if stable.is_nan() {
            return false;
        }
        let step = self.time / 10.0;
        let mut open = start;
        for _ in 0..200_000 {
            if (open - stable).abs() <= 1e-9 * self.scale {
                return true;
            }
            if open > 2.0 * tipping {
                return false;
            }
            open = runge_kutta(|open| self.slope(open), open, step).max(0.0);
        }
        open < tipping
    }

    /// Days from a start until open work reaches a level; infinite for never.
    ///
    /// t = int dS / (lambda - (S/tau) e^(-S/S0)) from start to level
    pub fn reaches(&self, start: f64, level: f64) -> f64 {
        if start == level {
            return 0.0;
        }
        let (stable, tipping) = self.rests();
        let (low, high) = (start.min(level), start.max(level));
        let between = |rest: f64| (low..=high).contains(&rest);
        let away = self.slope(start) * (level - start) <= 0.0;
        if away || between(stable) || between(tipping) {
            return f64::INFINITY;
        }
        let days = |open: f64| 1.0 / self.slope(open);
        // Split where work is done fastest and where it is hardly done any more: there the integrand bends.
        let mut turns = vec![low];
        for turn in [1.0, 2.0, 4.0, 8.0, 16.0, 40.0, 800.0] {
            let turn = turn * self.scale;
            if turn > low && turn < high {
                turns.push(turn);
            }
        }
        turns.push(high);
        let parts = turns
            .windows(2)
            .map(|part| integral(&days, part[0], part[1]));
        let sum: f64 = parts.sum();
        // Work that is hardly done at all takes longer than any number.
        if sum.is_nan() {
            f64::INFINITY
        } else {
            sum.abs()
        }
    }
}
