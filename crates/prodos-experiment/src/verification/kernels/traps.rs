//! Kernels of traps.

use super::{Kernel, Need, named, number};
use crate::verification::reference::traps::{Capability, Interruptions};

const GAIN: Need = number(
    "gain",
    "per day",
    "Gain of capability a day at full effort.",
    (1e-6, 1e6),
);
const LIFE: Need = number("life", "days", "Days that capability lasts.", (1.0, 1e6));

pub(super) const CAPABILITY_TRAP: Kernel = Kernel {
    name: "capability_trap",
    doc: "Capability that gets the effort which demand leaves: what holds, what is lost, and how long a pulse of demand may last.",
    source: "Repenning & Sterman 2001, 2002, reduced to one equation; in steps of Euler",
    needs: &[
        GAIN,
        LIFE,
        number(
            "demand",
            "capability",
            "Demand, met before all else.",
            (0.0, 1e9),
        ),
        number(
            "start",
            "capability",
            "Capability at the start.",
            (0.0, 1e9),
        ),
        number("days", "days", "Days that are followed.", (0.0, 1e6)),
        number("step", "days", "Step of Euler.", (0.01, 100.0)).or(1.0),
        number(
            "pulse_demand",
            "capability",
            "Demand during a pulse; 0 for none.",
            (0.0, 1e9),
        )
        .or(0.0),
    ],
    gives: &[
        ("high", "capability that holds itself; NaN if none does"),
        (
            "low",
            "capability below which it is lost; NaN if none holds",
        ),
        ("critical_demand", "demand beyond which none holds"),
        ("after", "capability after those days"),
        (
            "longest_pulse",
            "most whole days of the pulse after which capability comes back; infinite if any, NaN without pulse or if it is lost anyway",
        ),
    ],
    chance: false,
    run: |values, _| {
        let capability = Capability {
            gain: values.number("gain"),
            life: values.number("life"),
        };
        let (demand, start) = (values.number("demand"), values.number("start"));
        let (step, pulse) = (values.number("step"), values.number("pulse_demand"));
        let trap = capability.trap(demand);
        let longest = if pulse > 0.0 {
            capability.longest_pulse(start, demand, pulse, step)?
        } else {
            f64::NAN
        };
        Ok(named([
            ("high", trap.high),
            ("low", trap.low),
            ("critical_demand", trap.critical_demand),
            (
                "after",
                capability.after(start, demand, values.number("days"), step)?,
            ),
            ("longest_pulse", longest),
        ]))
    },
};

pub(super) const WORSE_BEFORE_BETTER: Kernel = Kernel {
    name: "worse_before_better",
    doc: "Output after a change of the share of effort that goes into capability.",
    source: "Repenning & Sterman 2001, integrated",
    needs: &[
        GAIN,
        LIFE,
        number(
            "share_before",
            "share",
            "Share of effort before.",
            (0.001, 0.999),
        ),
        number("share_after", "share", "Share of effort after.", (0.0, 1.0)),
    ],
    gives: &[
        (
            "fall",
            "change of output at once, as a share; a fall is negative",
        ),
        (
            "break_even",
            "days until output is what it was; infinite for never",
        ),
        ("rise", "change of output in the end, as a share"),
    ],
    chance: false,
    run: |values, _| {
        let capability = Capability {
            gain: values.number("gain"),
            life: values.number("life"),
        };
        let change = capability.change(values.number("share_before"), values.number("share_after"));
        Ok(named([
            ("fall", change.fall),
            ("break_even", change.break_even),
            ("rise", change.rise),
        ]))
    },
};

pub(super) const INTERRUPTIONS: Kernel = Kernel {
    name: "interruptions",
    doc: "Open work that is done the slower, the more of it there is.",
    source: "Rudolph & Repenning 2002, reduced to one equation, integrated",
    needs: &[
        number(
            "scale",
            "work",
            "Open work at which most is done.",
            (1e-3, 1e6),
        ),
        number(
            "time",
            "days",
            "Days that a piece of work takes when there is little.",
            (1e-3, 1e6),
        ),
        number("inflow", "per day", "Work that comes a day.", (0.0, 1e6)),
        number("start", "work", "Open work at the start.", (0.0, 1e7)),
        number("level", "work", "Open work to reach.", (0.0, 1e7)),
    ],
    gives: &[
        (
            "critical_inflow",
            "inflow beyond which open work grows for ever",
        ),
        ("stable", "open work at rest; NaN if nothing rests"),
        (
            "tipping",
            "open work beyond which it grows for ever; infinite without inflow, NaN if it always does",
        ),
        (
            "settles",
            "1 if open work comes back to rest from the start, else 0",
        ),
        (
            "reaches",
            "days from the start to the level; infinite for never",
        ),
    ],
    chance: false,
    run: |values, _| {
        let work = Interruptions {
            scale: values.number("scale"),
            time: values.number("time"),
            inflow: values.number("inflow"),
        };
        let start = values.number("start");
        let (stable, tipping) = work.rests();
        Ok(named([
            ("critical_inflow", work.critical_inflow()),
            ("stable", stable),
            ("tipping", tipping),
            ("settles", f64::from(u8::from(work.settles(start)))),
            ("reaches", work.reaches(start, values.number("level"))),
        ]))
    },
};

#[cfg(test)]
mod tests {
    use crate::verification::kernels::tests::{given, meets, refusal};
    use crate::verification::reference::traps::Capability;

    #[test]
    fn v20_capability_holds_above_the_tipping_point_and_is_lost_below() {
        let case = |demand: f64, start: f64| {
            given![gain: 0.04, life: 100.0, demand: demand, start: start, days: 365.0].to_vec()
        };
        meets(
            "capability_trap",
            &case(0.75, 1.05),
            &[
                ("high", "3"),
                ("low", "1"),
                ("critical_demand", "1"),
                ("after", "2.46979"),
            ],
        );
        meets(
            "capability_trap",
            &case(0.75, 0.95),
            &[("after", "0.03771")],
        );
        meets(
            "capability_trap",
            &case(0.6, 1.0),
            &[("high", "3.264911"), ("low", "0.735089")],
        );
        meets(
            "capability_trap",
            &case(1.1, 3.0),
            &[("high", "NaN"), ("low", "NaN"), ("longest_pulse", "NaN")],
        );
        // numpy.roots, and a loop in Python of half days.
        meets(
            "capability_trap",
            given![gain: 0.05, life: 80.0, demand: 0.7, start: 1.2, days: 200.0, step: 0.5],
            &[
                ("high", "3.09544512"),
                ("low", "0.90455488"),
                ("critical_demand", "1"),
                ("after", "2.56117348522"),
            ],
        );
    }

    #[test]
    fn v22_a_pulse_that_lasts_too_long_is_not_undone() {
        let pulse = |pulse: f64, start: f64, days: &str| {
            let case = given![gain: 0.04, life: 100.0, demand: 0.75, start: start, days: 0.0, pulse_demand: pulse];
            meets("capability_trap", case, &[("longest_pulse", days)]);
        };
        pulse(1.5, 3.0, "190");
        pulse(2.0, 3.0, "126");
        pulse(3.0, 3.0, "109");
        pulse(40.0, 3.0, "109");
        pulse(0.9, 3.0, "inf");
        pulse(0.0, 3.0, "NaN");
        pulse(2.0, 1.0, "NaN");
        // A loop in Python of half days.
        meets(
            "capability_trap",
            given![gain: 0.05, life: 80.0, demand: 0.7, start: 2.2, days: 0.0, step: 0.5, pulse_demand: 1.3],
            &[("longest_pulse", "126")],
        );
    }

    #[test]
    fn the_longest_pulse_is_the_last_after_which_capability_comes_back() {
        let capability = Capability {
            gain: 0.04,
            life: 100.0,
        };
        for (pulse, days) in [(1.5, 190.0), (2.0, 126.0)] {
            let after = |days: f64| {
                let worn = capability.after(3.0, pulse, days, 1.0)?;
                capability.after(worn, 0.75, 20_000.0, 1.0)
            };
            assert!((after(days).expect("few days") - 3.0).abs() < 1e-6);
            assert!(after(days + 1.0).expect("few days") < 1e-6);
        }
    }

    #[test]
    fn too_long_a_path_and_too_long_a_step_are_refused() {
        let case = given![gain: 0.04, life: 10.0, demand: 0.1, start: 1.0, days: 100.0, step: 20.0];
        assert!(refusal("capability_trap", case).starts_with("`step` is 20 days"));
        let case = given![gain: 0.04, life: 10.0, demand: 0.1, start: 1.0, days: 1e6, step: 0.01];
        assert!(refusal("capability_trap", case).starts_with("`days` in steps of `step`"));
    }

    #[test]
    fn v21_output_is_worse_before_it_is_better() {
        // Of the old level, after 0.182322 times the life.
        for (life, days) in [(100.0, "18.2322"), (1e4, "1823.22")] {
            meets(
                "worse_before_better",
                given![gain: 0.04, life: life, share_before: 0.1, share_after: 0.4],
                &[
                    ("fall", "-0.333333"),
                    ("break_even", days),
                    ("rise", "1.666667"),
                ],
            );
        }
        // solve_ivp to 1e-12 with an event, scipy.
        meets(
            "worse_before_better",
            given![gain: 0.05, life: 80.0, share_before: 0.2, share_after: 0.35],
            &[
                ("fall", "-0.1875"),
                ("break_even", "29.4179824"),
                ("rise", "0.421875"),
            ],
        );
        let change = |after: f64| {
            given![gain: 0.05, life: 80.0, share_before: 0.4, share_after: after].to_vec()
        };
        // The other share of the same output is only approached; more of it is worse for good.
        meets(
            "worse_before_better",
            &change(0.6),
            &[("break_even", "inf"), ("rise", "0.0000000")],
        );
        meets(
            "worse_before_better",
            &change(0.9),
            &[("break_even", "inf"), ("rise", "-0.625")],
        );
        meets(
            "worse_before_better",
            &change(1.0),
            &[("fall", "-1"), ("break_even", "inf"), ("rise", "-1")],
        );
        meets(
            "worse_before_better",
            &change(0.4),
            &[("fall", "0"), ("break_even", "0"), ("rise", "0.0000000")],
        );
        // Less of it is better at first: 80 ln(0.3 / (0.4 0.6/0.9 - 0.1)) days.
        meets(
            "worse_before_better",
            &change(0.1),
            &[
                ("fall", "0.5"),
                ("break_even", "47.0229"),
                ("rise", "-0.625"),
            ],
        );
    }

    #[test]
    fn v23_work_piles_up_beyond_the_tipping_point() {
        let case = |inflow: f64, start: f64, level: f64| {
            given![scale: 20.0, time: 1.0, inflow: inflow, start: start, level: level].to_vec()
        };
        meets(
            "interruptions",
            &case(5.0, 40.0, 80.0),
            &[
                ("critical_inflow", "7.357589"),
                ("stable", "7.148059"),
                ("tipping", "43.065847"),
                ("settles", "1"),
                ("reaches", "inf"),
            ],
        );
        meets("interruptions", &case(5.0, 46.0, 80.0), &[("settles", "0")]);
        meets(
            "interruptions",
            &case(6.0, 40.0, 80.0),
            &[
                ("stable", "9.788045"),
                ("tipping", "35.626740"),
                ("settles", "0"),
            ],
        );
        meets(
            "interruptions",
            &case(8.0, 0.0, 80.0),
            &[("reaches", "39.6156"), ("settles", "0"), ("stable", "NaN")],
        );
        meets(
            "interruptions",
            &case(9.0, 0.0, 80.0),
            &[("reaches", "23.1010")],
        );
        meets(
            "interruptions",
            &case(0.0, 5.0, 80.0),
            &[("stable", "0"), ("tipping", "inf"), ("settles", "1")],
        );
        // lambertw and solve_ivp to 1e-12, scipy.
        let slow = |inflow: f64, start: f64, level: f64| {
            given![scale: 30.0, time: 2.0, inflow: inflow, start: start, level: level].to_vec()
        };
        meets(
            "interruptions",
            &slow(4.0, 40.0, 15.0),
            &[
                ("critical_inflow", "5.51819162"),
                ("stable", "11.89152001"),
                ("tipping", "60.88767884"),
                ("settles", "1"),
                ("reaches", "20.2101626"),
            ],
        );
        meets(
            "interruptions",
            &slow(6.0, 5.0, 100.0),
            &[("reaches", "73.8176295")],
        );
        meets(
            "interruptions",
            &slow(4.0, 60.8, 60.9),
            &[("settles", "1"), ("reaches", "inf")],
        );
        meets(
            "interruptions",
            &slow(4.0, 60.9, 60.8),
            &[("settles", "0"), ("reaches", "inf")],
        );
    }
}
