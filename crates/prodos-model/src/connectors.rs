//! Connectors: the city's other systems, as levels between 0 and 1 that multiply named parameters.
//!
//! A scenario gives each a level from a day on; 1 is the city at rest. The city file maps each
//! organ to the sectors that serve it; what it receives back does not act on its level yet.

use crate::parameters::Parameters;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// The city's other systems that receive from production: names of organs in a city file.
pub const ORGANS: [&str; 10] = [
    "education",
    "family",
    "infrastructure",
    "finance",
    "governance",
    "international",
    "healthcare",
    "security",
    "mind",
    "constraint",
];

/// Those whose level acts on production so far: names of connectors in a scenario.
pub const CONNECTORS: [&str; 8] = [
    "education",
    "family",
    "infrastructure",
    "finance",
    "governance",
    "international",
    "healthcare",
    "mind",
];

/// Least level of a connector that times and rates are divided by; imports alone can be gone altogether.
pub const LEAST_LEVEL: f64 = 0.05;

/// Levels of all connectors on a day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Levels([f64; CONNECTORS.len()]);

impl Default for Levels {
    fn default() -> Self {
        Levels([1.0; CONNECTORS.len()])
    }
}

impl Levels {
    /// Levels on a day: for each connector the last one given up to that day.
    pub fn on(series: &IndexMap<String, Vec<(f64, f64)>>, day: f64) -> Self {
        let mut levels = Levels::default();
        for (level, name) in levels.0.iter_mut().zip(CONNECTORS) {
            if let Some(points) = series.get(name) {
                let now = points.iter().filter(|(from, _)| *from <= day + 1e-9);
                if let Some((_, value)) = now.max_by(|a, b| a.0.total_cmp(&b.0)) {
                    *level = *value;
                }
            }
        }
        levels
    }

    /// Availability of imports.
    pub fn imports(&self) -> f64 {
        self.0[5]
    }

    /// Names and levels of those that differ from other levels.
    pub fn changed_since(&self, before: &Levels) -> impl Iterator<Item = (&'static str, f64)> {
        let now = CONNECTORS.into_iter().zip(self.0).zip(before.0);
        now.filter(|((_, now), before)| now != before)
            .map(|(now, _)| now)
    }

    /// The parameters as these levels leave them.
    #[must_use]
    pub fn act_on(&self, mut rules: Parameters) -> Parameters {
        let [
            education,
            family,
            infrastructure,
            finance,
            governance,
            _,
            healthcare,
            mind,
        ] = self.0.map(|level| level.clamp(LEAST_LEVEL, 1.0));
        rules.training.newcomer_skill.0 *= education;
        rules.training.train_time.0 /= education;
        rules.staff.hiring_time.0 /= education;
        rules.staff.absence.0 = (rules.staff.absence.0 / family).min(0.9);
        rules.staff.quit_rate.0 /= family;
        rules.staff.overtime.0 *= family;
        rules.wear.scale.0 *= infrastructure;
        rules.finance.credit.0 *= finance;
        rules.safety.enforcement.0 *= governance;
        rules.coordination.regulation.0 /= governance;
        // People fall ill as often as before, and stay away for longer.
        let absence = rules.staff.absence.0;
        rules.staff.absence.0 = (absence / (absence + (1.0 - absence) * healthcare)).min(0.9);
        rules.staff.absence_spell.0 /= healthcare;
        rules.safety.spell.0 /= healthcare;
        rules.trust.recovery_time.0 /= healthcare;
        rules.error.base.0 = (rules.error.base.0 / mind).min(1.0);
        rules
    }
}
