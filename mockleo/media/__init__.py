"""Real bytes for every asset: drawn on demand from (seed, prompt, size, index), never stored.

    picture     JPEG, PNG, WebP: a soft background with the prompt written on it
    textures    albedo, normal, roughness, displacement and mask maps for 3D models
    video       MP4: the prompt over a mosaic, and a bar that fills as the clip plays
    scene       a pebble, as binary glTF or Wavefront OBJ
    sound       WAV: a tune of a few notes
    probe       the other direction: what an uploaded file is, its size and duration

Under these: `chance` (all that looks random), `lettering` (words into a box), and for video `cavlc`
(coefficients to bits), `h264` (pictures to a byte stream), `isobmff` (a byte stream to a file).

Everything is a pure function: the same arguments give the same bytes in another process, on another day.
What is ours is integer arithmetic and IEEE square roots, so it is the same on another machine too; what
Pillow draws and compresses is the same as long as Pillow and its codecs are.

Nothing here imports Pillow until something has to be drawn.
"""
