//! Machines: equipment that wears, as a structure of arrays with a range a team.
//!
//! A machine carries the time to its next event instead of asking every day: until the next latent
//! defect in operating days while it is sound, until the breakdown in days while a defect is latent.

use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

/// State of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum State {
    /// Working, sound.
    Sound = 0,
    /// Working, with a latent defect.
    Latent = 1,
    /// Down, in the queue or in repair.
    Down = 2,
    /// Down, waiting for a spare part.
    Waiting = 3,
    /// Down for good, and a new one is ordered in its place.
    Renewing = 4,
}

/// What a machine is doing, in one row.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Virtual age in operating days.
    pub age: f32,
    /// Operating days until the next defect (sound) or days until the breakdown (latent).
    pub clock: f32,
    /// Virtual age after the last repair or overhaul (for Kijima I).
    pub renewed: f32,
    /// Repair work left, in seconds of standard work.
    pub work: u32,
    /// Tick in which the open job was created.
    pub created: u32,
    /// Whether it is up, and what it waits for while it is down.
    pub state: State,
}

impl Machine {
    /// Whether it can produce.
    #[inline]
    pub fn up(&self) -> bool {
        (self.state as u8) < State::Down as u8
    }
}

/// All machines of the city, in team order.
#[derive(Resource, Clone, Default, Serialize, Deserialize)]
pub struct Machines(pub Vec<Machine>);
