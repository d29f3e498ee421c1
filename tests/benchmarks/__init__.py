"""What ``scripts/bench`` measures: each work beside a peer, in the same run and in turns."""
