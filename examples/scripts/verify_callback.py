"""The signature check of a callback, in Python: verify(headers, body, secret). Needs nothing but the standard library."""
import base64
import hashlib
import hmac
import time


def verify(headers, body, secret, now=None):
    """headers: names in lower case. body: the bytes as they came. secret: whsec_… Returns whether the callback is genuine."""
    sent = headers["webhook-timestamp"]
    # An old callback may be a repeated one.
    if not sent.isdigit() or abs((now or time.time()) - int(sent)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{headers['webhook-id']}.{sent}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest())
    given = [one[3:].encode() for one in headers["webhook-signature"].split() if one.startswith("v1,")]
    return any([hmac.compare_digest(one, wanted) for one in given])
