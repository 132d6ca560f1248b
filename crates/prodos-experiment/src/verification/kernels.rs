//! Kernels: functions and reference processes that a case can call by name, with what they need and give.
//!
//! Each is declared once, with its meaning, its source and the range of every value; cases, messages and
//! reference are made of that. Beside functions that the engine uses stand published processes that it does
//! not use, to compare it with ([`mod@super::reference`]).

mod bundles;
mod cascades;
mod drift;
mod inputs;
mod norms;
mod people;
mod phases;
mod quality;
mod queues;
mod renewal;
mod series;
mod traps;

use super::meter::unknown;
use indexmap::IndexMap;
use prodos_config::{Given, Wrong};
use prodos_model::keyed::Keys;

/// All kernels, a family after the other.
pub const KERNELS: &[Kernel] = &[
    queues::ERLANG_LOSS,
    queues::ERLANG_DELAY,
    queues::MACHINE_REPAIR,
    queues::POLLACZEK_KHINCHINE,
    queues::REFLECTED_WALK,
    queues::LOSS_CHAIN,
    queues::REPAIR_CHAIN,
    queues::CLEAR_TIME,
    queues::FINITE_SOURCE_CLEAR,
    renewal::WEIBULL_RENEWAL,
    renewal::MINIMAL_REPAIR,
    renewal::IMPERFECT_REPAIR,
    renewal::DELAY_TIME,
    traps::CAPABILITY_TRAP,
    traps::WORSE_BEFORE_BETTER,
    traps::INTERRUPTIONS,
    people::LEARNING_CURVE,
    people::ERROR_PROBABILITY,
    people::TURNOVER_SPIRAL,
    quality::ROLLED_YIELD,
    quality::CONTROL_CHART,
    quality::CONTINUOUS_SAMPLING,
    bundles::FIBRE_BUNDLE,
    bundles::FIBRE_STRENGTH,
    bundles::FIBRE_RECURSION,
    cascades::LOADING_CASCADE,
    cascades::BRANCHING,
    cascades::MUTUAL_PERCOLATION,
    cascades::MUTUAL_GRAPHS,
    cascades::WATTS_WINDOW,
    cascades::WATTS_CONDITION,
    inputs::LEONTIEF,
    inputs::INOPERABILITY,
    norms::NORMS,
    drift::BOUNDARY_DRIFT,
    drift::RESILIENCE,
    phases::PHASE_HYSTERESIS,
    series::KENDALL,
    series::KENDALL_BY_CHANCE,
    series::AUTOREGRESSION,
    series::FOLD,
];

/// The kernel of that name.
pub fn find(name: &str) -> Option<&'static Kernel> {
    KERNELS.iter().find(|kernel| kernel.name == name)
}

/// The kernel of that name; else what there is.
pub(super) fn called(name: &str) -> Result<&'static Kernel, String> {
    let known = KERNELS.iter().map(|kernel| kernel.name);
    find(name).ok_or_else(|| unknown("kernel", name, known))
}

/// All that is wrong with values, in a line.
pub(super) fn in_a_line(wrong: Vec<Wrong>) -> String {
    let whys: Vec<String> = wrong.into_iter().map(|wrong| wrong.why).collect();
    whys.join("; ")
}

/// A function or reference process that a case can call.
pub struct Kernel {
    /// Name as a case writes it.
    pub name: &'static str,
    /// What it works out, in a sentence.
    pub doc: &'static str,
    /// Where it was published.
    pub source: &'static str,
    /// What it is given.
    pub needs: &'static [Need],
    /// What it gives: name and meaning. `x_N` is a list: `x_1`, `x_2` and so on.
    pub gives: &'static [(&'static str, &'static str)],
    /// Whether chance plays a part: then runs differ by their keys.
    pub chance: bool,
    /// Works it out. Keys are for processes with chance; others leave them alone.
    pub run: fn(&Values, Keys) -> Result<Numbers, String>,
}

/// A value that a kernel needs.
pub struct Need {
    /// Name as a case writes it.
    pub name: &'static str,
    /// Unit; `list` and `table` are of plain numbers.
    pub unit: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// Least and largest number, of each number in a list or table.
    pub range: (f64, f64),
    /// Whether it is a number, a list or a table, and what holds where a case does not say.
    pub shape: Shape,
    /// Whether only whole numbers make sense.
    pub grain: Grain,
}

/// Which numbers make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// Any.
    Any,
    /// Whole ones.
    Whole,
}

/// Whether a kernel needs a number, a list or a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// A number that a case must give.
    Number,
    /// A number that has this value where a case does not give it.
    NumberOr(f64),
    /// A list of numbers.
    List,
    /// A list of numbers that is 1, 2, 3 and so on where a case does not give it.
    ListOrPlaces,
    /// A table, row by row, every row as long as the first.
    Table,
}

/// The values that a kernel is given, checked against what it needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    numbers: Vec<(&'static str, f64)>,
    lists: Vec<(&'static str, Vec<f64>)>,
    tables: Vec<(&'static str, Vec<Vec<f64>>)>,
}

impl Values {
    /// A number of that name; NaN if the kernel did not declare it.
    pub fn number(&self, name: &str) -> f64 {
        let found = self.numbers.iter().find(|(own, _)| *own == name);
        found.map_or(f64::NAN, |(_, value)| *value)
    }

    /// A whole number of that name; 0 if the kernel did not declare it.
    pub fn count(&self, name: &str) -> usize {
        self.number(name) as usize
    }

    /// A list of that name; empty if the kernel did not declare it.
    pub fn list(&self, name: &str) -> &[f64] {
        let found = self.lists.iter().find(|(own, _)| *own == name);
        found.map_or(&[], |(_, value)| value)
    }

    /// A table of that name; empty if the kernel did not declare it.
    pub fn table(&self, name: &str) -> &[Vec<f64>] {
        let found = self.tables.iter().find(|(own, _)| *own == name);
        found.map_or(&[], |(_, value)| value)
    }
}

/// Numbers that a kernel gives, by name.
pub type Numbers = Vec<(String, f64)>;

/// Names the numbers that a kernel gives.
fn named<const N: usize>(numbers: [(&str, f64); N]) -> Numbers {
    numbers
        .map(|(name, number)| (name.to_owned(), number))
        .into()
}

/// Names the numbers of a list that a kernel gives: `x_1`, `x_2` and so on.
fn numbered(name: &str, numbers: &[f64]) -> Numbers {
    let places = numbers.iter().zip(1..);
    places
        .map(|(number, place)| (format!("{name}_{place}"), *number))
        .collect()
}

/// A number that a kernel needs.
const fn number(
    name: &'static str,
    unit: &'static str,
    doc: &'static str,
    range: (f64, f64),
) -> Need {
    Need {
        name,
        unit,
        doc,
        range,
        shape: Shape::Number,
        grain: Grain::Any,
    }
}

/// A whole number that a kernel needs.
const fn count(
    name: &'static str,
    unit: &'static str,
    doc: &'static str,
    range: (f64, f64),
) -> Need {
    let grain = Grain::Whole;
    Need {
        grain,
        ..number(name, unit, doc, range)
    }
}

/// A list or table of plain numbers that a kernel needs.
const fn several(name: &'static str, shape: Shape, doc: &'static str, range: (f64, f64)) -> Need {
    let unit = match shape {
        Shape::Table => "table",
        _ => "list",
    };
    Need {
        shape,
        ..number(name, unit, doc, range)
    }
}

impl Need {
    /// The same, with what holds where a case does not say.
    const fn or(self, value: f64) -> Need {
        Need {
            shape: Shape::NumberOr(value),
            ..self
        }
    }

    /// What is allowed, in words.
    fn allowed(&self) -> String {
        let (least, most) = self.range;
        let each = match self.shape {
            Shape::Number | Shape::NumberOr(_) => "",
            _ => "each ",
        };
        let whole = match self.grain {
            Grain::Any => "",
            Grain::Whole => "a whole number ",
        };
        format!("{each}must be {whole}from {least} to {most}")
    }

    fn check(&self, value: f64, place: &str) -> Result<(), String> {
        let (least, most) = self.range;
        let is_whole = self.grain == Grain::Any || libm::floor(value) == value;
        // A value that is not a number is in no range.
        if (least..=most).contains(&value) && is_whole {
            return Ok(());
        }
        Err(format!(
            "`{}` is {value}{place}, but {}",
            self.name,
            self.allowed()
        ))
    }

    fn wrong_shape(&self, found: &str) -> String {
        let wanted = match self.shape {
            Shape::Number | Shape::NumberOr(_) => "a number",
            Shape::List | Shape::ListOrPlaces => "a list of numbers",
            Shape::Table => "a table, a list of rows",
        };
        format!("`{}` is {found}, but must be {wanted}", self.name)
    }
}

/// The most numbers in a list.
const MOST_NUMBERS: usize = 5000;
/// The most rows and columns of a table.
const MOST_ROWS: usize = 100;

impl Kernel {
    /// Checks what a case gives against what the kernel needs; the error is all that is wrong with it.
    pub fn values(&self, given: &IndexMap<String, Given>) -> Result<Values, Vec<Wrong>> {
        let mut wrong = Vec::new();
        for name in given.keys() {
            if !self.needs.iter().any(|need| need.name == name) {
                let known = self.needs.iter().map(|need| need.name);
                wrong.push(Wrong {
                    value: name.clone(),
                    why: unknown("value", name, known),
                });
            }
        }
        let mut values = Values::default();
        for need in self.needs {
            let taken = match given.get(need.name) {
                Some(value) => values.take(need, value),
                None => values.take_default(need),
            };
            if let Err(why) = taken {
                let value = need.name.to_owned();
                wrong.push(Wrong { value, why });
            }
        }
        if wrong.is_empty() {
            Ok(values)
        } else {
            Err(wrong)
        }
    }

    /// Whether it gives a number of that name.
    pub fn gives(&self, name: &str) -> bool {
        let is_place = |place: &str| place.parse::<u32>().is_ok_and(|place| place > 0);
        let fits = |own: &str| match own.strip_suffix('N') {
            Some(list) => name.strip_prefix(list).is_some_and(is_place),
            None => own == name,
        };
        self.gives.iter().any(|(own, _)| fits(own))
    }
}

impl Values {
    fn take(&mut self, need: &Need, value: &Given) -> Result<(), String> {
        match (need.shape, value) {
            (Shape::Number | Shape::NumberOr(_), Given::Number(value)) => {
                need.check(*value, "")?;
                self.numbers.push((need.name, *value));
            }
            (Shape::List | Shape::ListOrPlaces, Given::List(list)) => {
                check_list(need, list)?;
                self.lists.push((need.name, list.clone()));
            }
            (Shape::Table, Given::Table(rows)) => {
                check_table(need, rows)?;
                self.tables.push((need.name, rows.clone()));
            }
            (_, Given::Number(_)) => return Err(need.wrong_shape("a number")),
            (_, Given::List(_)) => return Err(need.wrong_shape("a list")),
            (_, Given::Table(_)) => return Err(need.wrong_shape("a table")),
        }
        Ok(())
    }

    fn take_default(&mut self, need: &Need) -> Result<(), String> {
        match need.shape {
            Shape::NumberOr(value) => self.numbers.push((need.name, value)),
            Shape::ListOrPlaces => {}
            _ => {
                return Err(format!(
                    "`{}` is missing: {} It {}",
                    need.name,
                    need.doc,
                    need.allowed()
                ));
            }
        }
        Ok(())
    }
}

fn check_list(need: &Need, list: &[f64]) -> Result<(), String> {
    if list.is_empty() || list.len() > MOST_NUMBERS {
        let length = list.len();
        return Err(format!(
            "`{}` has {length} numbers, but must have from 1 to {MOST_NUMBERS}",
            need.name
        ));
    }
    let mut places = list.iter().zip(1..);
    places.try_for_each(|(value, place)| need.check(*value, &format!(" at place {place}")))
}

fn check_table(need: &Need, rows: &[Vec<f64>]) -> Result<(), String> {
    let sizes = 1..=MOST_ROWS;
    let columns = rows.first().map_or(0, Vec::len);
    if !sizes.contains(&rows.len()) || !sizes.contains(&columns) {
        return Err(format!(
            "`{}` has {} rows of {columns}, but must have from 1 to {MOST_ROWS} of each",
            need.name,
            rows.len()
        ));
    }
    for (row, number) in rows.iter().zip(1..) {
        if row.len() != columns {
            return Err(format!(
                "row {number} of `{}` has {} numbers, but row 1 has {columns}; all must have the same",
                need.name,
                row.len()
            ));
        }
        for (value, column) in row.iter().zip(1..) {
            need.check(*value, &format!(" in row {number}, column {column}"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
