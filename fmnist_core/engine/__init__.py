"""The engine: trains runs in processes of their own, on this machine or on a cluster.

Pages and the command line call `engine.client` and nothing else. The parts:

    client                what the lab asks: submit, stop, delete, recognise
    inference             trained networks kept warm in a worker, and all that is asked about them
    presence, settling    is an engine there? start and stop it; has it let go of a run?
    service, cluster      the engine's process and its local Dask cluster
    dispatcher, attempt   the queue's other end; one attempt at one run
    adoption                runs whose folder waits while the queue knows nothing of them
    deletion                a run goes as a whole or not at all
    submission            a run is put into the queue
    sweep_requests        what people ask of sweeps
    sweep_driver          sweeps go on: trials in free slots, laggards stopped
    sweep_trials            one trial: its run begun, watched, its end noted
    link                  the line to the scheduler and to one worker
    transfer, mirror      files between the lab's run folder and the worker's scratch folder
    chunks                  files in pieces, each sending apart from all others
    manifest, datasets    which files those are; images for workers that have none
    recovery              what happens after a worker or a child was lost
    preload, nursery      (workers) made ready to start children quickly
    supervise, child      (workers) one process a run, and who watches over it
    scratch               (workers) the run's folder on the worker's disk
"""
