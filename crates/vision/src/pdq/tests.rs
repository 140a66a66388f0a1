use super::*;

/// A picture of a few soft shapes and some noise, the same for the same seed.
fn picture(width: usize, height: usize, seed: u64) -> Luma {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let shapes: Vec<[f64; 4]> = (0..6).map(|_| [(); 4].map(|()| (random() % 1000) as f64 / 1000.0)).collect();
    let data = (0..width * height)
        .map(|i| {
            let (x, y) = ((i % width) as f64 / width as f64, (i / width) as f64 / height as f64);
            let inside = shapes.iter().filter(|s| (x - s[0]).hypot(y - s[1]) < s[2] * 0.4).map(|s| s[3] * 90.0);
            (40.0 + inside.sum::<f64>() + (random() % 16) as f64).min(255.0) as u8
        })
        .collect();
    Luma::new(width, height, data)
}

/// The reference's one-dimensional filter, phase by phase.
fn box_1d(input: &[f32], full: usize) -> Vec<f32> {
    let half = (full + 2) / 2;
    let (mut left, mut right, mut sum, mut size) = (0, 0, 0.0f32, 0);
    let mut out = Vec::new();
    for _ in 0..half - 1 {
        sum += input[right];
        right += 1;
        size += 1;
    }
    for _ in 0..full - half + 1 {
        sum += input[right];
        right += 1;
        size += 1;
        out.push(sum / size as f32);
    }
    for _ in 0..input.len() - full {
        sum += input[right];
        sum -= input[left];
        right += 1;
        left += 1;
        out.push(sum / size as f32);
    }
    for _ in 0..half - 1 {
        sum -= input[left];
        left += 1;
        size -= 1;
        out.push(sum / size as f32);
    }
    out
}

/// The whole algorithm, written down as literally as possible.
fn literal(width: usize, height: usize, mut plane: Vec<f32>) -> (jarosz::Small, Hash) {
    for _ in 0..2 {
        plane = plane.chunks(width).flat_map(|row| box_1d(row, width.div_ceil(128))).collect();
        let mut next = vec![0.0; plane.len()];
        for x in 0..width {
            let column: Vec<f32> = (0..height).map(|y| plane[y * width + x]).collect();
            for (y, value) in box_1d(&column, height.div_ceil(128)).into_iter().enumerate() {
                next[y * width + x] = value;
            }
        }
        plane = next;
    }
    let at = |i: usize, n: usize| ((i as f64 + 0.5) * n as f64 / 64.0) as usize;
    let small: jarosz::Small =
        std::array::from_fn(|i| std::array::from_fn(|j| plane[at(i, height) * width + at(j, width)]));
    let scale = f64::from((2.0f64 / 64.0).sqrt() as f32);
    let d = |i: usize, j: usize| {
        (scale * (std::f64::consts::PI / 2.0 / 64.0 * (i + 1) as f64 * (2 * j + 1) as f64).cos()) as f32
    };
    let mut spectrum = [[0.0f32; 16]; 16];
    for (i, row) in spectrum.iter_mut().enumerate() {
        for (j, out) in row.iter_mut().enumerate() {
            let mut outer = 0.0f32;
            for k in 0..64 {
                let mut inner = 0.0f32;
                for (l, row) in small.iter().enumerate() {
                    inner += d(i, l) * row[k];
                }
                outer += inner * d(j, k);
            }
            *out = outer;
        }
    }
    let mut sorted: Vec<f32> = spectrum.as_flattened().to_vec();
    sorted.sort_by(f32::total_cmp);
    let mut hash = Hash([0; 32]);
    for (k, &value) in spectrum.as_flattened().iter().enumerate() {
        if value > sorted[127] {
            hash.set(k);
        }
    }
    (small, hash)
}

#[test]
fn equals_the_literal_algorithm_bit_for_bit() {
    let sizes =
        [(5, 5), (7, 300), (64, 64), (65, 63), (127, 129), (128, 256), (300, 200), (333, 401), (640, 515), (3300, 40)];
    for (seed, (width, height)) in sizes.into_iter().enumerate() {
        let picture = picture(width, height, seed as u64 + 1);
        let plane = picture.data().iter().map(|&p| f32::from(p)).collect();
        let (small, hash) = literal(width, height, plane);
        assert_eq!(jarosz::shrink_grey(&picture), small, "{width}x{height}");
        assert_eq!(super::hash(&picture).unwrap().hashes[0], hash, "{width}x{height}");
    }
}

#[test]
fn colour_equals_the_literal_algorithm_bit_for_bit() {
    let (width, height) = (301, 277);
    let [r, g, b] = [1, 2, 3].map(|seed| picture(width, height, seed));
    let rgb: Vec<u8> = (0..width * height).flat_map(|i| [r.data()[i], g.data()[i], b.data()[i]]).collect();
    let plane = rgb
        .as_chunks::<3>()
        .0
        .iter()
        .map(|&[r, g, b]| 0.299f32 * f32::from(r) + 0.587f32 * f32::from(g) + 0.114f32 * f32::from(b));
    let (_, hash) = literal(width, height, plane.collect());
    assert_eq!(hash_rgb(width, height, &rgb).unwrap().hashes[0], hash);
}

#[test]
fn orientations_are_the_hashes_of_turned_pictures() {
    let picture = picture(256, 256, 9);
    let hashes = hash(&picture).unwrap().hashes;
    let mirrored = hash(&picture.mirrored()).unwrap().hashes[0];
    let nearest = (0..8).min_by_key(|&i| hashes[i].distance(&mirrored)).unwrap();
    assert_eq!(ORIENTATIONS[nearest], "flip_horizontal");
    assert!(hashes[nearest].distance(&mirrored) <= Hash::CLOSE, "{}", hashes[nearest].distance(&mirrored));
}

#[test]
fn a_flat_picture_has_no_quality_and_a_tiny_one_no_hash() {
    assert_eq!(hash(&Luma::new(100, 100, vec![7; 10_000])).unwrap().quality, 0);
    assert_eq!(hash(&Luma::new(4, 100, vec![7; 400])), None);
}

#[test]
fn hashes_are_written_and_read_as_64_digits() {
    let mut hash = Hash([0; 32]);
    hash.set(0);
    hash.set(255);
    let text = hash.to_string();
    assert_eq!(text, format!("80{}01", "0".repeat(60)));
    assert_eq!(text.parse(), Ok(hash));
    assert_eq!("80".parse::<Hash>(), Err(NotAHash));
}
