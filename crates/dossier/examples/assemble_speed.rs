//! How long a bundle takes: `cargo run --release -p huoyan-dossier --example assemble_speed -- 10 0` builds a case of 10 exhibits,
//! `… -- 10 500` one with 500 MB of video beside them, `… -- 10 250 250` one with half of that in pictures. Prints what took how long, and the most memory that was used.
#![expect(clippy::print_stdout, reason = "an example is a program")]

use std::collections::BTreeSet;
use std::error::Error;
use std::io::Read;
use std::time::Instant as Clock;

use huoyan_dossier::assemble::{Machine, Options, Papers, assemble};
use huoyan_dossier::bundle::{Component, Limits, SigningKey, Trust, verify};
use huoyan_dossier::case::store::{By, NewExhibit, Original, Store};
use huoyan_dossier::case::{Case, ExhibitKind, Party, SCHEMA, Shop, Source};
use huoyan_dossier::deadline::Instant;
use huoyan_dossier::privacy::Profile;
use huoyan_model::Locale;

const SIDE: u32 = 900;
const PICTURE: u64 = SIDE as u64 * SIDE as u64 * 3;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let exhibits = arguments.next().transpose()?.unwrap_or(10);
    let megabytes = arguments.next().transpose()?.unwrap_or(0);
    let pictured = arguments.next().transpose()?.unwrap_or(0);
    let folder = tempfile::tempdir()?;
    let now = Instant::parse("2026-11-22T10:00:00+08:00")?;
    let case = Case {
        schema: SCHEMA.to_owned(),
        id: "CASE-20261122-0001".to_owned(),
        package: "malicious_review".to_owned(),
        target: "douyin".to_owned(),
        shop: Shop { id: "S1".to_owned(), name: "暖冬小铺".to_owned(), contact: String::new() },
        opened_at: now,
        ask: "请求核实该条评价".to_owned(),
        subjects: Vec::new(),
        started: Default::default(),
        claims: Vec::new(),
        exhibits: Vec::new(),
        round_before: None,
    };
    let by = By { at: now, who: "bench".to_owned() };
    let mut store = Store::create(&folder.path().join("case"), case)?;
    let mut as_is = BTreeSet::new();
    for n in 0..exhibits {
        let mut rows = String::from("订单号,收货人,手机,收货地址,备注\n");
        for row in 0..40 {
            let phone = 13_800_138_000_u64 + n * 97 + row;
            rows.push_str(&format!(
                "69{n:08}{row:09},张建{n}{row},{phone},浙江省杭州市西湖区文三路{}号{row}室,电话{phone}\n",
                100 + n
            ));
        }
        add(&mut store, &by, &format!("订单{n}.csv"), ExhibitKind::Order, &mut rows.as_bytes())?;
    }
    let films = 5.min(megabytes);
    for n in 0..films {
        let film = Noise { left: megabytes * 1_000_000 / films, state: n + 1 };
        let head: &[u8] = b"\0\0\0\x18ftypisom";
        as_is.insert(add(&mut store, &by, &format!("开箱{n}.mp4"), ExhibitKind::Video, &mut head.chain(film))?);
    }
    // 2.43 MB each, as screenshots of a whole screen may be; noise, so that nothing of it is squeezed out.
    for n in 0..(pictured * 1_000_000).div_ceil(PICTURE) {
        let mut pixels = Vec::new();
        Noise { left: PICTURE, state: n + 77 }.read_to_end(&mut pixels)?;
        let mut png = Vec::new();
        let encoder = image::codecs::png::PngEncoder::new_with_quality(
            &mut png,
            image::codecs::png::CompressionType::Fast,
            image::codecs::png::FilterType::NoFilter,
        );
        image::ImageEncoder::write_image(encoder, &pixels, SIDE, SIDE, image::ExtendedColorType::Rgb8)?;
        add(&mut store, &by, &format!("截图{n}.png"), ExhibitKind::Picture, &mut &png[..])?;
    }
    let key = SigningKey::generate()?;
    let machine = Machine {
        tool: Component { name: "huoyan".to_owned(), version: "0".to_owned(), digest: None },
        os: String::new(),
        clock_source: "given by hand".to_owned(),
        operator: String::new(),
    };
    let options = Options {
        key: &key,
        case_key: store.key()?,
        limits: Limits::of_file(20_000_000),
        profile: Profile::platform(),
        now,
        locale: Locale::Zh,
        seal_to: Vec::new(),
        as_is,
        machine,
        mail_to: String::new(),
    };
    let out = folder.path().join("out");
    let started = Clock::now();
    let built = assemble(store.case(), store.root(), &Papers::default(), &options, &out)?;
    let took = started.elapsed();
    println!(
        "{exhibits} exhibits, {megabytes} MB of video and {pictured} MB of pictures: {took:?}, {} parts, {} values",
        built.parts.len(),
        built.redactions
    );
    let started = Clock::now();
    let report = verify(&[&out], &Trust { keys: vec![key.public()], authorities: Vec::new() });
    println!("verified: {:?} in {:?}", report.verdict, started.elapsed());
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default());
    Ok(())
}

fn add(
    store: &mut Store,
    by: &By,
    name: &str,
    kind: ExhibitKind,
    bytes: &mut dyn Read,
) -> Result<huoyan_dossier::lint::ExhibitId, Box<dyn Error>> {
    let source = Source { party: Party::Merchant, party_told: false, system: String::new(), uri: String::new() };
    let mut new = NewExhibit::new(source, "export");
    (new.name, new.kind) = (name.to_owned(), Some(kind));
    Ok(store.add(new, Original::Reader(bytes), by)?)
}

/// What nobody can compress.
struct Noise {
    left: u64,
    state: u64,
}

impl Read for Noise {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let len = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        for piece in buffer[..len].chunks_mut(8) {
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            piece.copy_from_slice(&self.state.to_le_bytes()[..piece.len()]);
        }
        self.left -= len as u64;
        Ok(len)
    }
}
