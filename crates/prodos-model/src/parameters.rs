//! All parameters of the model, room by room.

use crate::coordination::{Coordination, CoordinationPatch};
use crate::drift::process::{Process, ProcessPatch};
use crate::drift::shortcuts::{Shortcuts, ShortcutsPatch};
use crate::drift::wear::{Wear, WearPatch};
use crate::error::{Error, ErrorPatch};
use crate::finance::{Finance, FinancePatch};
use crate::hours::{Hours, HoursPatch};
use crate::lattice::aid::{Aid, AidPatch};
use crate::modules::assignment::{Staff, StaffPatch};
use crate::modules::maintenance::{Maintenance, MaintenancePatch};
use crate::modules::quality::{Quality, QualityPatch};
use crate::modules::safety::{Safety, SafetyPatch};
use crate::modules::supply::{Supply, SupplyPatch};
use crate::modules::tools::{Tools, ToolsPatch};
use crate::modules::training::{Training, TrainingPatch};
use crate::modules::upgrade::{Upgrade, UpgradePatch};
use crate::phase::{Phases, PhasesPatch};
use crate::trust::{Trust, TrustPatch};
use crate::warning::{Warnings, WarningsPatch};
use prodos_quantity::parameters;

parameters! {
    /// Every number and choice of the model, filled in.
    pub struct Parameters / ParametersPatch {
        /// People: absence, leaving, hiring, overtime, fit.
        staff: Staff / StaffPatch,
        /// Skill, certificates, training.
        training: Training / TrainingPatch,
        /// Machines and what they can make.
        tools: Tools / ToolsPatch,
        /// Inputs, stocks, orders, rationing.
        supply: Supply / SupplyPatch,
        /// Errors of people.
        error: Error / ErrorPatch,
        /// Quality control and rework.
        quality: Quality / QualityPatch,
        /// Inspection, preventive work, repair, spares.
        maintenance: Maintenance / MaintenancePatch,
        /// Incidents, enforcement, drills.
        safety: Safety / SafetyPatch,
        /// Projects that raise what a team can do.
        upgrade: Upgrade / UpgradePatch,
        /// How hours are shared.
        hours: Hours / HoursPatch,
        /// How equipment wears.
        wear: Wear / WearPatch,
        /// How shortcuts spread.
        shortcuts: Shortcuts / ShortcutsPatch,
        /// How processes drift.
        process: Process / ProcessPatch,
        /// Trust of customers, partners and workers.
        trust: Trust / TrustPatch,
        /// Cash.
        finance: Finance / FinancePatch,
        /// Hours that coordination takes.
        coordination: Coordination / CoordinationPatch,
        /// Help between neighbouring teams.
        aid: Aid / AidPatch,
        /// Thresholds and dwell times of the phases.
        phases: Phases / PhasesPatch,
        /// Alarms.
        warnings: Warnings / WarningsPatch,
    }
}
