"""The background processes: relay, workers and their jobs. Wake-ups only; the record decides."""
