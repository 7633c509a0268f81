"""Stagedoor beside Voila and a bare kernel: the same two apps, one machine, one run."""
