//! Columns in, findings out.

use std::sync::Arc;

use huoyan_sdk::{Batch, Error, Finding, Sink, Task};
use huoyan_vision::{Limits, Suspect};

use crate::listing::Listing;
use crate::picture::{Match, Offer, PictureFile};
use crate::{ImageCounterfeit, near, together};

/// Stage `image`.
pub struct ImageTask(pub Arc<ImageCounterfeit>);

impl Task for ImageTask {
    fn push(&mut self, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let (keys, kinds) = (batch.keys()?, batch.text("owner_kind")?);
        let (shops, categories) = (batch.text("shop_id")?, batch.text("category")?);
        let (prices, bytes) = (batch.float("price")?, batch.binary("bytes")?);
        let uris = batch.text("uri")?;
        let (owners, times) = (batch.text("owner")?, batch.integer("updated_at")?);
        for row in 0..batch.len() {
            if !sink.is_open() {
                break;
            }
            // A customer's photo of what was bought is no offer, whatever it shows.
            let (Some(key), Some(bytes)) = (keys.get(row), bytes.get(row)) else { continue };
            if kinds.get(row).is_some_and(|kind| kind != "listing") {
                continue;
            }
            let suspect = match Suspect::decode(bytes, &Limits::default()) {
                Ok(suspect) => suspect,
                Err(why) => {
                    sink.unjudged(key, &why.to_string());
                    continue;
                }
            };
            let shop = shops.get(row);
            let at = times.get(row);
            let file = PictureFile::new(uris.get(row), bytes);
            let (category, price, file) = (categories.get(row), prices.get(row), Some(&file));
            let offer = Offer { shop, at, category, price, file };
            if let Some(Match { found, said }) = self.0.match_picture(&suspect, &offer) {
                if let Some(found) = found {
                    sink.finding(&Finding::new(key, found.rule, found.score).evidence(found.evidence));
                }
                if let Some(listing) = owners.get(row) {
                    together::send(listing, key, &said, sink);
                }
            }
            // An authorised shop's pictures are sent, too: they name the source, but are never flagged themselves.
            if let (Some(shop), Some(pdq)) = (shop, suspect.pdq()) {
                let authorised = self.0.brands.all().iter().any(|brand| brand.authorises(shop, at));
                near::send(key, shop, at, authorised, pdq, file, sink);
            }
        }
        Ok(())
    }

    fn close(&mut self, _: &mut Sink<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Stage `listing`.
pub struct ListingTask(pub Arc<ImageCounterfeit>);

impl Task for ListingTask {
    fn push(&mut self, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let (keys, shops, titles) = (batch.keys()?, batch.text("shop_id")?, batch.text("title")?);
        let (categories, brands) = (batch.text("category")?, batch.text("brand")?);
        let (prices, times) = (batch.float("price")?, batch.integer("updated_at")?);
        for row in 0..batch.len() {
            let Some(key) = keys.get(row) else { continue };
            let listing = Listing {
                shop: shops.get(row),
                title: titles.get(row),
                category: categories.get(row),
                brand: brands.get(row),
                price: prices.get(row),
                at: times.get(row),
            };
            let (suspicions, said) = self.0.judge_listing(&listing);
            if let Some(said) = said {
                together::send(key, key, &said, sink);
            }
            for found in suspicions {
                let finding = Finding::new(key, found.rule, found.score)
                    .matched(found.field, found.text, found.start..found.end)
                    .evidence(found.evidence);
                sink.finding(&finding);
            }
        }
        Ok(())
    }

    fn close(&mut self, _: &mut Sink<'_>) -> Result<(), Error> {
        Ok(())
    }
}
