//! A made-up result folder, plausible enough to look at: twenty sectors at rest, a shock, a decline.

#![allow(
    clippy::cast_possible_wrap,
    clippy::too_many_lines,
    reason = "numbers are small, and a list of events is long"
)]

use prodos_record::{Cell, Column, Draft, Existing, Folder, Manifest, Sector, Table};
use std::path::Path;

/// What the folder should look like.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    /// Sectors, at most twenty.
    pub(crate) sectors: usize,
    /// Columns and rows of the lattice.
    pub(crate) lattice: (usize, usize),
    /// Days of the run.
    pub(crate) days: usize,
    /// Days that a row speaks for: the mean of flows and levels over them, phases as of the last.
    pub(crate) every: usize,
    /// Replicates.
    pub(crate) runs: usize,
    /// Whether the shock is followed by a decline to phase 0, in a run.
    pub(crate) declines: fn(usize) -> bool,
    /// Runs that failed on their last day, the last ones.
    pub(crate) failed: usize,
}

/// The whole-country case: twenty sectors, 3,200 teams, ten years.
pub(crate) const COUNTRY: Shape = Shape {
    sectors: 20,
    lattice: (64, 50),
    days: 3650,
    every: 1,
    runs: 1,
    declines: |_| true,
    failed: 0,
};

/// The day of the shock.
pub(crate) const SHOCK: usize = 923;
/// The day on which a policy takes hold, and its name.
pub(crate) const POLICY: (usize, &str) = (SHOCK + 10, "spared upkeep");
/// What the summary says of run 0 and no row does; each further run has a hundredth more.
pub(crate) const OUTPUT_MIN: f64 = 0.4321;

const NAMES: [&str; 20] = [
    "Agriculture, forestry and fishing",
    "Mining and quarrying",
    "Manufacturing",
    "Electricity and gas",
    "Water and waste",
    "Construction",
    "Wholesale and retail trade",
    "Transport and storage",
    "Accommodation and food",
    "Information and communication",
    "Finance and insurance",
    "Real estate",
    "Professional and technical services",
    "Administrative services",
    "Public administration",
    "Education",
    "Health and social work",
    "Arts and recreation",
    "Other services",
    "Households as employers",
];

const WEIGHTS: [usize; 20] = [
    12, 3, 80, 5, 7, 68, 140, 52, 75, 45, 33, 18, 90, 86, 44, 88, 128, 26, 20, 2,
];

const CITY: [(&str, &str); 59] = [
    ("line_defect_rate", "share"),
    ("line_downtime", "share"),
    ("line_delayed_maintenance", "share"),
    ("line_churn", "1/day"),
    ("line_shortage", "share"),
    ("output", "GBP million/day"),
    ("output_at_rest", "GBP million/day"),
    ("fill", "share"),
    ("employed", "operators"),
    ("quits", "operators/day"),
    ("hours_output", "hours/day"),
    ("hours_repair", "hours/day"),
    ("hours_preventive", "hours/day"),
    ("hours_inspection", "hours/day"),
    ("hours_quality", "hours/day"),
    ("hours_rework", "hours/day"),
    ("hours_training", "hours/day"),
    ("hours_upgrade", "hours/day"),
    ("hours_coordination", "hours/day"),
    ("hours_aid", "hours/day"),
    ("hours_drills", "hours/day"),
    ("hours_idle", "hours/day"),
    ("hours_absent", "hours/day"),
    ("protected_done", "share"),
    ("offered_load", "ratio"),
    ("backlog_age", "days"),
    ("machines_down", "share"),
    ("escapes", "share"),
    ("trust", "index"),
    ("repair", "index"),
    ("buffer", "index"),
    ("alignment", "index"),
    ("coordination", "index"),
    ("drift", "index"),
    ("margin", "index"),
    ("phase", "phase"),
    ("operators_phase_0", "share"),
    ("operators_phase_1", "share"),
    ("operators_phase_2", "share"),
    ("operators_phase_3", "share"),
    ("teams_phase_0", "share"),
    ("teams_phase_1", "share"),
    ("teams_phase_2", "share"),
    ("teams_phase_3", "share"),
    ("sectors_phase_0", "share"),
    ("sectors_phase_1", "share"),
    ("sectors_phase_2", "share"),
    ("sectors_phase_3", "share"),
    ("customer_trust", "share"),
    ("partner_trust", "share"),
    ("worker_trust", "share"),
    ("stock_cover", "days"),
    ("cash_cover", "days"),
    ("unit_cost", "ratio"),
    ("schedulability", "share"),
    ("discordance", "phases"),
    ("skill", "share"),
    ("fatigue", "ratio"),
    ("incidents", "incidents/day"),
];

/// Writes the folder below `outputs`.
pub(crate) fn folder(outputs: &Path, shape: Shape) -> Folder {
    let draft = Draft::create(outputs, "synthetic-0badcafe").unwrap();
    let file = |name: &str| draft.file(name).unwrap();
    city(shape)
        .write_parquet(&file("series/city.parquet"))
        .unwrap();
    sectors(shape)
        .write_parquet(&file("series/sectors.parquet"))
        .unwrap();
    teams(shape)
        .write_parquet(&file("series/teams.parquet"))
        .unwrap();
    events(shape)
        .write_parquet(&file("events.parquet"))
        .unwrap();
    let summary = summary(shape);
    summary.write_parquet(&file("summary.parquet")).unwrap();
    summary.write_csv(&file("summary.csv")).unwrap();
    std::fs::write(
        file("experiment.ron"),
        "(\n    name: \"synthetic\",\n    city: \"uk-2019\",\n)\n",
    )
    .unwrap();
    let manifest = Manifest {
        version: "0.1.0".into(),
        build: "synthetic".into(),
        experiment: "synthetic".into(),
        question: "Does a city that gives up maintenance survive the loss of a third of its manufacturing for sixty days?".into(),
        configuration_hash: "0badcafe5eed0000111122223333444455556666777788889999aaaabbbbcccc".into(),
        seeds: vec![42],
        runs: shape.runs as u64,
        command: "prodos run outputs/synthetic-0badcafe/experiment.ron".into(),
        city: "uk-2019".into(),
        sectors: (0..shape.sectors).map(|place| Sector { code: code(place), name: NAMES[place].into() }).collect(),
        currency: "GBP million".into(),
        start_date: "2019-01-01".into(),
        days: shape.days as f64,
        operators: 31_850,
        teams: (shape.lattice.0 * shape.lattice.1) as u64,
        threads: 2,
        host: "a-machine".into(),
        started: "2026-01-01T00:00:00Z".into(),
        finished: "2026-01-01T00:02:11Z".into(),
        wall_seconds: 131.2,
        nanoseconds_per_operator_day: 1128.0,
        peak_memory_bytes: 412_000_000,
        ..Manifest::default()
    };
    draft.seal(manifest).unwrap();
    draft.publish(Existing::Replace).unwrap()
}

fn code(place: usize) -> String {
    char::from(b'A' + place as u8).to_string()
}

/// Noise between −1 and 1 that depends on its arguments alone.
fn noise(run: usize, day: usize, what: usize) -> f64 {
    let mut word = (run as u64) << 48 ^ (day as u64) << 20 ^ what as u64;
    for _ in 0..3 {
        word = word.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31) ^ 0x5851_F42D;
    }
    (word >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// How far the decline has gone, 0 to 1.
fn stress(shape: Shape, run: usize, day: usize) -> f64 {
    let since = day as f64 - SHOCK as f64;
    let direct = if (0.0..60.0).contains(&since) {
        0.12
    } else {
        0.0
    };
    let pace = 900.0 + 120.0 * noise(run, 0, 7);
    let slow = if (shape.declines)(run) {
        1.0 / (1.0
            + (-(since - 700.0 - 260.0 * f64::from(run > 0) * noise(run, 1, 9)) / (0.25 * pace))
                .exp())
    } else {
        0.0
    };
    let before = if (shape.declines)(run) {
        0.05 * (day as f64 / SHOCK as f64).min(1.0).powi(3)
    } else {
        0.0
    };
    (before + direct + slow).clamp(0.0, 1.0)
}

fn phase_of(stress: f64) -> f64 {
    if stress > 0.7 {
        0.0
    } else if stress > 0.35 {
        1.0
    } else if stress > 0.11 {
        2.0
    } else {
        3.0
    }
}

/// Shares in phase 0 to 3 for entities spread around the city's stress.
fn shares(stress: f64, spread: f64) -> [f64; 4] {
    let over = |limit: f64| 1.0 / (1.0 + (-(stress - limit) / spread).exp());
    let (zero, one, two) = (over(0.75), over(0.4), over(0.13));
    [zero, one - zero, two - one, 1.0 - two]
}

fn keys(day_doc: &str) -> Vec<Column> {
    vec![
        Column::integer("run_id", "", "Which replicate."),
        Column::float("day", "days", day_doc),
    ]
}

fn city(shape: Shape) -> Table {
    let mut columns = keys("Days since the start.");
    columns.extend(
        CITY.iter()
            .map(|(name, unit)| Column::float(name, unit, "Synthetic.")),
    );
    let mut table = Table::new(columns);
    for run in 0..shape.runs {
        let value = |at: usize, day: usize| {
            let s = stress(shape, run, day);
            let shake = |what: usize, size: f64| size * noise(run, day, what);
            let repair_hours = 0.06 + 0.2 * s;
            match CITY[at].0 {
                "output" => 6.0e9 * (1.0 - 0.59 * s + shake(at, 0.004)),
                "output_at_rest" => 6.0e9,
                "fill" => 0.985 - 0.45 * s + shake(at, 0.006),
                "employed" => 31_850.0 * (1.0 - 0.2 * s),
                "quits" => (30.0 + 90.0 * s + shake(at, 9.0)).round(),
                "hours_output" => 1.6e5 * (0.62 - 0.3 * s),
                "hours_repair" => 1.6e5 * repair_hours,
                "hours_preventive" => 1.6e5 * (0.07 - 0.05 * s),
                "hours_rework" => 1.6e5 * (0.02 + 0.08 * s),
                "hours_absent" => 1.6e5 * (0.05 + 0.04 * s),
                "hours_idle" => 1.6e5 * (0.06 + 0.02 * s),
                name if name.starts_with("hours_") => 1.6e5 * (0.02 + shake(at, 0.001)),
                "protected_done" => (0.99
                    - 0.5 * s
                    - 0.02 * (day as f64 / 400.0).min(2.0) * f64::from((shape.declines)(run))
                    + shake(at, 0.004))
                .min(1.0),
                "offered_load" => 0.62 + 0.9 * s + shake(at, 0.05),
                "backlog_age" => (1.4 + 34.0 * s * s + shake(at, 0.25)).max(0.0),
                "machines_down" => 0.03 + 0.22 * s + shake(at, 0.003),
                "escapes" => (0.004 + 0.05 * s + shake(at, 0.0008)).max(0.0),
                "trust" => 0.86 - 0.55 * s + shake(at, 0.006),
                "repair" => 0.61 - 0.3 * s + shake(at, 0.008),
                "buffer" => 0.66 - 0.35 * s + shake(at, 0.006),
                "alignment" => 0.95 - 0.6 * s + shake(at, 0.008),
                "coordination" => 0.85 + 0.55 * s + shake(at, 0.006),
                "drift" => 0.72 + 0.8 * s + shake(at, 0.01),
                "margin" => 1.51 - 3.15 * s + shake(at, 0.02),
                "phase" => phase_of(s),
                name if name.starts_with("line_") && day < 180 => f64::NAN,
                "line_defect_rate" => 0.0065,
                "line_downtime" | "line_delayed_maintenance" => 0.04,
                "line_churn" => 1.05,
                "line_shortage" => 0.035,
                "incidents" => (4.0 + 20.0 * s + shake(at, 3.0)).max(0.0),
                name if name.contains("_phase_") => {
                    let phase = usize::from(name.as_bytes()[name.len() - 1] - b'0');
                    let spread = if name.starts_with("sectors") {
                        0.02
                    } else if name.starts_with("teams") {
                        0.05
                    } else {
                        0.09
                    };
                    shares(s, spread)[phase]
                }
                _ => 1.0 - 0.4 * s + shake(at, 0.01),
            }
        };
        for day in (shape.every - 1..shape.days).step_by(shape.every) {
            let values = CITY.iter().enumerate().map(|(at, (name, _))| {
                if *name == "phase" {
                    return value(at, day);
                }
                let span = day + 1 - shape.every..=day;
                span.map(|day| value(at, day)).sum::<f64>() / shape.every as f64
            });
            table.push_row(
                &[Cell::Integer(run as i64), Cell::Float(day as f64)],
                values,
            );
        }
    }
    table
}

fn sectors(shape: Shape) -> Table {
    let mut columns = keys("Days since the start.");
    columns.push(Column::text("sector", "Code of the sector."));
    for name in ["output", "output_at_rest", "fill", "phase"] {
        columns.push(Column::float(name, "", "Synthetic."));
    }
    let mut table = Table::new(columns);
    for run in 0..shape.runs {
        let output = |place: usize, day: usize| {
            let hit = if place == 2 && (SHOCK..SHOCK + 60).contains(&day) {
                0.35
            } else {
                0.0
            };
            let s = sector_stress(shape, run, place, day);
            let wave = noise(run, day, 100 + place);
            100.0 * (1.0 - 0.8 * s - hit + 0.01 * wave).max(0.0)
        };
        for day in (shape.every - 1..shape.days).step_by(shape.every) {
            for place in 0..shape.sectors {
                let s = sector_stress(shape, run, place, day);
                let wave = noise(run, day, 100 + place);
                let span = day + 1 - shape.every..=day;
                let mean = span.map(|day| output(place, day)).sum::<f64>() / shape.every as f64;
                let cells = [
                    Cell::Integer(run as i64),
                    Cell::Float(day as f64),
                    Cell::Text(&code(place)),
                ];
                table.push_row(
                    &cells,
                    [
                        mean,
                        100.0,
                        (0.99 - 0.5 * s + 0.008 * wave).min(1.0),
                        phase_of(s),
                    ],
                );
            }
        }
    }
    table
}

fn sector_stress(shape: Shape, run: usize, place: usize, day: usize) -> f64 {
    (stress(shape, run, day) * (0.5 + 0.08 * (place * 7 % 11) as f64)).min(1.0)
}

/// Patches in columns of the lattice, each as large as the sector's weight.
fn sector_of_cell(shape: Shape) -> Vec<usize> {
    let (wide, high) = shape.lattice;
    let mut cells = vec![0; wide * high];
    let columns = if shape.sectors > 6 { 4 } else { 1 };
    let weights = &WEIGHTS[..shape.sectors];
    let groups: Vec<Vec<usize>> = (0..columns)
        .map(|column| {
            (0..shape.sectors)
                .filter(|place| place % columns == column)
                .collect()
        })
        .collect();
    let total: usize = weights.iter().sum();
    let mut left = 0;
    for (at, group) in groups.iter().enumerate() {
        let weight: usize = group.iter().map(|&place| weights[place]).sum();
        let right = if at + 1 == groups.len() {
            wide
        } else {
            left + (wide * weight + total / 2) / total
        };
        let mut sum = 0;
        for y in 0..high {
            while sum + 1 < group.len()
                && y * weight
                    >= high
                        * group[..=sum]
                            .iter()
                            .map(|&place| weights[place])
                            .sum::<usize>()
            {
                sum += 1;
            }
            cells[y * wide + left..y * wide + right].fill(group[sum]);
        }
        left = right;
    }
    cells
}

fn teams(shape: Shape) -> Table {
    let mut columns = keys("Days since the start.");
    columns.push(Column::text("sector", "Code of the sector."));
    for name in ["team", "x", "y"] {
        columns.push(Column::integer(name, "", "Synthetic."));
    }
    columns.push(Column::float("phase", "phase", "Phase 0 to 3."));
    columns.push(Column::float("output", "GBP million/day", "Synthetic."));
    let mut table = Table::new(columns);
    let (wide, high) = shape.lattice;
    let sector = sector_of_cell(shape);
    for run in 0..shape.runs {
        for day in (0..shape.days).step_by(28) {
            for y in 0..high {
                for x in 0..wide {
                    let cell = y * wide + x;
                    let distance =
                        ((x as f64 - 40.0).powi(2) + (y as f64 - 20.0).powi(2)).sqrt() / 50.0;
                    let s = stress(shape, run, day) * (1.25 - 0.5 * distance)
                        + 0.12 * noise(run, day / 56, cell);
                    let place = sector[cell];
                    let keys = [
                        Cell::Integer(run as i64),
                        Cell::Float(day as f64),
                        Cell::Text(&code(place)),
                        Cell::Integer(cell as i64),
                        Cell::Integer(x as i64),
                        Cell::Integer(y as i64),
                    ];
                    table.push_row(&keys, [phase_of(s), 1.0]);
                }
            }
        }
    }
    table
}

fn events(shape: Shape) -> Table {
    let mut columns = vec![
        Column::integer("run_id", "", "Which replicate."),
        Column::integer("event", "", "Number of the event."),
        Column::float("day", "days", "Days since the start."),
        Column::text("kind", "What happened."),
        Column::text("zoom", "At which zoom."),
        Column::text("entity", "To whom."),
        Column::optional_integer("cause_event", "", "The largest contributor."),
    ];
    columns.push(Column::float(
        "size",
        "",
        "How much; for a phase, the new phase.",
    ));
    columns.push(Column::text("detail", "In words."));
    let mut table = Table::new(columns);
    for run in 0..shape.runs {
        let mut next = 0;
        let mut add = |day: usize,
                       kind: &str,
                       zoom: &str,
                       entity: &str,
                       cause: Option<i64>,
                       size: f64,
                       detail: &str| {
            let cause = cause.map_or(Cell::Null, Cell::Integer);
            let (run, event) = (Cell::Integer(run as i64), Cell::Integer(next));
            let row = [
                run,
                event,
                Cell::Float(day as f64),
                Cell::Text(kind),
                Cell::Text(zoom),
                Cell::Text(entity),
                cause,
            ];
            let row: Vec<Cell> = row
                .into_iter()
                .chain([Cell::Float(size), Cell::Text(detail)])
                .collect();
            table.push_row(&row, []);
            next += 1;
            next - 1
        };
        add(0, "policy", "city", "city", None, 5.0, "as ever");
        if shape.days <= SHOCK + 60 {
            continue;
        }
        let (day, name) = POLICY;
        add(day, "policy", "city", "city", None, 5.0, name);
        let shock = add(
            SHOCK,
            "shock",
            "sector",
            "C",
            None,
            0.35,
            "supply shock to manufacturing",
        );
        add(
            SHOCK + 60,
            "shock_end",
            "sector",
            "C",
            Some(shock),
            0.35,
            "",
        );
        let shortage = add(SHOCK + 3, "shortage", "sector", "C", Some(shock), 0.3, "");
        for team in 0..14 {
            let entity = format!("C/{team}");
            let overload = add(
                SHOCK + 5 + team,
                "overload",
                "team",
                &entity,
                Some(shortage),
                1.2,
                "",
            );
            if team % 3 == 0 {
                add(
                    SHOCK + 20 + 2 * team,
                    "defects",
                    "team",
                    &entity,
                    Some(overload),
                    0.1,
                    "",
                );
            }
        }
        for place in [5usize, 7, 16] {
            if place < shape.sectors {
                let shortage = add(
                    SHOCK + 12 + place,
                    "shortage",
                    "sector",
                    &code(place),
                    Some(shortage),
                    0.2,
                    "",
                );
                let backlog = add(
                    SHOCK + 40 + place,
                    "backlog",
                    "sector",
                    &code(place),
                    Some(shortage),
                    8.0,
                    "",
                );
                add(
                    SHOCK + 60 + 3 * place,
                    "incident",
                    "team",
                    &format!("{}/3", code(place)),
                    Some(backlog),
                    1.0,
                    "",
                );
            }
        }
        if !(shape.declines)(0) {
            continue;
        }
        let backlog = add(
            SHOCK + 90,
            "backlog",
            "sector",
            "C",
            Some(shortage),
            9.0,
            "",
        );
        let mut cause = backlog;
        for day in 1..shape.days {
            let (before, now) = (
                phase_of(stress(shape, run, day - 1)),
                phase_of(stress(shape, run, day)),
            );
            if before != now {
                let from = if day < SHOCK + 90 { shock } else { cause };
                cause = add(
                    day,
                    "phase",
                    "city",
                    "city",
                    (day >= SHOCK).then_some(from),
                    now,
                    "",
                );
            }
        }
        if shape.days > 2600 {
            let policy = add(2500, "shock", "city", "city", None, 0.1, "heat wave");
            add(2510, "absence", "sector", "Q", Some(policy), 0.1, "");
        }
    }
    table
}

fn summary(shape: Shape) -> Table {
    let mut columns: Vec<Column> = ["run_id", "point_id", "replicate", "seed"]
        .map(|name| Column::integer(name, "id", "Key."))
        .into();
    columns.extend(
        [
            ("output_mean", "share", "Mean output over output at rest."),
            ("output_min", "share", "Smallest 28-day mean of output."),
            ("output_final", "share", "Mean output of the last 28 days."),
            ("phase_0_first_day", "day", "First day in phase 0."),
            ("city_days_phase_3", "days", "Days in phase 3."),
            (
                "margin_negative_first_day",
                "day",
                "First margin below zero.",
            ),
            ("margin_min", "index", "Least margin."),
            ("margin_final", "index", "Margin on the last day."),
            ("backlog_age_max", "days", "Oldest repair backlog."),
            (
                "chronic_backlog_first_day",
                "day",
                "First day of an old backlog.",
            ),
            ("offered_load_mean", "ratio", "Mean offered repair load."),
            ("upkeep_cost_total", "GBP million", "Paid for upkeep."),
            ("lead_defect_rate_days", "days", "Lead of the alarm."),
            ("lead_downtime_days", "days", "The same for downtime."),
        ]
        .map(|(name, unit, doc)| Column::float(name, unit, doc)),
    );
    columns.push(Column::text("status", "ok or failed."));
    columns.push(Column::text("error", "What failed."));
    let mut table = Table::new(columns);
    for run in 0..shape.runs as i64 {
        let phases = (0..shape.days).map(|day| phase_of(stress(shape, run as usize, day)));
        let zero = phases.clone().position(|phase| phase == 0.0);
        let stable = phases.filter(|&phase| phase == 3.0).count();
        let or_never = |is_so: bool, day: f64| if is_so { day } else { f64::NAN };
        let later = run as f64;
        let declines = (shape.declines)(run as usize);
        let failed = run as usize >= shape.runs - shape.failed;
        let mut row: Vec<Cell> = vec![
            Cell::Integer(run),
            Cell::Integer(0),
            Cell::Integer(run),
            Cell::Integer(42),
        ];
        let low = if declines {
            OUTPUT_MIN + 0.01 * later
        } else {
            0.995
        };
        let numbers = [
            0.731_9 + 0.001 * later,
            or_never(shape.days >= 28, low),
            or_never(shape.days >= 28, low + 0.1),
            zero.map_or(f64::NAN, |day| day as f64),
            stable as f64,
            or_never(declines, 1480.0 + later),
            if declines { -1.6 } else { 1.4 },
            if declines { -1.5 } else { 1.5 },
            35.26 + later,
            or_never(declines, 1390.0 + later),
            0.83 + 0.01 * later,
            1.234e9,
            or_never(declines, 31.0),
            or_never(declines, 0.0),
        ];
        row.extend(numbers.map(|number| Cell::Float(if failed { f64::NAN } else { number })));
        row.extend([
            Cell::Text(if failed { "failed" } else { "ok" }),
            Cell::Text(""),
        ]);
        table.push_row(&row, []);
    }
    table
}
