//! The order in which an answer lists its entries.

/// The API promises no order, so that a client has to cope with each of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The catalog's own order.
    #[default]
    AsListed,
    /// The catalog's order backwards.
    Reversed,
    /// Shuffled. The same seed gives the same order on every call.
    Shuffled(u64),
}

impl Order {
    pub(super) fn apply<T>(self, entries: &mut [T]) {
        match self {
            Self::AsListed => {}
            Self::Reversed => entries.reverse(),
            Self::Shuffled(seed) => shuffle(entries, seed),
        }
    }
}

/// Fisher and Yates's shuffle. That the remainder favors low indexes by a hair
/// is of no matter here.
fn shuffle<T>(entries: &mut [T], mut seed: u64) {
    for last in (1..entries.len()).rev() {
        let choices = last as u64 + 1;
        let chosen = usize::try_from(next_random(&mut seed) % choices).unwrap_or(last);
        entries.swap(last, chosen);
    }
}

/// `SplitMix64`: small, and good enough to mix a list.
fn next_random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(order: Order) -> Vec<u32> {
        let mut entries: Vec<u32> = (0..50).collect();
        order.apply(&mut entries);
        entries
    }

    #[test]
    fn reversed_is_backwards() {
        assert_eq!(ordered(Order::Reversed), (0..50).rev().collect::<Vec<_>>());
    }

    #[test]
    fn a_shuffle_keeps_every_entry() {
        let mut shuffled = ordered(Order::Shuffled(7));
        shuffled.sort_unstable();
        assert_eq!(shuffled, ordered(Order::AsListed));
    }

    #[test]
    fn a_seed_means_one_order() {
        assert_eq!(ordered(Order::Shuffled(7)), ordered(Order::Shuffled(7)));
        assert_ne!(ordered(Order::Shuffled(7)), ordered(Order::Shuffled(8)));
        assert_ne!(ordered(Order::Shuffled(7)), ordered(Order::AsListed));
    }
}
