//! Theory cases: published results, met by the whole model with everything else switched off.
//!
//! A case is a file in `configs/verification`; its header names the result and its source. A
//! statistical case runs at least twenty replicates from fixed seeds and passes when the distance of
//! the mean from the reference, with twice its standard error, is within the tolerance. Where the
//! source names no tolerance it is 1 % for a mean and 3 % for a standard deviation. Each test says what
//! was broken in the model to see it fail.

mod common;

use common::{Replicate, Series, case, replicates, with};

/// The ground of all cases. Seen red with the absence and with the errors of the defaults.
#[test]
fn nothing_happens_where_nothing_is_switched_on() {
    Replicate::new(&case("quiet"), 0).watch_sector(|row| {
        assert!((row.output / row.output_at_rest - 1.0).abs() < 1e-12);
        let moved = [
            row.quits,
            row.hires,
            row.breakdowns,
            row.defects,
            row.shortcuts,
        ];
        assert_eq!(moved, [0.0; 5]);
        assert_eq!((row.hours_absent, row.incidents), (0.0, 0.0));
        assert!(row.drift < 1.0);
        assert_eq!((row.skill, row.customer_trust, row.phase), (1.0, 1.0, 3.0));
    });
}

/// V01, M/M/c//N (Palm 1947; Takacs 1962): A = 0.876682 within 0.004 as the tick becomes short, here an
/// hour. Seen red with crews without number, and with repairs that all take the same time.
#[test]
fn two_crews_keep_forty_machines_up_as_often_as_queueing_theory_says() {
    let teams = 25.0;
    let shops = replicates(&case("v01"), |mut shops| {
        let [mut down, mut failures, mut hours] = [0.0; 3];
        shops.watch_sector(|row| {
            down += row.machines_down;
            failures += row.breakdowns;
            hours += row.hours_repair;
        });
        let (n, crew_hours) = (shops.ticks(), 16.0);
        [
            1.0 - down / n,
            failures / n / teams,
            hours / n / teams / crew_hours,
        ]
    });
    shops.agree(0, "V01 share of machines up", 0.876_682, 0.004);
    shops.agree_within(1, "V01 failures a day", 1.753_364, 0.01);
    shops.agree_within(2, "V01 share of crew time used", 0.876_682, 0.01);
}

/// V05, the exact daily chain of the same queue: A within 0.002, the rest within 1 % and 3 %. Seen red
/// with machines mended on the day they fail, and with spans of life in continuous time.
#[test]
fn the_repair_queue_in_daily_steps_is_its_exact_chain() {
    let machines = 40.0;
    let shops = replicates(&case("v05"), |mut shops| {
        let mut down: Vec<Series> = Vec::new();
        shops.watch(|city| {
            let rows = city.team_rows();
            down.resize_with(rows.len(), Series::default);
            for (series, (_, row)) in down.iter_mut().zip(rows) {
                series.add(row.machines_down * machines);
            }
        });
        let mean = |of: fn(&Series) -> f64| down.iter().map(of).sum::<f64>() / down.len() as f64;
        [
            1.0 - mean(Series::mean) / machines,
            mean(Series::mean),
            mean(Series::deviation),
            mean(Series::memory),
        ]
    });
    shops.agree(0, "V05 share of machines up", 0.865_320, 0.002);
    shops.agree_within(1, "V05 machines down", 5.387_183, 0.01);
    shops.agree_within(
        2,
        "V05 standard deviation of machines down",
        3.023_523,
        0.03,
    );
    shops.agree_within(3, "V05 correlation with the day before", 0.843_835, 0.01);
}

/// V14, Weibull life (Barlow & Proschan 1965): sum of the survival function over ticks, within 1 %. Seen
/// red with a repair that leaves the age as it was, and with a hazard that does not rise with age.
#[test]
fn machines_live_as_long_as_their_law_of_wear_says() {
    let machines = 200.0;
    for (tick, days, mean_life) in [(1.0, 9000, 89.122_693), (0.25, 2500, 88.747_693)] {
        let lives = with(&with(&case("v14"), "city.tick", tick), "days", days);
        let lives = replicates(&lives, |mut machine_park| {
            let [mut up, mut failures] = [0.0; 2];
            machine_park.watch_sector(|row| {
                up += (1.0 - row.machines_down) * machines;
                failures += row.breakdowns;
            });
            [up / failures]
        });
        lives.agree_within(
            0,
            &format!("V14 life in ticks of {tick} days"),
            mean_life,
            0.01,
        );
    }
}

/// V19, delay-time model (Christer 1976; Christer & Waller 1984): within 1 %. Seen red with rounds at
/// half the pace, and with a delay that begins at the end of the day of the defect.
#[test]
fn inspection_catches_the_share_of_defects_that_the_delay_time_model_says() {
    let teams = 4.0;
    for (detection, broke, a_day) in [(1.0, 0.367_879, 0.183_940), (0.7, 0.502_623, 0.251_311)] {
        let rounds = with(&case("v19"), "maintenance.detection", detection);
        let rounds = replicates(&rounds, |mut rounds| {
            let [mut caught, mut broke] = [0.0; 2];
            rounds.watch_sector(|row| {
                caught += row.defects_caught;
                broke += row.breakdowns;
            });
            [broke / (broke + caught), broke / rounds.ticks() / teams]
        });
        let what = |of: &str| format!("V19 {of} at detection {detection}");
        rounds.agree_within(0, &what("share of defects that break"), broke, 0.01);
        rounds.agree_within(1, &what("breakdowns a day"), a_day, 0.01);
    }
}

/// V31, rework loop (geometric sum; derivation in the book): within 5 %. Seen red with rework that is
/// not checked again, and with escapes counted over tasks that were thrown away.
#[test]
fn as_many_errors_escape_as_repeated_checking_says() {
    for (disposal, escapes, rework) in [
        ("rework", 0.005_494_51, 0.049_450_55),
        ("scrap", 0.005_235_60, 0.0),
    ] {
        let checks = with(&case("v31"), "quality.disposal", disposal);
        let checks = replicates(&checks, |mut checks| {
            let [mut escapes, mut rework, mut output] = [0.0; 3];
            checks.watch_sector(|row| {
                escapes += row.escapes;
                rework += row.hours_rework;
                output += row.hours_output;
            });
            [escapes / checks.ticks(), rework / output]
        });
        let what = |of: &str| format!("V31 {of} with {disposal}");
        checks.agree_within(0, &what("share of errors that escape"), escapes, 0.05);
        checks.agree_within(1, &what("rework a task"), rework, 0.05);
    }
}

/// V37, contagion on a lattice (Morris 2000): threshold 1/4 with four neighbours, 3/8 with eight; no
/// chance is involved. Seen red with people who look at their own team, and with a first day on which
/// nobody has seen the habit of the block yet.
#[test]
fn a_habit_spreads_over_the_lattice_up_to_the_threshold_of_contagion() {
    let (cells, block, slope) = (961.0, 25.0, 10_000.0);
    for (neighbourhood, phi, spreads) in [
        ("von_neumann", 0.24, true),
        ("von_neumann", 0.26, false),
        ("moore", 0.37, true),
        ("moore", 0.38, false),
    ] {
        let lattice = with(&case("v37"), "city.lattice.neighbourhood", neighbourhood);
        let lattice = with(&lattice, "shortcuts.inclination", -slope * phi);
        let mut taken = Vec::new();
        Replicate::new(&lattice, 0).watch_sector(|row| taken.push((row.shortcuts * cells).round()));
        let last = taken[taken.len() - 1];
        assert_eq!(taken[0], block);
        let what = format!("V37 {neighbourhood}, threshold {phi}: {taken:?}");
        assert!(
            if spreads {
                last == cells
            } else {
                last <= block
            },
            "{what}"
        );
        assert_eq!(last, taken[taken.len() - 40], "{what}");
    }
}

/// V41, input-output balance (Leontief 1936): within 1e-9 on each of four hundred days. Seen red with
/// orders that leave out a hundredth of what is used.
#[test]
fn three_sectors_keep_the_balance_of_their_input_output_table() {
    let takes = [[0.10, 0.20, 0.05], [0.15, 0.05, 0.25], [0.05, 0.10, 0.10]];
    let final_demand = [50.0, 30.0, 40.0];
    // x = f + A x, by repeated substitution.
    let balance = (0..200).fold(final_demand, |x, _| {
        std::array::from_fn(|i| final_demand[i] + (0..3).map(|j| takes[i][j] * x[j]).sum::<f64>())
    });
    for (x, published) in balance.iter().zip([71.321_085, 57.252_843, 54.768_154]) {
        assert!((x - published).abs() < 1e-6);
    }
    Replicate::new(&case("v41"), 0).watch(|city| {
        let day = city.day();
        for (row, x) in city.sector_rows().iter().zip(balance) {
            let off = row.output / x - 1.0;
            assert!(
                off.abs() <= 1e-9,
                "V41 day {day}: output {} for {x}",
                row.output
            );
            assert_eq!(row.final_fill, 1.0);
        }
    });
}

/// V43, outage of one of two sectors (rules of Hallegatte 2014 and Pichler et al. 2022; trace derived in
/// the book): exact numbers. Seen red with firms served first, and with orders that only replace what
/// was used.
#[test]
fn an_outage_runs_through_stocks_and_orders_as_arithmetic_says() {
    let (first, second) = (0, 1);
    for (days, lost, unmet) in [(8, 240.0, 161.816_590), (4, 0.0, 80.952_202)] {
        let outage = with(&case("v43"), "scenario.shocks.0.days", days);
        let (mut made, mut stock, mut given_up) = (Vec::new(), Vec::new(), 0.0);
        Replicate::new(&outage, 0).watch(|city| {
            let rows = city.sector_rows();
            made.push(rows[second].output);
            given_up += rows[first].orders_lost;
            stock.push(city.stock(second, first));
        });
        let gone: f64 = made.iter().map(|made| 60.0 - made).sum();
        assert!((gone - lost).abs() < 1e-9, "V43 {days} days: {gone} lost");
        assert!(
            (given_up - unmet).abs() < 1e-6,
            "V43 {days} days: {given_up} unmet"
        );
        assert!((stock[399] - 150.0).abs() < 1e-9);
        if days == 8 {
            assert!(
                (stock[30] - 139.256_871).abs() < 1e-6,
                "V43: stock {}",
                stock[30]
            );
            for (day, made) in made.iter().enumerate() {
                let expected = if (5..=8).contains(&day) { 0.0 } else { 60.0 };
                assert!((made - expected).abs() < 1e-9, "V43 day {day}: {made}");
            }
        }
    }
}

/// V45, base stock (Palm 1938; Sherbrooke 2004): within 1 %. Seen red with parts that can come on the
/// day they are ordered, and with parts that are ordered a second time while one is waited for.
#[test]
fn spare_parts_last_as_long_as_palms_theorem_says() {
    let machines = 2000.0;
    for (stock, days, in_store, waiting) in [
        (5, 12_000, 0.815_263, 0.134_621),
        (3, 4000, 0.423_190, 0.672_125),
    ] {
        let stores = with(&case("v45"), "maintenance.spare_stock", stock);
        let stores = with(&stores, "days", days);
        let stores = replicates(&stores, |mut stores| {
            let [mut in_store, mut waiting, mut looks] = [0.0; 3];
            stores.watch(|city| {
                for (_, row) in city.team_rows() {
                    in_store += f64::from(u8::from(row.spares > 0.0));
                    waiting += row.machines_waiting * machines;
                    looks += 1.0;
                }
            });
            [in_store / looks, waiting / looks]
        });
        let what = |of: &str| format!("V45 {of} with a stock of {stock}");
        stores.agree_within(
            0,
            &what("share of time with a part in store"),
            in_store,
            0.01,
        );
        stores.agree_within(1, &what("machines that wait for a part"), waiting, 0.01);
    }
}

/// V46, asymmetric trust (linear update; asymmetry: Slovic 1993): mean within 1 %, standard deviation
/// within 3 %. Seen red with a loss as small as the gain, and with the expected share of bad days in
/// place of the days themselves.
#[test]
fn trust_is_where_asymmetric_experience_puts_it() {
    let (gain, loss) = (0.02, 0.2);
    for (bad, mean, deviation) in [(0.05, 0.655_172, 0.127_466), (0.1, 0.473_684, 0.117_983)] {
        let trust = replicates(&with(&case("v46"), "error.base", bad), |mut team| {
            let mut trust = Series::default();
            team.watch_sector(|row| trust.add(row.customer_trust));
            [trust.mean(), trust.deviation(), trust.memory()]
        });
        let what = |of: &str| format!("V46 {of} of trust with {bad} of days bad");
        trust.agree_within(0, &what("mean"), mean, 0.01);
        trust.agree_within(1, &what("standard deviation"), deviation, 0.03);
        // Half of a gap is left after ln 2 / -ln(memory) days: 23.553 for 0.05.
        let memory = 1.0 - gain * (1.0 - bad) - loss * bad;
        trust.agree_within(2, &what("memory"), memory, 0.01);
    }
}

/// V53, hysteresis of phase 0 (arithmetic): exact days, alike for team, sector and city. Seen red with
/// a dwell that counts days with gaps, and with phase 0 left as soon as capacity is free.
#[test]
fn phase_zero_is_entered_and_left_after_its_dwell_and_at_no_other_time() {
    Replicate::new(&case("v53"), 0).watch(|city| {
        let day = city.day() as usize - 1;
        let free = match day {
            1..100 | 110..120 | 140..200 => 0.05,
            100..110 | 120..140 => -0.01,
            200.. => 0.12,
            _ => f64::NAN,
        };
        let expected = match day {
            ..133 => 3.0,
            133..=228 => 0.0,
            _ => 1.0,
        };
        let sector = city.sector_rows()[0];
        if day > 0 {
            let off = 1.0 - sector.offered_load - free;
            assert!(off.abs() < 1e-6, "V53 day {day}: {off} from the trace");
        }
        let phases = [
            city.team_rows()[0].1.phase,
            sector.phase,
            city.city_row().phase,
        ];
        assert_eq!(phases, [expected; 3], "V53 day {day}");
    });
}
