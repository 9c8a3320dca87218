//! `callback-surface`: the contract declares requests that the service will make.

use plimsoll_model::{Method, OperationKey};
use plimsoll_spec::Place;

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// Callbacks and webhooks in the contract.
    pub struct CallbackSurface {
        id: "callback-surface", weakness: CallbackSurface, severity: Info, since: "0.1.0", scan: true, owasp: [],
    }
}

/// Its name and where it stands.
type Callback = (String, Place);

impl Rule for CallbackSurface {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let mut owners: Vec<(Option<OperationKey>, Vec<&Callback>)> = Vec::new();
        for callback in &view.api.callbacks {
            let owner = owner(&callback.1.pointer);
            match owners.iter_mut().find(|(known, _)| *known == owner) {
                Some((_, mine)) => mine.push(callback),
                None => owners.push((owner, vec![callback])),
            }
        }
        for (owner, mine) in owners {
            let names: Vec<String> =
                mine.iter().map(|(name, _)| format!("`{}`", name.rsplit('/').next().unwrap_or(name))).collect();
            let names = names.join(", ");
            let message = if owner.is_some() {
                format!(
                    "The contract declares a callback ({names}): the service sends a request to an address that the caller chooses."
                )
            } else {
                format!(
                    "The contract declares webhooks ({names}): the service sends requests to addresses that somebody registers."
                )
            };
            let position = owner.and_then(|key| view.api.operation(&key)).map(|(index, _)| index);
            let draft = Draft::at(&Place::default(), message).operations(position);
            out.add(mine.iter().fold(draft, |draft, (name, place)| draft.contract(place, name.as_str())));
        }
    }
}

/// The operation that a callback at this pointer belongs to; none for a webhook.
fn owner(pointer: &str) -> Option<OperationKey> {
    let mut parts = pointer.split("/paths/").nth(1)?.split('/');
    let (path, method) = (parts.next()?, parts.next()?);
    let path = path.replace("~1", "/").replace("~0", "~");
    Some(OperationKey::new(method.parse::<Method>().ok()?, path))
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
