"""python check.py openapi.yaml http://127.0.0.1:8650: validates requests and answers with openapi-core."""

import sys
from urllib.parse import quote

import requests
from openapi_core import OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse

KEY = "pat.acme.dev.local"
HUB = ("acme/labs/ml/hub/+", "acme/sentiment/+", "main", {"artifact_type": "model"})

CASES = [
    (200, *HUB, {}),
    (200, "acme/platform/web/images/+", "library/nginx/+", "1.25.3", {}, {}),
    (200, "acme/pypi/+", "acme-metrics", "0.9.0+local.3", {}, {}),
    (400, "acme/pypi/+", "acme-metrics", "0.9.0+local.3", {"artifact_type": "model"}, {}),
    (403, "another-account/registry/+", "app", "1.0.0", {}, {}),
    (404, "acme/pypi/+", "no-such-artifact", "1.0.0", {}, {}),
    *((status, *HUB, {"Prefer": f"code={status}"}) for status in (429, 500, 502, 503, 504)),
]


def check(api, url, status, ref, artifact, version, query, headers):
    # A validator matches a path segment by segment, so a slash inside a parameter has to be encoded.
    path = [quote(name, safe="") for name in (ref, artifact, version)]
    target = "{}/har/api/v1/registry/{}/artifact/{}/version/{}/details".format(url, *path)
    request = requests.Request("GET", target, params=query, headers={"x-api-key": KEY, **headers})
    answer = requests.Session().send(request.prepare())
    if answer.status_code != status:
        raise AssertionError(f"expected {status}, got {answer.status_code}")
    sent = RequestsOpenAPIRequest(request)
    # It does not decode path parameters.
    sent.parameters.path = {"registry_ref": ref, "artifact": artifact, "version": version}
    api.validate_request(sent)
    api.validate_response(sent, RequestsOpenAPIResponse(answer))


def main(document, url):
    api = OpenAPI.from_file_path(document)
    passed = 0
    for case in CASES:
        try:
            check(api, url, *case)
            passed += 1
        except Exception as error:
            print(case, type(error).__name__, error, error.__cause__)
    print(f"{len(CASES)} checks, {passed} passed")


main(*sys.argv[1:])
