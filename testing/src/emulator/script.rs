//! Which answer comes next.

use std::collections::{HashMap, VecDeque};
use std::num::NonZeroU32;

use super::fault::ScriptedFault;
use super::reply::Reply;

/// Everything that has been scripted.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) next: VecDeque<Reply>,
    pub(super) faults: Vec<ScriptedFault>,
    pub(super) by_action: HashMap<String, Reply>,
    pub(super) always: Option<Reply>,
}

impl Script {
    /// Takes the answer for a request for `action`: the queue goes before the
    /// faults, these before what was said of the action, and that before what was
    /// said of every request.
    pub(super) fn take(&mut self, action: &str) -> Reply {
        self.next
            .pop_front()
            .or_else(|| self.take_fault(action))
            .or_else(|| self.by_action.get(action).cloned())
            .or_else(|| self.always.clone())
            .unwrap_or_else(Reply::normal)
    }

    /// Takes the first fault that `action` can have. Services that know no
    /// actions have no faults.
    fn take_fault(&mut self, action: &str) -> Option<Reply> {
        let fits = |fault: &ScriptedFault| fault.action.as_deref().is_none_or(|one| one == action);
        let index = self
            .faults
            .iter()
            .position(fits)
            .filter(|_| !action.is_empty())?;
        let scripted = &mut self.faults[index];
        let answer = scripted.fault.answer();
        match NonZeroU32::new(scripted.times.get() - 1) {
            Some(left) => scripted.times = left,
            None => drop(self.faults.remove(index)),
        }
        Some(answer)
    }
}
