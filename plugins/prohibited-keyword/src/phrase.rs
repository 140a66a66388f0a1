//! The little language of terms in rule packs, and how one term is recognised in a folded text.
//!
//! A compliance officer writes `原价{n}{..6}(只要|仅需){n}` rather than a regular expression over bytes:
//!
//! | written | means |
//! |---|---|
//! | `(a\|b\|c)` | one of these; they may nest |
//! | `(a\|b)?`, `x?` | may be left out |
//! | `{n}` | a number, in figures or Chinese numerals |
//! | `{..4}` | up to four characters of anything, a comma included, a sentence end not |
//! | `%`, `:`, `#` | that sign must stand there |
//! | anything else | itself, through every disguise that the text crate takes off |
//!
//! Spaces and hyphens in a term are ignored. What must stay true: a term is found by one *anchor*, a part of it that is
//! always there and at least two characters long; only where an anchor stands is the rest compared, so that a clean text
//! costs one automaton pass.

use huoyan_text::{Kind, fold_char};

/// One step of a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// This folded character.
    Char(char),
    /// This sign between two characters.
    Mark(char),
    /// A number.
    Number,
    /// Up to so many characters of anything.
    Gap(u8),
    /// One of these sequences; an empty one makes it optional.
    Any(Vec<Vec<Node>>),
}

/// A term ready to be compared: what precedes the anchor, the anchor's spellings, what follows it.
#[derive(Clone, Debug)]
pub(crate) struct Phrase {
    pub before: Vec<Node>,
    pub anchors: Vec<String>,
    pub after: Vec<Node>,
    /// The most characters that `before` can take.
    pub reach: usize,
}

/// No term may spread into more anchors than this; it keeps a pack's automaton small.
const MAX_ANCHORS: usize = 600;

impl Phrase {
    /// Parses a term. One with gaps gives a second phrase without them, whose longer anchor is seen through more disguises.
    ///
    /// # Errors
    /// Says what is wrong with the term.
    pub(crate) fn parse(term: &str) -> Result<Vec<Self>, String> {
        let nodes = parse(term)?;
        let mut phrases = vec![Self::of(term, &nodes)?];
        if nodes.iter().any(|node| matches!(node, Node::Gap(_))) {
            let closed: Vec<Node> = nodes.into_iter().filter(|node| !matches!(node, Node::Gap(_))).collect();
            if measure(&closed).is_some_and(|(_, count)| count <= MAX_CLOSED) {
                phrases.push(Self::of(term, &closed)?);
            }
        }
        Ok(phrases)
    }

    fn of(term: &str, nodes: &[Node]) -> Result<Self, String> {
        let (from, to, anchors) = anchor(nodes).ok_or_else(|| {
            format!(
                "term '{term}' has no part of two characters or more, or one Chinese character, that is always there"
            )
        })?;
        let before = nodes[..from].to_vec();
        let reach = longest(&before);
        Ok(Self { before, anchors, after: nodes[to..].to_vec(), reach })
    }
}

/// Parses a term into steps.
///
/// # Errors
/// Says what is wrong with the term.
pub(crate) fn parse(term: &str) -> Result<Vec<Node>, String> {
    let mut rest = term.chars().peekable();
    let nodes = sequence(&mut rest, term, 0)?;
    match rest.next() {
        None if nodes.is_empty() => Err(format!("term '{term}' is empty")),
        None => Ok(nodes),
        Some(c) => Err(format!("term '{term}' has '{c}' without its opening bracket")),
    }
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Brackets nested deeper than this are a mistake.
const MAX_DEPTH: u8 = 6;

fn sequence(rest: &mut Chars<'_>, term: &str, depth: u8) -> Result<Vec<Node>, String> {
    if depth > MAX_DEPTH {
        return Err(format!("term '{term}' nests brackets deeper than {MAX_DEPTH}"));
    }
    let mut nodes = Vec::new();
    while let Some(&c) = rest.peek() {
        if c == '|' || c == ')' {
            break;
        }
        rest.next();
        match c {
            '(' => {
                let mut branches = vec![sequence(rest, term, depth + 1)?];
                while rest.next_if_eq(&'|').is_some() {
                    branches.push(sequence(rest, term, depth + 1)?);
                }
                if rest.next() != Some(')') {
                    return Err(format!("term '{term}' has '(' without ')'"));
                }
                nodes.push(Node::Any(branches));
            }
            '{' => {
                let inside: String = rest.by_ref().take_while(|c| *c != '}').collect();
                nodes.push(match (inside.as_str(), inside.strip_prefix("..").map(str::parse)) {
                    ("n", _) => Node::Number,
                    (_, Some(Ok(most @ 1..=16))) => Node::Gap(most),
                    _ => return Err(format!("term '{term}' has '{{{inside}}}'; write {{n}} or {{..1}} to {{..16}}")),
                });
            }
            '?' => match nodes.pop() {
                Some(Node::Any(mut branches)) => {
                    branches.push(Vec::new());
                    nodes.push(Node::Any(branches));
                }
                Some(node @ (Node::Char(_) | Node::Mark(_) | Node::Number)) => {
                    nodes.push(Node::Any(vec![vec![node], Vec::new()]));
                }
                _ => return Err(format!("term '{term}' has '?' after nothing")),
            },
            _ => match fold_char(c) {
                (Kind::Han | Kind::Latin | Kind::Digit | Kind::Other, folded, _) => nodes.push(Node::Char(folded)),
                (Kind::Space | Kind::Skip, ..) => {}
                _ if matches!(c, '-' | '\'' | '·') => {}
                _ => nodes.push(Node::Mark(c)),
            },
        }
    }
    Ok(nodes)
}

/// The most characters a sequence can take.
fn longest(nodes: &[Node]) -> usize {
    nodes
        .iter()
        .map(|node| match node {
            Node::Char(_) => 1,
            Node::Mark(_) => 0,
            Node::Number => MAX_NUMBER,
            Node::Gap(most) => usize::from(*most),
            Node::Any(branches) => branches.iter().map(|branch| longest(branch)).max().unwrap_or(0),
        })
        .sum()
}

/// A number has at most so many characters.
pub(crate) const MAX_NUMBER: usize = 8;

/// A term without its gaps may spread into so many anchors.
const MAX_CLOSED: usize = 240;

/// The length of the shortest spelling of a sequence of characters and alternatives and how many spellings there are; `None`
/// when it holds anything else.
fn measure(nodes: &[Node]) -> Option<(usize, usize)> {
    let (mut least, mut count) = (0_usize, 1_usize);
    for node in nodes {
        let (shortest, many) = match node {
            Node::Char(_) => (1, 1),
            Node::Any(branches) => {
                let (mut shortest, mut many) = (usize::MAX, 0_usize);
                for branch in branches {
                    let (length, ways) = measure(branch)?;
                    (shortest, many) = (shortest.min(length), many.saturating_add(ways));
                }
                (shortest, many)
            }
            Node::Mark(_) | Node::Number | Node::Gap(_) => return None,
        };
        (least, count) = (least.saturating_add(shortest), count.saturating_mul(many));
    }
    Some((least, count))
}

/// Every spelling of a sequence that [`measure`] accepts; the same one may come twice.
fn spellings(nodes: &[Node]) -> Vec<String> {
    let mut all = vec![String::new()];
    for node in nodes {
        match node {
            Node::Char(c) => all.iter_mut().for_each(|head| head.push(*c)),
            Node::Any(branches) => {
                let tails: Vec<String> = branches.iter().flat_map(|branch| spellings(branch)).collect();
                all = all.iter().flat_map(|head| tails.iter().map(move |tail| format!("{head}{tail}"))).collect();
            }
            Node::Mark(_) | Node::Number | Node::Gap(_) => {}
        }
    }
    all
}

/// The stretch of steps that makes the best anchor: the longest shortest spelling, then the fewest spellings.
fn anchor(nodes: &[Node]) -> Option<(usize, usize, Vec<String>)> {
    let mut best: Option<(usize, usize, usize, usize)> = None;
    for from in 0..nodes.len() {
        for to in from + 1..=nodes.len() {
            let Some((least, count)) = measure(&nodes[from..to]) else { break };
            if count > MAX_ANCHORS {
                break;
            }
            let better = match best {
                // A single Han character is rare enough to anchor on, if nothing longer is always there.
                None => least >= 2 || least == 1 && spellings(&nodes[from..to]).iter().all(|s| !s.is_ascii()),
                Some((.., known, fewest)) => least > known || least == known && count < fewest,
            };
            if better {
                best = Some((from, to, least, count));
            }
        }
    }
    let (from, to, ..) = best?;
    let mut all = spellings(&nodes[from..to]);
    all.sort_unstable();
    all.dedup();
    Some((from, to, all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_on_the_part_that_is_always_there() {
        let phrase = Phrase::parse("原价{n}{..6}(只要|仅需){n}").expect("parses")[0].clone();
        assert_eq!(phrase.anchors, ["原价"]);
        assert_eq!(phrase.after.len(), 4);
        let phrase = Phrase::parse("{n}(天|日)内?见效").expect("parses")[0].clone();
        assert_eq!(phrase.anchors.len(), 4);
        assert_eq!(phrase.reach, MAX_NUMBER);
    }

    #[test]
    fn says_what_is_wrong_with_a_term() {
        for (term, part) in
            [("(甲", "without ')'"), ("甲)", "opening"), ("{x}", "write {n}"), ("", "empty"), ("?", "after nothing")]
        {
            let error = Phrase::parse(term).expect_err(term);
            assert!(error.contains(part), "{error}");
        }
        assert!(Phrase::parse("{n}%").is_err());
    }
}
