"""What is measured: one module a peer, one small protocol."""
