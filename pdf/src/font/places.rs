//! Where systems keep fonts with Chinese glyphs.

use std::path::{Path, PathBuf};

/// A family on a system: the regular file and, beside it, the bold one.
pub struct Place {
    /// The regular face.
    pub regular: &'static str,
    /// The bold face; where there is none, the regular one serves.
    pub bold: &'static str,
}

/// The families in the order in which they are tried: Noto Sans CJK first, because it has Simplified Chinese forms, a
/// bold face, a face of fixed width and a licence (OFL) that lets it be embedded.
pub const PLACES: &[Place] = &[
    Place {
        regular: "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
        bold: "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    },
    Place {
        regular: "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
        bold: "/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc",
    },
    Place {
        regular: "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
        bold: "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Bold.ttc",
    },
    Place {
        regular: "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
        bold: "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Bold.ttc",
    },
    Place {
        regular: "/usr/share/fonts/noto/NotoSansCJK-Regular.ttc",
        bold: "/usr/share/fonts/noto/NotoSansCJK-Bold.ttc",
    },
    Place {
        regular: "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
        bold: "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc",
    },
    Place {
        regular: "/usr/share/fonts/noto-cjk/NotoSerifCJK-Regular.ttc",
        bold: "/usr/share/fonts/noto-cjk/NotoSerifCJK-Bold.ttc",
    },
    Place { regular: "C:\\Windows\\Fonts\\msyh.ttc", bold: "C:\\Windows\\Fonts\\msyhbd.ttc" },
    Place { regular: "/System/Library/Fonts/STHeiti Light.ttc", bold: "/System/Library/Fonts/STHeiti Medium.ttc" },
    Place {
        regular: "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
        bold: "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    },
];

/// Fonts that are asked, in this order, for a character that the family lacks.
pub const FALLBACKS: &[&str] = &[
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/noto/NotoSansSymbols2-Regular.ttf",
    "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
    "/usr/share/fonts/noto/NotoColorEmoji.ttf",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "C:\\Windows\\Fonts\\seguisym.ttf",
    "/System/Library/Fonts/Apple Symbols.ttf",
];

/// The first family that is on this system.
pub fn installed() -> Option<(PathBuf, PathBuf)> {
    let place = PLACES.iter().find(|place| Path::new(place.regular).is_file())?;
    let bold = if Path::new(place.bold).is_file() { place.bold } else { place.regular };
    Some((place.regular.into(), bold.into()))
}
