"""Sheet music, drawn by jupyterlab-osmd, an extension of JupyterLab."""

from IPython.display import display

NOTES = "".join(
    f"<note><pitch><step>{step}</step><octave>4</octave></pitch><duration>1</duration><type>quarter</type></note>"
    for step in "CDEF"
)
MUSIC = f"""<?xml version="1.0" encoding="UTF-8"?>
<score-partwise version="4.0">
  <part-list><score-part id="P1"><part-name>Flute</part-name></score-part></part-list>
  <part id="P1"><measure number="1">
    <attributes>
      <divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time>
      <clef><sign>G</sign><line>2</line></clef>
    </attributes>
    {NOTES}
  </measure></part>
</score-partwise>
"""

display({"application/vnd.recordare.musicxml": MUSIC, "text/plain": "four notes"}, raw=True)
