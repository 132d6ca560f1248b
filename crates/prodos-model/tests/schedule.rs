//! The day in code is the day in the description.
//!
//! The table of steps is numbered and in the order of the five parts, every step stands in a room
//! that exists, and the five systems that run it leave no order to chance.

mod common;

use bevy_ecs::schedule::{LogLevel, ScheduleBuildSettings};
use prodos_model::build::{Options, build};
use prodos_model::day::{Part, STEPS, schedule};
use std::path::Path;

#[test]
fn the_steps_are_numbered_from_one_to_fourteen() {
    let numbers: Vec<u8> = STEPS.iter().map(|step| step.number).collect();
    assert_eq!(numbers, (1..=14).collect::<Vec<u8>>());
}

#[test]
fn the_parts_follow_the_day() {
    let mut parts: Vec<Part> = STEPS.iter().map(|step| step.part).collect();
    parts.dedup();
    assert_eq!(
        parts,
        [
            Part::Morning,
            Part::Workday,
            Part::Market,
            Part::Evening,
            Part::Reading
        ]
    );
}

#[test]
fn teams_act_in_every_step_but_the_morning() {
    for step in &STEPS {
        assert_eq!(
            step.team_steps.is_empty(),
            step.part == Part::Morning,
            "step {}",
            step.number
        );
        assert!(!step.does.is_empty() && !step.does.ends_with('.'));
    }
}

#[test]
fn every_step_stands_in_a_room_that_exists() {
    let rooms = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for step in &STEPS {
        for room in step.room.split(", ") {
            let place = rooms.join(room);
            assert!(
                place.is_dir() || place.with_extension("rs").is_file(),
                "step {}: there is no room {room}",
                step.number
            );
        }
    }
}

#[test]
fn no_two_systems_of_the_day_are_without_an_order() {
    let mut world = build(&common::harbour().run(), 1, 0, Options::default());
    let mut day = schedule();
    day.set_build_settings(ScheduleBuildSettings {
        ambiguity_detection: LogLevel::Error,
        ..ScheduleBuildSettings::default()
    });
    let outcome = day.initialize(&mut world).map(drop);
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
    assert_eq!(day.systems().expect("it is initialised").count(), 6);
}

#[test]
fn two_systems_without_an_order_would_be_seen() {
    #[derive(bevy_ecs::prelude::Resource)]
    struct Shared;
    let mut world = bevy_ecs::prelude::World::new();
    world.insert_resource(Shared);
    let mut day = bevy_ecs::schedule::Schedule::default();
    day.set_build_settings(ScheduleBuildSettings {
        ambiguity_detection: LogLevel::Error,
        ..ScheduleBuildSettings::default()
    });
    day.add_systems((
        |_: bevy_ecs::prelude::ResMut<Shared>| {},
        |_: bevy_ecs::prelude::ResMut<Shared>| {},
    ));
    assert!(day.initialize(&mut world).is_err());
}
