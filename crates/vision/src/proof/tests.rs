use super::*;

/// Soft blots of every size.
fn picture(width: usize, height: usize) -> Luma {
    let byte = |i: usize| f64::from(blake3::hash(&i.to_le_bytes()).as_bytes()[0]) / 255.0;
    let blots: Vec<[f64; 4]> = (0..160).map(|i| std::array::from_fn(|k| byte(4 * i + k))).collect();
    let at = |i: usize| {
        let (x, y) = ((i % width) as f64 / width as f64, (i / width) as f64 / height as f64);
        let light = |b: &[f64; 4]| {
            let size = 0.004 + 0.04 * b[2];
            (b[3] - 0.5) * 260.0 * (-((x - b[0]).powi(2) + (y - b[1]).powi(2)) / (size * size)).exp()
        };
        (128.0 + blots.iter().map(light).sum::<f64>()).clamp(0.0, 255.0) as u8
    };
    Luma::new(width, height, (0..width * height).map(at).collect())
}

fn changed(picture: &Luma, change: impl Fn(usize, usize, u8) -> u8) -> Luma {
    let (width, height) = (picture.width(), picture.height());
    let data = picture.data().iter().enumerate().map(|(i, &p)| change(i % width, i / width, p)).collect();
    Luma::new(width, height, data)
}

fn agreement(reference: &Luma, suspect: &Luma, map: &Map) -> Agreement {
    compare(reference.into(), &Mips::new(suspect), map)
}

#[test]
fn a_picture_agrees_with_itself_and_not_with_another_place_of_it() {
    let picture = picture(240, 200);
    let own = agreement(&picture, &picture, &Map::IDENTITY);
    assert!(own.visible > 60 && own.close == own.visible && own.share() == 1.0, "{own:?}");
    assert!(own.spots > 40 && own.spots_agreeing == own.spots && own.middle > 4, "{own:?}");
    assert!(own.tone < 0.1 && own.contrast < 0.01 && own.shading > 0.999, "{own:?}");
    let other = agreement(&picture, &picture, &Map::scaling(1.0, 1.0, 37.0, 21.0));
    assert!(other.share() < 0.3 && other.spots_agreeing * 5 < other.spots.max(5), "{other:?}");
}

#[test]
fn what_covers_a_part_leaves_the_spots_beside_it() {
    let whole = picture(240, 200);
    let striped = changed(&whole, |x, y, p| if (x / 14) % 3 == 0 && (x / 5 + y / 3) % 2 == 0 { 255 } else { p });
    let seen = agreement(&whole, &striped, &Map::IDENTITY);
    assert!(seen.share() < 0.9, "{seen:?}");
    let share = f64::from(seen.spots_agreeing) / f64::from(seen.spots);
    assert!((0.4..0.8).contains(&share), "{seen:?}");
}

#[test]
fn light_that_falls_differently_shows_in_the_tone() {
    let plain = picture(240, 200);
    let dimmed = changed(&plain, |_, _, p| (f64::from(p) * 0.7 + 30.0) as u8);
    let lit = changed(&plain, |x, _, p| (f64::from(p) * (0.5 + x as f64 / 480.0)) as u8);
    let tone = |suspect: &Luma| agreement(&plain, suspect, &Map::IDENTITY).tone;
    assert!(tone(&dimmed) < 1.0 && tone(&lit) > 8.0, "{} {}", tone(&dimmed), tone(&lit));
}

#[test]
fn a_map_that_is_off_by_pixels_is_put_right() {
    let picture = picture(240, 200);
    let truth = Map([1.02, 0.01, 3.4, -0.01, 0.99, -2.2, 0.0, 0.0, 1.0]);
    let mut suspect = vec![0; 280 * 230];
    // Off by 2.1 pixels before, at most half as much after: smooth blocks are not moved to the last pixel.
    // The suspect is the reference seen through the map's inverse, by nearest pixels of a picture four times as large.
    let large = self::picture(960, 800);
    let determinant = truth.0[0] * truth.0[4] - truth.0[1] * truth.0[3];
    for (i, out) in suspect.iter_mut().enumerate() {
        let (x, y) = ((i % 280) as f64 - truth.0[2], (i / 280) as f64 - truth.0[5]);
        let u = (truth.0[4] * x - truth.0[1] * y) / determinant;
        let v = (truth.0[0] * y - truth.0[3] * x) / determinant;
        *out = large.clamped((4.0 * u).round() as isize, (4.0 * v).round() as isize);
    }
    let mips = Mips::new(&Luma::new(280, 230, suspect));
    let off = truth.then(&Map::scaling(1.0, 1.0, 1.7, -1.3));
    let refined = refine((&picture).into(), &mips, &off);
    for place in [[20.0, 20.0], [120.0, 100.0], [200.0, 30.0], [60.0, 180.0]] {
        let ([x, y], [u, v]) = (refined.apply(place), truth.apply(place));
        assert!((x - u).hypot(y - v) < 1.07, "{place:?} goes to {x}, {y} instead of {u}, {v}");
    }
    let (before, after) = (compare((&picture).into(), &mips, &off), compare((&picture).into(), &mips, &refined));
    assert!(after.spots_agreeing > before.spots_agreeing && after.correlation > 0.97, "{before:?} {after:?}");
}

#[test]
fn nothing_is_expected_that_a_small_suspect_cannot_show() {
    let picture = picture(320, 240);
    let small = picture.shrunk(120, 90);
    let seen = agreement(&picture, &small, &Map::resizing(120.0 / 320.0, 90.0 / 240.0));
    assert!(seen.close * 10 >= seen.visible * 9 && seen.visible > 30, "{seen:?}");
}

#[test]
fn a_map_of_no_numbers_shows_nothing() {
    let picture = picture(96, 96);
    for map in
        [Map([f64::NAN; 9]), Map([0.0; 9]), Map::scaling(1e300, 1e300, 0.0, 0.0), Map::scaling(0.0, 0.0, -9.0, 0.0)]
    {
        let seen = agreement(&picture, &picture, &map);
        assert_eq!((seen.visible, refine((&picture).into(), &Mips::new(&picture), &map).0.len()), (0, 9), "{map:?}");
    }
}
