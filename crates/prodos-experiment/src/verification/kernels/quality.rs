//! Kernels of quality.

use super::{Kernel, Shape, count, named, number, several};
use crate::verification::reference::quality;

pub(super) const ROLLED_YIELD: Kernel = Kernel {
    name: "rolled_yield",
    doc: "Share of units without any defect after all steps.",
    source: "product of independent yields",
    needs: &[several(
        "yields",
        Shape::List,
        "Share of units without a defect, step by step.",
        (0.0, 1.0),
    )],
    gives: &[("yield", "share without any defect")],
    chance: false,
    run: |values, _| {
        Ok(named([(
            "yield",
            quality::rolled_yield(values.list("yields")),
        )]))
    },
};

pub(super) const CONTROL_CHART: Kernel = Kernel {
    name: "control_chart",
    doc: "Mean number of samples until a control chart with two limits signals.",
    source: "Shewhart 1931",
    needs: &[
        number(
            "limit",
            "standard deviations",
            "Distance of each limit from the usual level.",
            (0.0, 8.0),
        ),
        number(
            "shift",
            "standard deviations",
            "Shift of the level.",
            (-20.0, 20.0),
        )
        .or(0.0),
    ],
    gives: &[("run_length", "mean number of samples to the signal")],
    chance: false,
    run: |values, _| {
        Ok(named([(
            "run_length",
            quality::run_length(values.number("limit"), values.number("shift")),
        )]))
    },
};

pub(super) const CONTINUOUS_SAMPLING: Kernel = Kernel {
    name: "continuous_sampling",
    doc: "Inspection of every unit until a run is clear, then of a fraction until one is bad.",
    source: "Dodge 1943, CSP-1",
    needs: &[
        number(
            "defects",
            "share",
            "Share of units with a defect.",
            (0.0, 1.0),
        ),
        count(
            "clear_run",
            "units",
            "Good units on end after which only a fraction is inspected.",
            (0.0, 1e6),
        ),
        number("fraction", "share", "Fraction inspected then.", (1e-6, 1.0)),
    ],
    gives: &[
        ("inspected", "share of units inspected in the long run"),
        ("outgoing", "share of defects that goes out"),
    ],
    chance: false,
    run: |values, _| {
        let (defects, fraction) = (values.number("defects"), values.number("fraction"));
        let (inspected, outgoing) =
            quality::continuous_sampling(defects, values.number("clear_run"), fraction);
        Ok(named([("inspected", inspected), ("outgoing", outgoing)]))
    },
};

#[cfg(test)]
mod tests {
    use crate::verification::kernels::tests::{given, meets};

    #[test]
    fn v32_yields_multiply_and_charts_signal() {
        meets(
            "rolled_yield",
            given![yields: [0.98, 0.98, 0.98, 0.98, 0.98]],
            &[("yield", "0.9039208")],
        );
        meets(
            "rolled_yield",
            given![yields: [0.9, 0.5, 0.8]],
            &[("yield", "0.36")],
        );
        let chart = |limit: f64, shift: f64, samples: &str| {
            meets(
                "control_chart",
                given![limit: limit, shift: shift],
                &[("run_length", samples)],
            );
        };
        chart(3.0, 0.0, "370.3983");
        chart(3.0, 1.0, "43.8947");
        chart(3.0, 1.5, "14.9677");
        // norm.sf, scipy 1.17; a shift down is as a shift up.
        chart(2.5, 0.8, "22.1981067412");
        chart(2.5, -0.8, "22.1981067412");
    }

    #[test]
    fn v33_sampling_inspects_more_when_more_is_bad() {
        let case = given![defects: 0.02, clear_run: 40.0, fraction: 0.1];
        meets(
            "continuous_sampling",
            case,
            &[("inspected", "0.199549"), ("outgoing", "0.01600902")],
        );
        // Stationary law of the chain of clear runs and sampling, numpy.
        let case = given![defects: 0.05, clear_run: 12.0, fraction: 0.25];
        meets(
            "continuous_sampling",
            case,
            &[("inspected", "0.3815220824"), ("outgoing", "0.0309238959")],
        );
        let none = given![defects: 0.0, clear_run: 12.0, fraction: 0.25];
        meets(
            "continuous_sampling",
            none,
            &[("inspected", "0.25"), ("outgoing", "0")],
        );
        let all = given![defects: 1.0, clear_run: 12.0, fraction: 0.25];
        meets(
            "continuous_sampling",
            all,
            &[("inspected", "1"), ("outgoing", "0")],
        );
    }
}
