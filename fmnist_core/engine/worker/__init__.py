"""Processes of a worker: the fork server and the child process of one training.

preload             makes a Dask worker ready for the lab
forkserver          starts children in half a second
forkserver_preload  imported once by the fork server, so that children begin with Keras loaded
child               one training, in a process of its own
run_folder          the run's folder on the worker's own disk
"""
