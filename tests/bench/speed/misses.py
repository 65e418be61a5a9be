# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in the way of the goals that were missed in the run that RESULTS.md shows: by row and the first words of the goal. Written by hand, after profiling."""

WHY = {
    ('network', 'times OpenCV, float32'):
        'oneDNN reaches 86 % of what a core can do at all, OpenCV 39 %: four times OpenCV would be more than the core has. More needs bfloat16, which reaches the goal and is used on demand '
        'only, since it moved borders of lesions (pipelines/inference/README.md), or a network of fewer multiply-adds.',
    ('whole study', 'STIR of a child, seconds'):
        'the processor time would allow 3.9 s. Networks run on both cores; compose, detect and pages, 1.2 s together, on one.',
    ('whole study', 'STIR, T1 and diffusion, peak memory'):
        'composed volumes of all contrasts are kept as floats while the skeleton stage adds its maps of the whole body (360 MiB).',
    ('whole study', 'STIR of a wide adult, peak memory'):
        'the skeleton stage holds scaled volume, lesion, tissue and bone maps of the whole body beside the composed volume (570 MiB for 24 million voxels).',
    ('read', 'times dcm2niix'):
        'dcm2niix opens each file once and copies its 16 bits; ours opens it twice (headers of the whole study come first, since they decide what is read), converts each word by its own bits, '
        'padding and scale, and writes floats, twice as large.',
    ('read', 'times pydicom'):
        'as above; and both sides spend most of it on the same bytes: copying them and getting memory from the system.',
    ('write', 'times pydicom'):
        'most of our 0.05 s is copying 54 MB of pixels and getting memory for them from the system (perf), which pydicom does as fast as anybody; only the small elements are ours to be faster at.',
    ('imaging', 'label'):
        'both are limited by the system giving out 95 MB of labels (70 to 80 ms of processor time of either process, of which 8 ms are spent in our code and 30 in ITK by perf stat); '
        'ITK labels by runs, too. Only a smaller answer, the runs themselves, would be faster.',
    ('forward', 'encrypted, times the best plain-text way'):
        'REST on four connections reads with four threads of Orthanc and four of curl. Ours reads with the one thread that asks Orthanc (so that a fetch never slows the storing of images), '
        'through the SDK, which copies each file, and checks the MD5 of each instance, 765 MB/s at most, on one thread; CURVE itself costs a tenth. One Gbit/s is 118 MB/s.',
}

REMARKS = (
    'In the rows whose machine was not quiet, other programs took 2 % of the processors before them at most, and the quartiles of the whole studies are within 1 % of the median: only the fixed piece of work right behind them was slower, to which what the '
    'row leaves behind (servers that end, files being removed) adds. The next run waits a second before it.',
    'ingest and getscu: DCMTK waits 45 to 60 ms for each instance on loopback (probably small packets that wait for an acknowledgement), so their speed is far below what Orthanc can do, and the ratio of ingest '
    'would not show a few milliseconds of the plugin; its callback, measured by itself, does.',
)


def why(row, what):
    return next((reason for (name, start), reason in WHY.items() if name == row and what.startswith(start)), 'not explained yet')
