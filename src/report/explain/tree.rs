//! A certificate as a tree of lines for the terminal.

use crate::ground::source::Sources;

use super::node::Node;

/// Writes a certificate.
pub fn write(node: &Node, sources: &Sources) -> String {
    let mut text = format!("{}\n", line(node, sources));
    write_under(node, "", sources, &mut text);
    text
}

fn write_under(node: &Node, indent: &str, sources: &Sources, out: &mut String) {
    for (index, child) in node.under.iter().enumerate() {
        let last = index + 1 == node.under.len();
        let (mark, below) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        out.push_str(&format!("{indent}{mark}{}\n", line(child, sources)));
        write_under(child, &format!("{indent}{below}"), sources, out);
    }
}

fn line(node: &Node, sources: &Sources) -> String {
    match &node.place {
        Some(place) => format!("{}   {}", node.text, sources.locate_line(place)),
        None => node.text.clone(),
    }
}
