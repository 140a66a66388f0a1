//! Boosted regression trees, read from the table that `benches/image_fit.py` writes.

/// A sum of trees.
#[derive(Debug)]
pub(super) struct Trees {
    base: f64,
    roots: Vec<u32>,
    nodes: Vec<Node>,
}

#[derive(Clone, Copy, Debug)]
enum Node {
    /// Left, which is the next node, where the measurement is at most the threshold; right otherwise.
    Split {
        measurement: u8,
        threshold: f32,
        right: u32,
    },
    Leaf(f32),
}

impl Trees {
    /// Reads a table: the number that all is added to, then a line a tree, its nodes depth first.
    ///
    /// # Errors
    /// Says in which line something is wrong.
    pub(super) fn parse(text: &str, measurements: usize) -> Result<Self, String> {
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
        let first = lines.next().and_then(|(_, line)| line.parse().ok());
        let mut trees = Self { base: first.ok_or("there is no base")?, roots: Vec::new(), nodes: Vec::new() };
        for (number, line) in lines {
            trees.roots.push(trees.nodes.len() as u32);
            let mut words = line.split(' ');
            let read = trees.read(&mut words, measurements, 0);
            if read.is_none() || words.next().is_some() {
                return Err(format!("line {}: this is no tree", number + 1));
            }
        }
        Ok(trees)
    }

    fn read<'t>(&mut self, words: &mut impl Iterator<Item = &'t str>, measurements: usize, depth: usize) -> Option<()> {
        let word = words.next().filter(|_| depth < 64)?;
        if let Some(value) = word.strip_prefix('=') {
            self.nodes.push(Node::Leaf(value.parse().ok()?));
            return Some(());
        }
        let (measurement, threshold) = word.split_once(':')?;
        let measurement: u8 = measurement.parse().ok().filter(|&m| usize::from(m) < measurements)?;
        let at = self.nodes.len();
        self.nodes.push(Node::Split { measurement, threshold: threshold.parse().ok()?, right: 0 });
        self.read(words, measurements, depth + 1)?;
        let next = self.nodes.len() as u32;
        if let Node::Split { right, .. } = &mut self.nodes[at] {
            *right = next;
        }
        self.read(words, measurements, depth + 1)
    }

    /// The sum for some measurements.
    pub(super) fn sum(&self, measured: &[f32]) -> f64 {
        let leaf = |root: &u32| {
            let mut at = *root as usize;
            loop {
                match self.nodes[at] {
                    Node::Leaf(value) => return f64::from(value),
                    Node::Split { measurement, threshold, right } => {
                        at = if measured[usize::from(measurement)] <= threshold { at + 1 } else { right as usize };
                    }
                }
            }
        };
        self.base + self.roots.iter().map(leaf).sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_left_at_most_and_right_above() {
        let trees = Trees::parse("# made by hand\n-1.5\n0:2 =1 1:0.5 =10 =100\n=0.25", 2).unwrap();
        for (measured, sum) in [([2.0, 9.0], -0.25), ([2.1, 0.5], 8.75), ([3.0, 0.6], 98.75)] {
            assert_eq!(trees.sum(&measured), sum);
        }
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for text in ["", "x", "1\n0:1 =1", "1\n0:1 =1 =2 =3", "1\n7:1 =1 =2", "1\n0 =1 =2", "1\n=x", "1\n\n"] {
            assert!(Trees::parse(text, 2).is_err(), "{text:?}");
        }
        let deep = format!("1\n{}=1{}", "0:1 ".repeat(100), " =1".repeat(100));
        assert!(Trees::parse(&deep, 2).is_err());
    }
}
