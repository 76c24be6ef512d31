//! Which files and folders need each other.

use std::collections::{BTreeMap, BTreeSet};

use crate::paths::Arrow;

/// The rooms of a module, which are the files and folders right below it, each
/// with those that it names.
///
/// What the module itself takes from a room and hands on counts as that room's;
/// what only tests name does not count.
pub fn rooms(module: &[&str], arrows: &[Arrow]) -> BTreeMap<String, BTreeSet<String>> {
    let depth = module.len();
    let inside = |place: &[String]| place.len() >= depth && place[..depth] == *module;
    let arrows: Vec<&Arrow> = arrows
        .iter()
        .filter(|arrow| inside(&arrow.from) && inside(&arrow.to))
        .filter(|arrow| !arrow.from.iter().any(|step| step == "tests"))
        .collect();
    let mut rooms = BTreeMap::new();
    for room in arrows.iter().filter_map(|arrow| arrow.from.get(depth)) {
        rooms.insert(room.clone(), BTreeSet::new());
    }
    let handed_on: BTreeMap<&String, &String> = arrows
        .iter()
        .filter(|arrow| arrow.from.len() == depth)
        .filter_map(|arrow| Some((arrow.to.last()?, arrow.to.get(depth)?)))
        .collect();
    for arrow in arrows {
        let (Some(from), Some(to)) = (arrow.from.get(depth), arrow.to.get(depth)) else {
            continue;
        };
        let to = if rooms.contains_key(to) {
            to
        } else {
            handed_on.get(to).copied().unwrap_or(to)
        };
        if from != to && rooms.contains_key(to) {
            let to = to.clone();
            rooms.entry(from.clone()).or_default().insert(to);
        }
    }
    rooms
}

/// The rooms that lie in circles or between two of them: what is left when those
/// that need no other or that no other needs are taken away, again and again.
pub fn circles(mut rooms: BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    loop {
        let before = rooms.len();
        let left: BTreeSet<String> = rooms.keys().cloned().collect();
        let needed: BTreeSet<String> = rooms.values().flatten().cloned().collect();
        rooms.retain(|room, needs| needed.contains(room) && !needs.is_disjoint(&left));
        if rooms.len() == before {
            return rooms.into_keys().collect();
        }
    }
}
