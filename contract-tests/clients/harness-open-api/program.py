"""Makes calls with the vendor's package: python program.py http://127.0.0.1:8650, then a request per line of stdin."""

import json
import sys

from harness_open_api import ApiClient, ArtifactsApi, Configuration
from harness_open_api.rest import ApiException


def call(url, request):
    configuration = Configuration()
    configuration.host = url
    configuration.api_key["x-api-key"] = request["key"]
    optional = {"artifact_type": request.get("artifactType"), "child_version": request.get("childVersion")}
    optional = {name: value for name, value in optional.items() if value is not None}
    with ApiClient(configuration) as client:
        found = ArtifactsApi(client).get_artifact_details(
            request["registryRef"],
            request["artifact"],
            request["version"],
            # With False, the answer is that of urllib3, with a body that nobody has decoded.
            _preload_content=not request.get("raw", False),
            **optional,
        )
        if request.get("raw"):
            return {"status": found.status, "body": json.loads(found.data)}
        return {"status": client.last_response.status, "body": client.sanitize_for_serialization(found)}


def decode(body):
    try:
        return json.loads(body)
    except ValueError:
        return body.decode()


def report(url, request):
    try:
        return call(url, request)
    except ApiException as error:
        return {"status": error.status, "body": decode(error.body)}
    except Exception as error:
        return {"exception": f"{type(error).__name__}: {error}"}


for line in sys.stdin:
    print(json.dumps(report(sys.argv[1], json.loads(line))), flush=True)
