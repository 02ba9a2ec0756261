"""Asks for an approval, and waits for it: python3 ask.py "Deploy 1.4?" && ./deploy.sh

ASK_URL is where Countersign listens, ASK_TOKEN a token of ASK_TOKENS or ASKERS. Needs Python 3.9 or newer, and nothing else.
Exits 0 when approved, 1 when rejected, 2 otherwise.
"""
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

URL = os.environ.get("ASK_URL", "http://127.0.0.1:3000") + "/api/v1/approvals"
WAIT_S = 30
LATER = (408, 429, 500, 502, 503, 504)


def call(method, path="", body=None, headers={}):
    """The same call again until it is answered: each one may be repeated."""
    data = None if body is None else json.dumps(body).encode()
    sent = {"Authorization": f"Bearer {os.environ['ASK_TOKEN']}", "Content-Type": "application/json", **headers}
    while True:
        try:
            request = urllib.request.Request(URL + path, data, sent, method=method)
            with urllib.request.urlopen(request, timeout=WAIT_S + 15) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in LATER:
                sys.exit(f"{error.code}: {error.read().decode()}")
            time.sleep(int(error.headers.get("Retry-After") or 5))
        except OSError as error:
            print(f"Countersign can't be reached ({error}). Trying again.", file=sys.stderr)
            time.sleep(5)


def main(question):
    # One key for one question: after a lost answer, the same call does not ask twice.
    item = call("POST", body={"context": question, "agent_name": "ask.py"}, headers={"Idempotency-Key": str(uuid.uuid4())})
    path = "/" + item["approval_id"]
    try:
        while item["status"] == "pending":
            item = call("GET", f"{path}?wait={WAIT_S}")
    except KeyboardInterrupt:
        # A decision that was made first counts.
        item = call("DELETE", path)
    print(item["status"], item.get("resolved_by_name", ""), item.get("reason", ""))
    return {"approved": 0, "rejected": 1}.get(item["status"], 2)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
