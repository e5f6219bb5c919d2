"""Ansible's inventory, variables, connections and privilege escalation, used without a play.

This is the one file that imports ``ansible``. It follows ``TaskExecutor`` of ansible-core 2.19: the same plugins get the same
options from the same variables, so that a host is reached exactly as a play reaches it. It runs in a process of its own.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible import constants
from ansible import context as ansible_context
from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import AnsibleVaultError, VaultLib, match_encrypt_secret
from ansible.playbook.play import Play
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import become_loader, connection_loader, init_plugin_loader
from ansible.template import Templar
from ansible.utils.context_objects import CLIArgs
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

__all__ = ["AnsibleConnectionFailure", "AnsibleError", "Controller", "NotDecrypted"]

INTERPRETER = "/usr/bin/python3"
COLLECTION = "pyremediate.mail."
# A play's own keyword ``connection`` is for those who write it into a play; to read it makes Ansible import paramiko, always.
UNUSED = {"connection"}


class NotDecrypted(Exception):
    """None of the vault's passwords decrypts it."""


class Controller:
    """An inventory with all that is needed to reach its hosts. ``options``: those of ``AnsibleOptions``, by name.

    Raises ``AnsibleError`` for an inventory, a vault or a password file that cannot be read.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        arguments = _arguments(options)
        ansible_context.CLIARGS = CLIArgs(arguments)
        init_plugin_loader()
        self.loader = DataLoader()
        self.secrets = _open_vaults(self.loader, arguments)
        self.inventory = InventoryManager(loader=self.loader, sources=arguments["inventory"])
        self.variables = VariableManager(loader=self.loader, inventory=self.inventory)
        HostVars(self.inventory, self.variables, self.loader)  # it announces itself to the variable manager
        self.become_password = _password(options.get("become_password_file"))
        self.play = Play.load({"hosts": "all"}, variable_manager=self.variables, loader=self.loader)
        self.keywords = {name: getattr(self.play, name) for name in sorted(set(self.play.fattributes) - UNUSED)}

    def hosts(self, pattern: str) -> list[str]:
        """The names of the hosts that match; ``localhost`` is there even where the inventory has none."""
        return [host.name for host in self.inventory.get_hosts(pattern)]

    def known(self) -> list[str]:
        """Every host of the inventory."""
        return sorted(self.inventory.hosts)

    def groups(self) -> dict[str, list[str]]:
        """Every group that somebody made, with the hosts in it and in the groups beneath."""
        found = ((name, group) for name, group in self.inventory.groups.items() if name not in {"all", "ungrouped"})
        return {name: [host.name for host in group.get_hosts()] for name, group in found}

    def variables_of(self, host: str, extra: Mapping[str, Any]) -> dict[str, Any]:
        """The host's variables as a task sees them; ``extra`` wins."""
        return {**self.variables.get_vars(host=self.inventory.get_host(host)), **extra}

    def task(self, path: Path) -> tuple[str, Mapping[str, Any], Mapping[str, Any]]:
        """The one task of a file: the module without its collection, its arguments and its variables, not yet templated."""
        (task,) = self.loader.load_from_file(str(path), trusted_as_template=True)
        (module,) = [key for key in task if key.startswith(COLLECTION)]
        return module.removeprefix(COLLECTION), task[module] or {}, task.get("vars", {})

    def parameters(self, module: str, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        """A module's arguments, templated and checked against its specification, with its defaults."""
        templated = Templar(loader=self.loader, variables=variables).template(dict(arguments))
        checked = ArgumentSpecValidator(_specification(module)).validate(templated)
        if checked.error_messages:
            raise AnsibleError("; ".join(checked.error_messages))
        parameters: dict[str, Any] = checked.validated_parameters
        return parameters

    def connection(self, host: str, variables: Mapping[str, Any]) -> Callable[[str, bytes], tuple[int, bytes, bytes]]:
        """A function that runs a command on the host with data on its standard input, and returns status, output, errors."""
        templar = Templar(loader=self.loader, variables=variables)
        keys = {**self.keywords, "timeout": constants.DEFAULT_TIMEOUT}
        play_context = PlayContext(play=self.play, passwords={"become_pass": self.become_password})
        play_context.remote_addr = str(templar.template(variables.get("ansible_host", host)))
        name = templar.template(variables.get("ansible_connection", constants.DEFAULT_TRANSPORT))
        connection = connection_loader.get(name, play_context, new_stdin=None)
        if connection is None:
            raise AnsibleError(f"the connection plugin {name!r} was not found")
        become = self._become(variables, templar)
        connection.set_become_plugin(become)
        connection.set_options(task_keys=keys, var_options=connection._resolve_option_variables(variables, templar))
        _set(connection._shell, "shell", keys, variables, templar)
        if become:
            if self.become_password:
                keys["become_pass"] = self.become_password
            _set(become, "become", keys, variables, templar)

        def execute(command: str, data: bytes) -> tuple[int, bytes, bytes]:
            shell = connection._shell
            line = become.build_become_command(command, shell) if become else command
            status: tuple[int, bytes, bytes] = connection.exec_command(line, in_data=data, sudoable=bool(become))
            return status

        return execute

    def named(self, host: str, table: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """{key: value of the first of its variables that the host has}; keys without one are left out."""
        variables = self.variables_of(host, {})
        templar = Templar(loader=self.loader, variables=variables)
        there = {key: [name for name in names if variables.get(name) is not None] for key, names in table.items()}
        return {key: templar.template(variables[names[0]]) for key, names in there.items() if names}

    def interpreter(self, variables: Mapping[str, Any]) -> str:
        """The Python of the host; where it would have to be discovered, the system's."""
        chosen = variables.get("ansible_python_interpreter") or INTERPRETER
        found = str(Templar(loader=self.loader, variables=variables).template(chosen))
        return INTERPRETER if found.startswith("auto") else found

    def sealed(self, item: tuple[str, str | None]) -> str:
        """A content (base64) as a vault's text: the one that was kept, where that says the same by the password that encrypts."""
        content, kept = base64.b64decode(item[0]), item[1]
        label, secret = match_encrypt_secret(self.secrets, constants.DEFAULT_VAULT_ENCRYPT_IDENTITY)
        if kept and self.opened(kept) == item[0]:
            try:
                VaultLib([(label, secret)]).decrypt(kept)
                return kept
            except AnsibleVaultError:  # by another of the passwords: it is being changed
                pass
        text: bytes = VaultLib(self.secrets).encrypt(content, secret, label)
        return text.decode()

    def opened(self, text: str) -> str:
        """What a vault's text says (base64). Raises ``NotDecrypted``."""
        try:
            return base64.b64encode(VaultLib(self.secrets).decrypt(text)).decode()
        except AnsibleVaultError as error:
            raise NotDecrypted from error

    def _become(self, variables: Mapping[str, Any], templar: Any) -> Any:
        wanted = variables.get("ansible_become")
        if not (self.play.become if wanted is None else boolean(templar.template(wanted))):
            return None
        method = templar.template(variables.get("ansible_become_method") or self.play.become_method)
        plugin = become_loader.get(method)
        if plugin is None:
            raise AnsibleError(f"the become plugin {method!r} was not found")
        return plugin


def _arguments(options: Mapping[str, Any]) -> dict[str, Any]:
    """Ansible's own command line as it would have parsed it (its defaults come from ansible.cfg and the environment)."""
    return {
        "inventory": [
            name if name.endswith(",") else str(Path(name).resolve()) for name in options["inventory"]
        ] or constants.DEFAULT_HOST_LIST,
        "connection": constants.DEFAULT_TRANSPORT,
        "remote_user": options.get("user") or constants.DEFAULT_REMOTE_USER,
        "private_key_file": options.get("private_key") or constants.DEFAULT_PRIVATE_KEY_FILE,
        "timeout": constants.DEFAULT_TIMEOUT,
        "become": bool(options.get("become")) or constants.DEFAULT_BECOME,
        "become_method": options.get("become_method") or constants.DEFAULT_BECOME_METHOD,
        "become_user": options.get("become_user") or constants.DEFAULT_BECOME_USER,
        "vault_ids": list(options.get("vault_ids") or ()),
        "vault_password_files": list(options.get("vault_password_files") or ()),
        "verbosity": 0,
        "check": False,
        "diff": False,
    }  # fmt: skip


def _open_vaults(loader: Any, arguments: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The vault's passwords, by their ids."""
    given = [*constants.DEFAULT_VAULT_IDENTITY_LIST, *arguments["vault_ids"]]
    files = arguments["vault_password_files"]
    if not (given or files or constants.DEFAULT_VAULT_PASSWORD_FILE):
        return []
    from ansible.cli import CLI  # a third of all that is imported here, for those who have a vault

    secrets = CLI.setup_vault_secrets(loader, vault_ids=given, vault_password_files=files, auto_prompt=False)
    loader.set_vault_secrets(secrets)
    return list(secrets)


def _password(path: str | None) -> str:
    if not path:
        return ""
    from ansible.cli import CLI

    return str(CLI.get_password_from_file(path))


def _specification(module: str) -> Mapping[str, Any]:
    import importlib

    probe = importlib.import_module(f"ansible_collections.{COLLECTION}plugins.module_utils.{module}_probe")
    specification: Mapping[str, Any] = probe.ARGUMENTS
    return specification


def _set(plugin: Any, kind: str, keys: Mapping[str, Any], variables: Mapping[str, Any], templar: Any) -> None:
    """Give a plugin the values of the variables that it reads."""
    names = constants.config.get_plugin_vars(kind, plugin._load_name)
    options = {name: templar.template(variables[name]) for name in names if name in variables}
    plugin.set_options(task_keys=keys, var_options=options)
