"""What came of a run, told.

    document.py    the report itself: sorted, without secrets, without signs that a terminal or
                   a browser would obey; also what `--json` prints
    gathering.py   what is wrong in the same way, told once
    terminal.py    for people, in words
    junit.py       for CI servers
    page.py        for people, as one HTML file
    progress.py    how far a run is, while it lasts

Whoever writes gets the document and nothing else: so secrets are taken out in one place, and the
same run gives the same bytes.
"""
