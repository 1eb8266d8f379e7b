"""TapeFlow side by side with the frameworks that people would use instead; `make bench` runs all of it."""
