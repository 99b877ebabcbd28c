//! A tree of lines for the terminal.

/// A line with what hangs under it.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The line.
    pub text: String,
    /// What hangs under it.
    pub under: Vec<Branch>,
}

impl Branch {
    /// A line with nothing under it.
    pub fn leaf(text: impl Into<String>) -> Branch {
        Branch { text: text.into(), under: vec![] }
    }

    /// A line with leaves under it.
    pub fn with_leaves(text: impl Into<String>, leaves: impl IntoIterator<Item = String>) -> Branch {
        Branch { text: text.into(), under: leaves.into_iter().map(Branch::leaf).collect() }
    }

    /// The tree as text.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.text);
        self.write("", &mut text);
        text
    }

    fn write(&self, indent: &str, out: &mut String) {
        for (index, branch) in self.under.iter().enumerate() {
            let last = index + 1 == self.under.len();
            let (mark, below) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            out.push_str(&format!("{indent}{mark}{}\n", branch.text));
            branch.write(&format!("{indent}{below}"), out);
        }
    }
}
