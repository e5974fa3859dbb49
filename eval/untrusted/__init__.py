"""Files and texts that others wrote: sizes are bounded, nothing is unpickled, texts show safely."""
