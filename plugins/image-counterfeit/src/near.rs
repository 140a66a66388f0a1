//! The same picture in several shops, without any gallery.
//!
//! Each picture sends a row for each eighth of its hash, and of its mirrored hash: pictures within 7 bits of each other share
//! at least one. `near` compares the pictures of one such part; `copies` gathers what it found for each picture. Every group is
//! compared with its first few members only, so that one stock photo used by a million listings stays cheap. One more row tells which
//! file the picture was; `near` hands it on.

use std::collections::BTreeMap;
use std::sync::Arc;

use huoyan_sdk::{Batch, Error, Evidence, Finding, Fold, Rows, Sink};
use huoyan_vision::pdq::{Hash, Pdq};

use crate::brands::date_of;
use crate::picture::PictureFile;
use crate::{ImageCounterfeit, together};

/// Pictures of this quality or less are too flat to compare.
const MIN_QUALITY: u8 = 50;
/// Near copies differ by no more bits than this.
const RADIUS: u32 = 24;
/// Members of a group that others are compared with, and how many of one shop may be among them: a shop with many listings of a
/// picture must not hide all others.
const REPRESENTATIVES: usize = 48;
const OF_ONE_SHOP: usize = 2;
/// More pictures of a representative's shop that hear of the same others.
const FOLLOWERS: usize = 256;
/// Others told of for each picture.
const PARTNERS: usize = 8;

/// Sends the rows of a picture; `at` is when its listing was last changed, Unix seconds. Pictures of authorised shops come first in
/// a group and the others in order of time, so that all hear of the source and of the earliest before the bounds are reached.
pub fn send(
    record: &str,
    shop: &str,
    at: Option<i64>,
    authorised: bool,
    pdq: &Pdq,
    file: Option<&PictureFile>,
    sink: &mut Sink<'_>,
) {
    if pdq.quality < MIN_QUALITY {
        return;
    }
    if let Some(Ok(payload)) = file.map(serde_json::to_vec) {
        sink.row(&format!("{FILE}{record}"), 0, record, &payload);
    }
    let rank = if authorised { i64::MIN } else { at.unwrap_or(UNKNOWN) };
    let mirrored = huoyan_vision::pdq::ORIENTATIONS.iter().position(|o| *o == "flip_horizontal").unwrap_or(0);
    for (flag, hash) in [(0u8, &pdq.hashes[0]), (1, &pdq.hashes[mirrored])] {
        let mut payload = Vec::with_capacity(41 + shop.len());
        payload.push(flag);
        payload.extend(hash.0);
        payload.extend(at.unwrap_or(UNKNOWN).to_le_bytes());
        payload.extend(shop.as_bytes());
        for (i, part) in hash.0.as_chunks::<4>().0.iter().enumerate() {
            let key = format!("{i}{:08x}", u32::from_be_bytes(*part));
            sink.row(&key, rank, record, &payload);
        }
    }
}

struct Representative {
    member: Member,
    followers: Vec<Member>,
}

struct Member {
    record: String,
    mirrored: bool,
    hash: Hash,
    at: i64,
    shop: String,
    told: usize,
}

/// No listing is older than one whose time is not known.
const UNKNOWN: i64 = i64::MAX;

/// Begins the keys of rows that tell a picture's file, which no other row's key begins with.
const FILE: &str = "F:";
/// Such a row on its way to `copies` begins with this in place of a distance.
const IS_FILE: u8 = u8::MAX;

fn read(payload: &[u8]) -> Option<(bool, Hash, i64, &str)> {
    let (flag, rest) = payload.split_first()?;
    let (hash, rest) = rest.split_first_chunk::<32>()?;
    let (at, shop) = rest.split_first_chunk::<8>()?;
    Some((*flag == 1, Hash(*hash), i64::from_le_bytes(*at), std::str::from_utf8(shop).ok()?))
}

/// Compares the pictures that share a part of their hash.
#[derive(Default)]
pub struct NearFold {
    members: Vec<Representative>,
    rows: Kind,
}

/// What the rows of a key are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Hashes,
    File,
    Other,
}

impl Fold for NearFold {
    type Columns<'a> = Rows<'a>;

    fn columns<'a>(&self, batch: &Batch<'a>) -> Result<Rows<'a>, Error> {
        Rows::of(batch)
    }

    fn start(&mut self, key: &str) {
        self.members.clear();
        self.rows = match key {
            key if together::is_key(key) => Kind::Other,
            key if key.starts_with(FILE) => Kind::File,
            _ => Kind::Hashes,
        };
    }

    fn row(&mut self, rows: &Rows<'_>, row: usize, sink: &mut Sink<'_>) -> Result<(), Error> {
        let (Some(record), Some(payload)) = (rows.record.get(row), rows.payload.get(row)) else { return Ok(()) };
        match self.rows {
            Kind::Other => return Ok(()),
            Kind::File => {
                sink.row(record, 0, record, &[&[IS_FILE], payload].concat());
                return Ok(());
            }
            Kind::Hashes => {}
        }
        let (mirrored, hash, at, shop) =
            read(payload).ok_or_else(|| Error::internal("a row of stage 'image' cannot be read"))?;
        let mut new = Member { record: record.to_owned(), mirrored, hash, at, shop: shop.to_owned(), told: 0 };
        let mut of_shop: Option<usize> = None;
        let mut alike = 0;
        for (i, group) in self.members.iter_mut().enumerate() {
            let known = &mut group.member;
            if known.shop == shop {
                if known.mirrored == mirrored && known.hash.distance(&hash) <= RADIUS {
                    of_shop = Some(i);
                    alike += 1;
                }
                continue;
            }
            let hears = known.told < PARTNERS;
            if new.told < PARTNERS && known.meet(&mut new, sink) && hears {
                for follower in group.followers.iter_mut().filter(|f| f.told < PARTNERS) {
                    follower.hear(&new, sink);
                }
            }
        }
        match of_shop {
            Some(i) if alike >= OF_ONE_SHOP => {
                let followers = &mut self.members[i].followers;
                if followers.len() < FOLLOWERS && new.told < PARTNERS {
                    followers.push(new);
                }
            }
            _ if self.members.len() < REPRESENTATIVES => {
                self.members.push(Representative { member: new, followers: Vec::new() });
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(&mut self, _: &str, _: &mut Sink<'_>) -> Result<(), Error> {
        Ok(())
    }
}

impl Member {
    /// Whether the other is a near copy in another shop, and how far its hash is.
    fn distance(&self, other: &Self) -> Option<u32> {
        // Two mirrored pictures are found by their straight hashes, too.
        if (self.mirrored && other.mirrored) || self.shop == other.shop || self.record == other.record {
            return None;
        }
        Some(self.hash.distance(&other.hash)).filter(|&distance| distance <= RADIUS)
    }

    /// Tells the new one of this one, and this one of the new one while it has not heard of enough. Whether they are near copies.
    fn meet(&mut self, new: &mut Self, sink: &mut Sink<'_>) -> bool {
        let Some(distance) = self.distance(new) else { return false };
        new.told += 1;
        tell(new.place(), self.place(), distance, self.mirrored != new.mirrored, sink);
        if self.told < PARTNERS {
            self.told += 1;
            tell(self.place(), new.place(), distance, self.mirrored != new.mirrored, sink);
        }
        true
    }

    fn hear(&mut self, new: &Self, sink: &mut Sink<'_>) {
        if let Some(distance) = self.distance(new) {
            self.told += 1;
            tell(self.place(), new.place(), distance, self.mirrored != new.mirrored, sink);
        }
    }

    fn place(&self) -> Place<'_> {
        (&self.record, &self.shop, self.at)
    }
}

/// A picture's record, its shop, and when its listing was last changed.
type Place<'a> = (&'a str, &'a str, i64);

fn tell(own: Place<'_>, other: Place<'_>, distance: u32, mirrored: bool, sink: &mut Sink<'_>) {
    let mut payload = vec![distance as u8, u8::from(mirrored)];
    payload.extend(own.2.to_le_bytes());
    payload.extend(other.2.to_le_bytes());
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
    at: i64,
    others: BTreeMap<String, Other>,
    file: Option<PictureFile>,
    /// The earliest of all others that were told of, its record and its shop.
    earliest: Option<(i64, String, String)>,
}

/// A near copy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Other {
    distance: u8,
    mirrored: bool,
    shop: String,
    at: i64,
}

impl CopiesFold {
    /// A fold over one partition.
    pub fn new(detector: Arc<ImageCounterfeit>) -> Self {
        Self { detector, shop: String::new(), at: UNKNOWN, others: BTreeMap::new(), file: None, earliest: None }
    }

    fn authorised(&self, shop: &str, at: i64) -> Option<&str> {
        let at = (at != UNKNOWN).then_some(at);
        self.detector.brands.all().iter().find(|b| b.authorises(shop, at)).map(|b| b.name.as_str())
    }
}

/// The most that is thought of the shop whose listing had the picture first.
const FIRST: f64 = 0.3;
/// The most near copies named in a finding.
const NAMED: usize = 32;

impl Fold for CopiesFold {
    type Columns<'a> = Rows<'a>;

    fn columns<'a>(&self, batch: &Batch<'a>) -> Result<Rows<'a>, Error> {
        Rows::of(batch)
    }

    fn start(&mut self, _: &str) {
        self.others.clear();
        self.file = None;
        self.earliest = None;
    }

    fn row(&mut self, rows: &Rows<'_>, row: usize, _: &mut Sink<'_>) -> Result<(), Error> {
        let Some(payload) = rows.payload.get(row) else { return Ok(()) };
        if let Some((&IS_FILE, file)) = payload.split_first() {
            let file = serde_json::from_slice(file);
            self.file = file.map_err(|e| Error::internal(format!("a row of stage 'near' cannot be read: {e}")))?;
            return Ok(());
        }
        let parsed = (|| {
            let ([distance, mirrored], rest) = payload.split_first_chunk::<2>()?;
            let (own_at, rest) = rest.split_first_chunk::<8>()?;
            let (at, rest) = rest.split_first_chunk::<8>()?;
            let part = |bytes: &'_ [u8]| -> Option<(String, usize)> {
                let (length, rest) = bytes.split_first_chunk::<4>()?;
                let text = rest.get(..u32::from_le_bytes(*length) as usize)?;
                Some((std::str::from_utf8(text).ok()?.to_owned(), 4 + text.len()))
            };
            let (own, used) = part(rest)?;
            let (other, more) = part(&rest[used..])?;
            let shop = std::str::from_utf8(&rest[used + more..]).ok()?.to_owned();
            let (own_at, at) = (i64::from_le_bytes(*own_at), i64::from_le_bytes(*at));
            Some(((own, own_at), other, Other { distance: *distance, mirrored: *mirrored == 1, shop, at }))
        })();
        let ((own, own_at), other, near) =
            parsed.ok_or_else(|| Error::internal("a row of stage 'near' cannot be read"))?;
        (self.shop, self.at) = (own, own_at);
        let seen = (near.at, other.clone(), near.shop.clone());
        if near.at != UNKNOWN && self.earliest.as_ref().is_none_or(|known| seen < *known) {
            self.earliest = Some(seen);
        }
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
        if self.others.is_empty() || self.authorised(&self.shop, self.at).is_some() {
            return Ok(());
        }
        let mut shops: Vec<&str> = self.others.values().map(|o| o.shop.as_str()).collect();
        shops.sort_unstable();
        shops.dedup();
        let official = self.others.iter().find_map(|(r, o)| Some((r.as_str(), self.authorised(&o.shop, o.at)?)));
        let wanted = self.detector.config.near_shops.max(1) as f64;
        // One other shop is how resellers look; many are how a stolen picture spreads.
        let many = 0.5 + 0.1 * (shops.len() as f64 - wanted);
        let score = if official.is_some() { many.max(0.6) } else { many }.clamp(0.2, 0.85);
        let own = (self.at != UNKNOWN).then_some((self.at, self.shop.as_str()));
        let earlier = self.earliest.as_ref().filter(|(at, ..)| *at < self.at);
        // Who had the picture first was copied from, as far as anybody can tell: that is no suspicion.
        let first = own.is_some() && earlier.is_none() && self.earliest.is_some() && official.is_none();
        let score = if first { score.min(FIRST) } else { score };
        let nearest = self.others.values().map(|o| o.distance).min().unwrap_or(0);
        let mut evidence = Evidence::new()
            .number("shops", shops.len() as f64)
            .number("distance", f64::from(nearest))
            .flag("mirrored", self.others.values().all(|o| o.mirrored));
        if let Some((record, brand)) = official {
            evidence = evidence.text("authorised_record", record).text("brand", brand);
        }
        // By when listings were last changed: what was there first may have been changed since.
        let earliest = match (earlier, own) {
            (Some((at, other, shop)), _) => Some((*at, other.as_str(), shop.as_str())),
            (None, Some((at, shop))) if first => Some((at, record, shop)),
            _ => None,
        };
        if let Some((at, first, shop)) = earliest {
            evidence =
                evidence.text("earliest_record", first).text("earliest_shop", shop).text("earliest_at", &date_of(at));
        }
        if let Some(file) = &self.file {
            evidence = file.tell(evidence);
        }
        let members = self.others.keys().take(NAMED).map(String::as_str);
        sink.finding(&Finding::new(record, "IC005", score).evidence(evidence).members(members));
        Ok(())
    }
}
