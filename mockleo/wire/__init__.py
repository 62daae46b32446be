"""Between HTTP and the service.

contract     the promised operations, rules, refusals and catalogue, read from contracts/
variables    a request's variables against an operation's types, in the engine's own words
dispatch     from method and path to the operation, in constant time
auth         from the Authorization header to the account
errors       from a refusal to status and body: the one table that knows both
call         what an endpoint is given, and what it returns
links        the URLs that answers hand out
shapes       what several nouns' answers have in common: costs, times, presigned forms
endpoints/   one module for each noun; a menu of all operations
assets       GET of everything that `links` handed out, drawn on demand
"""
