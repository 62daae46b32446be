"""The S3 face: presigned POST forms, the policy they carry, and the objects they leave behind.

What the bucket is for:

    service    `Bucket`, the ASGI application: a request in, an answer out
    upload     one POST: the checks in S3's order
    outcome    what an upload leaves behind, and the answer its form asked for
    form       multipart/form-data as a stream: fields first, then the file
    policy     the POST policy document: parsed, and judged against a form
    signature  SigV4 and SigV2 over a policy, made and verified
    presign    `Presigner`, the other side: the fields of a form that this bucket will accept
    store      `Store`: bytes on disk under names of its own, visible only when complete

What a client with the credentials needs around it:

    operations    the menu: which request is which operation, and who may
    authorization who signed a request, by header or in its query
    ownership     buckets made, listed, removed
    objects       objects written and removed; their tags, their ACLs
    reading       objects read, whole or a range
    listing       what is in a bucket, in pages
    payload       the body of a PUT; `chunked` takes aws-chunked apart
    conditions    If-Match and its like

And shared by both: `acl`, `attributes`, `checksums`, `tagging` say what is known of an object;
`buckets` is the list of them, `request` and `reply` what goes in and comes out, `body` a body as
it arrives, `markup` the XML, `errors` every refusal.

Rules and exact words come from AWS's pages on browser-based uploads (RESTObjectPOST,
sigv4-HTTPPOSTForms, sigv4-HTTPPOSTConstructPolicy, sigv4-authentication-HTTPPOST), and
where those are silent from answers of S3 that others have published. A rule that neither
gives says "assumed" beside it.

Nothing here reads a clock or draws a random number: both are handed in.
"""
