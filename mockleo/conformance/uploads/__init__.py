"""Uploads: the presigned forms that operations answer with, and what becomes of a file.

    forms.py      which operations give forms, and what a form is
    posting.py    a form as it is sent: multipart/form-data, and the same as a curl line
    refusal.py    what storage says where it takes no form: S3's XML
    cases.py      what can befall a form on its way, by name, and what storage must answer
    judging.py    sends a case and judges what came of it
    kinds.py      a form for each kind of file
    sizes.py      files that are too large or too small, and forms that are too old
    keeping.py    after the upload: shown, fetched, used, deleted; and what never came
    generated.py  the same by chance: files, names, orders, changes
    part.py       all of it, one after the other

Storage is S3, and the rules of its forms are AWS's (sigv4-HTTPPOSTForms,
sigv4-HTTPPOSTConstructPolicy, RESTObjectPOST, ErrorResponses); the life of a form and what an
Authorization header does to it are from the vendor's page on uploads (UP).
"""
