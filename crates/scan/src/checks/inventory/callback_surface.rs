//! `callback-surface`: the contract declares requests that the service will make.

use plimsoll_model::{Method, OperationKey};

use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// Callbacks and webhooks in the contract.
    pub struct CallbackSurface {
        id: "callback-surface", weakness: CallbackSurface, mode: Contract, since: "0.1.0",
        page: "contract/callback-surface.md",
    }
}

/// The operation that a callback at this pointer belongs to; none for a webhook.
fn owner(pointer: &str) -> Option<OperationKey> {
    let mut parts = pointer.split("/paths/").nth(1)?.split('/');
    let (path, method) = (parts.next()?, parts.next()?);
    let path = path.replace("~1", "/").replace("~0", "~");
    Some(OperationKey::new(method.parse::<Method>().ok()?, path))
}

impl Check for CallbackSurface {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let mut owners: Vec<Option<OperationKey>> = Vec::new();
        for (_, place) in &app.api.callbacks {
            let owner = owner(&place.pointer);
            if !owners.contains(&owner) {
                owners.push(owner);
            }
        }
        let drafts = owners.into_iter().map(|wanted| {
            let mine: Vec<_> =
                app.api.callbacks.iter().filter(|(_, place)| owner(&place.pointer) == wanted).collect();
            let names: Vec<String> =
                mine.iter().map(|(name, _)| format!("`{}`", name.rsplit('/').next().unwrap_or(name))).collect();
            let names = names.join(", ");
            let message = if wanted.is_some() {
                format!("The contract declares a callback ({names}): the service sends a request to an address that the caller chooses.")
            } else {
                format!("The contract declares webhooks ({names}): the service sends requests to addresses that somebody registers.")
            };
            let draft = Draft::new(wanted, message);
            mine.iter().fold(draft, |draft, (name, place)| draft.contract(place, name.as_str()))
        });
        drafts.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::owner;

    #[test]
    fn owners_by_pointer() {
        let key = owner("#/paths/~1orders~1{id}/post/callbacks/onShipped")
            .or(owner("/paths/~1orders~1{id}/post/callbacks/onShipped"));
        assert_eq!(key.map(|key| key.to_string()).as_deref(), Some("POST /orders/{id}"));
        assert_eq!(owner("/webhooks/newPet"), None);
    }
}
