"""The process that is all controllers of a lab: sushy-tools' application, with our machines and documents, on a port for each host.

Not by ``sushy_tools.emulator.main.main``: its reaper of children would take the exit statuses of our calls of podman.
"""

from __future__ import annotations

import json
import shutil
import ssl
import threading
from pathlib import Path
from typing import Any

import bcrypt
import flask
from sushy_tools.emulator import main as sushy
from werkzeug.serving import BaseWSGIServer, make_server

from pyremediate.lab import bmc
from pyremediate.lab.bmc import documents, state
from pyremediate.lab.bmc.machines import Machines
from pyremediate.lab.description import Lab

COST = 4  # of bcrypt, which checks every single request
CHASSIS = "/redfish/v1/Chassis/15693887-7984-9484-3272-842188918912"  # sushy-tools' own, one for each system


def servers(lab: Lab, certificate: Path, key: Path) -> list[BaseWSGIServer]:
    """A server for each mail host, which listens already. Raises OSError for a port that is taken."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    application = _application(lab)
    return [
        make_server(bmc.address(lab), bmc.port(host), application, threaded=True, ssl_context=context)
        for host in lab.mail_hosts
    ]


def serve(listening: list[BaseWSGIServer]) -> None:
    """Answer until the process ends."""
    threads = [threading.Thread(target=server.serve_forever) for server in listening]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _application(lab: Lab) -> flask.Flask:
    machines = Machines(lab)
    own = bmc.directory(lab) / "run"
    shutil.rmtree(own, ignore_errors=True)  # a killed process's
    own.mkdir(mode=0o700)
    users = own / "users"
    users.write_text(f"{bmc.USER}:{bcrypt.hashpw(bmc.PASSWORD.encode(), bcrypt.gensalt(COST)).decode()}\n")
    users.chmod(0o600)
    # The application asks its fake driver when there is no cloud and no libvirt; ours stands in its place.
    sushy.fakedriver.FakeDriver.initialize = classmethod(lambda cls, config, logger: lambda: machines)
    settings = {"SUSHY_EMULATOR_FAKE_DRIVER": True, "SUSHY_EMULATOR_AUTH_FILE": str(users)}
    sushy.app.configure(extra_config={**settings, "SUSHY_EMULATOR_STATE_DIR": str(own)})
    _say_more(sushy.app, lab, machines)
    application: flask.Flask = sushy.app
    return application


def _say_more(application: flask.Flask, lab: Lab, machines: Machines) -> None:
    """Put our documents before and into what the application answers."""

    def known() -> tuple[str, state.State]:
        return f"/redfish/v1/Systems/{machines.systems[0]}", state.load(bmc.sensors(lab, machines.host()))

    def first() -> Any:
        system, seen = known()
        found = documents.own(system, CHASSIS, seen).get(flask.request.path.rstrip("/"))
        return flask.jsonify(found) if found and flask.request.method == "GET" else None

    def last(answer: flask.Response) -> flask.Response:
        system, seen = known()
        path = flask.request.path.rstrip("/")
        if answer.status_code == 200 and flask.request.method == "GET" and path in (system, CHASSIS):
            document = json.loads(answer.get_data())
            answer.set_data(json.dumps(documents.amended(document, path, system, CHASSIS, seen)))
        return answer

    application.before_request(first)
    application.after_request(last)
