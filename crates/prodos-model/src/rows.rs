//! The rows of probes: what can be seen at each zoom, one row an entity a day.
//!
//! Filled by the reading part of the day ([`crate::reading`]) and never read by the model.
//! The same word names the same thing at every zoom.

use prodos_quantity::probes;

probes! {
    /// Z0: one operator on one day.
    pub struct OperatorRow in Operator {
        /// Where the holder is: 0 present, 1 absent, 2 injured, 3 away by a shock, 4 laid off, 5 post vacant.
        presence: State "state";
        /// Skill in the role, 0 none to 1 master.
        skill: Level "share";
        /// Fit of the person to the role, 0 to 1.
        fit: Level "share";
        /// Fatigue; 1 is the fatigue of nominal load.
        fatigue: Level "ratio";
        /// Shortcut habit: 1 takes shortcuts, 0 works by procedure.
        shortcuts: Level "share";
        /// Trust in the employer.
        worker_trust: Level "share";
        /// Own unfinished work, in days of own capacity.
        owed: Level "days";
        /// Tasks done right first time on days at load, rolling; null below ten such tasks.
        right_first_time: Level "share";
        /// T, trust: the team's customers and partners, and the person's own trust.
        trust: Level "index";
        /// R, repair capacity against what has to be repaired, own work.
        repair: Level "index";
        /// B, buffers of the team.
        buffer: Level "index";
        /// A, alignment: protected work done without shortcuts, own.
        alignment: Level "index";
        /// C, coordination load of the team.
        coordination: Level "index";
        /// D, drift: own loss of capability against what can restore it.
        drift: Level "index";
        /// M = T + R + B + A - (C + D).
        margin: Level "index";
        /// PocketPhase, 0 to 3.
        phase: State "phase";
    }
}

macro_rules! shared_rows {
    ($(($(#[$doc:meta])* $row:ident $zoom:ident { $($own:tt)* }))*) => {$(
        probes! {
            $(#[$doc])*
            pub struct $row in $zoom {
                /// Value of output made, at base-year prices.
                output: Flow "money/day";
                /// Output of the city file's base year.
                output_at_rest: Flow "money/day";
                /// Orders that arrived today.
                orders: Flow "money/day";
                /// Delivered against ordered, rolling 28 days; of the city final orders alone.
                fill: Level "share";
                /// Orders still open tonight: of final users; for a team all that it did not serve.
                orders_open: Stock "money";
                /// Final orders given up today; counted for sectors and the city.
                orders_lost: Flow "money/day";
                /// Posts that are filled, present or not.
                employed: Stock "operators";
                /// Operators at work today.
                present: Stock "operators";
                /// People who left today.
                quits: Flow "operators/day";
                /// People who arrived today.
                hires: Flow "operators/day";
                /// People who left a day, share of paid posts, rolling 28 days.
                churn: Level "1/day";
                /// Wages paid.
                income: Flow "money/day";
                /// Hours wanted over hours at hand.
                pressure: Level "ratio";
                /// Hours on output.
                hours_output: Flow "hours/day";
                /// Hours on corrective repair.
                hours_repair: Flow "hours/day";
                /// Hours on preventive maintenance.
                hours_preventive: Flow "hours/day";
                /// Hours on inspection.
                hours_inspection: Flow "hours/day";
                /// Hours on quality control.
                hours_quality: Flow "hours/day";
                /// Hours on rework.
                hours_rework: Flow "hours/day";
                /// Hours on training.
                hours_training: Flow "hours/day";
                /// Hours on upgrade projects.
                hours_upgrade: Flow "hours/day";
                /// Hours on coordination.
                hours_coordination: Flow "hours/day";
                /// Hours given to neighbouring teams.
                hours_aid: Flow "hours/day";
                /// Hours on drills.
                hours_drills: Flow "hours/day";
                /// Hours paid and not needed.
                hours_idle: Flow "hours/day";
                /// Hours paid while absent.
                hours_absent: Flow "hours/day";
                /// Idle hours of skilled operators: capability nobody uses, skill times idle hours.
                hours_unused_skill: Flow "hours/day";
                /// Protected hours given over protected hours needed, rolling 28 days.
                protected_done: Level "share";
                /// Protected work due and not done, in days of protected need.
                protected_overdue: Stock "days";
                /// Offered repair load rho: work offered a day over repair capacity, at most 10.
                offered_load: Level "ratio";
                /// Repair work open tonight, in standard hours.
                repair_backlog: Stock "hours";
                /// Age of the repair backlog: work open over repair capacity, at most 365 days.
                backlog_age: Level "days";
                /// Share of machines that are down.
                machines_down: Level "share";
                /// Share of machines that are down for want of a spare part.
                machines_waiting: Level "share";
                /// Share of machines given up, for which a new one is ordered.
                machines_renewing: Level "share";
                /// Machines that have been down for more than four weeks: repair loops that do not finish.
                repairs_unfinished: Stock "machines";
                /// Spare parts in store.
                spares: Stock "parts";
                /// Mean virtual age of machines.
                machine_age: Level "operating days";
                /// Share of machines with a latent defect.
                latent_defects: Level "share";
                /// Breakdowns today.
                breakdowns: Flow "machines/day";
                /// Latent defects found by inspection today.
                defects_caught: Flow "machines/day";
                /// Preventive overhauls done today.
                overhauls: Flow "machines/day";
                /// Machines that work again since today, after repair or renewal.
                repairs: Flow "machines/day";
                /// Mean days that those were down; null on days without any.
                repair_days: Level "days";
                /// Mean skill of filled posts.
                skill: Level "share";
                /// Mean fatigue of filled posts.
                fatigue: Level "ratio";
                /// Share of operators who take shortcuts.
                shortcuts: Level "share";
                /// Tasks with an error that reached a customer, share of tasks that left today.
                escapes: Level "share";
                /// Tasks with an error before quality control, share of tasks today.
                defects: Level "share";
                /// Safety incidents today.
                incidents: Flow "incidents/day";
                /// Trust of customers.
                customer_trust: Level "share";
                /// Trust among partners: mean of that in suppliers and that of buyers.
                partner_trust: Level "share";
                /// Trust in suppliers, as fills received tell.
                supplier_trust: Level "share";
                /// Trust of firms that buy, as fills delivered tell.
                buyer_trust: Level "share";
                /// Trust of workers in their employer.
                worker_trust: Level "share";
                /// Smallest cover of a critical input.
                stock_cover: Level "days";
                /// Cash in days of payroll.
                cash_cover: Level "days";
                /// Paid for upkeep: wages of inspection, preventive work, quality control, training, drills and upgrade; spares and new machines.
                upkeep_cost: Flow "money/day";
                /// Cost of a unit of output over its cost at rest.
                unit_cost: Level "ratio";
                /// T, trust density: mean of customers, partners, workers.
                trust: Level "index";
                /// R, repair capacity over repair inflow, mapped so that 0.5 is parity.
                repair: Level "index";
                /// B, buffer margin: time to survive over time to recover, mapped so that 0.5 is parity.
                buffer: Level "index";
                /// A, alignment: protected hours delivered without shortcuts over protected hours required.
                alignment: Level "index";
                /// C, coordination load: hours needed over hours at hand, mapped so that 1 is parity.
                coordination: Level "index";
                /// D, drift: loss a day over what could be restored a day, mapped so that 1 is parity.
                drift: Level "index";
                /// D part: wear of machines, loss a day.
                drift_wear: Flow "1/day";
                /// D part: skill fading, loss a day.
                drift_skill: Flow "1/day";
                /// D part: shortcuts spreading, loss a day.
                drift_shortcuts: Flow "1/day";
                /// D part: process drift, loss a day.
                drift_process: Flow "1/day";
                /// D part: hollowing of the workforce, loss a day.
                drift_hollowing: Flow "1/day";
                /// M = T + R + B + A - (C + D).
                margin: Level "index";
                /// Phase 0 to 3.
                phase: State "phase";
                /// Small drift has become normal: protected work starved while delivery looks well (0 or 1; above a team the share of teams).
                drift_is_normal: Level "share";
                /// Symptom: breakdowns faster than repair (0 or 1; above a team the share of teams).
                symptom_breakdowns: Level "share";
                /// Symptom: chronic shortage.
                symptom_shortage: Level "share";
                /// Symptom: defects are normal.
                symptom_defects: Level "share";
                /// Symptom: safety incidents are up.
                symptom_incidents: Level "share";
                /// Symptom: staff is thin or untrained.
                symptom_staff: Level "share";
                /// Symptom: the maintenance backlog grows.
                symptom_backlog: Level "share";
                /// Symptom: crisis mode, repair crowds protected work out.
                symptom_crisis: Level "share";
                $($own)*
            }
        }
    )*};
}

shared_rows! {
    (/// Z1: one team on one day.
    TeamRow Team {
    })
    (/// Z2: one sector on one day.
    SectorRow Sector {
        /// Final orders that came today.
        final_orders: Flow "money/day";
        /// Final orders served today over those that came today, at most 1.
        final_fill: Level "share";
        /// Mean days that final orders served today had waited; null on days without any.
        order_days: Level "days";
        /// Share of the firms' orders served today.
        firms_fill: Level "share";
        /// Value added.
        value_added: Flow "money/day";
        /// Imports bought as inputs, and in place of missing domestic goods.
        imports: Flow "money/day";
        /// Input whose cover is smallest: index of the supplying sector.
        scarcest_input: State "sector";
        /// Loss a day: orders not served, share of output at rest.
        loss: Flow "share/day";
        /// Regeneration capacity: repair hours at hand a day over repair work that waits or arises.
        regeneration: Level "ratio";
        /// Share of teams in phase 0.
        teams_phase_0: Level "share";
        /// Share of teams in phase 1.
        teams_phase_1: Level "share";
        /// Share of teams in phase 2.
        teams_phase_2: Level "share";
        /// Share of teams in phase 3.
        teams_phase_3: Level "share";
    })
    (/// The city on one day.
    CityRow City {
        /// Final orders that came today.
        final_orders: Flow "money/day";
        /// Final orders served today over those that came today, at most 1.
        final_fill: Level "share";
        /// Mean days that final orders served today had waited; null on days without any.
        order_days: Level "days";
        /// Share of the firms' orders served today.
        firms_fill: Level "share";
        /// Value added.
        value_added: Flow "money/day";
        /// Imports bought as inputs, and in place of missing domestic goods.
        imports: Flow "money/day";
        /// Share of final orders due that were delivered within the promised time, rolling 28 days.
        schedulability: Level "share";
        /// City phase less the median phase of its teams, absolute.
        discordance: Level "phases";
        /// Share of operators in phase 0.
        operators_phase_0: Level "share";
        /// Share of operators in phase 1.
        operators_phase_1: Level "share";
        /// Share of operators in phase 2.
        operators_phase_2: Level "share";
        /// Share of operators in phase 3.
        operators_phase_3: Level "share";
        /// Share of teams in phase 0.
        teams_phase_0: Level "share";
        /// Share of teams in phase 1.
        teams_phase_1: Level "share";
        /// Share of teams in phase 2.
        teams_phase_2: Level "share";
        /// Share of teams in phase 3.
        teams_phase_3: Level "share";
        /// Share of sectors in phase 0.
        sectors_phase_0: Level "share";
        /// Share of sectors in phase 1.
        sectors_phase_1: Level "share";
        /// Share of sectors in phase 2.
        sectors_phase_2: Level "share";
        /// Share of sectors in phase 3.
        sectors_phase_3: Level "share";
        /// Line above which the defect rate (`escapes`) gives alarm; null until its usual level is known.
        line_defect_rate: Level "share";
        /// Line above which downtime (`machines_down`) gives alarm; null until its usual level is known.
        line_downtime: Level "share";
        /// Line above which delayed maintenance (1 - `protected_done`) gives alarm; null until its usual level is known.
        line_delayed_maintenance: Level "share";
        /// Line above which churn gives alarm; null until its usual level is known.
        line_churn: Level "1/day";
        /// Line above which shortage (1 - `fill`) gives alarm; null until its usual level is known.
        line_shortage: Level "share";
    })
}
