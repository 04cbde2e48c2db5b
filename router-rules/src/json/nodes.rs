//! A set of nodes of one document. How many there are is for whoever wrote the body to say, so one is looked up and never searched for.

use std::cmp::Ordering;

use super::NodeId;

/// Some nodes, each once and in their order.
#[derive(Debug, Default)]
pub struct Nodes(Vec<NodeId>);

impl FromIterator<NodeId> for Nodes {
    fn from_iter<I: IntoIterator<Item = NodeId>>(nodes: I) -> Self {
        let mut nodes: Vec<_> = nodes.into_iter().collect();
        nodes.sort_unstable();
        nodes.dedup();
        Self(nodes)
    }
}

impl Nodes {
    /// Whether a node is among them.
    #[must_use]
    pub fn contains(&self, node: NodeId) -> bool {
        self.contains_by(|known| known.cmp(&node))
    }

    fn contains_by(&self, mut order: impl FnMut(NodeId) -> Ordering) -> bool {
        self.0.binary_search_by(|known| order(*known)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_a_body_can_hold_are_looked_up_in_few_steps() {
        let nodes: Nodes = (0..1_000_000).rev().map(|at| NodeId(2 * at)).collect();
        for at in (0..2_000_000).step_by(9_973) {
            let (node, mut steps) = (NodeId(at), 0);
            let held = nodes.contains_by(|known| {
                steps += 1;
                known.cmp(&node)
            });
            assert!(held == (at % 2 == 0) && steps <= 21, "{at}: {steps}");
            assert_eq!(nodes.contains(node), held);
        }
        assert!(!Nodes::default().contains(NodeId(0)));
    }
}
