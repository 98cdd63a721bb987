"""The SQL record and the Redis session store. Redis may vanish; the record may not."""
