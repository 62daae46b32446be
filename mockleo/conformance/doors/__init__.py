"""The doors there are: an ASGI application in this process, a URL, the real service."""
