//! Z0: one operator, as columns split by use.
//!
//! One entity a post, spawned in team order and never despawned: leaving and hiring are a state of
//! the post. The person is the post and its hire count.

use crate::phase::PhaseState;
use bevy_ecs::component::Component;
use serde::{Deserialize, Serialize};

/// Where the holder of a post is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum Whereabouts {
    /// At work.
    Present = 0,
    /// Absent, paid.
    Absent = 1,
    /// Away after an incident, paid.
    Injured = 2,
    /// Kept away by a shock, paid.
    Away = 3,
    /// Laid off, may be recalled.
    LaidOff = 4,
    /// Nobody holds the post.
    Vacant = 5,
}

/// Whereabouts, role and person count of a post.
#[derive(Component, Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Post {
    /// Where the holder is.
    pub whereabouts: Whereabouts,
    /// Role of the post, an index into the city's catalogue.
    pub role: u8,
    /// How many people have held the post before.
    pub hires: u16,
    /// Days until the certificate expires; negative when expired.
    pub certificate: f32,
}

/// What the person can do.
#[derive(Component, Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ability {
    /// Skill in the role, 0 to 1.
    pub skill: f32,
    /// Fit to the role, 0 to 1.
    pub fit: f32,
}

/// How the person bears it.
#[derive(Component, Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Strain {
    /// Fatigue; 1 is that of nominal load.
    pub fatigue: f32,
    /// Trust in the employer, 0 to 1.
    pub trust: f32,
}

/// Whether the person takes shortcuts: 1 or 0.
#[derive(Component, Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Habit(pub f32);

/// The person's own work, read by the gauge of Z0 and by nothing else.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OwnWork {
    /// Own load over own capacity with overtime, rolling.
    pub load: f32,
    /// Own unfinished work, in days.
    pub owed: f32,
    /// Tasks on days at load, rolling sum.
    pub tasks: f32,
    /// Of those, right first time.
    pub right: f32,
}

/// PocketPhase of the operator.
#[derive(Component, Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pocket(pub PhaseState);

impl Post {
    /// Whether someone holds the post and is paid.
    pub fn employed(&self) -> bool {
        !matches!(self.whereabouts, Whereabouts::LaidOff | Whereabouts::Vacant)
    }

    /// Whether the holder is at work.
    pub fn present(&self) -> bool {
        self.whereabouts == Whereabouts::Present
    }
}
