"""A PDF document, as a display of its data."""

import base64

from IPython.display import display

PARTS = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R"
    " /Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
    "<< /Length 37 >>\nstream\nBT /F 24 Tf 30 40 Td (A paper) Tj ET\nendstream",
]
document = "%PDF-1.4\n" + "".join(f"{n} 0 obj\n{part}\nendobj\n" for n, part in enumerate(PARTS, 1))
document += "trailer\n<< /Root 1 0 R /Size 5 >>\n%%EOF\n"
display({"application/pdf": base64.b64encode(document.encode()).decode(), "text/plain": "a paper"}, raw=True)
