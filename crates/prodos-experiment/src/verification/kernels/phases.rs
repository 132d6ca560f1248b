//! Kernels of phases.

use super::{Kernel, Shape, count, named, number, several};
use prodos_model::gauge::Gauge;
use prodos_model::phase::{PhaseState, Phases};
use prodos_quantity::{Days, Share};

pub(super) const PHASE_HYSTERESIS: Kernel = Kernel {
    name: "phase_hysteresis",
    doc: "Days of phase 0 under a course of free repair capacity, by the engine's automaton; all other signs are good.",
    source: "hysteresis with dwell times",
    needs: &[
        several(
            "free",
            Shape::List,
            "Free repair capacity, 1 less offered load, day by day.",
            (-10.0, 1.0),
        ),
        number("backlog_age", "days", "Age of the backlog.", (0.0, 3650.0)),
        count(
            "backlog_falls",
            "flag",
            "1 if the backlog falls, else 0.",
            (0.0, 1.0),
        )
        .or(1.0),
        number(
            "enter_dwell",
            "days",
            "Days of overload before phase 0.",
            (1.0, 365.0),
        ),
        number(
            "leave_free",
            "share",
            "Free capacity needed to leave phase 0.",
            (-1.0, 1.0),
        ),
        number("leave_dwell", "days", "Days of that.", (1.0, 365.0)),
        count("start", "phase", "Phase before the first day.", (0.0, 3.0)).or(1.0),
    ],
    gives: &[
        ("entered", "first day in phase 0; NaN if there is none"),
        (
            "left",
            "first day after that in another phase; NaN if there is none",
        ),
        ("changes", "number of changes of phase"),
    ],
    chance: false,
    run: |values, _| {
        let rules = Phases {
            enter_dwell: Days(values.number("enter_dwell")),
            leave_free: Share(values.number("leave_free")),
            leave_dwell: Days(values.number("leave_dwell")),
            ..Phases::default()
        };
        let mut state = PhaseState::settled(values.count("start") as u8);
        let (mut entered, mut left, mut changes) = (f64::NAN, f64::NAN, 0.0);
        for (day, free) in values.list("free").iter().enumerate() {
            let signs = Gauge {
                offered_load: 1.0 - free,
                backlog_age: values.number("backlog_age"),
                backlog_falls: values.count("backlog_falls") == 1,
                fill: 1.0,
                protected: 1.0,
                drift: 0.0,
                buffer: 1.0,
                margin: 4.0,
                ..Gauge::default()
            };
            let before = state.phase;
            state.take(&signs, &rules, 1.0);
            changes += f64::from(u8::from(state.phase != before));
            if state.phase == 0 && entered.is_nan() {
                entered = day as f64;
            }
            if state.phase > 0 && !entered.is_nan() && left.is_nan() {
                left = day as f64;
            }
        }
        Ok(named([
            ("entered", entered),
            ("left", left),
            ("changes", changes),
        ]))
    },
};

#[cfg(test)]
mod tests {
    use crate::verification::kernels::tests::{given, meets};
    use prodos_config::Given;

    #[test]
    fn v53_phase_zero_is_entered_and_left_after_its_dwell() {
        let free = |day: u32| match day {
            0..100 | 110..120 | 140..200 => 0.05,
            100..110 | 120..140 => -0.01,
            _ => 0.12,
        };
        let course = |days: u32| Given::List((0..days).map(free).collect());
        let case = |days: u32, dwell: f64, age: f64| {
            given![free: course(days), backlog_age: age, enter_dwell: dwell, leave_free: 0.1, leave_dwell: 30.0]
                .to_vec()
        };
        let meets = |case: &[(&str, Given)], entered: &str, left: &str, changes: &str| {
            let wanted = [("entered", entered), ("left", left), ("changes", changes)];
            meets("phase_hysteresis", case, &wanted);
        };
        meets(&case(260, 14.0, 8.0), "133", "229", "2");
        // The first ten days are enough; they are not again for those who have left.
        meets(&case(260, 10.0, 8.0), "109", "229", "2");
        meets(&case(229, 14.0, 8.0), "133", "NaN", "1");
        // The overload does not last that long.
        meets(&case(260, 21.0, 8.0), "NaN", "NaN", "0");
    }
}
