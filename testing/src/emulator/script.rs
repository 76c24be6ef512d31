//! The scripted replies and faults.

use std::collections::{HashMap, VecDeque};
use std::num::NonZeroU32;

use super::fault::ScriptedFault;
use super::reply::Reply;

/// The scripted replies and faults.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) next: VecDeque<Reply>,
    pub(super) faults: Vec<ScriptedFault>,
    pub(super) by_action: HashMap<String, Reply>,
    pub(super) always: Option<Reply>,
}

impl Script {
    /// Takes the reply to a request for `action`. The precedence is the queue, then
    /// faults, then the reply to the action, then the reply to every request.
    pub(super) fn take(&mut self, action: &str) -> Reply {
        self.next
            .pop_front()
            .or_else(|| self.take_fault(action))
            .or_else(|| self.by_action.get(action).cloned())
            .or_else(|| self.always.clone())
            .unwrap_or_else(Reply::normal)
    }

    /// Takes the first fault that applies to `action`. Services without actions have
    /// no faults.
    fn take_fault(&mut self, action: &str) -> Option<Reply> {
        let applies =
            |fault: &ScriptedFault| fault.action.as_deref().is_none_or(|one| one == action);
        let index = self
            .faults
            .iter()
            .position(applies)
            .filter(|_| !action.is_empty())?;
        let scripted = &mut self.faults[index];
        let reply = scripted.fault.reply();
        match NonZeroU32::new(scripted.times.get() - 1) {
            Some(left) => scripted.times = left,
            None => drop(self.faults.remove(index)),
        }
        Some(reply)
    }
}
