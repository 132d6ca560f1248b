//! Mutual aid: idle hours of neighbours go to repairs that were not served.

use prodos_quantity::params;

params! {
    /// Help between neighbouring teams.
    pub struct Aid / AidPatch in "aid" {
        /// Share of a team's idle hours that it offers to neighbours in need.
        share: Share = 0.2, range 0.0..=1.0, typical 0.0..=0.5, Lever, "assumption";
    }
}
