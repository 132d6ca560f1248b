//! Kernels of queues.

use super::{Kernel, Need, count, named, number};
use crate::verification::reference::queues;

const MACHINES: Need = count("machines", "machines", "Number of machines.", (1.0, 5000.0));
const CREWS: Need = count("crews", "crews", "Number of crews.", (1.0, 5000.0));
const FAILURE_RATE: Need = number(
    "failure_rate",
    "per day",
    "Failures of a machine that is up, a day.",
    (0.0, 1000.0),
);
const REPAIR_RATE: Need = number(
    "repair_rate",
    "per day",
    "Repairs of a crew, a day.",
    (1e-6, 1000.0),
);

pub(super) const ERLANG_LOSS: Kernel = Kernel {
    name: "erlang_loss",
    doc: "Share of calls that find all servers busy and are lost.",
    source: "Erlang 1917, loss formula",
    needs: &[
        number(
            "load",
            "servers",
            "Offered load: arrivals x service time.",
            (0.0, 1e6),
        ),
        count("servers", "servers", "Number of servers.", (0.0, 1e5)),
    ],
    gives: &[("blocked", "share of calls that are lost")],
    chance: false,
    run: |values, _| {
        let blocked = queues::erlang_loss(values.number("load"), values.count("servers"));
        Ok(named([("blocked", blocked)]))
    },
};

pub(super) const ERLANG_DELAY: Kernel = Kernel {
    name: "erlang_delay",
    doc: "Waiting line with random arrivals, random service and several crews, at rest; endless when overloaded.",
    source: "Erlang 1917, delay formula",
    needs: &[
        number("arrivals", "per day", "Jobs that come a day.", (0.0, 1e6)),
        number(
            "service_rate",
            "per day",
            "Jobs that a crew does a day.",
            (1e-6, 1e6),
        ),
        count("crews", "crews", "Number of crews.", (1.0, 1e5)),
    ],
    gives: &[
        ("delayed", "share of jobs that wait"),
        ("queue", "mean number that waits"),
        ("time", "mean days from arrival to completion"),
    ],
    chance: false,
    run: |values, _| {
        let (arrivals, rate) = (values.number("arrivals"), values.number("service_rate"));
        let line = queues::erlang_delay(arrivals, rate, values.count("crews"));
        Ok(named([
            ("delayed", line.delayed),
            ("queue", line.queue),
            ("time", line.time),
        ]))
    },
};

pub(super) const MACHINE_REPAIR: Kernel = Kernel {
    name: "machine_repair",
    doc: "Machines that fail and wait for a crew, at rest, in continuous time.",
    source: "Palm 1947; Takacs 1962, machine interference",
    needs: &[MACHINES, FAILURE_RATE, REPAIR_RATE, CREWS],
    gives: &[
        ("up", "share of machines that are up"),
        ("down", "mean number down"),
        ("queue", "mean number down without a crew"),
        ("throughput", "repairs a day"),
        ("time", "mean days from failure to repair"),
        ("used", "share of the crews' capacity that is used"),
        ("all_up", "share of time in which all are up"),
    ],
    chance: false,
    run: |values, _| {
        let rest = queues::machine_repair(
            values.count("machines"),
            values.number("failure_rate"),
            values.number("repair_rate"),
            values.count("crews"),
        );
        Ok(named([
            ("up", rest.up),
            ("down", rest.down),
            ("queue", rest.queue),
            ("throughput", rest.throughput),
            ("time", rest.time),
            ("used", rest.used),
            ("all_up", rest.all_up),
        ]))
    },
};

pub(super) const POLLACZEK_KHINCHINE: Kernel = Kernel {
    name: "pollaczek_khinchine",
    doc: "Mean waiting for one crew with any law of service; endless when overloaded.",
    source: "Pollaczek 1930; Khinchine 1932",
    needs: &[
        number("arrivals", "per day", "Jobs that come a day.", (0.0, 1e6)),
        number("service_time", "days", "Mean days of a job.", (0.0, 1e6)),
        number(
            "service_cv2",
            "ratio",
            "Squared coefficient of variation of the days of a job.",
            (0.0, 1e6),
        ),
    ],
    gives: &[("wait", "mean days until work begins")],
    chance: false,
    run: |values, _| {
        let (time, variation) = (values.number("service_time"), values.number("service_cv2"));
        Ok(named([(
            "wait",
            queues::pollaczek_khinchine(values.number("arrivals"), time, variation),
        )]))
    },
};

pub(super) const REFLECTED_WALK: Kernel = Kernel {
    name: "reflected_walk",
    doc: "Backlog of a crew by the tick, from empty or at rest: B' = max(B + Poisson(arrivals) - service, 0).",
    source: "Lindley 1952; the distribution is taken from tick to tick",
    needs: &[
        number(
            "arrivals",
            "per tick",
            "Mean number of jobs that come a tick.",
            (0.0, 500.0),
        ),
        count("service", "per tick", "Jobs done a tick.", (1.0, 500.0)),
        count(
            "ticks",
            "ticks",
            "Ticks from empty; 0 for the backlog at rest.",
            (0.0, 1e5),
        )
        .or(0.0),
    ],
    gives: &[
        ("mean", "mean backlog; infinite at rest when overloaded"),
        (
            "variance",
            "variance of the backlog; infinite at rest when overloaded",
        ),
        (
            "memory",
            "correlation with the backlog of the next tick; NaN if it is always the same",
        ),
    ],
    chance: false,
    run: |values, _| {
        let (arrivals, service) = (values.number("arrivals"), values.count("service"));
        let backlog = queues::reflected_walk(arrivals, service, values.count("ticks"))?;
        Ok(named([
            ("mean", backlog.mean),
            ("variance", backlog.variance),
            ("memory", backlog.memory),
        ]))
    },
};

pub(super) const LOSS_CHAIN: Kernel = Kernel {
    name: "loss_chain",
    doc: "Calls lost by the tick, at rest: n' = n + min(Poi(calls), servers - n) - Bin(n, 1 - exp(-services)).",
    source: "Erlang 1917, by the tick; the chain is solved exactly",
    needs: &[
        number(
            "calls",
            "a tick",
            "Mean number of calls a tick.",
            (1e-9, 1000.0),
        ),
        number(
            "services",
            "a tick",
            "Services that a busy server ends, a tick.",
            (1e-9, 1000.0),
        ),
        count("servers", "servers", "Number of servers.", (1.0, 200.0)),
    ],
    gives: &[
        ("lost", "share of calls that are lost"),
        (
            "full",
            "share of time with all servers busy, the mean of the end of a tick and of the moment before its calls",
        ),
    ],
    chance: false,
    run: |values, _| {
        let lost = queues::loss_chain(
            values.number("calls"),
            values.number("services"),
            values.count("servers"),
        );
        Ok(named([("lost", lost.calls), ("full", lost.full)]))
    },
};

pub(super) const REPAIR_CHAIN: Kernel = Kernel {
    name: "repair_chain",
    doc: "Machines that fail and are repaired by the tick, at rest: n' = n + Bin(N - n, failure) - Bin(min(n, crews), repair).",
    source: "two binomial thinnings of the state at the start of a tick; the chain is solved exactly",
    needs: &[
        count("machines", "machines", "Number of machines.", (1.0, 200.0)),
        CREWS,
        number(
            "failure",
            "a tick",
            "Probability that a machine fails in a tick.",
            (0.0, 1.0),
        ),
        number(
            "repair",
            "a tick",
            "Probability that a repair ends in a tick.",
            (1e-6, 1.0),
        ),
    ],
    gives: &[
        ("up", "share of machines that are up"),
        ("down", "mean number down"),
        ("queue", "mean number down without a crew"),
        ("spread", "standard deviation of the number down"),
        (
            "memory",
            "correlation of the number down with that of the next tick; NaN if it is always the same",
        ),
    ],
    chance: false,
    run: |values, _| {
        let rest = queues::repair_chain(
            values.count("machines"),
            values.count("crews"),
            values.number("failure"),
            values.number("repair"),
        );
        Ok(named([
            ("up", rest.up),
            ("down", rest.down),
            ("queue", rest.queue),
            ("spread", rest.spread),
            ("memory", rest.memory),
        ]))
    },
};

pub(super) const CLEAR_TIME: Kernel = Kernel {
    name: "clear_time",
    doc: "Time to clear a backlog by one crew that does one job after the other, while others come at random.",
    source: "Borel 1942; Tanner 1961",
    needs: &[
        number(
            "arrivals",
            "per tick",
            "Mean number of jobs that come a tick.",
            (0.0, 1e6),
        ),
        number(
            "service",
            "per tick",
            "Jobs done a tick, one after the other.",
            (1e-6, 1e6),
        )
        .or(1.0),
        count("start", "jobs", "Jobs at the start.", (0.0, 1e9)),
    ],
    gives: &[
        (
            "mean",
            "mean ticks until none is left; infinite when overloaded",
        ),
        (
            "spread",
            "standard deviation of these ticks; infinite when overloaded",
        ),
    ],
    chance: false,
    run: |values, _| {
        let (arrivals, service) = (values.number("arrivals"), values.number("service"));
        let (mean, spread) = queues::clear_time(arrivals, service, values.number("start"));
        Ok(named([("mean", mean), ("spread", spread)]))
    },
};

pub(super) const FINITE_SOURCE_CLEAR: Kernel = Kernel {
    name: "finite_source_clear",
    doc: "Days until the number of machines down has fallen from one number to another.",
    source: "first passage of a birth-and-death chain, and its fluid limit",
    needs: &[
        MACHINES,
        FAILURE_RATE,
        REPAIR_RATE,
        CREWS,
        count(
            "from",
            "machines",
            "Machines down at the start.",
            (0.0, 5000.0),
        ),
        count("to", "machines", "Machines down at the end.", (0.0, 5000.0)),
    ],
    gives: &[
        (
            "mean",
            "mean days, by chance; infinite if beyond the largest number",
        ),
        (
            "fluid",
            "days of a stream without chance; infinite if it never gets there",
        ),
    ],
    chance: false,
    run: |values, _| {
        let shop = queues::Shop {
            machines: values.count("machines"),
            failure: values.number("failure_rate"),
            repair: values.number("repair_rate"),
            crews: values.count("crews"),
        };
        let (from, to) = (values.count("from"), values.count("to"));
        if from > shop.machines {
            return Err(format!(
                "`from` is {from}, but must be at most `machines`, {}",
                shop.machines
            ));
        }
        if to > from {
            return Err(format!("`to` is {to}, but must be at most `from`, {from}"));
        }
        Ok(named([
            ("mean", shop.clears(from, to)),
            ("fluid", shop.clears_as_fluid(from, to)),
        ]))
    },
};

#[cfg(test)]
mod tests {
    use crate::verification::kernels::tests::{given, meets, number_of, refusal};

    #[test]
    fn v01_to_v03_machines_wait_for_crews() {
        meets(
            "machine_repair",
            given![machines: 40.0, failure_rate: 0.05, repair_rate: 1.0, crews: 2.0],
            &[
                ("up", "0.876682"),
                ("down", "4.932722"),
                ("queue", "3.179358"),
                ("throughput", "1.753364"),
                ("time", "2.813290"),
                ("used", "0.876682"),
                ("all_up", "0.061659"),
            ],
        );
        let four = given![machines: 40.0, failure_rate: 0.05, repair_rate: 1.0, crews: 4.0];
        meets(
            "machine_repair",
            four,
            &[
                ("up", "0.949819"),
                ("queue", "0.107598"),
                ("used", "0.474910"),
            ],
        );
        let all = given![machines: 40.0, failure_rate: 0.05, repair_rate: 1.0, crews: 40.0];
        meets("machine_repair", all, &[("up", "0.952381"), ("queue", "0")]);
        meets(
            "machine_repair",
            given![machines: 40.0, failure_rate: 0.1, repair_rate: 1.0, crews: 2.0],
            &[
                ("up", "0.499979"),
                ("queue", "18.000917"),
                ("throughput", "1.999917"),
            ],
        );
        // Null space of the generator (numpy 2.4, scipy 1.17 linalg.null_space).
        meets(
            "machine_repair",
            given![machines: 12.0, failure_rate: 0.08, repair_rate: 0.4, crews: 3.0],
            &[
                ("up", "0.8076427423"),
                ("down", "2.3082870920"),
                ("queue", "0.3699445104"),
                ("throughput", "0.7753370326"),
                ("time", "2.9771402562"),
                ("used", "0.6461141939"),
                ("all_up", "0.1016913236"),
            ],
        );
    }

    #[test]
    fn v04_to_v06_the_tick_chain_is_exact() {
        let hour = 1.0 / 24.0;
        let hourly = given![machines: 40.0, crews: 2.0, failure: 0.05 * hour, repair: hour];
        meets(
            "repair_chain",
            hourly,
            &[
                ("up", "0.877477"),
                ("down", "4.900908"),
                ("queue", "3.145953"),
                ("spread", "3.598576"),
                ("memory", "0.994447"),
            ],
        );
        let probability = |rate: f64| -libm::expm1(-rate * hour);
        let longer = given![machines: 40.0, crews: 2.0, failure: probability(0.05), repair: probability(1.0)];
        meets("repair_chain", longer, &[("up", "0.870760")]);
        meets(
            "repair_chain",
            given![machines: 40.0, crews: 4.0, failure: 0.05, repair: 0.5],
            &[
                ("up", "0.865320"),
                ("down", "5.387183"),
                ("queue", "1.925902"),
                ("spread", "3.023523"),
                ("memory", "0.843835"),
            ],
        );
        for (part, up) in [(4.0, "0.881610"), (8.0, "0.879098")] {
            let parted =
                given![machines: 40.0, crews: 2.0, failure: 0.05 / part, repair: 1.0 / part];
            meets("repair_chain", parted, &[("up", up)]);
        }
        // Stationary law by least squares of the dense matrix, scipy.stats.binom (scipy 1.17).
        meets(
            "repair_chain",
            given![machines: 15.0, crews: 2.0, failure: 0.1, repair: 0.35],
            &[
                ("up", "0.465549255"),
                ("down", "8.01676118"),
                ("queue", "6.02155008"),
                ("spread", "2.36320507"),
                ("memory", "0.89780569"),
            ],
        );
    }

    #[test]
    fn a_chain_that_cannot_come_down_stays_up() {
        // All fail in every tick but the one that is repaired: from then on one of five is up.
        let all_fail = given![machines: 5.0, crews: 1.0, failure: 1.0, repair: 1.0];
        meets(
            "repair_chain",
            all_fail,
            &[("down", "4"), ("up", "0.2"), ("memory", "NaN")],
        );
        let none_fail = given![machines: 5.0, crews: 1.0, failure: 0.0, repair: 0.5];
        meets("repair_chain", none_fail, &[("up", "1"), ("queue", "0")]);
    }

    #[test]
    fn v07_and_v45_erlang_counts_the_delayed_and_the_lost() {
        meets(
            "erlang_delay",
            given![arrivals: 1.8, service_rate: 1.0, crews: 2.0],
            &[
                ("delayed", "0.852632"),
                ("queue", "7.673684"),
                ("time", "5.263158"),
            ],
        );
        let ten = given![arrivals: 9.0, service_rate: 1.0, crews: 10.0];
        meets(
            "erlang_delay",
            ten,
            &[("delayed", "0.668732"), ("queue", "6.018584")],
        );
        // Birth-and-death weights up to 3000 jobs, summed in numpy.
        meets(
            "erlang_delay",
            given![arrivals: 5.5, service_rate: 0.7, crews: 9.0],
            &[
                ("delayed", "0.6101088093"),
                ("queue", "4.1944980643"),
                ("time", "2.1912074403"),
            ],
        );
        meets(
            "erlang_delay",
            given![arrivals: 2.0, service_rate: 1.0, crews: 2.0],
            &[("delayed", "1"), ("queue", "inf"), ("time", "inf")],
        );
        meets(
            "erlang_loss",
            given![load: 3.0, servers: 5.0],
            &[("blocked", "0.110054")],
        );
        // poisson.pmf(10, 7.5) / poisson.cdf(10, 7.5), scipy 1.17.
        meets(
            "erlang_loss",
            given![load: 7.5, servers: 10.0],
            &[("blocked", "0.0995437131")],
        );
    }

    #[test]
    fn v08_to_v10_a_backlog_remembers_the_longer_the_nearer_the_limit() {
        for (arrivals, service, mean, variance, memory) in [
            (0.8, 1.0, "1.6", "5.013333", "0.936170"),
            (0.9, 1.0, "4.05", "22.8825", "0.982301"),
            (0.95, 1.0, "9.025", "96.1915", "0.995309"),
            (9.0, 10.0, "3.101238", "20.906653", "0.869873"),
            // Mean and variance by Spitzer's identity, sum over k of E[(S_k)^+]/k, numpy; memory by the dense matrix.
            (2.6, 3.0, "2.50710232", "11.895107", "0.92096010"),
        ] {
            meets(
                "reflected_walk",
                given![arrivals: arrivals, service: service],
                &[("mean", mean), ("variance", variance), ("memory", memory)],
            );
        }
        for (arrivals, ticks, mean, spread) in [
            (12.0, 30.0, 61.3049, 18.4203),
            (12.0, 100.0, 201.3052, 34.3402),
            (10.0, 100.0, 23.4267, 19.2519),
        ] {
            let case = given![arrivals: arrivals, service: 10.0, ticks: ticks];
            meets("reflected_walk", case, &[("mean", &mean.to_string())]);
            let found = libm::sqrt(number_of("reflected_walk", case, 0, "variance"));
            assert!((found - spread).abs() < 6e-5, "{found}");
        }
        // Powers of the dense matrix of 300 states, numpy.
        meets(
            "reflected_walk",
            given![arrivals: 4.0, service: 3.0, ticks: 20.0],
            &[
                ("mean", "20.9057592771"),
                ("variance", "71.704262485"),
                ("memory", "0.9732372127"),
            ],
        );
        let over = given![arrivals: 3.0, service: 3.0];
        meets(
            "reflected_walk",
            over,
            &[("mean", "inf"), ("variance", "inf"), ("memory", "1")],
        );
    }

    #[test]
    fn a_backlog_too_near_the_limit_is_refused() {
        for case in [
            given![arrivals: 0.999_999_9, service: 1.0],
            given![arrivals: 499.99, service: 500.0],
            given![arrivals: 500.0, service: 499.0, ticks: 100_000.0],
        ] {
            let said = refusal("reflected_walk", case);
            assert!(said.contains("steps"), "{said}");
        }
    }

    #[test]
    fn v11_and_v12_backlogs_clear() {
        meets(
            "clear_time",
            given![arrivals: 0.8, start: 50.0],
            &[("mean", "250"), ("spread", "70.7107")],
        );
        // Moments of the Borel-Tanner law, summed in scipy.
        meets(
            "clear_time",
            given![arrivals: 0.6, start: 20.0],
            &[("mean", "50"), ("spread", "13.6930639")],
        );
        // Twice as fast on both sides: the same jobs in half the time.
        let fast = given![arrivals: 1.2, service: 2.0, start: 20.0];
        meets(
            "clear_time",
            fast,
            &[("mean", "25"), ("spread", "6.84653197")],
        );
        meets(
            "clear_time",
            given![arrivals: 1.0, start: 1.0],
            &[("mean", "inf"), ("spread", "inf")],
        );
        meets(
            "finite_source_clear",
            given![machines: 40.0, failure_rate: 0.02, repair_rate: 1.0, crews: 2.0, from: 30.0, to: 2.0],
            &[("mean", "18.4254"), ("fluid", "18.6338")],
        );
        // Linear equations of the first passage (numpy) and solve_ivp to 1e-11 (scipy), above and below the crews.
        for (to, mean, fluid) in [
            (5.0, "6.468716134", "6.53716263"),
            (1.0, "9.025502465", "11.37759237"),
        ] {
            meets(
                "finite_source_clear",
                given![machines: 25.0, failure_rate: 0.03, repair_rate: 0.8, crews: 3.0, from: 18.0, to: to],
                &[("mean", mean), ("fluid", fluid)],
            );
        }
        let crowded = given![machines: 40.0, failure_rate: 0.1, repair_rate: 1.0, crews: 2.0, from: 30.0, to: 2.0];
        meets("finite_source_clear", crowded, &[("fluid", "inf")]);
        let more = given![machines: 4.0, failure_rate: 0.1, repair_rate: 1.0, crews: 2.0, from: 5.0, to: 2.0];
        assert_eq!(
            refusal("finite_source_clear", more),
            "`from` is 5, but must be at most `machines`, 4"
        );
    }

    #[test]
    fn v13_waiting_grows_with_the_variation_of_service() {
        let wait = |arrivals, cv2, wait: &str| {
            let case = given![arrivals: arrivals, service_time: 1.0, service_cv2: cv2];
            meets("pollaczek_khinchine", case, &[("wait", wait)]);
        };
        wait(0.8, 0.25, "2.5");
        wait(0.9, 4.0, "22.5");
        wait(1.0, 0.0, "inf");
        // Two phases of service (M/E2/1) as a Markov chain of 3001 states, scipy.sparse.
        let phases = given![arrivals: 0.5, service_time: 1.4, service_cv2: 0.5];
        meets("pollaczek_khinchine", phases, &[("wait", "2.45000000")]);
    }
}
