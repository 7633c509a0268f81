"""Kernels forked after the run: a process runs an app once, is recorded, and forks for each visitor.

``process`` (with ``forkable``, ``streams``, ``scan``, ``hygiene``, ``limits``) runs in the template and its children;
``template`` and ``tiers`` are the gateway's side.
"""
