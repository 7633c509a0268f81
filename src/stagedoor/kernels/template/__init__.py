"""Kernels forked after the run: a process runs an app once, is recorded, and forks for each visitor.

In the template and its children: ``process``, ``forkable``, ``pipe``, ``streams``, ``scan``, ``hygiene``, ``seeds``,
``child``, ``restrain``, ``private_folder``, ``capabilities``, ``landlock``. In the gateway: ``template``, ``forked``,
``watched``, ``tiers``, ``canary``; and what it decides about all kernels: ``options``, ``confinement``,
``folder_trial``, ``launch``. Linux only.
"""

OWN_THREAD = "stagedoor"
"""Name, as the system has it, of a child's threads that are not the app's."""
