"""Why a network answered as it did: arrays only. Only worker processes import the networks."""
