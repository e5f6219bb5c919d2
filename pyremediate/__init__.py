"""pyremediate brings broken mail servers back: verified or undone, no accepted mail lost, every step on record."""

__version__ = "0.1.0"
