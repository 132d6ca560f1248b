//! Tests through the door: kernels called by name, as cases call them.

use super::{Grain, KERNELS, Kernel, Need, Numbers, Shape, find, in_a_line};
use indexmap::IndexMap;
use prodos_config::Given;
use prodos_model::keyed::Keys;
use std::time::{Duration, Instant};

/// Values by name, as a case gives them.
pub(super) type Case<'a> = &'a [(&'a str, Given)];

/// Values of a case: `given![load: 3.0, servers: 5.0]`.
macro_rules! given {
    ($($name:ident: $value:expr),* $(,)?) => {
        &[$((stringify!($name), prodos_config::Given::from($value))),*][..]
    };
}
pub(super) use given;

fn by_name(case: Case) -> IndexMap<String, Given> {
    case.iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect()
}

fn call(kernel: &Kernel, given: &IndexMap<String, Given>, keys: Keys) -> Result<Numbers, String> {
    let values = kernel.values(given).map_err(in_a_line);
    (kernel.run)(&values?, keys)
}

/// A number that a kernel gives for a case, with the keys of a replicate.
pub(super) fn number_of(name: &str, case: Case, replicate: u32, what: &str) -> f64 {
    let kernel = find(name).expect("a kernel of that name");
    let numbers = call(kernel, &by_name(case), Keys::new(1, replicate))
        .expect("a case that can be worked out");
    let found = numbers.iter().find(|(own, _)| own == what);
    found
        .unwrap_or_else(|| panic!("`{name}` gives no `{what}`"))
        .1
}

/// Whether a kernel gives these numbers to the last digit printed.
pub(super) fn meets(name: &str, case: Case, printed: &[(&str, &str)]) {
    for (what, wanted) in printed {
        let found = number_of(name, case, 0, what);
        let number: f64 = wanted.parse().expect("a number");
        let decimals = wanted
            .split_once('.')
            .map_or(0, |(_, decimals)| decimals.len());
        let half = 0.500_001 * libm::pow(10.0, -(decimals as f64));
        let same = found == number || found.is_nan() && number.is_nan();
        assert!(
            same || (found - number).abs() <= half,
            "{name} {what}: {found}, not {wanted}"
        );
    }
}

/// Whether a kernel with chance gives these numbers within four of their standard errors.
pub(super) fn meets_by_chance(name: &str, case: Case, wanted: &[(&str, f64, f64)]) {
    for (what, number, error) in wanted {
        let found = number_of(name, case, 0, what);
        assert!(
            (found - number).abs() <= 4.0 * error,
            "{name} {what}: {found}, not {number} within four times {error}"
        );
    }
}

/// What a kernel says of a case that it cannot take.
pub(super) fn refusal(name: &str, case: Case) -> String {
    let kernel = find(name).expect("a kernel of that name");
    call(kernel, &by_name(case), Keys::new(1, 0)).expect_err("a case that cannot be taken")
}

/// A case that each kernel can take, where numbers between the ends will not do.
fn sample(kernel: &Kernel) -> IndexMap<String, Given> {
    let table: Given = [[0.1, 0.2], [0.3, 0.1]].into();
    let special: Case = match kernel.name {
        "finite_source_clear" => given![machines: 40.0, from: 30.0, to: 2.0, crews: 2.0],
        "erlang_delay" | "machine_repair" => given![crews: 4.0],
        "repair_chain" => given![machines: 12.0, crews: 3.0],
        "reflected_walk" => given![arrivals: 2.0, service: 3.0],
        "weibull_renewal" => given![shape: 2.0, scale: 100.0],
        "capability_trap" => given![gain: 0.04, life: 100.0, demand: 0.75, start: 3.0, days: 365.0],
        "interruptions" => given![scale: 20.0, time: 1.0, inflow: 5.0, start: 40.0, level: 20.0],
        "turnover_spiral" => {
            given![quit_rate: 0.001, hiring_rate: 0.02, load: 2.0, start: 0.5, days: 365.0]
        }
        "error_probability" => given![base: 0.003, conditions: [[3.0, 0.4], [6.0, 1.0]]],
        "fibre_bundle" | "fibre_strength" => given![fibres: 1000.0],
        "loading_cascade" => given![components: 50.0, step: 0.01, trials: 100.0],
        "branching" => given![mean: 0.8, trials: 100.0, limit: 1000.0],
        "mutual_graphs" => given![nodes: 1000.0, degree: 4.0],
        "resilience" => given![share: 0.1],
        "boundary_drift" => {
            given![distance: 1.0, speed: 0.05, noise: 0.2, paths: 20.0, limit_days: 100.0]
        }
        "autoregression" => given![length: 1000.0],
        "learning_curve" => given![number: 100.0],
        _ => &[],
    };
    let special = by_name(special);
    let value = |need: &Need| match need.shape {
        Shape::Number if need.grain == Grain::Whole => Given::Number(need.range.0 + 3.0),
        Shape::Number => Given::Number(f64::midpoint(need.range.0, need.range.1.min(10.0))),
        Shape::NumberOr(value) => Given::Number(value),
        Shape::List | Shape::ListOrPlaces => [0.3, 0.2].into(),
        Shape::Table => table.clone(),
    };
    let needs = kernel.needs.iter();
    needs
        .map(|need| {
            (
                need.name.to_owned(),
                special
                    .get(need.name)
                    .cloned()
                    .unwrap_or_else(|| value(need)),
            )
        })
        .collect()
}

fn refused(kernel: &Kernel, given: &IndexMap<String, Given>, name: &str) {
    let said = kernel
        .values(given)
        .expect_err(&format!("`{}` refuses `{name}`", kernel.name));
    assert!(
        said.iter()
            .any(|wrong| wrong.value == name && wrong.why.contains(&format!("`{name}`"))),
        "{}: {said:?}",
        kernel.name
    );
}

#[test]
fn kernels_have_names_of_their_own_and_say_what_they_are() {
    for (place, kernel) in KERNELS.iter().enumerate() {
        assert_eq!(
            KERNELS.iter().position(|other| other.name == kernel.name),
            Some(place)
        );
        assert!(
            kernel.doc.ends_with('.') && !kernel.source.is_empty(),
            "{}",
            kernel.name
        );
        for need in kernel.needs {
            assert!(
                need.doc.ends_with('.') && !need.unit.is_empty(),
                "{} {}",
                kernel.name,
                need.name
            );
            assert!(need.range.0 < need.range.1);
            if let Shape::NumberOr(value) = need.shape {
                assert!(
                    need.check(value, "").is_ok(),
                    "{} {}",
                    kernel.name,
                    need.name
                );
            }
        }
    }
    assert!(find("no such kernel").is_none());
}

#[test]
fn every_kernel_can_take_its_sample_and_gives_what_it_says() {
    for kernel in KERNELS {
        let numbers = call(kernel, &sample(kernel), Keys::new(1, 0));
        let numbers = numbers.unwrap_or_else(|why| panic!("{}: {why}", kernel.name));
        assert_eq!(unsaid(kernel, &numbers), [""; 0]);
        let declared: Vec<String> = numbers
            .iter()
            .map(|(name, _)| declared(kernel, name))
            .collect();
        for (name, _) in kernel.gives {
            assert!(
                declared.iter().any(|own| own == name),
                "{} {name}",
                kernel.name
            );
        }
        assert!(numbers.iter().all(|(name, _)| kernel.gives(name)));
    }
}

/// The name of a number as it is declared: `x_N` for each of a list.
fn declared(kernel: &Kernel, name: &str) -> String {
    if kernel.gives.iter().any(|(own, _)| *own == name) {
        return name.to_owned();
    }
    let list = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    format!("{list}N")
}

/// What a kernel gives without saying so: other names, NaN, something infinite.
fn unsaid(kernel: &Kernel, numbers: &Numbers) -> Vec<String> {
    let unsaid = numbers.iter().filter(|(name, value)| {
        let said = kernel
            .gives
            .iter()
            .find(|(own, _)| *own == declared(kernel, name));
        let may = |word: &str| said.is_some_and(|(_, doc)| doc.contains(word));
        let endless = may("infinite") || kernel.doc.contains("endless");
        said.is_none() || value.is_nan() && !may("NaN") || value.is_infinite() && !endless
    });
    unsaid
        .map(|(name, value)| format!("{} {name} is {value}", kernel.name))
        .collect()
}

#[test]
fn every_kernel_refuses_what_it_does_not_know() {
    for kernel in KERNELS {
        let mut given = sample(kernel);
        given.insert("zebra".to_owned(), Given::Number(1.0));
        refused(kernel, &given, "zebra");
        let first = kernel.needs[0].name;
        let value = given.shift_remove(first).expect("the first value");
        given.shift_remove("zebra");
        let slip = format!("{first}s");
        given.insert(slip.clone(), value);
        refused(kernel, &given, &slip);
        refused(kernel, &given, first);
    }
}

#[test]
fn every_kernel_refuses_to_do_without_what_it_needs() {
    for kernel in KERNELS {
        for need in kernel.needs {
            let mut given = sample(kernel);
            given.shift_remove(need.name);
            if matches!(need.shape, Shape::NumberOr(_) | Shape::ListOrPlaces) {
                assert!(
                    kernel.values(&given).is_ok(),
                    "{} {}",
                    kernel.name,
                    need.name
                );
            } else {
                refused(kernel, &given, need.name);
            }
        }
    }
}

/// Values that a need refuses: out of range, of the wrong shape, or not all there.
fn wrong(need: &Need) -> Vec<Given> {
    let (least, most) = need.range;
    let outside = [
        least - 1.0 - least.abs(),
        most + 1.0 + most.abs(),
        f64::NAN,
        f64::INFINITY,
    ];
    match need.shape {
        Shape::Number | Shape::NumberOr(_) => {
            let mut wrong: Vec<Given> = outside.map(Given::Number).into();
            if need.grain == Grain::Whole {
                wrong.push((least + 0.5).into());
            }
            wrong.extend([[1.0].into(), [[1.0]].into()]);
            wrong
        }
        Shape::List | Shape::ListOrPlaces => {
            let mut wrong: Vec<Given> = outside.map(|value| [least, value].into()).into();
            let long = Given::List(vec![least; 6000]);
            wrong.extend([1.0.into(), [[least]].into(), Given::List(vec![]), long]);
            wrong
        }
        Shape::Table => {
            let mut wrong: Vec<Given> = outside.map(|value| [[least], [value]].into()).into();
            let ragged = Given::Table(vec![vec![least; 2], vec![least]]);
            let empty = [Given::Table(vec![]), Given::Table(vec![vec![]])];
            wrong.extend([
                1.0.into(),
                [least].into(),
                ragged,
                Given::Table(vec![vec![least]; 200]),
            ]);
            wrong.extend(empty);
            wrong
        }
    }
}

#[test]
fn every_kernel_refuses_wrong_values_and_names_them() {
    for kernel in KERNELS {
        for need in kernel.needs {
            for value in wrong(need) {
                let mut given = sample(kernel);
                given.insert(need.name.to_owned(), value);
                refused(kernel, &given, need.name);
            }
        }
    }
}

#[test]
fn messages_say_what_is_allowed() {
    let said: [(Case, &str); 5] = [
        (
            given![load: -1.0, servers: 5.0],
            "`load` is -1, but must be from 0 to 1000000",
        ),
        (
            given![load: 1.0, servers: 2.5],
            "`servers` is 2.5, but must be a whole number from 0 to 100000",
        ),
        (
            given![load: 1.0, servres: 2.0],
            "there is no value `servres`; did you mean `servers`?; `servers` is missing: Number of servers. It must be a whole number from 0 to 100000",
        ),
        (
            given![load: 1.0],
            "`servers` is missing: Number of servers. It must be a whole number from 0 to 100000",
        ),
        (
            given![load: [1.0, 2.0], servers: 2.0],
            "`load` is a list, but must be a number",
        ),
    ];
    for (case, said) in said {
        assert_eq!(refusal("erlang_loss", case), said);
    }
    let (list, table): (Given, _) = (
        [1.0, 2.0].into(),
        Given::Table(vec![vec![0.1, 0.2], vec![0.1]]),
    );
    assert_eq!(
        refusal(
            "leontief",
            &[("coefficients", table), ("final", list.clone())]
        ),
        "row 2 of `coefficients` has 1 numbers, but row 1 has 2; all must have the same"
    );
    assert_eq!(
        refusal(
            "leontief",
            &[("coefficients", [[0.1, 2000.0]].into()), ("final", list)]
        ),
        "`coefficients` is 2000 in row 1, column 2, but each must be from 0 to 1000"
    );
}

/// Cases at the ends of every range: one value after the other, and all numbers at once.
fn at_the_ends(kernel: &Kernel) -> Vec<IndexMap<String, Given>> {
    let end = |need: &Need, high: bool| {
        let value = if high { need.range.1 } else { need.range.0 };
        match need.shape {
            Shape::Number | Shape::NumberOr(_) => Given::Number(value),
            Shape::List | Shape::ListOrPlaces => [value, need.range.0].into(),
            Shape::Table => [[value, need.range.0], [need.range.0, value]].into(),
        }
    };
    let mut cases = Vec::new();
    for need in kernel.needs {
        for high in [false, true] {
            let mut given = sample(kernel);
            given.insert(need.name.to_owned(), end(need, high));
            cases.push(given);
        }
    }
    for corner in 0..1u32 << kernel.needs.len() {
        let needs = kernel.needs.iter().enumerate();
        let ends =
            needs.map(|(place, need)| (need.name.to_owned(), end(need, corner >> place & 1 == 1)));
        cases.push(ends.collect());
    }
    cases
}

#[test]
fn every_kernel_bears_the_ends_of_its_ranges() {
    const LONGEST: Duration = Duration::from_mins(1);
    let mut wrong = Vec::new();
    for kernel in KERNELS {
        for given in at_the_ends(kernel) {
            let begun = Instant::now();
            match call(kernel, &given, Keys::new(1, 0)) {
                Ok(numbers) => wrong.extend(
                    unsaid(kernel, &numbers)
                        .into_iter()
                        .map(|what| format!("{what} for {given:?}")),
                ),
                Err(why) if why.contains('`') => {}
                Err(why) => wrong.push(format!("{}: {why}", kernel.name)),
            }
            if begun.elapsed() > LONGEST {
                wrong.push(format!(
                    "{} takes {:?} for {given:?}",
                    kernel.name,
                    begun.elapsed()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
