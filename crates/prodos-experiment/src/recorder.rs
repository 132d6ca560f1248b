//! The recorder: rows of probes at each zoom, as tables, as often as the experiment asks.
//!
//! A row of the city or of a sector that is not written every day stands for the days since the row
//! before it: flows and levels are their means, stocks and states are those of its own day, the last
//! of them. Teams and operators are shown as they are on their day. Teams are also recorded on days on
//! which something happens to the city: a shock, a change of policy or of a connector, another phase.

use crate::keys::{
    CAUSE_EVENT, DAY, DETAIL, ENTITY, EVENT, KIND, POST, ROLE, RUN_ID, SECTOR, SIZE, TEAM, X, Y,
    ZOOM, columns,
};
use prodos_config::{Experiment, Record};
use prodos_model::cascade::{Entity, Event, Kind};
use prodos_model::rows::{CityRow, OperatorRow, SectorRow, TeamRow};
use prodos_model::simulation::Simulation;
use prodos_quantity::{Kind as ProbeKind, Probe};
use prodos_record::{Cell, Table};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The tables of one run, in the making.
#[derive(Clone)]
pub(crate) struct Recorder {
    run_id: i64,
    record: Record,
    news: bool,
    codes: Vec<String>,
    roles: Vec<String>,
    spans: Vec<Span>,
    /// City rows.
    pub(crate) city: Table,
    /// Sector rows.
    pub(crate) sectors: Table,
    /// Team rows.
    pub(crate) teams: Table,
    /// Rows of the operator sample.
    pub(crate) operators: Table,
    /// Events.
    pub(crate) events: Table,
}

/// What a recorder has written.
#[derive(Serialize, Deserialize)]
pub(crate) struct Rows {
    tables: [Table; 5],
    sums: Vec<Vec<(f64, f64)>>,
    news: bool,
}

impl Recorder {
    /// Empty tables for a run.
    pub(crate) fn new(experiment: &Experiment, run_id: i64, codes: &[String]) -> Self {
        let record = experiment.record;
        let currency = &experiment.city.currency;
        let city = Span::new(CityRow::PROBES);
        let of_sector = |_: &String| Span::new(SectorRow::PROBES);
        Recorder {
            run_id,
            record,
            news: false,
            codes: codes.to_vec(),
            roles: experiment.city.roles.keys().cloned().collect(),
            spans: [city]
                .into_iter()
                .chain(codes.iter().map(of_sector))
                .collect(),
            city: Table::of_probes(columns(&[RUN_ID, DAY]), CityRow::PROBES, currency),
            sectors: Table::of_probes(columns(&[RUN_ID, DAY, SECTOR]), SectorRow::PROBES, currency),
            teams: Table::of_probes(
                columns(&[RUN_ID, DAY, SECTOR, TEAM, X, Y]),
                TeamRow::PROBES,
                currency,
            ),
            operators: Table::of_probes(
                columns(&[RUN_ID, DAY, SECTOR, TEAM, POST, ROLE]),
                OperatorRow::PROBES,
                currency,
            ),
            events: Table::new(columns(&[
                RUN_ID,
                EVENT,
                DAY,
                KIND,
                ZOOM,
                ENTITY,
                CAUSE_EVENT,
                SIZE,
                DETAIL,
            ])),
        }
    }

    /// Its tables, each with the name of its file.
    pub(crate) fn tables(&self) -> [(&'static str, &Table); 5] {
        [
            ("city.parquet", &self.city),
            ("sectors.parquet", &self.sectors),
            ("teams.parquet", &self.teams),
            ("operators.parquet", &self.operators),
            ("events.parquet", &self.events),
        ]
    }

    /// The same tables, in the same order, to be changed.
    pub(crate) fn tables_mut(&mut self) -> [&mut Table; 5] {
        [
            &mut self.city,
            &mut self.sectors,
            &mut self.teams,
            &mut self.operators,
            &mut self.events,
        ]
    }

    /// Codes of the sectors.
    pub(crate) fn codes(&self) -> &[String] {
        &self.codes
    }

    /// Calls the run by another number.
    pub(crate) fn call(&mut self, run_id: i64) {
        self.run_id = run_id;
        for table in self.tables_mut() {
            table.fill_integers(RUN_ID.name, run_id);
        }
    }

    /// What it has written so far, and what it knows of the days since.
    pub(crate) fn keep(self) -> Rows {
        Rows {
            tables: [
                self.city,
                self.sectors,
                self.teams,
                self.operators,
                self.events,
            ],
            sums: self.spans.into_iter().map(|span| span.sums).collect(),
            news: self.news,
        }
    }

    /// Goes on from what another recorder of the same experiment has written.
    pub(crate) fn restore(&mut self, rows: Rows) {
        [
            self.city,
            self.sectors,
            self.teams,
            self.operators,
            self.events,
        ] = rows.tables;
        for (span, sums) in self.spans.iter_mut().zip(rows.sums) {
            span.sums = sums;
        }
        self.news = rows.news;
    }

    /// Adds all rows of another run.
    pub(crate) fn append(&mut self, other: &Recorder) {
        for (own, (_, other)) in self.tables_mut().into_iter().zip(other.tables()) {
            own.append_rows(other, 0..other.rows());
        }
    }

    /// Writes down today's rows, where they are due.
    pub(crate) fn write(
        &mut self,
        day: f64,
        city: &CityRow,
        sectors: &[SectorRow],
        simulation: &mut Simulation,
    ) {
        let due = |day: f64, every: u32| every > 0 && day.rem_euclid(f64::from(every)) < 1e-9;
        let run = Cell::Integer(self.run_id);
        let (whole, parts) = self.spans.split_at_mut(1);
        if self.record.city_every > 0 {
            whole[0].take(city.values());
        }
        if due(day + 1.0, self.record.city_every) {
            self.city.push_row(&[run, Cell::Float(day)], whole[0].end());
        }
        if self.record.sectors_every > 0 {
            for (span, row) in parts.iter_mut().zip(sectors) {
                span.take(row.values());
            }
        }
        if due(day + 1.0, self.record.sectors_every) {
            for (code, span) in self.codes.iter().zip(parts) {
                let keys = [run, Cell::Float(day), Cell::Text(code)];
                self.sectors.push_row(&keys, span.end());
            }
        }
        let news = std::mem::take(&mut self.news) && self.record.teams_every > 0;
        if news || due(day, self.record.teams_every) {
            for (key, row) in simulation.team_rows() {
                let cells = [
                    run,
                    Cell::Float(day),
                    Cell::Text(&self.codes[key.sector]),
                    Cell::Integer(key.team.into()),
                    Cell::Integer(key.cell.0.into()),
                    Cell::Integer(key.cell.1.into()),
                ];
                self.teams.push_row(&cells, row.values());
            }
        }
        if self.record.operators > 0 && due(day, self.record.operators_every) {
            for (key, row) in simulation.operator_rows(self.record.operators as usize) {
                let cells = [
                    run,
                    Cell::Float(day),
                    Cell::Text(&self.codes[key.sector]),
                    Cell::Integer(key.team.into()),
                    Cell::Integer(key.post.into()),
                    Cell::Text(self.roles.get(key.role).map_or("", String::as_str)),
                ];
                self.operators.push_row(&cells, row.values());
            }
        }
    }

    /// Writes down events.
    pub(crate) fn note(&mut self, events: &[Event]) {
        for event in events {
            self.news |= match event.kind {
                Kind::Shock | Kind::Policy | Kind::Connector => true,
                Kind::Phase => event.entity == Entity::City,
                _ => false,
            };
            if !self.record.events {
                continue;
            }
            let entity = Simulation::entity_name(&self.codes, event);
            let zoom = match (entity.as_str(), entity.matches('/').count()) {
                ("city", _) => "city",
                (_, 0) => "sector",
                (_, 1) => "team",
                _ => "operator",
            };
            let cause = if event.cause == 0 {
                Cell::Null
            } else {
                Cell::Integer(event.cause.into())
            };
            self.events.push_row(
                &[
                    Cell::Integer(self.run_id),
                    Cell::Integer(event.id.into()),
                    Cell::Float(event.day),
                    Cell::Text(event.kind.name()),
                    Cell::Text(zoom),
                    Cell::Text(&entity),
                    cause,
                    Cell::Float(event.size),
                    Cell::Text(&event.detail),
                ],
                [],
            );
        }
    }
}

/// The days since the last row, of one entity.
#[derive(Clone)]
struct Span {
    probes: &'static [Probe],
    /// Sum and number of days with a value; for stocks and states the last value.
    sums: Vec<(f64, f64)>,
}

impl Span {
    fn new(probes: &'static [Probe]) -> Self {
        Span {
            probes,
            sums: vec![(0.0, 0.0); probes.len()],
        }
    }

    /// Takes in a day.
    fn take(&mut self, values: impl Iterator<Item = f64>) {
        for ((probe, sum), value) in self.probes.iter().zip(&mut self.sums).zip(values) {
            match probe.kind {
                ProbeKind::Stock | ProbeKind::State => *sum = (value, 1.0),
                ProbeKind::Flow | ProbeKind::Level if value.is_nan() => {}
                ProbeKind::Flow | ProbeKind::Level => *sum = (sum.0 + value, sum.1 + 1.0),
            }
        }
    }

    /// The row of the span, null where no day had a value; the next day begins a new one.
    fn end(&mut self) -> impl Iterator<Item = f64> {
        let sums = self.sums.iter_mut().map(std::mem::take);
        sums.map(|(sum, days)| if days > 0.0 { sum / days } else { f64::NAN })
    }
}

/// How large a table will be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Size {
    pub(crate) rows: f64,
    columns: usize,
}

impl Size {
    fn of(rows: f64, probes: &[Probe]) -> Self {
        Size {
            rows,
            columns: probes.len(),
        }
    }

    /// Bytes in memory of so many of its rows.
    pub(crate) fn bytes(&self, rows: f64) -> f64 {
        rows * (self.columns * size_of::<f64>()) as f64
    }
}

/// How large the tables of one run will be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sizes {
    pub(crate) city: Size,
    pub(crate) sectors: Size,
    pub(crate) teams: Size,
    pub(crate) operators: Size,
}

/// What a run will write, key columns aside. Teams are written on dated news as well; what nobody can
/// date, such as a phase, is left out.
pub(crate) fn expected(experiment: &Experiment) -> Sizes {
    let record = experiment.record;
    let city = &experiment.city;
    let teams: usize = city
        .sectors
        .values()
        .map(|sector| sector.teams(city.scale))
        .sum();
    let times = |every: u32| match every {
        0 => 0.0,
        every => f64::from(experiment.days) / f64::from(every),
    };
    let sectors = city.sectors.len() as f64;
    let writes = match record.teams_every {
        0 => 0.0,
        every => times(every) + dated_news(experiment, every) as f64,
    };
    let operators = times(record.operators_every) * f64::from(record.operators);
    Sizes {
        city: Size::of(times(record.city_every), CityRow::PROBES),
        sectors: Size::of(times(record.sectors_every) * sectors, SectorRow::PROBES),
        teams: Size::of(writes * teams as f64, TeamRow::PROBES),
        operators: Size::of(operators, OperatorRow::PROBES),
    }
}

/// Days of shocks, changes of policy and of connectors that the files date, except every so many days.
fn dated_news(experiment: &Experiment, every: u32) -> usize {
    let scenario = &experiment.scenario;
    let shocks = scenario.shocks.iter().flat_map(|shock| {
        let comes = |time: u32| shock.day + shock.every * f64::from(time);
        (0..shock.times).map(comes)
    });
    let levels = scenario.connectors.values().flatten().map(|(day, _)| *day);
    let changes = experiment.policy.changes.iter().map(|change| change.day);
    let days = shocks.chain(levels).chain(changes).map(|day| day as u32);
    let new = days.filter(|day| *day < experiment.days && !day.is_multiple_of(every));
    new.collect::<BTreeSet<u32>>().len()
}

#[cfg(test)]
mod tests {
    use super::{Recorder, dated_news, expected};
    use crate::conduct::bytes_held;
    use crate::keys::KEYS;
    use prodos_config::{Experiment, Options, load};
    use prodos_model::rows::{CityRow, SectorRow};
    use std::path::Path;

    fn experiment(name: &str, set: &[&str]) -> Experiment {
        let file = format!("../../configs/experiments/{name}.ron");
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let set: Vec<_> = set
            .iter()
            .map(|set| set.parse().expect("it is one"))
            .collect();
        load(&file, &set, &Options::default()).unwrap_or_else(|problems| panic!("{problems}"))
    }

    #[test]
    fn news_of_one_day_and_of_days_that_are_written_anyway_count_once() {
        let mut experiment = experiment("uk-repeated-shocks", &[]);
        let shock = &mut experiment.scenario.shocks[0];
        (shock.day, shock.every, shock.times) = (100.0, 10.0, 3);
        let again = shock.clone();
        experiment.scenario.shocks = vec![again.clone(), again];
        assert_eq!(dated_news(&experiment, 7), 3);
        assert_eq!(dated_news(&experiment, 10), 0);
        assert_eq!(dated_news(&experiment, 11), 2, "day 110 is written anyway");
        experiment.days = 115;
        assert_eq!(dated_news(&experiment, 7), 2);
    }

    #[test]
    fn a_single_run_holds_little_and_a_design_some_chunks() {
        let one = experiment("harbour", &["days=20000"]);
        let sizes = expected(&one);
        assert_eq!(sizes.city.rows, 20_000.0);
        assert_eq!(sizes.sectors.rows, 60_000.0);
        let city = 20_000.0 * CityRow::PROBES.len() as f64 * 8.0;
        let sectors = 60_000.0 * SectorRow::PROBES.len() as f64 * 8.0;
        let held = bytes_held(&one);
        assert!(
            held > city && held < city + 0.6 * sectors,
            "{held} of {city} and {sectors}"
        );
        let [few, many] = ["replicates=100000", "replicates=1000000"]
            .map(|count| bytes_held(&experiment("harbour", &[count])));
        assert_eq!(few, many, "memory does not grow with the number of runs");
    }

    #[test]
    fn a_key_says_in_which_tables_it_stands() {
        let recorder = Recorder::new(&experiment("harbour", &[]), 0, &[]);
        let tables = [
            ("series/city", &recorder.city),
            ("series/sectors", &recorder.sectors),
            ("series/teams", &recorder.teams),
            ("series/operators", &recorder.operators),
            ("events", &recorder.events),
        ];
        for (name, table) in tables {
            for key in KEYS {
                let (folder, file) = name.split_once('/').unwrap_or((name, ""));
                let says = key.tables == "all"
                    || key.tables.split(", ").any(|told| {
                        told == folder
                            || told == name
                            || (told == file && key.tables.starts_with(folder))
                    });
                let stands = table.column(key.name).is_some();
                assert_eq!(says, stands, "`{}` in {name}: {}", key.name, key.tables);
            }
        }
    }
}
