"""What runs on a worker: the fork server and the child process of one training."""
