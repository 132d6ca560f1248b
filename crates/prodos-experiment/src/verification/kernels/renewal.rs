//! Kernels of renewal.

use super::{Kernel, Need, named, number};
use crate::verification::reference::renewal::{self, Costs, Inspections, Lives};

const SHAPE: Need = number(
    "shape",
    "ratio",
    "Weibull shape; above 1 lives wear out.",
    (0.2, 20.0),
);
const SCALE: Need = number("scale", "days", "Weibull scale.", (0.1, 1e6));

/// Most ticks until nothing is alive.
const MOST_TICKS: f64 = 1e6;

pub(super) const WEIBULL_RENEWAL: Kernel = Kernel {
    name: "weibull_renewal",
    doc: "Lives that wear out, replaced at an age or at failure: how long they last, what that costs, and the best age.",
    source: "Barlow & Proschan 1965, age replacement; hazard and lives by the engine's functions",
    needs: &[
        SHAPE,
        SCALE,
        number("age", "days", "Age of replacement; 0 for never.", (0.0, 1e9)).or(0.0),
        number("preventive_cost", "cost", "Cost of a replacement before failure.", (1e-6, 1e9)).or(1.0),
        number("failure_cost", "cost", "Cost of a replacement at failure.", (0.0, 1e9)).or(1.0),
        number(
            "tick",
            "days",
            "Length of a tick at whose end failure and replacement are noted; 0 for continuous time.",
            (0.0, 1e6),
        )
        .or(0.0),
    ],
    gives: &[
        ("mean_life", "mean days to failure without replacement"),
        ("cost_rate", "cost a day with replacement at that age"),
        ("best_age", "age of replacement that costs least; infinite for never"),
        ("best_cost", "cost a day at that age"),
    ],
    chance: false,
    run: |values, _| {
        let lives = Lives::new(values.number("shape"), values.number("scale"));
        let costs = Costs { preventive: values.number("preventive_cost"), failure: values.number("failure_cost") };
        let (age, tick) = (values.number("age"), values.number("tick"));
        if tick > 0.0 && lives.ticks(tick) > MOST_TICKS {
            return Err(format!(
                "`tick` is {tick} days, but lives last for up to {:.0} ticks of that; take a longer `tick`, or 0",
                lives.ticks(tick)
            ));
        }
        let (mean, best) = if tick > 0.0 {
            (lives.mean_by_tick(tick), costs.best_by_tick(&lives, tick))
        } else {
            (lives.mean(), costs.best(&lives))
        };
        let cost = match (age > 0.0, tick > 0.0) {
            (false, _) => costs.failure / mean,
            (true, true) => costs.rate_by_tick(&lives, age, tick),
            (true, false) => costs.rate(&lives, age),
        };
        Ok(named([("mean_life", mean), ("cost_rate", cost), ("best_age", best.age), ("best_cost", best.cost)]))
    },
};

pub(super) const MINIMAL_REPAIR: Kernel = Kernel {
    name: "minimal_repair",
    doc: "The interval of overhauls that costs least where failures between them are only mended.",
    source: "Barlow & Hunter 1960, minimal repair",
    needs: &[
        SHAPE,
        SCALE,
        number(
            "failure_cost",
            "cost",
            "Cost of mending a failure.",
            (1e-6, 1e9),
        ),
        number("overhaul_cost", "cost", "Cost of an overhaul.", (1e-6, 1e9)),
    ],
    gives: &[
        (
            "best_interval",
            "days between overhauls; infinite for never",
        ),
        ("best_cost", "cost a day at that interval"),
    ],
    chance: false,
    run: |values, _| {
        let (shape, scale) = (values.number("shape"), values.number("scale"));
        let (failure, overhaul) = (
            values.number("failure_cost"),
            values.number("overhaul_cost"),
        );
        let best = renewal::minimal_repair(shape, scale, failure, overhaul);
        Ok(named([
            ("best_interval", best.age),
            ("best_cost", best.cost),
        ]))
    },
};

pub(super) const IMPERFECT_REPAIR: Kernel = Kernel {
    name: "imperfect_repair",
    doc: "Repairs of which some renew the machine and the others leave it as old as it was.",
    source: "Brown & Proschan 1983",
    needs: &[
        SHAPE,
        SCALE,
        number(
            "perfect",
            "share",
            "Probability that a repair renews.",
            (1e-4, 1.0),
        ),
    ],
    gives: &[
        ("cycle", "mean days between two that renew"),
        ("failure_rate", "failures a day"),
    ],
    chance: false,
    run: |values, _| {
        let (shape, scale) = (values.number("shape"), values.number("scale"));
        let (cycle, rate) = renewal::imperfect_repair(shape, scale, values.number("perfect"));
        Ok(named([("cycle", cycle), ("failure_rate", rate)]))
    },
};

pub(super) const DELAY_TIME: Kernel = Kernel {
    name: "delay_time",
    doc: "Defects that inspection catches before they break; the share by the engine's function.",
    source: "Christer & Waller 1984, delay-time model",
    needs: &[
        number(
            "defects",
            "per day",
            "Defects that arise a day.",
            (0.0, 1e6),
        ),
        number(
            "delay",
            "days",
            "Mean days from a defect to the breakdown.",
            (0.0, 1e6),
        ),
        number(
            "interval",
            "days",
            "Days between inspections; 0 for none.",
            (0.0, 1e6),
        ),
        number(
            "detection",
            "share",
            "Probability that an inspection finds a defect.",
            (0.0, 1.0),
        ),
        number(
            "failure_downtime",
            "days",
            "Days down at a breakdown.",
            (0.0, 1e6),
        )
        .or(0.0),
        number(
            "inspection_downtime",
            "days",
            "Days down at an inspection.",
            (0.0, 1e6),
        )
        .or(0.0),
    ],
    gives: &[
        ("caught", "share of defects caught"),
        ("breakdowns", "breakdowns a day"),
        ("downtime", "days down a day"),
        (
            "best_interval",
            "days between inspections with least downtime; infinite for no inspections",
        ),
        ("best_downtime", "days down a day at that interval"),
    ],
    chance: false,
    run: |values, _| {
        let inspections = Inspections {
            defects: values.number("defects"),
            delay: values.number("delay"),
            detection: values.number("detection"),
            failure_downtime: values.number("failure_downtime"),
            inspection_downtime: values.number("inspection_downtime"),
        };
        let interval = values.number("interval");
        let (caught, breakdowns) = inspections.found(interval);
        let (best_interval, best_downtime) = inspections.best();
        Ok(named([
            ("caught", caught),
            ("breakdowns", breakdowns),
            ("downtime", inspections.downtime(interval)),
            ("best_interval", best_interval),
            ("best_downtime", best_downtime),
        ]))
    },
};

#[cfg(test)]
mod tests {
    use crate::verification::kernels::tests::{given, meets, number_of, refusal};
    use crate::verification::reference::renewal::Lives;
    use prodos_model::drift::wear::{self, Wear};
    use prodos_model::maths;
    use prodos_quantity::{Days, PerDay, Ratio};

    #[test]
    fn v14_lives_last_half_a_tick_longer_where_ticks_count() {
        meets(
            "weibull_renewal",
            given![shape: 2.0, scale: 100.0],
            &[("mean_life", "88.622693")],
        );
        meets(
            "weibull_renewal",
            given![shape: 2.0, scale: 100.0, tick: 1.0],
            &[("mean_life", "89.122693")],
        );
        // scipy.integrate.quad of R.
        meets(
            "weibull_renewal",
            given![shape: 0.7, scale: 50.0],
            &[("mean_life", "63.29117530"), ("best_age", "inf")],
        );
    }

    #[test]
    fn v15_and_v16_there_is_a_best_age_of_replacement() {
        let costs = |age: f64, tick: f64, expected: &[(&str, &str)]| {
            let case = given![shape: 2.0, scale: 100.0, age: age, preventive_cost: 1.0, failure_cost: 10.0, tick: tick];
            meets("weibull_renewal", case, expected);
        };
        costs(
            0.0,
            0.0,
            &[
                ("cost_rate", "0.1128379"),
                ("best_age", "33.6451"),
                ("best_cost", "0.0605612"),
            ],
        );
        costs(
            34.0,
            1.0,
            &[
                ("cost_rate", "0.0604644"),
                ("best_age", "34"),
                ("best_cost", "0.0604644"),
            ],
        );
        // Before the first tick is over nothing is replaced: (1 e^-0.0001 + 10 (1 - e^-0.0001)) / 1.
        costs(1e-10, 1.0, &[("cost_rate", "1.0008999550")]);
        costs(20.0, 1.0, &[("cost_rate", "0.0684809")]);
        costs(60.0, 1.0, &[("cost_rate", "0.0693349")]);
        costs(100.0, 1.0, &[("cost_rate", "0.0891903")]);
        let three = given![shape: 3.0, scale: 200.0, preventive_cost: 1.0, failure_cost: 5.0];
        meets(
            "weibull_renewal",
            three,
            &[("best_age", "100.5219"), ("best_cost", "0.01515698")],
        );
        let daily =
            given![shape: 3.0, scale: 200.0, preventive_cost: 1.0, failure_cost: 5.0, tick: 1.0];
        meets(
            "weibull_renewal",
            daily,
            &[("best_age", "101"), ("best_cost", "0.01514799")],
        );
        // scipy.integrate.quad and optimize.minimize_scalar; sums in Python for ticks of half a day.
        meets(
            "weibull_renewal",
            given![shape: 2.7, scale: 150.0, age: 70.0, preventive_cost: 1.5, failure_cost: 8.0],
            &[
                ("mean_life", "133.39246089"),
                ("cost_rate", "0.0336848295"),
                ("best_age", "72.08317"),
                ("best_cost", "0.0336626546"),
            ],
        );
        meets(
            "weibull_renewal",
            given![shape: 2.7, scale: 150.0, age: 70.0, preventive_cost: 1.5, failure_cost: 8.0, tick: 0.5],
            &[
                ("mean_life", "133.64246089"),
                ("cost_rate", "0.0336699581"),
                ("best_age", "72"),
                ("best_cost", "0.0336471332"),
            ],
        );
    }

    #[test]
    fn replacement_is_never_worth_it_without_wear_or_without_a_loss() {
        for (shape, failure_cost) in [(1.0, 10.0), (0.5, 10.0), (3.0, 1.0), (3.0, 0.5)] {
            for tick in [0.0, 1.0] {
                let case =
                    given![shape: shape, scale: 100.0, failure_cost: failure_cost, tick: tick];
                meets("weibull_renewal", case, &[("best_age", "inf")]);
            }
        }
        let fine = refusal(
            "weibull_renewal",
            given![shape: 0.3, scale: 100.0, tick: 1.0],
        );
        assert!(fine.starts_with("`tick` is 1 days"), "{fine}");
    }

    #[test]
    fn the_engine_draws_lives_of_that_mean() {
        let lives = Lives::new(2.7, 150.0);
        let rules = Wear {
            shape: Ratio(2.7),
            scale: Days(150.0),
            base_hazard: PerDay(0.0),
            ..Wear::default()
        };
        // Mean over evenly spread quantiles of the exponential number.
        let life = |k: u32| {
            wear::until_defect(
                &rules,
                0.0,
                -maths::ln((f64::from(k) + 0.5) / 1e5),
                f64::INFINITY,
            )
        };
        let cut = |k: u32| life(k).min(70.0);
        let mean = |life: &dyn Fn(u32) -> f64| (0..100_000).map(life).sum::<f64>() / 1e5;
        assert!((mean(&life) - lives.mean()).abs() < 0.01);
        assert!((mean(&cut) - lives.mean_until(70.0)).abs() < 0.01);
    }

    #[test]
    fn v17_and_v18_repair_that_does_not_renew() {
        let costs = given![shape: 2.0, scale: 100.0, failure_cost: 2.0, overhaul_cost: 10.0];
        meets(
            "minimal_repair",
            costs,
            &[("best_interval", "223.6068"), ("best_cost", "0.0894427")],
        );
        // scipy.optimize.minimize_scalar.
        let costs = given![shape: 1.8, scale: 80.0, failure_cost: 3.0, overhaul_cost: 7.0];
        meets(
            "minimal_repair",
            costs,
            &[("best_interval", "144.9975"), ("best_cost", "0.1086225834")],
        );
        let chance = given![shape: 2.0, scale: 100.0, perfect: 0.25];
        meets(
            "imperfect_repair",
            chance,
            &[("cycle", "177.2454"), ("failure_rate", "0.0225676")],
        );
        meets(
            "imperfect_repair",
            given![shape: 2.0, scale: 100.0, perfect: 1.0],
            &[("failure_rate", "0.0112838")],
        );
        // scipy.integrate.quad of e^(-p H).
        let chance = given![shape: 2.3, scale: 120.0, perfect: 0.4];
        meets(
            "imperfect_repair",
            chance,
            &[("cycle", "158.339967"), ("failure_rate", "0.0157888121")],
        );
    }

    #[test]
    fn v19_inspection_catches_defects_before_they_break() {
        let case = given![defects: 0.5, delay: 10.0, interval: 10.0, detection: 1.0];
        meets("delay_time", case, &[("breakdowns", "0.183940")]);
        let case = given![defects: 0.5, delay: 10.0, interval: 10.0, detection: 0.7];
        meets(
            "delay_time",
            case,
            &[("caught", "0.497377"), ("breakdowns", "0.25131")],
        );
        // Sum over inspections of r (1-r)^k times the mean survival, scipy.integrate.quad.
        let case = given![defects: 0.3, delay: 8.0, interval: 12.0, detection: 0.6];
        meets(
            "delay_time",
            case,
            &[("caught", "0.3412008127"), ("breakdowns", "0.1976397562")],
        );
    }

    #[test]
    fn v19_there_is_a_best_interval_of_inspection() {
        let case = |detection: f64, failure: f64| {
            given![defects: 0.5, delay: 10.0, interval: 10.0, detection: detection,
                failure_downtime: failure, inspection_downtime: 0.2]
            .to_vec()
        };
        meets(
            "delay_time",
            &case(1.0, 0.4),
            &[
                ("downtime", "0.091741"),
                ("best_interval", "5.0609"),
                ("best_downtime", "0.0794306"),
            ],
        );
        // The golden section in Python.
        meets(
            "delay_time",
            &case(0.7, 0.4),
            &[
                ("downtime", "0.118161412"),
                ("best_interval", "4.2228"),
                ("best_downtime", "0.100451216"),
            ],
        );
        // Breakdowns that take less time than inspections, and inspections that see nothing.
        for case in [case(1.0, 0.001), case(0.0, 0.4)] {
            meets("delay_time", &case, &[("best_interval", "inf")]);
        }
    }

    #[test]
    fn inspection_without_pause_catches_all() {
        for (delay, interval) in [(1e6, 1e-6), (1e6, 1e-300), (10.0, 1e-9)] {
            for detection in [1.0, 0.3] {
                let case =
                    given![defects: 1.0, delay: delay, interval: interval, detection: detection];
                let caught = number_of("delay_time", case, 0, "caught");
                assert!((1.0 - 1e-7..=1.0).contains(&caught), "{caught}");
            }
        }
    }
}
