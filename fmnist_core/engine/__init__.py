"""The engine: trains runs in processes of their own, on this machine or on a cluster.

Pages and the command line call `client` and nothing else.

client      what pages and the command line ask: submit, stop, delete, repeat, sweep
inference   trained networks kept loaded in a worker, and all questions about them
lifecycle   finds a running engine by its lock and address file, starts and stops it
credentials certificate and key, without which nobody talks to the engine
supervisor  a small process that starts the engine, and starts it again when it died
submission  puts a run into the queue
deletion    deletes a run as a whole or not at all
server      the engine's own process
worker      what runs on a worker
chunks      which files of a run travel, in chunks, each transfer apart from all others
"""
