//! Settings that differ from shop to shop.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// One value for every record and others for the records of single shops.
///
/// It is made of parts (overlays of a rule pack, say) of which each names the shops it is for, or none when it is for all.
/// A shop's value is made of all parts that concern it; shops with the same parts share one value.
#[derive(Debug)]
pub struct PerShop<T> {
    everywhere: Option<T>,
    shops: HashMap<String, Arc<T>>,
}

impl<T> PerShop<T> {
    /// Makes the values. `shops` are those of each part; `make` is given the positions of parts that go together, ascending,
    /// and gives no value where they come to nothing.
    ///
    /// # Errors
    /// The first of `make`.
    pub fn new<E>(shops: &[&[String]], mut make: impl FnMut(&[usize]) -> Result<Option<T>, E>) -> Result<Self, E> {
        let all = |at: &usize| shops[*at].is_empty();
        let everywhere = make(&(0..shops.len()).filter(all).collect::<Vec<_>>())?;
        let mut parts_of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, names) in shops.iter().enumerate() {
            names.iter().for_each(|shop| parts_of.entry(shop).or_default().push(at));
        }
        let mut made: HashMap<Vec<usize>, Option<Arc<T>>> = HashMap::new();
        let mut of_shop = HashMap::new();
        for (shop, named) in parts_of {
            let mut parts: Vec<usize> = (0..shops.len()).filter(all).chain(named).collect();
            parts.sort_unstable();
            parts.dedup();
            let value = match made.get(&parts) {
                Some(value) => value.clone(),
                None => {
                    let value = make(&parts)?.map(Arc::new);
                    made.insert(parts, value.clone());
                    value
                }
            };
            of_shop.extend(value.map(|value| (shop.to_owned(), value)));
        }
        Ok(Self { everywhere, shops: of_shop })
    }

    /// The value for a record of that shop.
    pub fn of(&self, shop: Option<&str>) -> Option<&T> {
        let own = shop.filter(|_| !self.shops.is_empty()).and_then(|shop| self.shops.get(shop));
        own.map(|own| &**own).or(self.everywhere.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_has_its_own_parts_and_those_for_all() {
        let shops: [&[String]; 3] = [&["a".into(), "b".into()], &[], &["b".into(), "c".into()]];
        let mut made = 0;
        let settings = PerShop::new(&shops, |parts| {
            made += 1;
            Ok::<_, ()>(Some(parts.to_vec()))
        })
        .expect("no error");
        assert_eq!(made, 4);
        let of = |shop| settings.of(shop).map(Vec::as_slice);
        assert_eq!(of(Some("a")), Some(&[0, 1][..]));
        assert_eq!(of(Some("b")), Some(&[0, 1, 2][..]));
        assert_eq!(of(Some("c")), Some(&[1, 2][..]));
        assert_eq!(of(Some("x")), Some(&[1][..]));
        assert_eq!(of(None), Some(&[1][..]));
    }

    #[test]
    fn shops_with_the_same_parts_share_a_value_and_errors_come_out() {
        let shops: [&[String]; 1] = [&["a".into(), "b".into(), "b".into()]];
        let mut made = 0;
        let settings = PerShop::new(&shops, |parts| {
            made += 1;
            Ok::<_, ()>((!parts.is_empty()).then_some(made))
        })
        .expect("no error");
        assert_eq!((settings.of(Some("a")), settings.of(Some("b")), settings.of(None)), (Some(&2), Some(&2), None));
        assert_eq!(PerShop::<()>::new(&shops, |parts| Err(parts.len())).expect_err("an error"), 0);
    }
}
