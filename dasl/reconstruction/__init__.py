"""Photo in, faces out: the reconstructor, the network at work, and the result for one face."""
