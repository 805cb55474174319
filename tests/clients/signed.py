"""An ECS that looks at nothing but signatures: it answers ListClusters with who has signed what, if the signature is right.

    python signed.py REGION

Knows one key, that of the environment. Prints where it is.
"""

import http.server
import json
import sys

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.session import Session

REGION = sys.argv[1]
OURS = Session().get_credentials().get_frozen_credentials()


def signer(path, headers, body):
    """Who signed it, for what; None where the signature is another one."""
    _, _, fields = headers["authorization"].partition(" ")
    fields = dict(field.strip().split("=", 1) for field in fields.split(","))
    key, _, region, service, _ = fields["Credential"].split("/")
    signed = fields["SignedHeaders"].split(";")
    request = AWSRequest("POST", f"http://{headers['host']}{path}", {name: headers[name] for name in signed}, body)
    request.context["timestamp"] = headers["x-amz-date"]
    auth = SigV4Auth(OURS, "ecs", REGION)
    expected = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    whole = {"host", "x-amz-date", "x-amz-security-token"} <= set(signed)
    right = whole and headers["x-amz-security-token"] == OURS.token and fields["Signature"] == expected
    return f"{key} for {service} in {region}" if right else None


class Ecs(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        who = signer(self.path, self.headers, body)
        told = [who, self.path, self.headers.get("x-amz-target"), self.headers["user-agent"], body.decode("latin-1")]
        answer = {"clusterArns": told} if who else {"__type": "InvalidSignatureException", "message": str(self.headers)}
        answer = json.dumps(answer).encode()
        self.send_response(200 if who else 403)
        self.send_header("content-type", "application/x-amz-json-1.1")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ecs)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
