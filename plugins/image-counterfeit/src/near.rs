//! The same picture in several shops, without any gallery.
//!
//! Each picture sends a row for each eighth of its hash, and of its mirrored hash: pictures within 7 bits of each other share
//! at least one. `near` compares the pictures of one such part; `copies` gathers what it found for each picture. Every group is
//! compared with its first few members only, so that one stock photo used by a million listings stays cheap.

use std::collections::BTreeMap;
use std::sync::Arc;

use huoyan_sdk::{Batch, Error, Evidence, Finding, Fold, Rows, Sink};
use huoyan_vision::pdq::{Hash, Pdq};

use crate::ImageCounterfeit;

/// Pictures of this quality or less are too flat to compare.
const MIN_QUALITY: u8 = 50;
/// Near copies differ by no more bits than this.
const RADIUS: u32 = 24;
/// Members of a group that others are compared with.
const REPRESENTATIVES: usize = 48;
/// Others told of for each picture.
const PARTNERS: usize = 8;

/// Sends the rows of a picture.
pub fn send(record: &str, shop: &str, pdq: &Pdq, sink: &mut Sink<'_>) {
    if pdq.quality < MIN_QUALITY {
        return;
    }
    let mirrored = huoyan_vision::pdq::ORIENTATIONS.iter().position(|o| *o == "flip_horizontal").unwrap_or(0);
    for (flag, hash) in [(0u8, &pdq.hashes[0]), (1, &pdq.hashes[mirrored])] {
        let mut payload = Vec::with_capacity(33 + shop.len());
        payload.push(flag);
        payload.extend(hash.0);
        payload.extend(shop.as_bytes());
        for (i, part) in hash.0.as_chunks::<4>().0.iter().enumerate() {
            let key = format!("{i}{:08x}", u32::from_be_bytes(*part));
            sink.row(&key, i64::from(flag), record, &payload);
        }
    }
}

struct Member {
    record: String,
    mirrored: bool,
    hash: Hash,
    shop: String,
    told: usize,
}

fn read(payload: &[u8]) -> Option<(bool, Hash, &str)> {
    let (flag, rest) = payload.split_first()?;
    let (hash, shop) = rest.split_first_chunk::<32>()?;
    Some((*flag == 1, Hash(*hash), std::str::from_utf8(shop).ok()?))
}

/// Compares the pictures that share a part of their hash.
#[derive(Default)]
pub struct NearFold {
    members: Vec<Member>,
}

impl Fold for NearFold {
    type Columns<'a> = Rows<'a>;

    fn columns<'a>(&self, batch: &Batch<'a>) -> Result<Rows<'a>, Error> {
        Rows::of(batch)
    }

    fn start(&mut self, _: &str) {
        self.members.clear();
    }

    fn row(&mut self, rows: &Rows<'_>, row: usize, sink: &mut Sink<'_>) -> Result<(), Error> {
        let (Some(record), Some(payload)) = (rows.record.get(row), rows.payload.get(row)) else { return Ok(()) };
        let (mirrored, hash, shop) =
            read(payload).ok_or_else(|| Error::internal("a row of stage 'image' cannot be read"))?;
        let mut told = 0;
        for other in &mut self.members {
            if told == PARTNERS {
                break;
            }
            let distance = hash.distance(&other.hash);
            // Two mirrored pictures are found by their straight hashes, too.
            if (mirrored && other.mirrored) || other.shop == shop || other.record == record || distance > RADIUS {
                continue;
            }
            told += 1;
            tell((record, shop), (&other.record, &other.shop), distance, mirrored != other.mirrored, sink);
            if other.told < PARTNERS {
                other.told += 1;
                tell((&other.record, &other.shop), (record, shop), distance, mirrored != other.mirrored, sink);
            }
        }
        if self.members.len() < REPRESENTATIVES {
            let (record, shop) = (record.to_owned(), shop.to_owned());
            self.members.push(Member { record, mirrored, hash, shop, told });
        }
        Ok(())
    }

    fn finish(&mut self, _: &str, _: &mut Sink<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Record and shop, twice.
fn tell(own: (&str, &str), other: (&str, &str), distance: u32, mirrored: bool, sink: &mut Sink<'_>) {
    let mut payload = vec![distance as u8, u8::from(mirrored)];
    for text in [own.1, other.0] {
        payload.extend((text.len() as u32).to_le_bytes());
        payload.extend(text.as_bytes());
    }
    payload.extend(other.1.as_bytes());
    sink.row(own.0, i64::from(distance), own.0, &payload);
}

/// Gathers the near copies of a picture.
pub struct CopiesFold {
    detector: Arc<ImageCounterfeit>,
    shop: String,
    /// Record -> distance, mirrored, shop.
    others: BTreeMap<String, (u8, bool, String)>,
}

impl CopiesFold {
    /// A fold over one partition.
    pub fn new(detector: Arc<ImageCounterfeit>) -> Self {
        Self { detector, shop: String::new(), others: BTreeMap::new() }
    }

    fn authorised(&self, shop: &str) -> Option<&str> {
        self.detector.brands.all().iter().find(|b| b.authorises(shop, None)).map(|b| b.name.as_str())
    }
}

/// The most near copies named in a finding.
const NAMED: usize = 32;

impl Fold for CopiesFold {
    type Columns<'a> = Rows<'a>;

    fn columns<'a>(&self, batch: &Batch<'a>) -> Result<Rows<'a>, Error> {
        Rows::of(batch)
    }

    fn start(&mut self, _: &str) {
        self.others.clear();
    }

    fn row(&mut self, rows: &Rows<'_>, row: usize, _: &mut Sink<'_>) -> Result<(), Error> {
        let Some(payload) = rows.payload.get(row) else { return Ok(()) };
        let parsed = (|| {
            let ([distance, mirrored], rest) = payload.split_first_chunk::<2>()?;
            let part = |bytes: &'_ [u8]| -> Option<(String, usize)> {
                let (length, rest) = bytes.split_first_chunk::<4>()?;
                let text = rest.get(..u32::from_le_bytes(*length) as usize)?;
                Some((std::str::from_utf8(text).ok()?.to_owned(), 4 + text.len()))
            };
            let (own, used) = part(rest)?;
            let (other, more) = part(&rest[used..])?;
            let shop = std::str::from_utf8(&rest[used + more..]).ok()?.to_owned();
            Some((own, other, (*distance, *mirrored == 1, shop)))
        })();
        let (own, other, near) = parsed.ok_or_else(|| Error::internal("a row of stage 'near' cannot be read"))?;
        self.shop = own;
        let known = self.others.entry(other).or_insert_with(|| near.clone());
        if near < *known {
            *known = near;
        }
        // Bounded whatever arrives; which ones are kept does not depend on the order of rows.
        if self.others.len() > 4 * NAMED {
            self.others.pop_last();
        }
        Ok(())
    }

    fn finish(&mut self, record: &str, sink: &mut Sink<'_>) -> Result<(), Error> {
        if self.authorised(&self.shop).is_some() {
            return Ok(());
        }
        let mut shops: Vec<&str> = self.others.values().map(|o| o.2.as_str()).collect();
        shops.sort_unstable();
        shops.dedup();
        let official = self.others.iter().find_map(|(r, o)| Some((r.as_str(), self.authorised(&o.2)?)));
        let wanted = self.detector.config.near_shops.max(1) as f64;
        // One other shop is how resellers look; many are how a stolen picture spreads.
        let many = 0.5 + 0.1 * (shops.len() as f64 - wanted);
        let score = if official.is_some() { many.max(0.6) } else { many }.clamp(0.2, 0.85);
        let nearest = self.others.values().map(|o| o.0).min().unwrap_or(0);
        let mut evidence = Evidence::new()
            .number("shops", shops.len() as f64)
            .number("distance", f64::from(nearest))
            .flag("mirrored", self.others.values().all(|o| o.1));
        if let Some((record, brand)) = official {
            evidence = evidence.text("authorised_record", record).text("brand", brand);
        }
        let evidence = evidence.finish();
        let members = self.others.keys().take(NAMED).map(String::as_str);
        sink.finding(&Finding::new(record, "IC005", score).evidence_json(&evidence).members(members));
        Ok(())
    }
}
