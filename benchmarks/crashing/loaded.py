"""Everything that web servers load, so that forked ones need not load it again."""

import uvicorn

import app.main

__all__ = ["app", "uvicorn"]
