"""What assets are given: the warehouse, the IO manager for frames, and the executor. Nothing here is an asset."""
