//! Kernels of drift, shocks and loss.

use super::{Kernel, count, named, number};
use crate::verification::reference::drift::{self, Drift, Shots};

pub(super) const BOUNDARY_DRIFT: Kernel = Kernel {
    name: "boundary_drift",
    doc: "Days until an operating point that drifts, with noise, reaches the boundary of safe work, by trial.",
    source: "Rasmussen 1997; Cook & Rasmussen 2005; inverse Gaussian law",
    needs: &[
        number(
            "distance",
            "distance",
            "Distance to the boundary at the start.",
            (0.0, 1e6),
        ),
        number(
            "speed",
            "per day",
            "Drift towards the boundary a day.",
            (0.0, 1e6),
        ),
        number(
            "noise",
            "distance",
            "Standard deviation of a day's noise.",
            (0.0, 1e6),
        ),
        number("step", "days", "Step.", (0.001, 100.0)).or(1.0),
        count("paths", "paths", "Number of paths.", (1.0, 1e6)),
        number(
            "limit_days",
            "days",
            "Days after which a path is given up.",
            (0.0, 1e6),
        ),
    ],
    gives: &[
        ("mean", "mean days of paths that reach it; NaN if none does"),
        (
            "spread",
            "standard deviation of these days; NaN if none does",
        ),
        ("reached", "share of paths that reach it in time"),
    ],
    run: |values, keys| {
        let drift = Drift {
            distance: values.number("distance"),
            speed: values.number("speed"),
            noise: values.number("noise"),
            step: values.number("step"),
        };
        let reached = drift.reaches(values.count("paths"), values.number("limit_days"), keys)?;
        Ok(named([
            ("mean", reached.mean),
            ("spread", reached.spread),
            ("reached", reached.share),
        ]))
    },
};

pub(super) const RESILIENCE: Kernel = Kernel {
    name: "resilience",
    doc: "Output lost by a drop until it is made good, by the engine's measure.",
    source: "Bruneau et al. 2003, resilience triangle",
    needs: &[
        number("drop", "share", "Drop of output.", (0.0, 1.0)),
        number(
            "share",
            "share",
            "Share of the gap that is closed a day; without meaning along a line.",
            (0.0, 1.0),
        )
        .or(0.0),
        number(
            "linear_days",
            "days",
            "Days of recovery along a line; 0 for a share of the gap a day.",
            (0.0, 1e5),
        )
        .or(0.0),
        number(
            "level",
            "share",
            "Output that counts as back.",
            (0.0, 0.999_999),
        )
        .or(0.95),
    ],
    gives: &[
        (
            "lost",
            "days of output lost; infinite if nothing is made good",
        ),
        (
            "back",
            "days until output is back at the level; infinite for never",
        ),
    ],
    run: |values, _| {
        let (drop, level) = (values.number("drop"), values.number("level"));
        let days = values.number("linear_days");
        let loss = if days > 0.0 {
            drift::linear_loss(drop, days, level)
        } else {
            drift::closing_loss(drop, values.number("share"), level)
        };
        Ok(named([("lost", loss.lost), ("back", loss.back)]))
    },
};

pub(super) const SHOT_NOISE: Kernel = Kernel {
    name: "shot_noise",
    doc: "Shocks that pile up while they decay, and recoveries that overlap, by trial.",
    source: "Campbell 1909",
    needs: &[
        number(
            "rate",
            "per day",
            "Mean number of shocks a day.",
            (0.0, 100.0),
        ),
        number("jump", "level", "What a shock adds.", (0.0, 1e6)),
        number(
            "decay",
            "per day",
            "Share that is gone a day.",
            (0.001, 1.0),
        ),
        count("days", "days", "Days that are followed.", (2.0, 1e6)),
        count(
            "recovery_days",
            "days",
            "Days that a recovery takes.",
            (0.0, 3650.0),
        )
        .or(0.0),
    ],
    gives: &[
        ("mean", "mean level"),
        ("variance", "variance of the level"),
        (
            "overlap",
            "share of days with two or more unfinished recoveries",
        ),
    ],
    run: |values, keys| {
        let shots = Shots {
            rate: values.number("rate"),
            jump: values.number("jump"),
            decay: values.number("decay"),
            recovery_days: values.count("recovery_days"),
        };
        let (mean, variance, overlap) = shots.over(values.count("days"), keys)?;
        Ok(named([
            ("mean", mean),
            ("variance", variance),
            ("overlap", overlap),
        ]))
    },
};

#[cfg(test)]
mod tests {
    use crate::verification::kernels::tests::{given, meets, meets_by_chance};

    #[test]
    fn v48_drift_reaches_the_boundary() {
        let drift = |distance: f64, speed: f64, noise: f64, step: f64, paths: f64| {
            given![distance: distance, speed: speed, noise: noise, step: step, paths: paths, limit_days: 5000.0].to_vec()
        };
        // The mean in steps: linear equations for the density (scipy, 2500 points). Errors: 56.6 days over the root of
        // the paths, and 56.6 sqrt(3.2 / (4 paths)) with the fourth moment of the inverse Gaussian law.
        let hourly = drift(10.0, 0.05, 0.2, 1.0 / 24.0, 2000.0);
        meets_by_chance(
            "boundary_drift",
            &hourly,
            &[
                ("mean", 200.488, 1.27),
                ("spread", 56.5685, 1.14),
                ("reached", 1.0, 0.0),
            ],
        );
        let daily = drift(10.0, 0.05, 0.2, 1.0, 20_000.0);
        meets_by_chance(
            "boundary_drift",
            &daily,
            &[("mean", 202.59, 0.40), ("spread", 56.62, 0.36)],
        );
        // The spread by 400,000 paths in numpy.
        let other = drift(5.0, 0.1, 0.3, 0.25, 20_000.0);
        meets_by_chance(
            "boundary_drift",
            &other,
            &[("mean", 50.939, 0.152), ("spread", 21.40, 0.14)],
        );
    }

    #[test]
    fn without_noise_the_boundary_is_reached_on_the_day() {
        let case =
            given![distance: 1.0, speed: 0.3, noise: 0.0, step: 0.5, paths: 3.0, limit_days: 100.0];
        meets(
            "boundary_drift",
            case,
            &[("mean", "3.5"), ("spread", "0"), ("reached", "1")],
        );
        let case =
            given![distance: 1.0, speed: 0.3, noise: 0.0, step: 0.5, paths: 3.0, limit_days: 3.0];
        meets(
            "boundary_drift",
            case,
            &[("mean", "NaN"), ("spread", "NaN"), ("reached", "0")],
        );
    }

    #[test]
    fn v49_a_drop_costs_its_triangle() {
        let closing = given![drop: 0.4, share: 1.0 / 12.0];
        meets(
            "resilience",
            closing,
            &[("lost", "4.8000000000"), ("back", "24")],
        );
        meets(
            "resilience",
            given![drop: 0.4, linear_days: 30.0],
            &[("lost", "6.0000000000"), ("back", "27")],
        );
        // 0.6 / 0.2; ln(6) / -ln(0.8) = 8.03. A line over 12.5 days: 0.6 x 12.5 / 2; 12.5 x 5/6 = 10.4.
        let other = given![drop: 0.6, share: 0.2, level: 0.9];
        meets(
            "resilience",
            other,
            &[("lost", "3.0000000000"), ("back", "9")],
        );
        let line = given![drop: 0.6, linear_days: 12.5, level: 0.9];
        meets(
            "resilience",
            line,
            &[("lost", "3.7500000000"), ("back", "11")],
        );
        meets(
            "resilience",
            given![drop: 0.04, share: 0.2],
            &[("lost", "0.2000000000"), ("back", "0")],
        );
        meets(
            "resilience",
            given![drop: 0.4, share: 1.0],
            &[("lost", "0.4000000000"), ("back", "1")],
        );
        meets(
            "resilience",
            given![drop: 0.4],
            &[("lost", "inf"), ("back", "inf")],
        );
        // Longer than is followed day by day: 0.5 / 1e-6; ln(10) / -ln(1 - 1e-6).
        meets(
            "resilience",
            given![drop: 0.5, share: 1e-6],
            &[("lost", "500000.0000"), ("back", "2302584")],
        );
    }

    #[test]
    fn v50_shocks_pile_up_and_overlap() {
        // Memory 1 - decay: errors sqrt(variance (2/decay - 1) / days), and for the variance and the overlap by the spread of 40
        // replicates.
        let case = given![rate: 0.05, jump: 20.0, decay: 0.1, days: 400_000.0, recovery_days: 10.0];
        let wanted = [
            ("mean", 10.0, 0.071),
            ("variance", 105.263, 1.05),
            ("overlap", 0.090_204, 0.0011),
        ];
        meets_by_chance("shot_noise", case, &wanted);
        // nu J / d, nu J^2 / (1 - (1-d)^2), 1 - e^-0.8 1.8.
        let case = given![rate: 0.2, jump: 5.0, decay: 0.25, days: 400_000.0, recovery_days: 4.0];
        let wanted = [
            ("mean", 4.0, 0.0142),
            ("variance", 11.428_571, 0.064),
            ("overlap", 0.191_208, 0.001),
        ];
        meets_by_chance("shot_noise", case, &wanted);
        meets(
            "shot_noise",
            given![rate: 0.0, jump: 5.0, decay: 0.25, days: 10.0],
            &[("mean", "0"), ("overlap", "0")],
        );
    }
}
