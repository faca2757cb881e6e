"""The sandbox in a browser: a page on loopback on which every part can be played."""
