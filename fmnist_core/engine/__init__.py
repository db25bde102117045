"""The engine: trains runs in processes of their own, on this machine or on a cluster.

Pages and the command line call `engine.client` and nothing else. "Worker" marks what runs there.

client        what pages and the command line ask: submit, stop, delete, repeat, sweep
inference     worker: trained networks kept loaded, and all questions about them
presence      finds a running engine by its lock and address file, starts and stops it
process       the program that starts the engine's own process
service       the engine's own process: one at a time, detached
cluster       the local Dask cluster, on the loopback interface only
dispatcher    hands waiting runs to free workers, with the collections they need
attempt       one attempt at one run, and the Dask task that supervises it on the worker
submission    puts a run into the queue
adoption      puts runs into the queue that wait in their folder alone
recovery      continues a run whose worker, child or engine was lost
deletion      deletes a run as a whole or not at all
sweep_driver  starts a sweep's trials, prunes them early, records their results
link          the connection to the scheduler and to one worker
transfer      a run's files between the engine and a worker, mirrored while it trains
chunks        files in pieces, each transfer apart from all others
manifest      which files of a run are transferred, and how
datasets      images for workers that have none
preload       worker: makes a Dask worker ready for the lab
preloaded     worker: imported once by the fork server, so that children begin with Keras loaded
nursery       worker: the fork server, which starts children in half a second
child         worker: one training, in a process of its own
scratch       worker: the run's folder on its own disk
"""
