//! Every lever and every gain pulls the way its description says.
//!
//! A row names a parameter, a low and a high value, where the city stands, a number to read, and
//! whether the high value raises or lowers it. Both arms are run with the same seeds, so that a
//! draw that the parameter does not concern is the same in both; the mean of the differences
//! must have the stated sign and be more than three standard errors from zero: of eight seeds, or of
//! twice as many until it is, 64 at most. A lever has a row on
//! what it is for, not only on what it costs. A parameter without a row fails the test. Connectors are
//! tried alike.

mod common;

use common::{harbour, patch, set};
use prodos_model::build::Options;
use prodos_model::cascade::Kind;
use prodos_model::parameters::Parameters;
use prodos_model::rows::CityRow;
use prodos_model::simulation::Simulation;
use prodos_model::spec::{Change, Run, Shock, ShockKind};
use prodos_quantity::Role;
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Where the city stands while the parameter is tried.
#[derive(Clone, Copy, Debug, PartialEq)]
enum World {
    /// Nothing happens.
    Calm,
    /// Half as much again is ordered, all year.
    Boom,
    /// Most of final demand is gone for four months.
    Slump,
    /// A third of the machines breaks, every two months.
    Storm,
    /// Most machines break at once, and need long repairs.
    Wreck,
    /// A third of the people is away for two months.
    Strike,
    /// Most of what the workshops deliver does not arrive for two months.
    Cut,
    /// Protected work is not funded at all.
    Starved,
    /// Nobody minds shortcuts.
    Lax,
    /// Pressure hurts people.
    Harm,
    /// People leave in numbers, and headcount comes first.
    Exodus,
    /// People leave in numbers, and there is no cash.
    Poor,
    /// Projects run, while more is ordered.
    Upgrading,
    /// Projects are finished every two months, and machines are short.
    Upgraded,
    /// Projects unsettle nobody and are not put off, while more is ordered.
    Improving,
    /// Repairs renew.
    Renewing,
    /// A strike, with phases that follow within weeks.
    Quick,
    /// Most machines break at once, beyond repair.
    Ruin,
    /// Stocks are to be three times as large.
    Stocking,
    /// Few crews, and long repairs of all lengths; phases follow within weeks.
    Queueing,
    /// Nothing that the workshops deliver arrives for two months, and none is replaced from abroad.
    Blockade,
    /// A third of the machines breaks, every two months; phases follow within weeks.
    Battered,
    /// Procedures stray fast; nothing is checked, and there are drills.
    Straying,
    /// Orders come now and then.
    Sporadic,
    /// Orders come in waves, and those not served stay open.
    Wavy,
    /// Half as much again is ordered, and inputs are ordered up to a level.
    Reordering,
    /// Peers count so much that each of two norms holds itself.
    Torn,
    /// The same, and one team of each patch starts with shortcuts.
    Divided,
    /// Repairs are long and of all lengths, and each team has one crew.
    Uneven,
    /// Many tasks go wrong, under load.
    Erring,
    /// Machines break whatever is done, and few crews mend them; phases follow within weeks.
    Congested,
}
use World::{
    Battered, Blockade, Boom, Calm, Congested, Cut, Divided, Erring, Exodus, Harm, Improving, Lax,
    Poor, Queueing, Quick, Renewing, Reordering, Ruin, Slump, Sporadic, Starved, Stocking, Storm,
    Straying, Strike, Torn, Uneven, Upgraded, Upgrading, Wavy, Wreck,
};

impl World {
    fn shocks(self) -> Vec<Shock> {
        let storm = |size, hours, every, times| Shock {
            hours,
            every,
            times,
            ..Shock::new("storm", ShockKind::Damage, size, 10.0, 0.0)
        };
        match self {
            Boom | Harm | Upgrading | Improving | Reordering => {
                vec![Shock::new("boom", ShockKind::Demand, 0.5, 0.0, 1000.0)]
            }
            Slump => vec![Shock::new("slump", ShockKind::Demand, -0.9, 30.0, 120.0)],
            Storm | Upgraded | Battered => vec![storm(0.33, 24.0, 60.0, 6)],
            Wreck | Ruin => vec![storm(0.8, 60.0, 0.0, 1)],
            Strike | Quick => vec![Shock::new("strike", ShockKind::Staff, 0.33, 30.0, 60.0)],
            Cut | Blockade => vec![Shock {
                sectors: vec!["works".into()],
                ..Shock::new("cut", ShockKind::Link, 0.9, 30.0, 60.0)
            }],
            Calm | Starved | Lax | Exodus | Poor | Renewing | Stocking | Queueing | Straying
            | Sporadic | Wavy | Torn | Divided | Uneven | Erring | Congested => Vec::new(),
        }
    }

    /// What holds from day 0 in both arms.
    fn settings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Starved => &[("hours.protected_share", "0")],
            Lax => &[("shortcuts.inclination", "1")],
            Harm => &[("safety.per_pressure", "0.5")],
            Exodus => &[
                ("staff.quit_rate", "0.01"),
                ("staff.fill_rule", "headcount_first"),
            ],
            Poor => &[("staff.quit_rate", "0.01"), ("finance.cash_target", "0")],
            Upgrading => &[("upgrade.projects_per_year", "4")],
            Upgraded => &[
                ("upgrade.projects_per_year", "6"),
                ("upgrade.project_hours", "8"),
            ],
            Improving => &[
                ("upgrade.projects_per_year", "6"),
                ("upgrade.project_hours", "8"),
                ("upgrade.restart", "1"),
                ("upgrade.unsettled_error", "0"),
                ("hours.weight_upgrade", "3"),
            ],
            Renewing => &[("maintenance.repair_kind", "kijima_two")],
            Blockade => &[
                ("supply.import_replacement", "0"),
                ("finance.credit", "3650"),
            ],
            Quick | Battered => &[("phases.stable_dwell", "14"), ("phases.slip_dwell", "7")],
            Ruin => &[("maintenance.write_off_hours", "50")],
            Stocking => &[("supply.stock_scale", "3")],
            Queueing => &[
                ("maintenance.machines_per_crew", "50"),
                ("maintenance.repair_hours", "60"),
                ("phases.stable_dwell", "14"),
                ("phases.slip_dwell", "7"),
            ],
            Straying => &[
                ("process.growth", "0.01"),
                ("quality.coverage", "0"),
                ("safety.drill_hours", "24"),
            ],
            Sporadic => &[
                ("supply.order_stream", "poisson"),
                ("supply.order_size", "1"),
            ],
            Wavy => &[
                ("supply.order_stream", "autoregressive"),
                ("supply.order_spread", "0.4"),
            ],
            Reordering => &[("supply.ordering", "order_up_to")],
            Erring => &[("error.base", "0.05")],
            Congested => &[
                ("wear.base_hazard", "0.02"),
                ("maintenance.machines_per_crew", "20"),
                ("phases.stable_dwell", "14"),
                ("phases.slip_dwell", "7"),
            ],
            Calm | Boom | Slump | Storm | Wreck | Strike | Cut | Torn | Divided | Uneven => &[],
        }
    }

    /// What the city is built with in both arms.
    fn laid_out(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Uneven => vec![
                ("tools.machines_per_operator", "10"),
                ("maintenance.inspection_hours", "0.1"),
                ("maintenance.preventive_hours", "0.8"),
                ("maintenance.machines_per_crew", "1000"),
                ("maintenance.spares", "unlimited"),
                ("maintenance.write_off_hours", "0"),
                ("maintenance.repair_hours", "16"),
                ("maintenance.planned_hours", "6"),
                ("maintenance.job_size", "hyperexponential"),
                ("maintenance.job_spread", "3"),
            ],
            Torn => vec![
                ("shortcuts.peer_gain", "12"),
                ("shortcuts.inclination", "-7"),
                ("shortcuts.enforcement_gain", "0"),
                ("shortcuts.pressure_gain", "0"),
            ],
            Divided => [Torn.laid_out(), vec![("shortcuts.seed_block", "1")]].concat(),
            _ => Vec::new(),
        }
    }
}

/// Since when the parameter holds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Since {
    /// The city is built with it, and laid out for it.
    Built,
    /// The city is built without it; it holds from day 0.
    DayZero,
}
use Since::{Built, DayZero};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Effect {
    Raises,
    Lowers,
}
use Effect::{Lowers, Raises};

type Row = (
    &'static str,
    &'static str,
    &'static str,
    World,
    Since,
    &'static str,
    Effect,
);

/// Parameter, low, high, world, since when, what is read, what the high value does to it.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("staff.duty_hours", "7", "9", Boom, DayZero, "fill", Raises),
    ("staff.absence", "0.02", "0.15", Calm, DayZero, "pressure", Raises),
    ("staff.quit_rate", "0.0002", "0.003", Calm, DayZero, "quits", Raises),
    ("staff.quit_fatigue_gain", "0", "8", Boom, DayZero, "quits", Raises),
    ("staff.quit_distrust_gain", "0", "8", Boom, DayZero, "quits", Raises),
    ("staff.hiring_time", "20", "200", Boom, DayZero, "employed", Lowers),
    ("staff.recall_time", "2", "60", Slump, DayZero, "employed", Lowers),
    ("staff.layoff_time", "10", "60", Slump, DayZero, "employed", Raises),
    ("staff.pressure_memory", "2", "60", Slump, DayZero, "employed", Raises),
    ("trust.newcomer", "0.3", "0.9", Exodus, DayZero, "worker_trust", Raises),
    ("staff.layoff_below", "0.3", "0.8", Slump, DayZero, "employed", Lowers),
    ("staff.recall_above", "0.7", "0.9", Slump, DayZero, "employed", Lowers),
    ("staff.overtime", "0", "0.25", Boom, DayZero, "output", Raises),
    ("staff.fit", "0.6", "0.98", Calm, Built, "defects", Lowers),
    ("staff.fit_spread", "0", "0.4", Calm, Built, "defects", Raises),
    ("staff.headcount_discount", "0.05", "0.9", Exodus, DayZero, "employed", Raises),
    ("staff.cross_training", "0.4", "0.95", Strike, DayZero, "defects", Lowers),
    ("staff.labour_pool", "0.0", "0.5", Exodus, Built, "employed", Raises),
    ("staff.stay_in_trade", "0", "1", Boom, DayZero, "employed", Raises),
    ("staff.fill_rule", "fit_first", "headcount_first", Boom, DayZero, "employed", Raises),
    ("training.train_time", "30", "365", Calm, DayZero, "skill", Lowers),
    ("training.doing_time", "200", "2000", Calm, DayZero, "skill", Lowers),
    ("training.decay", "0.0005", "0.003", Calm, DayZero, "skill", Lowers),
    ("training.newcomer_skill", "0.1", "0.6", Exodus, DayZero, "skill", Raises),
    ("training.hours_per_year", "10", "120", Calm, DayZero, "hours_training", Raises),
    ("training.hours_per_year", "0", "120", Calm, DayZero, "skill", Raises),
    ("training.full_hours", "20", "120", Calm, DayZero, "skill", Lowers),
    ("training.certificate_life", "30", "3000", Starved, DayZero, "defects", Lowers),
    ("training.untrained_speed", "0.3", "0.8", Calm, DayZero, "pressure", Lowers),
    ("tools.machines_per_operator", "1", "4", Calm, Built, "breakdowns", Raises),
    ("tools.slack", "0", "0.6", Boom, DayZero, "output", Raises),
    ("supply.adjust_time", "5", "60", Stocking, DayZero, "stock_cover", Lowers),
    ("supply.import_lead", "5", "60", Cut, Built, "output", Lowers),
    ("supply.import_replacement", "0", "1", Cut, DayZero, "output", Raises),
    ("supply.import_replacement", "0", "1", Cut, DayZero, "imports", Raises),
    ("supply.order_life", "0", "30", Storm, DayZero, "orders_lost", Lowers),
    ("supply.stock_scale", "0.5", "3", Calm, DayZero, "stock_cover", Raises),
    ("supply.overorder_gain", "0", "10", Cut, DayZero, "stock_cover", Raises),
    ("supply.promise", "1", "14", Boom, DayZero, "customer_trust", Raises),
    ("supply.inputs", "weakly_critical", "leontief", Blockade, DayZero, "output", Lowers),
    ("supply.rationing", "firms_first", "proportional", Boom, DayZero, "firms_fill", Lowers),
    ("supply.rationing", "firms_first", "by_trust", Boom, DayZero, "firms_fill", Lowers),
    ("supply.order_stream", "fixed", "autoregressive", Wavy, DayZero, "orders_open", Raises),
    ("supply.order_stream", "fixed", "poisson", Sporadic, DayZero, "orders_open", Raises),
    ("supply.order_size", "0.01", "5", Sporadic, DayZero, "orders_open", Raises),
    ("supply.order_spread", "0", "0.5", Wavy, DayZero, "orders_open", Raises),
    ("supply.order_memory", "0", "0.95", Wavy, DayZero, "orders_open", Raises),
    ("supply.ordering", "use_and_gap", "order_up_to", Calm, DayZero, "stock_cover", Raises),
    ("supply.order_lead", "1", "10", Reordering, DayZero, "stock_cover", Raises),
    ("supply.forecast_days", "1", "200", Reordering, DayZero, "stock_cover", Lowers),
    ("training.renewal_restores", "0", "1", Calm, DayZero, "skill", Raises),
    ("maintenance.preventive", "in_turn", "by_age", Calm, DayZero, "machine_age", Lowers),
    ("error.base", "0.001", "0.01", Calm, DayZero, "defects", Raises),
    ("error.task_hours", "0.1", "2", Lax, DayZero, "incidents", Lowers),
    ("error.time_pressure", "2", "16", Boom, DayZero, "defects", Raises),
    ("error.inexperience", "1", "8", Calm, DayZero, "defects", Raises),
    ("error.misfit", "1", "16", Calm, DayZero, "defects", Raises),
    ("error.shortcut", "0", "9", Lax, DayZero, "defects", Raises),
    ("error.fatigue", "0", "20", Boom, DayZero, "defects", Raises),
    ("error.uncertified", "0", "2", Starved, DayZero, "defects", Raises),
    ("error.cap", "0.01", "1", Boom, DayZero, "defects", Raises),
    ("quality.coverage", "0.2", "2", Calm, DayZero, "hours_quality", Raises),
    ("quality.coverage", "0", "1", Calm, DayZero, "escapes", Lowers),
    ("quality.coverage", "1", "3", Calm, DayZero, "escapes", Lowers),
    ("quality.coverage", "0", "1", Straying, DayZero, "defects", Lowers),
    ("quality.check_hours", "0.01", "0.15", Calm, DayZero, "hours_quality", Raises),
    ("quality.detection", "0.6", "0.99", Calm, DayZero, "escapes", Lowers),
    ("quality.rework_fails", "0.02", "0.5", Calm, DayZero, "escapes", Raises),
    ("quality.rework_hours", "0.2", "3", Calm, DayZero, "hours_rework", Raises),
    ("quality.surfacing", "1", "60", Boom, DayZero, "customer_trust", Raises),
    ("quality.shortcut_loss", "0.2", "0.8", Lax, DayZero, "escapes", Raises),
    ("quality.disposal", "rework", "scrap", Calm, DayZero, "hours_rework", Lowers),
    ("quality.disposal", "rework", "scrap", Calm, DayZero, "escapes", Lowers),
    ("quality.disposal", "rework", "scrap", Calm, DayZero, "orders_open", Raises),
    ("maintenance.inspection_interval", "3", "60", Calm, DayZero, "breakdowns", Raises),
    ("maintenance.inspection_hours", "0.1", "2", Calm, DayZero, "hours_inspection", Raises),
    ("maintenance.detection", "0.5", "0.98", Calm, DayZero, "breakdowns", Lowers),
    ("maintenance.shortcut_loss", "0", "1", Lax, DayZero, "defects_caught", Lowers),
    ("maintenance.preventive_interval", "30", "365", Calm, DayZero, "machine_age", Raises),
    ("maintenance.preventive_hours", "1", "12", Calm, DayZero, "hours_preventive", Raises),
    ("maintenance.preventive_restores", "0.5", "1", Calm, DayZero, "machine_age", Lowers),
    ("maintenance.catch_up", "2", "60", Boom, DayZero, "protected_overdue", Raises),
    ("maintenance.repair_hours", "4", "100", Calm, DayZero, "machines_down", Raises),
    ("maintenance.planned_hours", "2", "40", Calm, DayZero, "machines_down", Raises),
    ("maintenance.machines_per_crew", "6", "50", Storm, DayZero, "machines_down", Raises),
    ("maintenance.repair_restores", "0", "1", Renewing, DayZero, "machine_age", Lowers),
    ("maintenance.discipline", "first_come", "shortest_first", Queueing, DayZero, "machines_down", Lowers),
    ("maintenance.bad_repair_gain", "0", "20", Storm, DayZero, "latent_defects", Raises),
    ("maintenance.spare_cover", "0", "60", Storm, DayZero, "machines_down", Lowers),
    ("maintenance.spare_lead", "2", "60", Storm, DayZero, "machines_down", Raises),
    ("maintenance.spare_stock", "1", "20", Storm, DayZero, "machines_down", Lowers),
    ("maintenance.repair_kind", "minimal", "perfect", Calm, DayZero, "machine_age", Lowers),
    ("maintenance.spares", "unlimited", "base_stock", Storm, DayZero, "machines_down", Raises),
    ("maintenance.economic_life", "40", "400", Starved, DayZero, "machine_age", Raises),
    ("maintenance.write_off_hours", "50", "400", Wreck, DayZero, "repair_backlog", Raises),
    ("maintenance.renewal_time", "10", "200", Ruin, DayZero, "machines_down", Raises),
    ("finance.machine_price", "1", "200", Ruin, Built, "cash_cover", Lowers),
    ("safety.enforcement", "0.2", "1", Calm, DayZero, "shortcuts", Lowers),
    ("safety.per_shortcut_tasks", "0.01", "5", Lax, DayZero, "incidents", Raises),
    ("safety.per_pressure", "0.0004", "0.05", Boom, DayZero, "incidents", Raises),
    ("safety.spell", "5", "100", Harm, DayZero, "present", Lowers),
    ("safety.drill_hours", "0", "24", Calm, DayZero, "hours_drills", Raises),
    ("safety.drill_hours", "0", "24", Straying, DayZero, "defects", Lowers),
    ("upgrade.projects_per_year", "0", "2", Calm, DayZero, "skill", Lowers),
    ("upgrade.projects_per_year", "0", "2", Calm, DayZero, "hours_upgrade", Raises),
    ("upgrade.projects_per_year", "0", "6", Improving, DayZero, "output", Raises),
    ("upgrade.project_hours", "4", "80", Upgrading, DayZero, "hours_upgrade", Raises),
    ("upgrade.pace", "0.02", "0.5", Upgrading, DayZero, "hours_upgrade", Raises),
    ("upgrade.pace", "0", "0.1", Improving, DayZero, "output", Raises),
    ("upgrade.pace", "0.02", "0.5", Upgrading, DayZero, "defects", Raises),
    ("upgrade.machine_gain", "0", "0.5", Upgraded, DayZero, "output", Raises),
    ("upgrade.labour_saving", "0", "0.3", Upgraded, DayZero, "pressure", Lowers),
    ("upgrade.restart", "0.25", "1", Upgraded, DayZero, "skill", Raises),
    ("upgrade.unsettled_error", "0", "10", Upgraded, DayZero, "defects", Raises),
    ("hours.protected_share", "0.2", "1", Calm, DayZero, "breakdowns", Lowers),
    // Each reading follows each of the flows it is made of.
    ("trust.loss", "0.02", "0.3", Cut, DayZero, "buyer_trust", Lowers),
    ("trust.loss", "0.02", "0.3", Cut, DayZero, "supplier_trust", Lowers),
    ("trust.gain", "0.005", "0.05", Cut, DayZero, "partner_trust", Raises),
    ("maintenance.machines_per_crew", "5", "50", Calm, DayZero, "repair", Lowers),
    ("training.untrained_speed", "0.1", "0.9", Calm, DayZero, "repair", Raises),
    ("maintenance.spare_cover", "0", "60", Stocking, Built, "buffer", Raises),
    ("staff.quit_rate", "0.0002", "0.01", Stocking, DayZero, "buffer", Lowers),
    ("maintenance.machines_per_crew", "5", "50", Storm, DayZero, "buffer", Lowers),
    ("shortcuts.inclination", "-5", "1", Calm, DayZero, "alignment", Lowers),
    ("training.decay", "0.0005", "0.003", Calm, DayZero, "drift", Raises),
    ("shortcuts.inclination", "-5", "1", Calm, DayZero, "drift", Raises),
    ("process.growth", "0.0001", "0.005", Calm, DayZero, "drift", Raises),
    ("staff.quit_rate", "0.0002", "0.01", Calm, DayZero, "drift", Raises),
    ("hours.protected_share", "0.2", "1", Calm, DayZero, "drift", Lowers),
    ("wear.scale", "100", "1000", Calm, DayZero, "drift_wear", Lowers),
    ("safety.enforcement", "0.1", "1", Lax, DayZero, "drift", Lowers),
    ("staff.fill_rule", "fit_first", "headcount_first", Calm, Built, "defects", Raises),
    ("hours.protected_share", "0.2", "1", Calm, DayZero, "skill", Raises),
    ("hours.protected_share", "0.2", "1", Calm, DayZero, "upkeep_cost", Raises),
    ("finance.spare_price", "0.1", "20", Calm, Built, "upkeep_cost", Raises),
    ("hours.weight_protected", "0.2", "10", Boom, DayZero, "protected_done", Raises),
    ("hours.weight_repair", "0.2", "10", Boom, DayZero, "hours_repair", Raises),
    ("hours.weight_repair", "0.2", "10", Boom, DayZero, "machines_down", Lowers),
    ("hours.weight_upgrade", "0", "3", Upgrading, DayZero, "hours_upgrade", Raises),
    ("hours.weight_upgrade", "0", "3", Improving, DayZero, "output", Raises),
    ("hours.ship_pressure", "0", "10", Boom, DayZero, "hours_output", Raises),
    ("hours.order_horizon", "1", "20", Strike, DayZero, "orders_open", Raises),
    ("hours.rest_pressure", "0.7", "0.95", Calm, Built, "pressure", Raises),
    ("wear.shape", "1.5", "3.5", Calm, DayZero, "breakdowns", Lowers),
    ("wear.scale", "130", "520", Calm, DayZero, "breakdowns", Lowers),
    ("wear.base_hazard", "0.001", "0.02", Calm, DayZero, "breakdowns", Raises),
    ("wear.delay", "2", "60", Calm, DayZero, "breakdowns", Lowers),
    ("wear.delay", "2", "60", Calm, DayZero, "latent_defects", Raises),
    ("wear.by_load", "0", "1", Slump, DayZero, "machine_age", Lowers),
    ("wear.shortcut_wear", "0", "5", Lax, DayZero, "machine_age", Raises),
    ("wear.ageing", "0", "1", Calm, DayZero, "breakdowns", Raises),
    ("shortcuts.inclination", "-5", "-2", Calm, DayZero, "shortcuts", Raises),
    ("shortcuts.pressure_gain", "1", "8", Boom, DayZero, "shortcuts", Raises),
    ("shortcuts.peer_gain", "0", "6", Boom, DayZero, "shortcuts", Raises),
    ("shortcuts.enforcement_gain", "0", "4", Calm, DayZero, "shortcuts", Lowers),
    ("shortcuts.inertia", "5", "200", Lax, DayZero, "shortcuts", Lowers),
    ("shortcuts.labour_saving", "0", "0.3", Lax, DayZero, "pressure", Lowers),
    ("shortcuts.seed_block", "0", "2", Calm, Built, "shortcuts", Raises),
    ("process.growth", "0", "0.01", Starved, DayZero, "defects", Raises),
    ("process.reset_time", "10", "300", Calm, DayZero, "defects", Raises),
    ("process.full_drills", "8", "200", Straying, DayZero, "defects", Raises),
    ("process.error_gain", "0", "20", Starved, DayZero, "defects", Raises),
    ("trust.gain", "0.005", "0.05", Boom, DayZero, "customer_trust", Raises),
    ("trust.loss", "0.025", "0.5", Calm, DayZero, "customer_trust", Lowers),
    ("trust.worker_time", "20", "180", Boom, DayZero, "worker_trust", Raises),
    ("trust.worker_breaking", "1.3", "2", Calm, DayZero, "worker_trust", Raises),
    ("trust.worker_slope", "0.5", "1.2", Calm, DayZero, "worker_trust", Raises),
    ("trust.fatigue_time", "3", "100", Boom, DayZero, "fatigue", Lowers),
    ("trust.recovery_time", "3", "100", Boom, DayZero, "fatigue", Raises),
    ("trust.price_floor", "0", "1", Boom, DayZero, "cash_cover", Raises),
    ("finance.cash_target", "10", "90", Calm, DayZero, "cash_cover", Raises),
    ("finance.payout_time", "5", "200", Calm, DayZero, "cash_cover", Raises),
    ("finance.spare_price", "0.1", "20", Calm, Built, "unit_cost", Raises),
    ("finance.credit", "0", "180", Poor, DayZero, "employed", Raises),
    ("coordination.per_link", "0.01", "0.25", Calm, DayZero, "hours_coordination", Raises),
    ("coordination.per_late_task", "0.02", "0.5", Strike, DayZero, "hours_coordination", Raises),
    ("coordination.per_handover", "0.004", "0.1", Calm, DayZero, "hours_coordination", Raises),
    ("coordination.regulation", "0", "1", Calm, DayZero, "hours_coordination", Raises),
    ("coordination.most", "0.01", "0.5", Strike, DayZero, "hours_coordination", Raises),
    ("coordination.supervisors", "0.05", "0.36", Calm, DayZero, "coordination", Lowers),
    ("aid.share", "0", "1", Storm, DayZero, "machines_down", Lowers),
    ("aid.share", "0", "1", Storm, DayZero, "hours_aid", Raises),
    ("phases.enter_dwell", "3", "60", Wreck, Built, "teams_phase_0", Lowers),
    ("phases.fill_broken", "0.5", "0.85", Boom, Built, "teams_phase_0", Raises),
    ("phases.broken_dwell", "3", "60", Boom, Built, "teams_phase_0", Lowers),
    ("phases.leave_free", "0.05", "0.9", Wreck, Built, "teams_phase_0", Raises),
    ("phases.leave_dwell", "5", "200", Wreck, Built, "teams_phase_0", Raises),
    ("phases.fill_rebuild", "0.3", "0.9999", Wreck, Built, "teams_phase_1", Raises),
    ("phases.rebuild_dwell", "10", "300", Wreck, Built, "teams_phase_1", Raises),
    ("phases.stable_free", "0.05", "0.95", Quick, Built, "teams_phase_3", Lowers),
    ("phases.stable_fill", "0.5", "0.9999", Battered, Built, "teams_phase_3", Lowers),
    ("phases.stable_protected", "0.1", "1", Quick, Built, "teams_phase_3", Lowers),
    ("phases.stable_margin", "-1", "3.5", Quick, Built, "teams_phase_3", Lowers),
    ("phases.stable_dwell", "5", "200", Wreck, Built, "teams_phase_3", Lowers),
    ("phases.slip_drift", "0.1", "2", Quick, Built, "teams_phase_3", Raises),
    ("phases.slip_fill", "0.1", "0.99", Quick, Built, "teams_phase_3", Lowers),
    ("phases.slip_free", "-0.5", "0.9", Quick, Built, "teams_phase_2", Lowers),
    ("phases.slip_dwell", "5", "100", Strike, Built, "teams_phase_3", Raises),
    ("phases.window", "7", "100", Strike, Built, "fill", Raises),
    ("warnings.reference", "10", "300", Strike, Built, "alarms", Lowers),
    ("warnings.deviations", "1", "20", Boom, Built, "alarms", Lowers),
    ("warnings.lasting", "2", "200", Boom, Built, "alarms", Lowers),
    ("warnings.floor", "0", "0.9", Boom, Built, "alarms", Lowers),
    ("staff.absence_spell", "1", "20", Calm, DayZero, "change of present", Lowers),
    ("maintenance.job_spread", "1", "3", Uneven, Built, "machines_down", Raises),
    ("maintenance.job_size", "fixed", "hyperexponential", Uneven, Built, "machines_down", Raises),
    ("wear.lifetime", "continuous", "stream", Wreck, DayZero, "breakdowns", Raises),
    ("shortcuts.own_team", "0.5", "1", Divided, Built, "shortcuts", Raises),
    ("shortcuts.initial", "0", "0.9", Torn, Built, "shortcuts", Raises),
    ("phases.backlog_normal", "0.5", "30", Congested, Built, "teams_phase_0", Lowers),
    ("phases.stable_backlog", "0.2", "30", Battered, Built, "teams_phase_3", Raises),
    ("phases.slip_protected", "0.1", "0.99", Starved, Built, "teams_phase_3", Lowers),
    ("phases.at_load", "0.5", "1.5", Erring, Built, "operators_phase_3", Raises),
];

/// Harbour in a world, with one parameter set.
fn arm(path: &str, value: &str, world: World, since: Since) -> Run {
    let mut experiment = set(&harbour(), &world.laid_out());
    if since == Built {
        experiment = set(&experiment, &[(path, value)]);
    }
    experiment.scenario.shocks = world.shocks();
    let mut change = |day, parameters| {
        experiment.policy.changes.push(Change {
            day,
            sectors: Vec::new(),
            parameters,
        });
    };
    for (path, value) in world.settings() {
        change(0.0, patch(path, value));
    }
    if since == DayZero {
        change(0.0, patch(path, value));
    }
    experiment.run()
}

/// Mean over a year of a column of the city's row, of its change from day to day, or the number of
/// alarms in it.
fn outcome(run: &Run, seed: u64, probe: &str) -> f64 {
    let mut city = Simulation::new(run, seed, 0, Options::default());
    city.settle().unwrap_or_else(|breach| panic!("{breach}"));
    if probe == "alarms" {
        common::advance(&mut city, 365);
        let events = city.take_events();
        let alarms = events.iter().filter(|event| event.kind == Kind::Warning);
        return alarms.count() as f64;
    }
    let changing = probe.strip_prefix("change of ");
    let column = changing.unwrap_or(probe);
    let at = CityRow::PROBES.iter().position(|own| own.name == column);
    let at = at.unwrap_or_else(|| panic!("there is no probe {column}"));
    let values: Vec<f64> = (0..365)
        .map(|_| {
            common::advance(&mut city, 1);
            let mut values = city.city_row().values();
            values.nth(at).expect("the column is there")
        })
        .filter(|value| !value.is_nan())
        .collect();
    if changing.is_some() {
        let changes = values.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        return changes.sum::<f64>() / (values.len() - 1) as f64;
    }
    values.iter().sum::<f64>() / values.len() as f64
}

/// Seeds that are tried first.
const SEEDS: u64 = 8;
/// Seeds at most.
const MOST_SEEDS: u64 = 64;

/// What is wrong with an effect, if anything: seed by seed, the second run less the first.
fn wrong(first: &Run, second: &Run, probe: &str, effect: Effect) -> Option<String> {
    let difference = |seed| outcome(second, seed, probe) - outcome(first, seed, probe);
    let mut differences: Vec<f64> = Vec::new();
    let mut seeds = SEEDS;
    loop {
        differences.extend((differences.len() as u64 + 1..=seeds).map(difference));
        let (mean, error) = common::mean_and_error(&differences);
        let pulled = match effect {
            Raises => mean,
            Lowers => -mean,
        };
        if pulled > 3.0 * error {
            return None;
        }
        if seeds == MOST_SEEDS || pulled < -3.0 * error {
            return Some(format!(
                "{mean} with a standard error of {error} in {seeds} seeds"
            ));
        }
        seeds *= 2;
    }
}

#[test]
fn every_row_pulls_its_way() {
    let wrong: Vec<String> = ROWS
        .par_iter()
        .filter_map(|row| {
            let (path, low, high, world, since, probe, effect) = *row;
            let [low, high] = [low, high].map(|value| arm(path, value, world, since));
            wrong(&low, &high, probe, effect).map(|found| format!("{row:?}: {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_parameter_has_a_row() {
    let table: BTreeSet<String> = Parameters::table().iter().map(|p| p.path()).collect();
    let covered: BTreeSet<String> = ROWS.iter().map(|row| row.0.to_owned()).collect();
    let missing: Vec<_> = table.difference(&covered).collect();
    assert!(missing.is_empty(), "add a row of ROWS for {missing:?}");
    let gone: Vec<_> = covered.difference(&table).collect();
    assert!(gone.is_empty(), "there is no parameter {gone:?}");
    let all = Parameters::table();
    let levers = all
        .iter()
        .filter(|p| p.role == Role::Lever)
        .map(|p| p.path());
    let late: Vec<String> = levers
        .filter(|path| !ROWS.iter().any(|row| row.0 == *path && row.4 == DayZero))
        .collect();
    assert!(
        late.is_empty(),
        "a policy can set these on any day: {late:?}"
    );
}

/// Connector, world, number to read, and what it does to it that the connector falls to 0.3.
#[rustfmt::skip]
const CONNECTOR_ROWS: &[(&str, World, &str, Effect)] = &[
    ("education", Exodus, "skill", Lowers),
    ("family", Calm, "present", Lowers),
    ("infrastructure", Calm, "breakdowns", Raises),
    ("finance", Poor, "employed", Lowers),
    ("governance", Calm, "shortcuts", Raises),
    ("international", Calm, "imports", Lowers),
    ("healthcare", Calm, "present", Lowers),
    ("healthcare", Boom, "fatigue", Raises),
    ("mind", Calm, "defects", Raises),
];

#[test]
fn every_connector_pulls_its_way() {
    let listed: BTreeSet<&str> = CONNECTOR_ROWS.iter().map(|row| row.0).collect();
    let all: BTreeSet<&str> = prodos_model::connectors::CONNECTORS.into_iter().collect();
    assert_eq!(listed, all);
    let wrong: Vec<String> = CONNECTOR_ROWS
        .par_iter()
        .filter_map(|row| {
            let (name, world, probe, effect) = *row;
            // A parameter set to its default leaves the world as it is.
            let calm = arm("finance.payout_time", "10", world, DayZero);
            let mut fallen = calm.clone();
            let levels = vec![(0.0, 0.3)];
            fallen.scenario.connectors.insert(name.to_owned(), levels);
            wrong(&calm, &fallen, probe, effect).map(|found| format!("{row:?}: {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
