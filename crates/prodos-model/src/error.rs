//! Errors of people: the probability that a task goes wrong.

use crate::lattice::blocks::Team;
use crate::parameters::Parameters;
use prodos_quantity::params;

params! {
    /// Errors of people.
    pub struct Error / ErrorPatch in "error" {
        /// Error probability of a task by a rested master in the right role, without shortcuts.
        base: Share = 0.003, range 0.0..=1.0, typical 0.0004..=0.03, Uncertain, "HEART generic task F, 0.003 (Williams 1986)";
        /// Standard hours of a task.
        task_hours: Hours = 0.5, range 0.01..=24.0, typical 0.1..=8.0, Convention, "convention: error probabilities are per task of half an hour";
        /// Extra error at full time pressure (pressure 2), as a multiple.
        time_pressure: Ratio = 10.0, range 0.0..=100.0, typical 2.0..=16.0, Uncertain, "HEART time shortage x11 (from memory)";
        /// Extra error of a person without skill, as a multiple.
        inexperience: Ratio = 2.0, range 0.0..=100.0, typical 1.0..=8.0, Uncertain, "HEART inexperience x3 (from memory)";
        /// Extra error of a person who does not fit the role at all, as a multiple.
        misfit: Ratio = 3.0, range 0.0..=100.0, typical 1.0..=16.0, Uncertain, "assumption, below HEART unfamiliarity x17";
        /// Extra error when taking shortcuts, as a multiple.
        shortcut: Ratio = 4.0, range 0.0..=100.0, typical 0.0..=9.0, Uncertain, "assumption";
        /// Extra error per unit of fatigue above nominal, as a multiple.
        fatigue: Ratio = 1.0, range 0.0..=100.0, typical 0.2..=2.0, Uncertain, "injury hazard 1.61 with overtime (Dembe et al. 2005), taken as the order of size";
        /// Extra error without a valid certificate, as a multiple.
        uncertified: Ratio = 0.5, range 0.0..=100.0, typical 0.0..=2.0, Uncertain, "assumption";
        /// Largest error probability.
        cap: Share = 0.5, range 0.0..=1.0, typical 0.5..=1.0, Convention, "convention: HEART results are capped";
    }
}

/// Human error probability by the HEART rule.
///
/// HEP = nominal * prod_i ((E_i - 1) A_i + 1), capped
/// `effects`: pairs of extra effect (E_i - 1) and assessed proportion A_i in 0..=1.
/// Source: Williams 1986, human error assessment and reduction technique.
pub fn heart(nominal: f64, effects: &[(f64, f64)], cap: f64) -> f64 {
    effects
        .iter()
        .fold(nominal, |hep, (extra, proportion)| {
            hep * (extra * proportion + 1.0)
        })
        .min(cap)
}

/// Error probability of an average task of the team today, from its mean skill and its share of shortcut
/// takers; without roles, fit, fatigue and certificates.
pub fn of_team(team: &Team, rules: &Parameters) -> f64 {
    let own = &rules.error;
    let employed = f64::from(team.crew.employed.max(1));
    heart(
        own.base.0 * shared(team, rules),
        &[
            (own.inexperience.0, 1.0 - team.crew.sums[0] / employed),
            (own.shortcut.0, team.crew.shortcuts),
        ],
        own.cap.0,
    )
}

/// The factor that all members share today: time pressure, process drift, tools not mastered.
pub fn shared(team: &Team, rules: &Parameters) -> f64 {
    let own = &rules.error;
    heart(
        1.0,
        &[
            (
                own.time_pressure.0,
                (team.crew.pressure - 1.0).clamp(0.0, 1.0),
            ),
            (rules.process.error_gain.0, team.work.drift),
            (rules.upgrade.unsettled_error.0, 1.0 - team.project.mastery),
        ],
        f64::INFINITY,
    )
}

#[cfg(test)]
mod tests {
    use super::heart;

    #[test]
    fn heart_equals_the_worked_example() {
        let hep = heart(
            0.003,
            &[(2.0, 0.4), (5.0, 1.0), (3.0, 0.8), (1.5, 0.8), (0.2, 0.6)],
            1.0,
        );
        assert!((hep - 0.271_434).abs() < 5e-6, "{hep}");
        assert!((heart(0.003, &[(10.0, 0.5), (2.0, 0.4)], 1.0) - 0.0324).abs() < 1e-9);
    }
}
