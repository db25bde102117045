"""The engine's own process: the queue, who trains what, and what happens when something dies.

process           the program that starts it
service           one at a time, detached from its starter; the local Dask cluster, on loopback only
connection        the connection to the scheduler and to one worker
dispatcher        hands waiting runs to free workers, with the collections they need
attempt           one attempt at one run, and the Dask task that supervises it on the worker
transfer          a run's files between the engine and a worker, mirrored while it trains
dataset_transfer  images for workers that have none
recovery          resumes interrupted runs, and queues orphaned ones
sweep_driver      starts a sweep's trials, prunes them early, records their results
"""
