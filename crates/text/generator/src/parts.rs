//! The parts table: Han character → the folded parts it is written as when taken apart.
//!
//! `parts.txt` has one character a line, followed by its decompositions, each a group of folded parts.

use crate::fold;

/// The text of `parts.txt`.
pub fn table() -> Vec<u8> {
    let source = include_str!("../data/chaizi.txt");
    let mut out = String::from("# Written by the generator from 漢語拆字字典 (kfcd/chaizi, CC BY 3.0).\n");
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.split(' ');
        let Some(c) = fields.next().and_then(|field| field.chars().next()) else { continue };
        let mut groups: Vec<String> = Vec::new();
        for group in fields {
            let group: String = group.chars().map(fold::folded).collect();
            if group.chars().count() > 1 && !groups.contains(&group) {
                groups.push(group);
            }
        }
        if !groups.is_empty() {
            out.push(c);
            out.push(' ');
            out.push_str(&groups.join(" "));
            out.push('\n');
        }
    }
    out.into_bytes()
}
