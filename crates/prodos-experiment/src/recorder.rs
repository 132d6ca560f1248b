//! The recorder: rows of probes at each zoom, as tables, as often as the experiment asks.
//!
//! A row of the city or of a sector that is not written every day stands for the days since the row
//! before it: flows and levels are their means, stocks and states are those of its own day, the last
//! of them. Teams and operators are shown as they are on their day. Teams are also recorded on days on which something happens to the city: a shock, a change of policy or
//! of a connector, another phase.

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

/// The tables of one run, in the making.
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

impl Recorder {
    /// Empty tables for a run. A design records the city and sectors every 28 days at most, and neither
    /// teams nor operators.
    pub(crate) fn new(experiment: &Experiment, run_id: i64, codes: &[String]) -> Self {
        let record = recorded(experiment);
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
        whole[0].take(city.values());
        if due(day + 1.0, self.record.city_every) {
            self.city.push_row(&[run, Cell::Float(day)], whole[0].end());
        }
        for (span, row) in parts.iter_mut().zip(sectors) {
            span.take(row.values());
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
    fn end(&mut self) -> Vec<f64> {
        let sums = self.sums.iter_mut().map(std::mem::take);
        sums.map(|(sum, days)| if days > 0.0 { sum / days } else { f64::NAN })
            .collect()
    }
}

/// What is recorded of each run.
fn recorded(experiment: &Experiment) -> Record {
    if experiment.replicates > 1 {
        sparse(experiment.record)
    } else {
        experiment.record
    }
}

/// Rows that a run will write, and their columns: city, sectors, teams, operators. Teams are written on
/// dated news as well; what nobody can date, such as a phase, is left out.
pub(crate) fn expected(experiment: &Experiment) -> [(f64, usize); 4] {
    let record = recorded(experiment);
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
        every => times(every) + dated_news(experiment),
    };
    [
        (times(record.city_every), CityRow::PROBES.len()),
        (
            times(record.sectors_every) * sectors,
            SectorRow::PROBES.len(),
        ),
        (writes * teams as f64, TeamRow::PROBES.len()),
        (
            times(record.operators_every) * f64::from(record.operators),
            OperatorRow::PROBES.len(),
        ),
    ]
}

/// Shocks, changes of policy and of connectors that the files date.
fn dated_news(experiment: &Experiment) -> f64 {
    let days = f64::from(experiment.days);
    let scenario = &experiment.scenario;
    let shocks = scenario.shocks.iter().map(|shock| {
        let comes = |time: &u32| shock.day + shock.every * f64::from(*time) < days;
        (0..shock.times).take_while(comes).count()
    });
    let levels = scenario.connectors.values().flatten();
    let levels = levels.filter(|(day, _)| *day < days).count();
    let changes = experiment.policy.changes.iter();
    let changes = changes.filter(|change| change.day < days).count();
    (shocks.sum::<usize>() + levels + changes) as f64
}

/// What a design records of each run.
fn sparse(record: Record) -> Record {
    let at_least = |every: u32| if every == 0 { 0 } else { every.max(28) };
    Record {
        city_every: at_least(record.city_every),
        sectors_every: at_least(record.sectors_every),
        teams_every: 0,
        operators: 0,
        operators_every: 0,
    }
}
