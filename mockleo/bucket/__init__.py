"""The S3 face: presigned POST forms, the policy they carry, and the objects they leave behind.

    service    `Bucket`, the ASGI application: which request is what, and how an answer is written
    upload     one POST: the checks in S3's order
    outcome    what an upload leaves behind, and the answer its form asked for
    reading    GET and HEAD of a stored object, whole or a range
    body       a request's body as it arrives, and how much of an unwanted one is read
    form       multipart/form-data as a stream: fields first, then the file
    policy     the POST policy document: parsed, and judged against a form
    signature  SigV4 and SigV2 over a policy, made and verified
    presign    `Presigner`, the other side: the fields of a form that this bucket will accept
    store      `Store`: bytes on disk under names of its own, visible only when complete
    reply      what a handler returns
    errors     every refusal and the one writer of its XML

Rules and exact words come from AWS's pages on browser-based uploads (RESTObjectPOST,
sigv4-HTTPPOSTForms, sigv4-HTTPPOSTConstructPolicy, sigv4-authentication-HTTPPOST), and
where those are silent from answers of S3 that others have published. A rule that neither
gives says "assumed" beside it.

Nothing here reads a clock or draws a random number: both are handed in.
"""
