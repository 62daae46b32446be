"""Images and video for nobody: see README.md."""
