//! What a team did today, as numbers that add up over teams.
//!
//! A sector's tally is the sum over its blocks in block order, the city's the sum over sectors, so
//! that every reading above a team is made from summed flows and not from averaged readings.

use crate::ledger::PURPOSES;
use bevy_ecs::component::Component;
use serde::{Deserialize, Serialize};

macro_rules! tally {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        /// Additive flows and stocks of one tick.
        #[derive(Component, Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
        pub struct Tally {
            $($(#[$doc])* pub $name: f64,)*
            /// Seconds by purpose.
            pub seconds: [f64; PURPOSES],
            /// Loss of capability by part: wear, skill, shortcuts, process, hollowing; times posts.
            pub loss: [f64; 5],
            /// Capacity to restore, by the same parts; times posts.
            pub restore: [f64; 5],
            /// Symptoms, each 1 where it holds; see [`crate::gauge::SYMPTOMS`].
            pub symptoms: [f64; 7],
        }

        impl Tally {
            /// Adds another tally.
            pub fn add(&mut self, other: &Tally) {
                $(self.$name += other.$name;)*
                for (sum, value) in self.seconds.iter_mut().zip(other.seconds) { *sum += value; }
                for (sum, value) in self.loss.iter_mut().zip(other.loss) { *sum += value; }
                for (sum, value) in self.restore.iter_mut().zip(other.restore) { *sum += value; }
                for (sum, value) in self.symptoms.iter_mut().zip(other.symptoms) { *sum += value; }
            }
        }
    };
}

tally! {
    /// Teams.
    teams;
    /// Posts.
    posts;
    /// Paid posts.
    employed;
    /// At work.
    present;
    /// Left.
    quits;
    /// Arrived.
    hires;
    /// Posts nobody holds.
    vacant;
    /// Wages.
    wages;
    /// Output made.
    output;
    /// Output at rest in a tick.
    output_at_rest;
    /// Orders that came.
    orders;
    /// Orders not served tonight.
    unserved;
    /// Output thrown away.
    scrapped;
    /// Output times price over price at rest.
    revenue;
    /// Seconds asked for, all purposes.
    asked;
    /// Seconds at hand.
    at_hand;
    /// Idle seconds times skill.
    unused_skill;
    /// Protected seconds needed.
    protected_needed;
    /// Protected seconds given.
    protected_given;
    /// Protected seconds given without shortcuts.
    protected_straight;
    /// Protected work due and not done, in seconds.
    overdue;
    /// Repair hours offered a day: routine failures of all machines.
    offered;
    /// Rework hours that arose, a day.
    rework;
    /// Repair hours from shocks, a day.
    shock_work;
    /// Repair capacity, hours a day.
    capacity;
    /// Repair work open after service and before today's arrivals, hours.
    open_work;
    /// Machines.
    machines;
    /// Machines down.
    down;
    /// Machines down for want of a spare part.
    waiting;
    /// Machines given up, for which a new one is ordered.
    renewing;
    /// Machines that have been down for more than four weeks.
    unfinished;
    /// Spare parts in store.
    spares;
    /// Sum of virtual ages.
    age;
    /// Machines with a latent defect.
    latent;
    /// Breakdowns.
    breakdowns;
    /// Defects caught.
    caught;
    /// Overhauls.
    overhauls;
    /// Machines that work again.
    repairs;
    /// Days that those were down, summed.
    repair_days;
    /// Jobs created so far.
    jobs_created;
    /// Jobs closed so far.
    jobs_closed;
    /// Errors expected before checking.
    expected;
    /// Errors expected at rest.
    expected_at_rest;
    /// Sum of skill over paid posts.
    skill;
    /// Sum of fatigue.
    fatigue;
    /// Sum of shortcut habit.
    shortcuts;
    /// Sum of trust in the employer.
    worker_trust;
    /// Tasks.
    tasks;
    /// Tasks with an error.
    defects;
    /// Tasks that left: all, less those thrown away.
    left;
    /// Tasks that left with an error.
    escapes;
    /// Incidents.
    incidents;
    /// Expected incidents.
    risk;
    /// Expected incidents at rest.
    risk_at_rest;
    /// Trust of customers times output at rest.
    customers;
    /// Trust in suppliers times output at rest.
    suppliers;
    /// Trust of firms that buy times output at rest.
    buyers;
    /// Smallest cover of a critical input times output at rest.
    cover;
    /// Time to survive times output at rest.
    survive;
    /// Cash.
    cash;
    /// Payroll a day.
    payroll;
    /// Paid out, without surplus.
    cost;
    /// Of that: imports, taxes, wages, spares and machines.
    taxes_wages_spares;
    /// Of that: wages of protected and upgrade hours, spares and machines.
    upkeep_cost;
    /// Surplus paid out.
    surplus;
    /// Value added.
    value_added;
    /// Imports paid.
    imports;
    /// Coordination hours needed a day.
    coordination;
    /// Supervisor hours at hand a day.
    supervision;
    /// Teams in which small drift has become normal.
    drift_is_normal;
}

/// Goods by input, in money: one entry a supplier, imports last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Goods {
    /// Stocks tonight.
    pub stock: Vec<f64>,
    /// Used today.
    pub used: Vec<f64>,
    /// Came in today.
    pub received: Vec<f64>,
    /// Ordered tonight.
    pub ordered: Vec<f64>,
}

impl Goods {
    /// Sets all to zero, for `width` inputs.
    pub fn clear(&mut self, width: usize) {
        for column in [
            &mut self.stock,
            &mut self.used,
            &mut self.received,
            &mut self.ordered,
        ] {
            column.clear();
            column.resize(width, 0.0);
        }
    }

    /// Adds another.
    pub fn add(&mut self, other: &Goods) {
        let pairs = [
            (&mut self.stock, &other.stock),
            (&mut self.used, &other.used),
            (&mut self.received, &other.received),
            (&mut self.ordered, &other.ordered),
        ];
        for (sums, values) in pairs {
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += value;
            }
        }
    }
}
