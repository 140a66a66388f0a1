//! Full-width punctuation that meets other punctuation gives up the empty half of its square, as Chinese typesetting does:
//! without it `）。（` tears a hole of two characters into a line.

use super::Cell;

/// Ink in the left half, room in the right half.
const CLOSING: &str = "，。、）】》」』〉〕〗’”";
/// Ink in the right half, room in the left half.
const OPENING: &str = "（【《「『〈〔〖‘“";

/// Narrows the cells of punctuation that meets punctuation.
pub fn squeeze(cells: &mut [Cell]) {
    for at in 1..cells.len() {
        let (before, after) = (cells[at - 1], cells[at]);
        let closes = is_square(before, CLOSING) && (is_square(after, CLOSING) || is_square(after, OPENING));
        let opens = is_square(before, OPENING) && is_square(after, OPENING);
        if closes || opens {
            cells[at - 1].width = 0.5;
        }
    }
}

fn is_square(cell: Cell, among: &str) -> bool {
    cell.width > 0.99 && among.contains(cell.ch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::Ink;

    fn widths(text: &str) -> Vec<f32> {
        let cell = |ch| Cell { ch, face: 0, id: 1, width: 1.0, ink: Ink::Text, cites: false };
        let mut cells: Vec<Cell> = text.chars().map(cell).collect();
        squeeze(&mut cells);
        cells.iter().map(|cell| cell.width).collect()
    }

    #[test]
    fn punctuation_that_meets_punctuation_takes_half_a_square() {
        assert_eq!(widths("甲）。（乙"), [1.0, 0.5, 0.5, 1.0, 1.0]);
        assert_eq!(widths("（「甲"), [0.5, 1.0, 1.0]);
        assert_eq!(widths("”，“"), [0.5, 0.5, 1.0]);
    }

    #[test]
    fn punctuation_between_characters_keeps_its_square() {
        assert_eq!(widths("甲，乙。丙"), [1.0; 5]);
        assert_eq!(widths("甲（乙）丙"), [1.0; 5]);
    }
}
