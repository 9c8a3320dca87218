//! Sets of values and objects, each kept once for the whole analysis. A set holds at most [`MOST`] values; what is more is thinned out, then unknown.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use super::kind::{Kind, Object, ObjectId, Value};

/// How many values a set holds. More say that the place is too general to say something about.
pub(super) const MOST: usize = 6;

/// How many values are gathered before thinning begins.
const GATHERED: usize = 48;

/// A set that is kept; number 0 is the empty one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct SetId(pub(super) u32);

/// All sets and objects of an analysis. They are never moved, so that they can be lent out while more are added.
#[derive(Debug)]
pub(super) struct Arena {
    sets: boxcar::Vec<Box<[Value]>>,
    set_ids: RefCell<FxHashMap<Box<[Value]>, SetId>>,
    objects: boxcar::Vec<Object>,
    object_ids: RefCell<FxHashMap<Object, ObjectId>>,
}

impl Arena {
    pub(super) fn new() -> Self {
        let sets = boxcar::Vec::new();
        sets.push(Box::default());
        let set_ids = RefCell::new(FxHashMap::from_iter([(Box::default(), SetId(0))]));
        Self { sets, set_ids, objects: boxcar::Vec::new(), object_ids: RefCell::default() }
    }

    pub(super) fn set(&self, id: SetId) -> &[Value] {
        &self.sets[id.0 as usize]
    }

    pub(super) fn object(&self, id: ObjectId) -> &Object {
        &self.objects[id.0 as usize]
    }

    pub(super) fn object_count(&self) -> usize {
        self.objects.count()
    }

    pub(super) fn intern(&self, object: Object) -> ObjectId {
        *self.object_ids.borrow_mut().entry(object).or_insert_with(|| ObjectId(self.objects.push(object) as u32))
    }

    /// Keeps what was gathered.
    pub(super) fn keep(&self, gathered: Gathered) -> SetId {
        let Gathered { mut values, too_many } = gathered;
        if too_many || values.len() > MOST {
            self.thin(&mut values);
        }
        if values.is_empty() || values.len() > MOST {
            return SetId(0);
        }
        if let Some(&id) = self.set_ids.borrow().get(values.as_slice()) {
            return id;
        }
        let values = values.into_boxed_slice();
        let id = SetId(self.sets.push(values.clone()) as u32);
        self.set_ids.borrow_mut().insert(values, id);
        id
    }

    /// Drops literals, then all but the first object of each kind: ten tables from ten places are still a table.
    fn thin(&self, values: &mut Vec<Value>) {
        values.retain(|value| !matches!(value, Value::Const(_)));
        if values.len() > MOST {
            let mut kinds: Vec<Kind> = Vec::new();
            values.retain(|value| {
                let Value::Object(id) = value else { return true };
                let kind = self.object(*id).kind;
                let new = !kinds.contains(&kind);
                kinds.push(kind);
                new
            });
        }
    }
}

/// Values that are being put together, each once, in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    values: Vec<Value>,
    too_many: bool,
}

impl Gathered {
    pub(super) fn one(value: Value) -> Self {
        Self { values: vec![value], too_many: false }
    }

    pub(super) fn add(&mut self, value: Value) {
        if self.values.contains(&value) {
            return;
        }
        if self.values.len() < GATHERED {
            self.values.push(value);
        } else {
            self.too_many = true;
        }
    }

    pub(super) fn extend(&mut self, values: &[Value]) {
        values.iter().for_each(|&value| self.add(value));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(super) fn values(&self) -> &[Value] {
        &self.values
    }
}
