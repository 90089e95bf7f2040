"""Real servers for tests: each module starts one on 127.0.0.1, in a folder of its own, and stops it."""
